"""Why a contact is in a segment, or a rule true of it; and when time alone will change that."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from segments.api.shared import SegmentActions, refusals
from segments.explanations import rule_explain, segment_explain


class ExplainQuery(serializers.Serializer[Any]):
    """Of whom an explanation is asked."""

    contact = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class ExplainAskedSerializer(ExplainQuery):
    """A rule to be explained for a contact."""

    rule = serializers.JSONField(allow_null=True)


class PlaceSerializer(serializers.Serializer[Any]):
    """Where a contact stands in a ranked segment now."""

    by = serializers.JSONField()
    limit = serializers.IntegerField()
    rank = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    of = serializers.IntegerField(help_text="How many are ranked.")
    cutoff = serializers.FloatField(
        allow_null=True, help_text="The value of the last who is in; null if all are."
    )
    refreshes_at = serializers.DateTimeField(allow_null=True)
    sentence = serializers.CharField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """Why a contact is, or is not, in a segment."""

    is_true = serializers.BooleanField()
    member = serializers.BooleanField()
    by_hand = serializers.BooleanField()
    held_out = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(
        allow_null=True, help_text="When time alone makes the contact join or leave."
    )
    until_words = serializers.CharField(allow_null=True)
    tree = serializers.JSONField(allow_null=True)
    ranking = PlaceSerializer(allow_null=True)


class RuleExplainedSerializer(serializers.Serializer[Any]):
    """Why a rule is, or is not, true of a contact."""

    is_true = serializers.BooleanField()
    until = serializers.DateTimeField(
        allow_null=True, help_text="When time alone changes the answer."
    )
    until_words = serializers.CharField(allow_null=True)
    tree = serializers.JSONField()


class ExplainActions(SegmentActions):
    """`{key}/explain/` of a segment, and `explain/` of a rule that has not been saved."""

    @extend_schema(parameters=[ExplainQuery], responses=ExplanationSerializer)
    @action(detail=True, methods=["get"])
    def explain(self, request: Request, key: str) -> Response:
        """Say why a contact is, or is not, in the segment."""
        asked = ExplainQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = segment_explain(self.get_object(), asked.validated_data["contact"], now=utcnow())
        return Response(ExplanationSerializer(found).data)

    @extend_schema(request=ExplainAskedSerializer, responses=RuleExplainedSerializer)
    @action(detail=False, methods=["post"], url_path="explain")
    def explain_rule(self, request: Request) -> Response:
        """Say why a rule is, or is not, true of a contact."""
        asked = ExplainAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with refusals():
            found = rule_explain(
                asked.validated_data["rule"], asked.validated_data["contact"], now=utcnow()
            )
        return Response(RuleExplainedSerializer(found).data)
