"""`/api/jobs/` and `/api/workspace/`."""

from django.urls import path
from rest_framework.routers import DefaultRouter

from common.views import JobViewSet, WorkspaceView

router = DefaultRouter(use_regex_path=False)
router.include_root_view = False
router.register("jobs", JobViewSet, basename="job")

urlpatterns = [path("workspace/", WorkspaceView.as_view(), name="workspace"), *router.urls]
