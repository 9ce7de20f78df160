"""What needs attention, over HTTP: the home page's list."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of
from accounts.services import audit
from common.alerts import KINDS, alerts_now
from common.clock import utcnow
from common.errors import Refused
from common.pagination import CursorPages
from flows.engine.aside import aside_retry
from flows.models import SetAside


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


class SetAsideSerializer(serializers.ModelSerializer[SetAside]):
    """A touch that the engine could not process: of whom, of what kind, and why."""

    contact = serializers.IntegerField(source="contact_id", allow_null=True)

    class Meta:
        model = SetAside
        fields = ("id", "contact", "kind", "name", "at", "error", "aside_at")
        read_only_fields = fields


class SetAsidePages(CursorPages):
    """What was set aside, the latest first."""

    ordering = "-id"


class RetryAsideSerializer(serializers.Serializer[Any]):
    """Which: these, or `all`."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62),
        required=False,
        max_length=10_000,
    )
    all = serializers.BooleanField(required=False, default=False)


class RetriedAsideSerializer(serializers.Serializer[Any]):
    """How many are in the engine's queue again."""

    count = serializers.IntegerField()


class SetAsideView(APIView):
    """What the engine could not process."""

    @extend_schema(responses=SetAsideSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List what was set aside, with the reason."""
        pages = SetAsidePages()
        page = pages.paginate_queryset(SetAside.objects.all(), request, view=self) or []
        return pages.get_paginated_response(SetAsideSerializer(page, many=True).data)


class RetryAsideView(APIView):
    """What was set aside is processed after all."""

    @extend_schema(request=RetryAsideSerializer, responses={202: RetriedAsideSerializer})
    def post(self, request: Request) -> Response:
        """Put what was set aside into the engine's queue again."""
        given = RetryAsideSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        ids, everything = given.validated_data.get("ids"), given.validated_data["all"]
        if ids is None and not everything:
            raise Refused("Say which, or “all”.", code="required", attr="all")
        with transaction.atomic():
            count = aside_retry(ids)
            audit(actor_of(request), "engine.retried", "set-aside", {"n": count}, now=utcnow())
        return Response({"count": count}, status=status.HTTP_202_ACCEPTED)
