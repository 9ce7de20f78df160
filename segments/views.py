"""The room's API: segments, their members and history, and rules before they are saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from common.errors import NotFound
from common.pagination import CursorPages
from segments import selectors, services
from segments.explanations import segment_explain
from segments.models import Membership, Segment
from segments.rules import Problem, RuleRefused, describe, parse, rule_schema
from segments.serializers import (
    ByHandSerializer,
    ChangedSerializer,
    ChangeSerializer,
    ContactSegmentSerializer,
    ExplainQuery,
    ExplanationSerializer,
    HeldOutSerializer,
    JobRefSerializer,
    MemberSerializer,
    PreviewAskedSerializer,
    PreviewSerializer,
    RuleSerializer,
    SaidSerializer,
    SegmentRowSerializer,
    SegmentSerializer,
    SegmentWriteSerializer,
)

SEARCH = OpenApiParameter("search", str, description="Part of the name or the key.")
KIND = OpenApiParameter("kind", str, enum=Segment.Kind.values)


class SegmentPages(CursorPages):
    """By key; many at once, for pickers."""

    ordering = "key"


class MemberPages(CursorPages):
    """By contact, the newest first: every position is unique, however many join at once."""

    ordering = "-contact_id"


class SegmentViewSet(viewsets.GenericViewSet[Segment]):
    """Segments: named sets of contacts that follow a rule, hands, or both."""

    queryset = Segment.objects.all()
    serializer_class = SegmentSerializer
    pagination_class = SegmentPages
    lookup_field = "key"
    lookup_value_converter = "slug"
    required_roles: ClassVar[dict[str, str]] = {"preview": "viewer", "describe": "viewer"}

    # ── segments ────────────────────────────────────────────────────────────────────────────────

    @extend_schema(parameters=[SEARCH, KIND], responses=SegmentRowSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return segments with their sizes, by key."""
        found = self.get_queryset()
        search = request.query_params.get("search", "").strip()
        if search:
            found = found.filter(Q(key__icontains=search) | Q(name__icontains=search))
        kind = request.query_params.get("kind", "")
        if kind:
            found = found.filter(kind=kind)
        page = self.paginate_queryset(found) or []
        context = {"sizes": selectors.segment_sizes([segment.id for segment in page])}
        shown = SegmentRowSerializer(page, many=True, context=context)
        return self.get_paginated_response(shown.data)

    @extend_schema(request=SegmentWriteSerializer, responses={201: SegmentSerializer})
    def create(self, request: Request) -> Response:
        """Make a segment; it is built by a job."""
        given = self._given(request, partial=False)
        with _rule_problems():
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

    # ── rules before they are saved ─────────────────────────────────────────────────────────────

    @extend_schema(request=PreviewAskedSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Count whom a rule would choose now, and show a few."""
        asked = PreviewAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            found = selectors.rule_preview(
                asked.validated_data["rule"], now=utcnow(), exact=asked.validated_data["exact"]
            )
        except RuleRefused as refused:
            raise _refusal(refused.problems) from None
        sample = selectors.contacts_named(found.sample)
        return Response(
            PreviewSerializer(
                {
                    "count": found.count,
                    "exact": found.exact,
                    "sample": sample,
                    "total": found.total,
                    "ms": found.ms,
                }
            ).data
        )

    @extend_schema(request=RuleSerializer, responses=SaidSerializer)
    @action(detail=False, methods=["post"])
    def describe(self, request: Request) -> Response:
        """Say a rule in words, and what is wrong with it."""
        asked = RuleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rule = asked.validated_data["rule"]
        problems: Iterable[Problem] = ()
        try:
            parse(rule, fields=selectors.fields_known())
        except RuleRefused as refused:
            problems = refused.problems
        return Response(SaidSerializer({"sentence": describe(rule), "problems": problems}).data)

    @extend_schema(responses=OpenApiTypes.OBJECT, filters=False)
    @action(detail=False, methods=["get"], url_path="rule-schema", pagination_class=None)
    def rule_schema(self, request: Request) -> Response:
        """Return the JSON Schema of the rule language."""
        return Response(rule_schema())

    # ── members ─────────────────────────────────────────────────────────────────────────────────

    @extend_schema(responses=MemberSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=MemberPages)
    def members(self, request: Request, key: str) -> Response:
        """Return the members, the newest contacts first; `?by_hand=true`: those held in alone."""
        found = selectors.members_of(self.get_object())
        if request.query_params.get("by_hand") == "true":
            found = found.filter(by_hand=True)
        return self._page(found, MemberSerializer)

    @extend_schema(responses=HeldOutSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="held-out", pagination_class=MemberPages)
    def held_out(self, request: Request, key: str) -> Response:
        """Return who was taken out by hand and is kept out until the rule has been false."""
        return self._page(selectors.held_out_of(self.get_object()), HeldOutSerializer)

    @extend_schema(responses=ChangeSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=CursorPages)
    def history(self, request: Request, key: str) -> Response:
        """Return every join and leave, the latest first."""
        return self._page(selectors.history_of(self.get_object()), ChangeSerializer)

    @extend_schema(request=ByHandSerializer, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def add(self, request: Request, key: str) -> Response:
        """Add contacts by hand: the rule does not take them out."""
        return self._by_hand(request, key, "add")

    @extend_schema(request=ByHandSerializer, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, key: str) -> Response:
        """Remove contacts by hand: while the rule is true they are kept out."""
        return self._by_hand(request, key, "remove")

    @extend_schema(parameters=[ExplainQuery], responses=ExplanationSerializer)
    @action(detail=True, methods=["get"])
    def explain(self, request: Request, key: str) -> Response:
        """Say why a contact is, or is not, in the segment."""
        asked = ExplainQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = segment_explain(self.get_object(), asked.validated_data["contact"], now=utcnow())
        return Response(ExplanationSerializer(found).data)

    # ── shared ──────────────────────────────────────────────────────────────────────────────────

    def _given(self, request: Request, *, partial: bool) -> dict[str, Any]:
        given = SegmentWriteSerializer(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _update(self, key: str, given: dict[str, Any]) -> Response:
        if given.pop("key", key) != key:
            raise ValidationError({"key": [ErrorDetail("a key can't be changed", "fixed")]})
        with _rule_problems():
            segment = services.segment_update(key, now=utcnow(), **given)
        return Response(self._shown(segment))

    def _shown(self, segment: Segment) -> dict[str, Any]:
        context = {
            "sizes": selectors.segment_sizes([segment.id]),
            "builds": selectors.builds_open([segment.key]),
        }
        return dict(SegmentSerializer(segment, context=context).data)

    def _page(
        self, found: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]]
    ) -> Response:
        page = self.paginate_queryset(found)
        return self.get_paginated_response(serializer(page, many=True).data)

    def _by_hand(self, request: Request, key: str, change: Literal["add", "remove"]) -> Response:
        asked = ByHandSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = services.members_change(
            key, asked.validated_data["contacts"], change=change, cause="manual", now=utcnow()
        )
        return Response({"changed": len(changes)})


class ContactSegmentsView(generics.ListAPIView[Membership]):
    """The segments that a contact is in."""

    queryset = Membership.objects.none()
    serializer_class = ContactSegmentSerializer
    pagination_class = None

    @extend_schema(responses=ContactSegmentSerializer(many=True))
    def get(self, request: Request, contact_id: int) -> Response:
        """Return the contact's segments by name."""
        if not selectors.contacts_named([contact_id]):
            raise NotFound("there is no such contact")
        found = selectors.memberships_of(contact_id)
        return Response(ContactSegmentSerializer(found, many=True).data)


@contextmanager
def _rule_problems() -> Iterator[None]:
    """Answer a refused rule with all that is wrong with it, each at its place."""
    try:
        yield
    except services.RuleInvalid as refused:
        raise _refusal(refused.problems) from None


def _refusal(problems: Iterable[Problem]) -> ValidationError:
    by_place: dict[str, list[ErrorDetail]] = {}
    for problem in problems:
        place = f"rule.{problem.path}" if problem.path else "rule"
        by_place.setdefault(place, []).append(ErrorDetail(problem.detail, problem.code))
    return ValidationError(by_place)
