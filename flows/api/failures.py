"""Failures over HTTP: what has failed in a flow, by step and kind; retry and skip."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of
from common.clock import utcnow
from flows import failures
from flows.api.visits import ActedSerializer, ChosenSerializer, answered


class FailureGroupSerializer(serializers.Serializer[Any]):
    """The failures of one kind at one step; `error` is the last of them in full."""

    node = serializers.CharField()
    kind = serializers.CharField()
    error = serializers.CharField()
    count = serializers.IntegerField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()


class FailuresSerializer(serializers.Serializer[Any]):
    """The failures of a flow, the largest group first."""

    groups = FailureGroupSerializer(many=True)


class FailedSerializer(ChosenSerializer):
    """Which failures: these visits, those at a node, those of a kind, or all."""

    kind = serializers.CharField(required=False, max_length=200, trim_whitespace=False)


class RetrySerializer(FailedSerializer):
    """`version`: `own` has each visit's own version decide the step, `live` the live one."""

    version = serializers.ChoiceField(choices=["own", "live"], default="own")


class SkipSerializer(FailedSerializer):
    """`branch`: by which way the step is left; without it, by `next`."""

    branch = serializers.CharField(required=False, max_length=100)


class FailuresView(APIView):
    """What has failed in a flow."""

    @extend_schema(responses=FailuresSerializer)
    def get(self, request: Request, key: str) -> Response:
        """Show who is parked with an error, by step and kind of error."""
        groups = failures.failure_groups(key)
        return Response(FailuresSerializer({"groups": groups}).data)


class RetryView(APIView):
    """Steps that failed are done again."""

    @extend_schema(request=RetrySerializer, responses={202: ActedSerializer})
    def post(self, request: Request, key: str) -> Response:
        """Have the steps that failed decided anew; in a paused flow, when it is resumed."""
        given = RetrySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        live = given.validated_data["version"] == "live"
        return answered(
            failures.failures_retry(
                key, given.chosen(), live=live, actor=actor_of(request), now=utcnow()
            )
        )


class SkipView(APIView):
    """Steps that failed are left undone."""

    @extend_schema(request=SkipSerializer, responses={202: ActedSerializer})
    def post(self, request: Request, key: str) -> Response:
        """Leave the steps that failed undone, and go on after them."""
        given = SkipSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        branch = given.validated_data.get("branch")
        return answered(
            failures.failures_skip(
                key, given.chosen(), branch=branch, actor=actor_of(request), now=utcnow()
            )
        )
