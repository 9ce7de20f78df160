"""Calls to other systems, and the secret they are signed with, over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of, role_of
from accounts.roles import Role
from common.clock import utcnow
from common.lanes import lane_of
from common.pagination import CursorPages
from messaging.calls import call_retry
from messaging.models import Call
from messaging.sealing import request_hidden, request_opened
from messaging.secrets import signing_secrets, webhook_secret_rotate
from messaging.serializers import AddresseeSerializer


class CallAnswerSerializer(serializers.Serializer[Any]):
    """What came of the last try; empty before the first."""

    code = serializers.IntegerField(required=False, allow_null=True)
    body = serializers.CharField(required=False, help_text="Its beginning, 2 KB at most.")
    error = serializers.CharField(required=False)
    ms = serializers.IntegerField(required=False)


class CallSerializer(serializers.ModelSerializer[Call]):
    """A call to another system. Viewers see the names of its headers, not their values."""

    contact = AddresseeSerializer(read_only=True)
    request = serializers.SerializerMethodField()
    answer = CallAnswerSerializer(read_only=True)

    class Meta:
        model = Call
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "kind",
            "flow",
            "node",
            "visit_id",
            "contact",
            "host",
            "request",
            "status",
            "reason",
            "tries",
            "next_try_at",
            "answer",
            "idempotency_key",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields

    def get_request(self, call: Call) -> dict[str, Any]:
        """Return the request as it is made: method, url, headers, body, timeout; or text."""
        asked = self.context.get("request")
        may_edit = asked is not None and role_of(asked.user) in (Role.EDITOR, Role.ADMIN)
        clear = request_opened(call.request) if may_edit else None
        return request_hidden(call.request) if clear is None else clear


class CallFilterSerializer(serializers.Serializer[Any]):
    """By what the log can be narrowed."""

    flow = serializers.CharField(required=False, max_length=200)
    node = serializers.CharField(required=False, max_length=200)
    contact = serializers.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    status = serializers.ChoiceField(required=False, choices=Call.Status.choices)
    host = serializers.CharField(required=False, max_length=300)
    kind = serializers.ChoiceField(required=False, choices=Call.Kind.choices)


class CallViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Call]):
    """The log of calls to other systems, the newest first."""

    queryset = Call.objects.select_related("contact")
    serializer_class = CallSerializer
    pagination_class = CursorPages
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Call]:
        """Return the calls that the filters leave."""
        calls = super().get_queryset()
        if self.action != "list":
            return calls
        asked = CallFilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        by = dict(asked.validated_data)
        if "contact" in by:
            calls = calls.filter(lane=lane_of(by["contact"]), contact_id=by.pop("contact"))
        return calls.filter(**by)

    @extend_schema(parameters=[CallFilterSerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List calls."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses=CallSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """Make a call that failed once more, under the same key; another status is answered 409."""
        call_retry(int(pk), now=utcnow())
        return Response(self.get_serializer(self.get_object()).data)


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """What receivers verify calls by, as Standard Webhooks says."""

    secret = serializers.CharField()


class WebhookSecretView(APIView):
    """The secret that calls are signed with: for admins, who give it to the receivers."""

    required_role = Role.ADMIN

    @extend_schema(responses=WebhookSecretSerializer)
    def get(self, request: Request) -> Response:
        """Return the secret; it is made when it is first asked for."""
        return Response(WebhookSecretSerializer({"secret": signing_secrets()[0]}).data)

    @extend_schema(request=None, responses=WebhookSecretSerializer)
    def post(self, request: Request) -> Response:
        """Make a new one. Until the next time calls are signed with the one before as well."""
        secret = webhook_secret_rotate(actor_of(request), now=utcnow())
        return Response(WebhookSecretSerializer({"secret": secret}).data)
