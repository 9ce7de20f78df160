"""The home page over HTTP: what runs, how fast, and the last two weeks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.clock import utcnow
from common.selectors import workspace
from flows.results.home import home_shown


class _Numbers(serializers.ListField):
    """A number per day or hour."""

    child = serializers.IntegerField()


class RunningFlowSerializer(serializers.Serializer[Any]):
    """A flow that runs or is paused. `series`: who entered in each of the last 24 hours."""

    key = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField()
    inside = serializers.IntegerField()
    entered_today = serializers.IntegerField()
    converted_today = serializers.IntegerField()
    rate_per_hour = serializers.IntegerField()
    series = _Numbers()


class MovingSerializer(serializers.Serializer[Any]):
    """How fast things go just now: steps taken and messages received, per minute."""

    moving_per_minute = serializers.FloatField()
    inside = serializers.IntegerField()
    events_per_minute = serializers.IntegerField()


class JoinsByDaySerializer(serializers.Serializer[Any]):
    """Joins and leaves of all segments, by days of the workspace's zone."""

    at = serializers.ListField(child=serializers.DateTimeField())
    joined = _Numbers()
    left = _Numbers()


class MessagesByDaySerializer(serializers.Serializer[Any]):
    """What became of the messages made on each day."""

    at = serializers.ListField(child=serializers.DateTimeField())
    sent = _Numbers()
    withheld = _Numbers()
    failed = _Numbers()


class HomeSerializer(serializers.Serializer[Any]):
    """The home page."""

    running = RunningFlowSerializer(many=True)
    now = MovingSerializer()
    joins = JoinsByDaySerializer()
    messages = MessagesByDaySerializer()


class HomeView(APIView):
    """The home page."""

    @extend_schema(responses=HomeSerializer)
    def get(self, request: Request) -> Response:
        """What runs, how fast things go, and joins and messages of the last 14 days."""
        shown = home_shown(now=utcnow(), zone=workspace().timezone)
        return Response(HomeSerializer(shown).data)
