"""The room's API: contacts, fields, sources, topics, and the messages that were set aside."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from common.errors import NotFound, Refused
from common.pagination import CursorPages
from contacts import selectors, services
from contacts.filters import FILTERS, filtered
from contacts.models import Contact, Event, Field, RejectedMessage, Source, Topic
from contacts.serializers import (
    ContactDetailSerializer,
    ContactQuery,
    ContactSerializer,
    ContactWriteSerializer,
    CountSerializer,
    EventNameSerializer,
    EventPropertyQuery,
    EventPropertySerializer,
    EventSerializer,
    EventValuesQuery,
    FieldChangeSerializer,
    FieldSerializer,
    FieldValuesQuery,
    RejectedSerializer,
    SourceCreatedSerializer,
    SourceSerializer,
    TimelineEntrySerializer,
    TopicChangeSerializer,
    TopicSerializer,
    UsualValuesSerializer,
)
from contacts.usual import event_values, field_values

MOST_RETRIED = 1_000


class TimelinePages(CursorPages):
    """The latest first."""

    ordering = ("-at", "-id")


class KeyPages(CursorPages):
    """By key; many at once, for pickers."""

    ordering = "key"
    page_size = 200
    max_page_size = 2_500


class ContactViewSet(viewsets.GenericViewSet[Contact]):
    """Contacts. `segments/` and `visits/` of a contact are served by the rooms that know them."""

    queryset = Contact.objects.all()
    serializer_class = ContactSerializer
    pagination_class = CursorPages
    lookup_value_regex = r"\d{1,19}"

    @extend_schema(parameters=[ContactQuery], responses=ContactSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return contacts, the newest first."""
        query = ContactQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = dict(query.validated_data)
        wanted = {name: asked.pop(name) for name in FILTERS if name in asked}
        found = filtered(selectors.contacts_search(**asked), wanted)
        page = self.paginate_queryset(found)
        return self.get_paginated_response(ContactSerializer(page, many=True).data)

    @extend_schema(request=ContactWriteSerializer, responses={201: ContactDetailSerializer})
    def create(self, request: Request) -> Response:
        """Create a contact."""
        said = ContactWriteSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        if not any(said.validated_data.values()):
            raise Refused("Say something of the contact: an e-mail address, an id or a field.")
        contact_id = services.contact_create(**said.validated_data, now=utcnow())
        shown = ContactDetailSerializer(self._contact(contact_id)).data
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(responses=ContactDetailSerializer)
    def retrieve(self, _request: Request, pk: str) -> Response:
        """Return a contact with its consents, reachability and identities."""
        return Response(ContactDetailSerializer(self._contact(int(pk))).data)

    @extend_schema(request=ContactWriteSerializer, responses=ContactDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a contact: all of it or nothing."""
        said = ContactWriteSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        values = dict(said.validated_data.get("fields", {}))
        if "email" in said.validated_data:
            values["email"] = said.validated_data["email"]
        contact = self._contact(int(pk))
        services.contact_update(
            contact.id,
            set=values,
            external_id=said.validated_data.get("external_id"),
            now=utcnow(),
        )
        return Response(ContactDetailSerializer(self._contact(contact.id)).data)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, pk: str) -> Response:
        """Delete a contact with all its data."""
        services.contact_delete(self._contact(int(pk)).id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=TimelineEntrySerializer(many=True))
    @action(detail=True, pagination_class=TimelinePages, filter_backends=[])
    def timeline(self, _request: Request, pk: str) -> Response:
        """Return what a contact did and was sent, the latest first."""
        return self._events(int(pk), TimelineEntrySerializer)

    @extend_schema(responses=EventSerializer(many=True))
    @action(detail=True, pagination_class=TimelinePages, filter_backends=[])
    def events(self, _request: Request, pk: str) -> Response:
        """Return a contact's events as they are stored, the latest first."""
        return self._events(int(pk), EventSerializer)

    def _events(self, contact_id: int, shape: Any) -> Response:
        contact = self._contact(contact_id)
        events: QuerySet[Event] = selectors.contact_events(contact.id)
        page = self.paginator.paginate_queryset(events, self.request, view=self)  # type: ignore[union-attr]  # pagination_class is set
        return self.get_paginated_response(shape(page, many=True).data)

    def _contact(self, contact_id: int) -> Contact:
        contact = selectors.contact_get(contact_id) if contact_id < 2**63 else None
        if contact is None:
            raise NotFound("There is no such contact.")
        return contact


class FieldViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Field]):
    """The registry of fields."""

    queryset = Field.objects.all()
    serializer_class = FieldSerializer
    pagination_class = KeyPages
    lookup_field = "key"
    lookup_value_regex = r"[^/]{1,200}"

    @extend_schema(request=FieldChangeSerializer, responses=FieldSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Give a field another name to show, and forget its warnings."""
        said = FieldChangeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        field = self.get_object()
        field.name = said.validated_data["name"]
        field.warnings = 0
        field.last_warning = ""
        field.save(update_fields=["name", "warnings", "last_warning"])
        return Response(FieldSerializer(field).data)

    @extend_schema(responses=EventNameSerializer(many=True))
    @action(detail=False, url_path="event-names", pagination_class=None)
    def event_names(self, _request: Request) -> Response:
        """Return the names among the latest events, the commonest first."""
        return Response(EventNameSerializer(selectors.event_names(), many=True).data)

    @extend_schema(parameters=[FieldValuesQuery], responses=UsualValuesSerializer)
    @action(detail=False, pagination_class=None)
    def values(self, request: Request) -> Response:
        """Return the usual values of a field, from a sample of the contacts."""
        query = FieldValuesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = field_values(asked["field"], search=asked.get("search", ""))
        return Response(UsualValuesSerializer(found).data)

    @extend_schema(parameters=[EventValuesQuery], responses=UsualValuesSerializer)
    @action(detail=False, url_path="event-values", pagination_class=None)
    def event_values(self, request: Request) -> Response:
        """Return the usual values of a property, from the latest events of one name."""
        query = EventValuesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = event_values(asked["name"], asked["property"], search=asked.get("search", ""))
        return Response(UsualValuesSerializer(found).data)

    @extend_schema(parameters=[EventPropertyQuery], responses=EventPropertySerializer(many=True))
    @action(detail=False, url_path="event-properties", pagination_class=None)
    def event_properties(self, request: Request) -> Response:
        """Return the properties that the latest events of one name had."""
        query = EventPropertyQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = selectors.event_properties(query.validated_data["name"])
        return Response(EventPropertySerializer(found, many=True).data)


class SourceViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Source],
):
    """Sources. A source's write key is shown once, when it is made; removing it ends the key."""

    queryset = Source.objects.all()
    serializer_class = SourceSerializer
    pagination_class = KeyPages
    lookup_field = "key"
    required_roles: ClassVar[dict[str, str]] = {
        "GET": "viewer",
        "POST": "admin",
        "PATCH": "admin",
        "DELETE": "admin",
    }

    @extend_schema(request=SourceSerializer, responses={201: SourceCreatedSerializer})
    def create(self, request: Request) -> Response:
        """Make a source with its write key."""
        said = SourceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        source, key = services.source_create(said.validated_data["name"], now=utcnow())
        shown = {**SourceSerializer(source).data, "write_key": key}
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(request=SourceSerializer, responses=SourceSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Give a source another name."""
        source = self.get_object()
        said = SourceSerializer(source, data=request.data)
        said.is_valid(raise_exception=True)
        said.save()
        return Response(SourceSerializer(source).data)

    @extend_schema(responses={204: None})
    def destroy(self, _request: Request, key: str) -> Response:
        """Remove a source; its write key is refused from now on, what it sent stays."""
        services.source_delete(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class RejectedViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[RejectedMessage],
):
    """Messages that were set aside, with the reason: to be looked at, retried or discarded."""

    queryset = RejectedMessage.objects.all()
    serializer_class = RejectedSerializer
    pagination_class = CursorPages
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=None, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, _request: Request, pk: str) -> Response:
        """Put one message back into the inbox."""
        return Response({"count": services.rejected_retry([self.get_object()])})

    @extend_schema(operation_id="rejected_retry_all", request=None, responses=CountSerializer)
    @action(detail=False, methods=["post"], url_path="retry", url_name="retry-all")
    def retry_all(self, _request: Request) -> Response:
        """Put the oldest messages back into the inbox, a bounded number of them."""
        oldest = RejectedMessage.objects.order_by("id")[:MOST_RETRIED]
        return Response({"count": services.rejected_retry(oldest)})


class TopicViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Topic]
):
    """Topics that contacts may subscribe to."""

    queryset = Topic.objects.all()
    serializer_class = TopicSerializer
    pagination_class = KeyPages
    lookup_field = "key"

    @extend_schema(request=TopicSerializer, responses={201: TopicSerializer})
    def create(self, request: Request) -> Response:
        """Make a topic."""
        said = TopicSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        values = said.validated_data
        topic = services.topic_create(
            key=values["key"], name=values["name"], opt_in=values.get("opt_in", False)
        )
        return Response(TopicSerializer(topic).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TopicChangeSerializer, responses=TopicSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Change a topic's name, or whether silence means no."""
        topic = self.get_object()
        said = TopicChangeSerializer(topic, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        said.save()
        return Response(TopicSerializer(topic).data)
