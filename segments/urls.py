"""The room's addresses under `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from segments import views

router = SimpleRouter(use_regex_path=False)
router.register("segments", views.SegmentViewSet, basename="segment")

urlpatterns = [
    *router.urls,
    path(
        "contacts/<int:contact_id>/segments/",
        views.ContactSegmentsView.as_view(),
        name="contact-segments",
    ),
]
