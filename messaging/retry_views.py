"""Failed messages, tried again, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of
from common.clock import utcnow
from common.errors import Conflict, NotFound
from messaging.models import Message
from messaging.retrying import Retried, messages_retry


class RetryOneMessageSerializer(serializers.Serializer[Any]):
    """`using`: the key of the template to make it from now, if that of then is no more."""

    using = serializers.SlugField(max_length=100, required=False)


class RetryMessagesSerializer(RetryOneMessageSerializer):
    """Which failed messages: of a template, of a flow, of one of its nodes."""

    template = serializers.SlugField(max_length=100, required=False)
    flow = serializers.CharField(max_length=100, required=False)
    node = serializers.CharField(max_length=100, required=False)


class RetriedMessagesSerializer(serializers.Serializer[Any]):
    """How many are tried again; `cancelled`: of contacts taken out of the flow since."""

    queued = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    more = serializers.BooleanField()


def _answered(retried: Retried) -> Response:
    shown = RetriedMessagesSerializer(
        {"queued": retried.queued, "cancelled": retried.cancelled, "more": retried.more}
    )
    return Response(shown.data, status=status.HTTP_202_ACCEPTED)


class RetryMessageView(APIView):
    """One failed message is tried again."""

    @extend_schema(request=RetryOneMessageSerializer, responses={202: RetriedMessagesSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Put a failed message back into the outbox."""
        given = RetryOneMessageSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = Message.objects.filter(id=pk).values_list("status", flat=True).first()
        if found is None:
            raise NotFound("There is no such message.")
        if found != Message.Status.FAILED:
            raise Conflict(f"This message is {found}; only one that failed can be tried again.")
        return _answered(
            messages_retry(ids=[pk], **given.validated_data, actor=actor_of(request), now=utcnow())
        )


class RetryMessagesView(APIView):
    """Many failed messages are tried again."""

    @extend_schema(
        operation_id="messages_retry_many",
        request=RetryMessagesSerializer,
        responses={202: RetriedMessagesSerializer},
    )
    def post(self, request: Request) -> Response:
        """Put the failed messages of a template or a flow back into the outbox."""
        given = RetryMessagesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return _answered(
            messages_retry(**given.validated_data, actor=actor_of(request), now=utcnow())
        )
