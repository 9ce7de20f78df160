"""Templates and the outbox, over HTTP."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer, StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from common.errors import Refused
from common.lanes import lane_of
from common.pagination import CursorPages
from messaging.markup import document, harmless
from messaging.models import Message, Template
from messaging.rendering import Parts
from messaging.selectors import (
    contact_made_up,
    contacts_as_said,
    message_shown,
    parts_of,
    preview_for,
)
from messaging.serializers import (
    MessageDetailSerializer,
    MessageFilterSerializer,
    MessageSerializer,
    PreviewRequestSerializer,
    PreviewSerializer,
    TemplateRowSerializer,
    TemplateSerializer,
)
from messaging.services import template_create, template_delete, template_update

SAMPLE = {"first_name": "Ada", "last_name": "Miller", "email": "ada@example.com"}
"""Whom a preview is for if nobody is named."""

MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups"
)
"""What a mail may do when it is looked at: be seen, and have its links open elsewhere."""


class TemplatePages(CursorPages):
    """Templates by key."""

    ordering = "key"


class TemplateViewSet(viewsets.ModelViewSet[Template]):
    """What e-mails say, in Liquid."""

    queryset = Template.objects.all()
    serializer_class = TemplateSerializer
    pagination_class = TemplatePages
    lookup_field = "key"
    lookup_value_converter = "slug"
    required_roles: ClassVar[dict[str, str]] = {"preview": "viewer"}

    def get_queryset(self) -> QuerySet[Template]:
        """Return all, or those whose key or name has `?search=` in it."""
        search = self.request.query_params.get("search", "").strip()
        if self.action != "list" or not search:
            return super().get_queryset()
        return super().get_queryset().filter(Q(key__icontains=search) | Q(name__icontains=search))

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Template]]:
        """Return the short shape for the list."""
        return TemplateRowSerializer if self.action == "list" else TemplateSerializer

    def perform_create(self, serializer: serializers.BaseSerializer[Template]) -> None:
        """Add the template; Liquid that can't be read is refused, with its line."""
        data = dict(serializer.validated_data)
        name = data.pop("name")
        key = data.pop("key", "") or slugify(name)[:100]
        if not key:
            raise Refused("Give the template a key.", code="required", attr="key")
        serializer.instance = template_create(key=key, name=name, parts=Parts(**data), now=utcnow())

    def perform_update(self, serializer: serializers.BaseSerializer[Template]) -> None:
        """Change what the template says."""
        template = self.get_object()
        data = {**parts_of(template).as_dict(), "name": template.name, **serializer.validated_data}
        data.pop("key", None)
        name = data.pop("name")
        serializer.instance = template_update(
            template, name=name, parts=Parts(**data), now=utcnow()
        )

    def perform_destroy(self, instance: Template) -> None:
        """Remove the template, unless messages wait to be made from it."""
        template_delete(instance)

    @extend_schema(request=PreviewRequestSerializer, responses=PreviewSerializer)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, key: str) -> Response:
        """Show what a contact would read; nothing is stored or sent.

        What can't be rendered is listed under `problems`.
        """
        asked = PreviewRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(asked.validated_data)
        contact = _contact_said(given.pop("contact", None))
        trigger = given.pop("trigger", None)
        parts = Parts(**{**parts_of(self.get_object()).as_dict(), **given})
        shown, problems = preview_for(parts, contact=contact, trigger=trigger, now=utcnow())
        return Response(
            PreviewSerializer(
                {
                    "subject": shown.subject,
                    "html": harmless(shown.html),
                    "text": shown.text,
                    "problems": problems,
                }
            ).data
        )


class MessageViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Message]
):
    """The outbox: every message, and what became of it. The newest first."""

    queryset = Message.objects.select_related("contact", "template").defer(
        "template__html", "template__text", "html", "body_text"
    )
    serializer_class = MessageSerializer
    pagination_class = CursorPages
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Message]:
        """Return the messages that the filters leave."""
        if self.action != "list":
            return Message.objects.select_related("contact", "template")
        asked = MessageFilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return _narrowed(super().get_queryset(), asked.validated_data)

    @extend_schema(parameters=[MessageFilterSerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List messages."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=MessageDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a message with what it says."""
        message = self.get_object()
        shown = message_shown(message, now=utcnow())
        row = MessageSerializer(message).data
        return Response(
            {**row, "subject": shown.subject, "html": harmless(shown.html), "text": shown.text}
        )

    @extend_schema(responses={(200, "text/html"): OpenApiTypes.STR})
    @action(detail=True, methods=["get"], renderer_classes=[StaticHTMLRenderer, JSONRenderer])
    def html(self, request: Request, pk: int) -> HttpResponse:
        """Return the message as a page of its own, for a sandboxed frame."""
        shown = message_shown(self.get_object(), now=utcnow())
        page = (
            document(shown.html) if shown.html else document(f"<pre>{_escaped(shown.text)}</pre>")
        )
        return HttpResponse(
            page,
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": MAIL_CSP, "X-Frame-Options": "SAMEORIGIN"},
        )


def _narrowed(messages: QuerySet[Message], by: dict[str, Any]) -> QuerySet[Message]:
    for name in ("flow", "status", "node"):
        if name in by:
            messages = messages.filter(**{name: by[name]})
    if "contact" in by:
        messages = messages.filter(lane=lane_of(by["contact"]), contact_id=by["contact"])
    if "template" in by:
        messages = messages.filter(template__key=by["template"])
    if "search" in by:
        messages = messages.filter(
            Q(to__icontains=by["search"]) | Q(subject__icontains=by["search"])
        )
    return messages


def _contact_said(contact: int | dict[str, Any] | None) -> dict[str, Any]:
    if not isinstance(contact, int):
        return contact_made_up(SAMPLE if contact is None else contact)
    said = contacts_as_said([contact]) if 0 < contact < 2**63 else {}
    if contact not in said:
        raise Refused("There is no such contact.", code="does_not_exist", attr="contact")
    return said[contact]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
