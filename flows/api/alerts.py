"""What needs attention, over HTTP: the home page's list."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.alerts import KINDS, alerts_now
from common.clock import utcnow


class AlertSerializer(serializers.Serializer[Any]):
    """Something that needs a person; `to` is the page of the browser where it is mended."""

    kind = serializers.ChoiceField(choices=KINDS)
    severity = serializers.ChoiceField(choices=["error", "warning"])
    flow = serializers.CharField(allow_null=True)
    node = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
    since = serializers.DateTimeField(allow_null=True)
    title = serializers.CharField()
    detail = serializers.CharField()
    to = serializers.CharField()


class AlertsView(APIView):
    """What needs attention."""

    @extend_schema(responses=AlertSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List what needs attention now, in every room, errors first."""
        return Response(AlertSerializer(alerts_now(utcnow()), many=True).data)
