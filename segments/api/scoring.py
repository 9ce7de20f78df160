"""Scoring over HTTP: rules, what they would give, and a contact's ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import actor_of
from common.clock import utcnow
from common.errors import NotFound, Refused
from common.pagination import CursorPages
from contacts.selectors import contact_get
from segments.api.shared import refusals
from segments.models import ScoreEntry, ScoreRule
from segments.scoring import selectors, services
from segments.scoring.serializers import (
    GIVEN,
    ContactScoreSerializer,
    ScorePreviewAskedSerializer,
    ScorePreviewSerializer,
    ScoreRuleSerializer,
    ScoreRuleWriteSerializer,
    ScoreStandingSerializer,
    score_of,
)
from segments.serializers import JobRefSerializer

SEARCH = OpenApiParameter("search", str, description="Part of the name or the key.")
BECOMES = OpenApiParameter(
    "given",
    str,
    enum=list(GIVEN),
    description="What becomes of the points it has given: kept for good, or taken back.",
)
TERMS = ("event", "where", "rule", "points", "decay_per_week", "limit")


class ScoreRulePages(CursorPages):
    """By key; many at once."""

    ordering = "key"


class ScoreRuleViewSet(viewsets.GenericViewSet[ScoreRule]):
    """Score rules: for what contacts are given points."""

    queryset = ScoreRule.objects.all()
    serializer_class = ScoreRuleSerializer
    pagination_class = ScoreRulePages
    lookup_field = "key"
    lookup_value_converter = "slug"
    required_roles: ClassVar[dict[str, str]] = {"preview": "viewer"}

    def get_queryset(self) -> QuerySet[ScoreRule]:
        """Leave out the deleted."""
        return selectors.score_rules()

    @extend_schema(parameters=[SEARCH], responses=ScoreRuleSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return score rules."""
        found = self.get_queryset()
        if search := request.query_params.get("search", "").strip():
            found = found.filter(Q(key__icontains=search) | Q(name__icontains=search))
        page = self.paginate_queryset(found) or []
        context = {"jobs": selectors.jobs_of(page)}
        return self.get_paginated_response(
            ScoreRuleSerializer(page, many=True, context=context).data
        )

    @extend_schema(request=ScoreRuleWriteSerializer, responses={201: ScoreRuleSerializer})
    def create(self, request: Request) -> Response:
        """Make a score rule. Who fulfils a rule-kind one already is given its points by a job."""
        given = self._given(request, partial=False)
        given.pop("given", None)
        with _problems():
            rule = services.score_rule_create(
                terms=_terms(given), actor=actor_of(request), now=utcnow(), **_rest(given)
            )
        return Response(self._shown(rule), status.HTTP_201_CREATED)

    @extend_schema(responses=ScoreRuleSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        """Return a score rule."""
        return Response(self._shown(self.get_object()))

    @extend_schema(request=ScoreRuleWriteSerializer, responses=ScoreRuleSerializer)
    def update(self, request: Request, key: str) -> Response:
        """Change a score rule."""
        given = self._given(request, partial=False)
        return self._update(request, key, given, _terms(given))

    @extend_schema(request=ScoreRuleWriteSerializer, responses=ScoreRuleSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Change what is sent of a score rule; `active` pauses and resumes it."""
        given = self._given(request, partial=True)
        rule = self.get_object()
        sent = {name: given[name] for name in ("kind", *TERMS) if name in given}
        terms = _terms({**_as_sent(services.terms_of(rule)), **sent}) if sent else None
        return self._update(request, key, given, terms)

    @extend_schema(parameters=[BECOMES], responses={202: JobRefSerializer})
    def destroy(self, request: Request, key: str) -> Response:
        """Delete a score rule, by a job."""
        given = request.query_params.get("given") or None
        if given not in (None, *GIVEN):
            raise Refused("given is “keep” or “take_back”", code="invalid_choice", attr="given")
        services.score_rule_delete(
            key,
            given="take_back" if given == "take_back" else "keep" if given else None,
            actor=actor_of(request),
            now=utcnow(),
        )
        job = selectors.jobs_of([self.get_object()])
        return Response({"job": next(iter(job.values()))}, status.HTTP_202_ACCEPTED)

    @extend_schema(responses=ScoreStandingSerializer)
    @action(detail=True, methods=["get"])
    def standing(self, request: Request, key: str) -> Response:
        """Return to how many contacts the rule has given what still stands, and how much."""
        contacts, points = selectors.standing(self.get_object())
        return Response(ScoreStandingSerializer({"contacts": contacts, "points": points}).data)

    @extend_schema(request=ScorePreviewAskedSerializer, responses=ScorePreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Count to whom a rule would give how much: now, or by the events of the last 30 days."""
        asked = ScorePreviewAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        exact = given.pop("exact")
        with _problems():
            found = selectors.score_preview(_terms(given), now=utcnow(), exact=exact)
        shown = {
            **{field.name: getattr(found, field.name) for field in fields(found)},
            "spread": [
                {"low": low, "high": high, "contacts": contacts}
                for low, high, contacts in found.spread
            ],
            "sample": [{"contact": contact, "points": points} for contact, points in found.sample],
        }
        return Response(ScorePreviewSerializer(shown).data)

    def _given(self, request: Request, *, partial: bool) -> dict[str, Any]:
        given = ScoreRuleWriteSerializer(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _update(
        self, request: Request, key: str, given: dict[str, Any], terms: services.Terms | None
    ) -> Response:
        if given.pop("key", key) != key:
            raise ValidationError({"key": [ErrorDetail("a key can't be changed", "fixed")]})
        with _problems():
            rule = services.score_rule_update(
                key,
                terms=terms,
                given=given.pop("given", None),
                actor=actor_of(request),
                now=utcnow(),
                **_rest(given),
            )
        return Response(self._shown(rule))

    def _shown(self, rule: ScoreRule) -> dict[str, Any]:
        context = {"jobs": selectors.jobs_of([rule])}
        return dict(ScoreRuleSerializer(rule, context=context).data)


class LedgerPages(CursorPages):
    """The latest first."""

    ordering = ("-at", "-id")


class ContactScoreView(GenericAPIView[ScoreEntry]):
    """A contact's score, what each rule has come to in it, and the ledger."""

    queryset = ScoreEntry.objects.none()
    pagination_class = LedgerPages
    serializer_class = ContactScoreSerializer

    @extend_schema(responses=ContactScoreSerializer)
    def get(self, request: Request, contact_id: int) -> Response:
        """Return the score with a page of the entries that it is the sum of."""
        contact = contact_get(contact_id) if contact_id < 2**63 else None
        if contact is None:
            raise NotFound("there is no such contact")
        assert isinstance(self.paginator, LedgerPages)
        page = self.paginate_queryset(selectors.ledger_of(contact.id))
        shown = {
            "score": score_of(contact),
            "by_rule": selectors.ledger_by_rule(contact.id),
            "next": self.paginator.get_next_link(),
            "previous": self.paginator.get_previous_link(),
            "results": page,
        }
        return Response(ContactScoreSerializer(shown).data)


def _terms(given: Mapping[str, Any]) -> services.Terms:
    terms = services.Terms(
        kind=given["kind"],
        points=given["points"],
        decay_per_week=given.get("decay_per_week"),
        limit=given.get("limit"),
    )
    if terms.kind == ScoreRule.Kind.EVENT:
        return replace(terms, event=given.get("event"), where=tuple(given.get("where") or ()))
    return replace(terms, rule=given.get("rule"))


def _as_sent(terms: services.Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in ("kind", *TERMS)}


def _rest(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in ("kind", *TERMS)}


@contextmanager
def _problems() -> Iterator[None]:
    """Answer terms that can't be used with all that is wrong with them, each at its place."""
    try:
        with refusals():
            yield
    except services.TermsInvalid as refused:
        by_place: dict[str, list[ErrorDetail]] = {}
        for problem in refused.problems:
            by_place.setdefault(problem.path, []).append(ErrorDetail(problem.detail, problem.code))
        raise ValidationError(by_place) from None
