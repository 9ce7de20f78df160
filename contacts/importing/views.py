"""Imports over HTTP: a file sent, looked at, mapped, started, followed, its report fetched."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.parsers import SafeJSONParser
from accounts.permissions import actor_of
from common.clock import utcnow
from common.models import Job
from common.pagination import CursorPages
from common.streaming import StreamedResponse
from contacts.importing import services
from contacts.importing.looking import (
    columns_shown,
    guesses_of,
    look_at,
    rows_read,
    sample_shown,
)
from contacts.importing.models import ContactImport
from contacts.importing.report import report_csv, report_rows
from contacts.importing.serializers import (
    ImportDetailSerializer,
    ImportSerializer,
    MappingCheckSerializer,
    MappingSerializer,
    ReadAsSerializer,
    UploadSerializer,
)
from contacts.importing.uploads import UnreadMultipart


class ImportPages(CursorPages):
    """Imports, the newest first."""

    ordering = ("-created_at", "-id")


class ImportViewSet(viewsets.GenericViewSet[ContactImport]):
    """Imports of contacts from CSV files."""

    queryset = ContactImport.objects.exclude(status=ContactImport.Status.UPLOADING)
    serializer_class = ImportSerializer
    pagination_class = ImportPages
    parser_classes = (SafeJSONParser,)
    lookup_value_regex = r"\d{1,18}"

    def get_parsers(self) -> list[Any]:
        """Leave an upload unread until it is known who sends it."""
        action_map: dict[str, str] = getattr(self, "action_map", None) or {}
        method = (getattr(self.request, "method", None) or "").lower() if self.request else ""
        if action_map.get(method) == "create":
            return [UnreadMultipart()]
        return super().get_parsers()

    @extend_schema(responses=ImportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return imports, the newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        jobs = Job.objects.in_bulk([one.job_id for one in page if one.job_id])
        shown = ImportSerializer(page, many=True, context={"jobs": jobs}).data
        return self.get_paginated_response(shown)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: ImportDetailSerializer}
    )
    def create(self, request: Request) -> Response:
        """Send a CSV file of up to 512 MB; nothing is imported yet."""
        len(request.data)  # what is no multipart is refused here
        plain = request._request  # noqa: SLF001 - the body is read here, not by DRF
        one = services.import_upload(plain, actor_of(request), now=utcnow())
        return Response(_shown(one), status=status.HTTP_201_CREATED)

    @extend_schema(responses=ImportDetailSerializer)
    def retrieve(self, _request: Request, pk: str) -> Response:
        """Return an import: its columns and first rows, and how far it is."""
        return Response(_shown(services.import_get(int(pk))))

    @extend_schema(request=ReadAsSerializer, responses=ImportDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Have the file read with another encoding or delimiter, with or without a header."""
        said = ReadAsSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return Response(_shown(services.import_read_as(int(pk), **said.validated_data)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove an import with its file and report; the contacts stay."""
        services.import_delete(int(pk), actor_of(request), now=utcnow())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=MappingSerializer, responses=MappingCheckSerializer)
    @action(detail=True, methods=["post"], url_path="mapping/check", url_name="mapping-check")
    def mapping_check(self, request: Request, pk: str) -> Response:
        """Say what is wrong with a mapping, and how the first rows would be read by it."""
        mapping, options = _asked(request)
        one = services.import_get(int(pk))
        services.file_wanted(one)
        look = look_at(one)
        plan, problems = services.mapping_check(one, mapping, options)
        rows, summary = rows_read(look, plan)
        shown = {"problems": problems, "rows": rows, "summary": summary}
        return Response(MappingCheckSerializer(shown).data)

    @extend_schema(request=MappingSerializer, responses=ImportDetailSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Begin to import; `job` shows how far it is."""
        mapping, options = _asked(request)
        one = services.import_start(int(pk), mapping, options, actor_of(request), now=utcnow())
        return Response(_shown(one))

    @extend_schema(request=None, responses=ImportDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop after the piece at hand; what is written stays."""
        return Response(_shown(services.import_cancel(int(pk), actor_of(request), now=utcnow())))

    @extend_schema(request=None, responses=ImportDetailSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on with an import that failed or was cancelled, behind the last row it took in."""
        return Response(_shown(services.import_resume(int(pk), actor_of(request), now=utcnow())))

    @extend_schema(responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY)})
    def refused(self, _request: Request, pk: str) -> HttpResponseBase:
        """Return the lines that were refused or lack cells, with the reason, as CSV."""
        one = services.import_get(int(pk))
        answer = StreamedResponse(report_csv(one), content_type="text/csv; charset=utf-8")
        name = quote(f"refused-{one.file_name}".removesuffix(".csv") + ".csv")
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return answer


def _asked(request: Request) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    said = MappingSerializer(data=request.data)
    said.is_valid(raise_exception=True)
    options = dict(said.validated_data)
    mapping = [dict(one) for one in options.pop("mapping")]
    return mapping, options


def _shown(one: ContactImport) -> Any:
    columns: list[Any] = []
    sample: list[Any] = []
    if one.file_gone_at is None:
        look = look_at(one)
        columns, sample = columns_shown(look, guesses_of(look)), sample_shown(look)
    job = Job.objects.filter(id=one.job_id).first() if one.job_id else None
    context = {
        "columns": columns,
        "sample": sample,
        "report_rows": report_rows(one),
        "jobs": {one.job_id: job} if job else {},
    }
    return ImportDetailSerializer(one, context=context).data
