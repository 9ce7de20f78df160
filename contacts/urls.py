"""The room's addresses under `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from contacts import views
from contacts.importing.views import ImportViewSet
from contacts.lookup import LookupView

router = SimpleRouter()
router.register("contacts/import", ImportViewSet, basename="import")
router.register("contacts", views.ContactViewSet, basename="contact")
router.register("fields", views.FieldViewSet, basename="field")
router.register("sources", views.SourceViewSet, basename="source")
router.register("rejected", views.RejectedViewSet, basename="rejected")
router.register("topics", views.TopicViewSet, basename="topic")

urlpatterns = [
    path("contacts/lookup/", LookupView.as_view(), name="contact-lookup"),
    path(
        "contacts/import/<int:pk>/refused.csv",
        ImportViewSet.as_view({"get": "refused"}),
        name="import-refused",
    ),
    *router.urls,
]
