"""Rules before they are saved: counted, said in words, their language described."""

from __future__ import annotations

from collections.abc import Iterable

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from segments import selectors
from segments.api.shared import SegmentActions, refusals
from segments.rules import Problem, RuleRefused, describe, parse, rule_schema
from segments.serializers import (
    PreviewAskedSerializer,
    PreviewSerializer,
    RuleSerializer,
    SaidSerializer,
)


class RuleActions(SegmentActions):
    """`preview/`, `describe/`, `rule-schema/`."""

    @extend_schema(request=PreviewAskedSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Count whom a rule would choose now, and show a few."""
        asked = PreviewAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with refusals():
            found = selectors.rule_preview(
                asked.validated_data["rule"],
                now=utcnow(),
                exact=asked.validated_data["exact"],
                top=asked.validated_data["top"],
            )
        sample = selectors.contacts_named(found.sample)
        return Response(
            PreviewSerializer(
                {
                    "count": found.count,
                    "matches": found.matches,
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
