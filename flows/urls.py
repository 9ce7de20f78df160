"""`/api/flows/`, `/api/node-types/`, and a contact's visits."""

from django.urls import path
from rest_framework.routers import DefaultRouter

from flows.api.views import ContactVisitsView, FlowViewSet, NodeTypesView

router = DefaultRouter(use_regex_path=False)
router.include_root_view = False
router.register("flows", FlowViewSet, basename="flow")

urlpatterns = [
    *router.urls,
    path("node-types/", NodeTypesView.as_view(), name="node-types"),
    path("contacts/<int:contact_id>/visits/", ContactVisitsView.as_view(), name="contact-visits"),
]
