"""Long work, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from common.jobs import job_cancel
from common.models import Job
from common.pagination import CursorPages
from common.serializers import JobSerializer


class JobPages(CursorPages):
    """Jobs, the newest first."""

    ordering = ("-created_at", "-id")


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Job]):
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
