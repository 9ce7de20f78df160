"""Segments themselves: the list, and making, changing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from common.pagination import CursorPages
from segments import selectors, services
from segments.api.audience import AudienceActions
from segments.api.explaining import ExplainActions
from segments.api.insight import InsightActions
from segments.api.members import MemberActions
from segments.api.rules import RuleActions
from segments.api.shared import refusals
from segments.insight.listing import ordered, segments_found, segments_shown
from segments.models import Segment
from segments.serializers import (
    JobRefSerializer,
    SegmentRowSerializer,
    SegmentSerializer,
    SegmentsQuery,
    SegmentWriteSerializer,
)


class SegmentPages(CursorPages):
    """By key, or in the order that the list asks for; many at once, for pickers."""

    ordering = "key"


class SegmentViewSet(RuleActions, ExplainActions, MemberActions, InsightActions, AudienceActions):
    """Segments: named sets of contacts that follow a rule, hands, or both."""

    queryset = Segment.objects.all()
    serializer_class = SegmentSerializer
    pagination_class = SegmentPages
    lookup_field = "key"
    lookup_value_converter = "slug"
    required_roles: ClassVar[dict[str, str]] = {
        "preview": "viewer",
        "describe": "viewer",
        "preview_change": "viewer",
        "explain_rule": "viewer",
        "audience": "viewer",
    }

    @extend_schema(parameters=[SegmentsQuery], responses=SegmentRowSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return segments with their sizes, trends and uses."""
        asked = SegmentsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        found = segments_found(
            search=wanted.get("search", "").strip(),
            kind=wanted.get("kind", ""),
            used=wanted.get("used"),
            **_owner(wanted.get("owner", ""), request),
        )
        found, ordering = ordered(found, wanted.get("ordering", ""))
        assert isinstance(self.paginator, SegmentPages)
        self.paginator.ordering = ordering
        page = self.paginate_queryset(found) or []
        context = {"shown": segments_shown(page, now=utcnow())}
        shown = SegmentRowSerializer(page, many=True, context=context)
        return self.get_paginated_response(shown.data)

    @extend_schema(request=SegmentWriteSerializer, responses={201: SegmentSerializer})
    def create(self, request: Request) -> Response:
        """Make a segment; it is built by a job."""
        given = self._given(request, partial=False)
        with refusals():
            segment = services.segment_create(now=utcnow(), **given)
        return Response(self._shown(segment), status.HTTP_201_CREATED)

    @extend_schema(responses=SegmentSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        """Return a segment with its rule."""
        return Response(self._shown(self.get_object()))

    @extend_schema(request=SegmentWriteSerializer, responses=SegmentSerializer)
    def update(self, request: Request, key: str) -> Response:
        """Change a segment. A new rule or kind is built anew, by a job."""
        return self._update(key, self._given(request, partial=False))

    @extend_schema(request=SegmentWriteSerializer, responses=SegmentSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Change what is sent of a segment."""
        return self._update(key, self._given(request, partial=True))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, key: str) -> Response:
        """Delete a segment, unless something needs it."""
        services.segment_delete(key)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: JobRefSerializer})
    @action(detail=True, methods=["post"])
    def rebuild(self, request: Request, key: str) -> Response:
        """Ask the rule about everybody anew, by a job."""
        job = services.segment_rebuild(key, now=utcnow())
        return Response({"job": str(job.id)}, status.HTTP_202_ACCEPTED)

    def _given(self, request: Request, *, partial: bool) -> dict[str, Any]:
        given = SegmentWriteSerializer(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _update(self, key: str, given: dict[str, Any]) -> Response:
        if given.pop("key", key) != key:
            raise ValidationError({"key": [ErrorDetail("a key can't be changed", "fixed")]})
        with refusals():
            segment = services.segment_update(key, now=utcnow(), **given)
        return Response(self._shown(segment))

    def _shown(self, segment: Segment) -> dict[str, Any]:
        context = {
            "shown": segments_shown([segment], now=utcnow()),
            "builds": selectors.builds_open([segment.key]),
        }
        return dict(SegmentSerializer(segment, context=context).data)


def _owner(asked: str, request: Request) -> Mapping[str, Any]:
    if asked == "none":
        return {"owned": False}
    if asked == "me":
        return {"owner": getattr(request.user, "pk", None) or 0}
    return {"owner": int(asked)} if asked else {}
