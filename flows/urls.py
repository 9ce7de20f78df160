"""`/api/flows/`, `/api/node-types/`, and a contact's visits."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from flows.api.trials import SimulateView
from flows.api.views import ContactVisitsView, FlowViewSet, NodeTypesView

router = SimpleRouter(use_regex_path=False)
router.register("flows", FlowViewSet, basename="flow")

urlpatterns = [
    *router.urls,
    path("flows/<slug:key>/simulate/", SimulateView.as_view(), name="flow-simulate"),
    path("node-types/", NodeTypesView.as_view(), name="node-types"),
    path("contacts/<int:contact_id>/visits/", ContactVisitsView.as_view(), name="contact-visits"),
]
