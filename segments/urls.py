"""The room's addresses under `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from segments.api.members import ContactSegmentsView
from segments.api.naming import NamingBuildView, NamingCheckView, NamingView
from segments.api.scoring import ContactScoreView, ScoreRuleViewSet
from segments.api.segments import SegmentViewSet

router = SimpleRouter(use_regex_path=False)
router.register("segments", SegmentViewSet, basename="segment")
router.register("score-rules", ScoreRuleViewSet, basename="score-rule")

urlpatterns = [
    path("segments/naming/", NamingView.as_view(), name="segment-naming"),
    path("segments/naming/check/", NamingCheckView.as_view(), name="segment-naming-check"),
    path("segments/naming/build/", NamingBuildView.as_view(), name="segment-naming-build"),
    *router.urls,
    path(
        "contacts/<int:contact_id>/segments/",
        ContactSegmentsView.as_view(),
        name="contact-segments",
    ),
    path("contacts/<int:contact_id>/score/", ContactScoreView.as_view(), name="contact-score"),
]
