"""Backtests, HTTP: the draft on a past period of real contacts and events, by a job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.clock import utcnow
from common.durations import parse_duration
from flows import selectors
from flows.trial.backtests import MOST_DAYS, backtest_create, backtests_of


class BacktestAskSerializer(serializers.Serializer[Any]):
    """On how many days, and on whom, the draft is tried."""

    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False, default=90)
    segment = serializers.CharField(required=False, allow_null=True, default=None, max_length=200)
    resolution = serializers.CharField(
        required=False,
        allow_null=True,
        default=None,
        max_length=60,
        help_text="How long a slice is in which instants may differ, from PT1M to P1D.",
    )

    def validate_resolution(self, value: str | None) -> str | None:
        """Refuse what is no duration, or a silly one."""
        if value is None:
            return None
        try:
            span = parse_duration(value)
        except ValueError as trouble:
            raise serializers.ValidationError(str(trouble)) from trouble
        if not timedelta(minutes=1) <= span <= timedelta(days=1):
            raise serializers.ValidationError("Choose from one minute (PT1M) to a day (P1D).")
        return value


class BacktestJobSerializer(serializers.Serializer[Any]):
    """The job that does it."""

    job = serializers.UUIDField()


class BacktestNodeSerializer(serializers.Serializer[Any]):
    """The counts of one node at the end of the period."""

    here = serializers.IntegerField()
    entered = serializers.IntegerField()
    left = serializers.IntegerField()
    failed = serializers.IntegerField()
    out = serializers.DictField(child=serializers.IntegerField())


class BacktestDaySerializer(serializers.Serializer[Any]):
    """E-mails of one day of the workspace's zone."""

    day = serializers.DateField()
    n = serializers.IntegerField()


class BacktestOutcomeSerializer(serializers.Serializer[Any]):
    """What would have come of one edition; `goal` is how many reached it."""

    entered = serializers.IntegerField()
    inside = serializers.IntegerField()
    completed = serializers.IntegerField()
    converted = serializers.IntegerField()
    exited = serializers.IntegerField()
    failed = serializers.IntegerField()
    nodes = serializers.DictField(child=BacktestNodeSerializer())
    emails = serializers.IntegerField()
    emails_by_day = BacktestDaySerializer(many=True)
    goal = serializers.IntegerField()


class BacktestResultSerializer(serializers.Serializer[Any]):
    """The draft, and the live version beside it where there is one."""

    draft = BacktestOutcomeSerializer()
    live = BacktestOutcomeSerializer(allow_null=True)


class BacktestSerializer(serializers.Serializer[Any]):
    """One backtest."""

    id = serializers.IntegerField()
    job = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(["queued", "running", "done", "failed", "cancelled"])
    days = serializers.IntegerField()
    segment = serializers.CharField(allow_null=True)
    to = serializers.CharField()
    created_at = serializers.CharField()
    percent = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    result = BacktestResultSerializer(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `from`, which Python keeps for itself."""
        return {**super().get_fields(), "from": serializers.CharField()}


class BacktestView(APIView):
    """The draft on a past period of real contacts and events."""

    @extend_schema(request=BacktestAskSerializer, responses={202: BacktestJobSerializer})
    def post(self, request: Request, key: str) -> Response:
        """Have it tried by a job, beside the live version."""
        flow = selectors.flow_by_key(key)
        given = BacktestAskSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = backtest_create(flow, **given.validated_data, now=utcnow())
        return Response({"job": str(made.job_id)}, status=status.HTTP_202_ACCEPTED)


class BacktestsView(APIView):
    """What backtests of a flow came to."""

    @extend_schema(responses=BacktestSerializer(many=True))
    def get(self, request: Request, key: str) -> Response:
        """The newest first."""
        return Response(backtests_of(selectors.flow_by_key(key)))
