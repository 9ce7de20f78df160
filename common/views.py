"""Long work and the workspace, over HTTP."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.clock import utcnow
from common.jobs import job_cancel
from common.models import Job
from common.pagination import CursorPages
from common.selectors import workspace
from common.serializers import JobSerializer, WorkspaceSerializer
from common.services import workspace_update


class JobPages(CursorPages):
    """Jobs, the newest first."""

    ordering = ("-created_at", "-id")


class JobViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Job]
):
    """Imports, builds, backtests: what runs for longer than a request."""

    queryset = Job.objects.all()
    serializer_class = JobSerializer
    pagination_class = JobPages
    lookup_value_converter = "uuid"

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Ask a job to stop."""
        return Response(JobSerializer(job_cancel(pk, now=utcnow())).data)


class WorkspaceView(APIView):
    """The workspace: its name, its zone, who its mails are from."""

    required_roles: ClassVar[dict[str, str]] = {"GET": "viewer", "PATCH": "admin"}

    @extend_schema(responses=WorkspaceSerializer)
    def get(self, request: Request) -> Response:
        """Read the workspace."""
        return Response(WorkspaceSerializer(workspace()).data)

    @extend_schema(request=WorkspaceSerializer, responses=WorkspaceSerializer)
    def patch(self, request: Request) -> Response:
        """Change some of the workspace's settings."""
        serializer = WorkspaceSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes: dict[str, Any] = serializer.validated_data
        return Response(WorkspaceSerializer(workspace_update(**changes)).data)
