"""The room's addresses under `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from segments.api.members import ContactSegmentsView
from segments.api.segments import SegmentViewSet

router = SimpleRouter(use_regex_path=False)
router.register("segments", SegmentViewSet, basename="segment")

urlpatterns = [
    *router.urls,
    path(
        "contacts/<int:contact_id>/segments/",
        ContactSegmentsView.as_view(),
        name="contact-segments",
    ),
]
