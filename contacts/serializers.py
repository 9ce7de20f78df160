"""The shapes of the room's API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contacts import selectors
from contacts.filters import FILTERS
from contacts.models import (
    Consent,
    Contact,
    Event,
    Field,
    Identity,
    RejectedMessage,
    Source,
    Topic,
)
from contacts.reach import MAX_TOPIC
from contacts.services import MAX_EVENT_NAME


class ContactQuery(serializers.Serializer[Any]):
    """What a list of contacts can be asked for."""

    search = serializers.CharField(required=False, max_length=200, allow_blank=True)
    external_id = serializers.CharField(required=False, max_length=500, allow_blank=True)
    email = serializers.CharField(required=False, max_length=320, allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add what rooms downstream have registered."""
        named = {
            name: serializers.CharField(
                required=False, max_length=200, allow_blank=True, help_text=one.description
            )
            for name, one in FILTERS.items()
        }
        return {**super().get_fields(), **named}


@extend_schema_field(OpenApiTypes.OBJECT)
class ValuesField(serializers.Field[Contact, Any, dict[str, Any], Any]):
    """All fields of a contact that are not missing, built-in and custom."""

    def to_representation(self, value: Contact) -> dict[str, Any]:
        """Return {field key: value}."""
        return selectors.contact_values(value)


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A contact in a list: who it is, and what is known of it."""

    name = serializers.CharField(read_only=True)

    class Meta:
        model = Contact
        fields = ("id", "external_id", "email", "name", "created_at", "last_seen_at", "score")
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `fields`, a name that the class keeps for itself."""
        return {**super().get_fields(), "fields": ValuesField(source="*", read_only=True)}


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """A choice for a topic."""

    class Meta:
        model = Consent
        fields = ("topic", "state", "at")
        read_only_fields = fields


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """One way by which a contact is recognised."""

    class Meta:
        model = Identity
        fields = ("kind", "value")
        read_only_fields = fields


class ReachSerializer(serializers.Serializer[Any]):
    """Whether a contact can be written to, and if not, why."""

    email = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class ContactDetailSerializer(ContactSerializer):
    """A contact on its own page."""

    consents = serializers.SerializerMethodField()
    reachable = serializers.SerializerMethodField()
    identities = serializers.SerializerMethodField()

    class Meta(ContactSerializer.Meta):
        fields = (  # type: ignore[assignment]  # a longer tuple than the list's
            *ContactSerializer.Meta.fields,
            "consents",
            "reachable",
            "identities",
        )
        read_only_fields = fields  # type: ignore[assignment]  # as above

    @extend_schema_field(ConsentSerializer(many=True))
    def get_consents(self, contact: Contact) -> Any:
        """Return what the contact chose."""
        return ConsentSerializer(selectors.contact_consents(contact), many=True).data

    @extend_schema_field(ReachSerializer)
    def get_reachable(self, contact: Contact) -> Any:
        """Return whether the contact can be written to."""
        return ReachSerializer(selectors.contact_reach(contact)).data

    @extend_schema_field(IdentitySerializer(many=True))
    def get_identities(self, contact: Contact) -> Any:
        """Return by what the contact is recognised."""
        return IdentitySerializer(selectors.contact_identities(contact), many=True).data


class ContactWriteSerializer(serializers.Serializer[Any]):
    """What can be said of a contact. In a change, a field that is null is erased."""

    external_id = serializers.CharField(required=False, max_length=500)
    email = serializers.CharField(required=False, max_length=320, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `fields`, a name that the class keeps for itself."""
        return {**super().get_fields(), "fields": serializers.DictField(required=False)}


class TimelineEntrySerializer(serializers.ModelSerializer[Event]):
    """An event on a contact's timeline."""

    type = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = ("id", "type", "name", "at", "properties", "touch")
        read_only_fields = fields

    def get_type(self, _event: Event) -> str:
        """Return what kind of entry this is."""
        return "event"


class EventSerializer(serializers.ModelSerializer[Event]):
    """An event as it is stored."""

    class Meta:
        model = Event
        fields = (
            "id",
            "name",
            "at",
            "properties",
            "touch",
            "message_id",
            "received_at",
            "source_id",
        )
        read_only_fields = fields


class FieldSerializer(serializers.ModelSerializer[Field]):
    """A field; its key and type are fixed when it is registered."""

    class Meta:
        model = Field
        fields = ("key", "name", "type", "builtin", "warnings", "last_warning", "created_at")
        read_only_fields = ("builtin", "warnings", "last_warning", "created_at")


class FieldChangeSerializer(serializers.Serializer[Any]):
    """What of a field can be changed."""

    name = serializers.CharField(max_length=200)


class EventNameSerializer(serializers.Serializer[Any]):
    """A name among the latest events."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    last_at = serializers.DateTimeField()


class EventPropertyQuery(serializers.Serializer[Any]):
    """Of which event the properties are asked for."""

    name = serializers.CharField(max_length=MAX_EVENT_NAME)


class FieldValuesQuery(serializers.Serializer[Any]):
    """Of which field the usual values are asked for."""

    field = serializers.CharField(max_length=200)
    search = serializers.CharField(
        required=False, max_length=200, allow_blank=True, help_text="Part of the value."
    )


class EventValuesQuery(EventPropertyQuery):
    """Of which property of which event the usual values are asked for."""

    property = serializers.CharField(max_length=500, help_text="A dotted path.")
    search = serializers.CharField(
        required=False, max_length=200, allow_blank=True, help_text="Part of the value."
    )


class UsualValueSerializer(serializers.Serializer[Any]):
    """A value, and how often it came among those sampled."""

    value = serializers.JSONField()
    count = serializers.IntegerField()


class UsualValuesSerializer(serializers.Serializer[Any]):
    """Usual values, the commonest first, in a sample of a bounded size."""

    values = UsualValueSerializer(many=True)
    of = serializers.IntegerField(help_text="How many contacts or events were looked at.")


class EventPropertySerializer(serializers.Serializer[Any]):
    """A property of an event and its commonest JSON type."""

    property = serializers.CharField()
    type = serializers.CharField()


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A source, without its write key."""

    class Meta:
        model = Source
        fields = ("id", "key", "name", "prefix", "created_at", "last_used_at")
        read_only_fields = ("id", "key", "prefix", "created_at", "last_used_at")
        extra_kwargs = {"name": {"max_length": 200, "allow_blank": False}}  # noqa: RUF012 - DRF's


class SourceCreatedSerializer(SourceSerializer):
    """A source just made, with its write key: shown this once."""

    write_key = serializers.CharField(read_only=True)

    class Meta(SourceSerializer.Meta):
        fields = (*SourceSerializer.Meta.fields, "write_key")  # type: ignore[assignment]  # longer


class RejectedSerializer(serializers.ModelSerializer[RejectedMessage]):
    """A message that was set aside."""

    class Meta:
        model = RejectedMessage
        fields = ("id", "received_at", "source_id", "payload", "code", "reason")
        read_only_fields = fields


class CountSerializer(serializers.Serializer[Any]):
    """How many were done."""

    count = serializers.IntegerField()


class TopicSerializer(serializers.ModelSerializer[Topic]):
    """A topic; its key is fixed when it is made."""

    key = serializers.RegexField(r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=MAX_TOPIC)
    name = serializers.CharField(max_length=200)

    class Meta:
        model = Topic
        fields = ("key", "name", "opt_in")


class TopicChangeSerializer(serializers.ModelSerializer[Topic]):
    """What of a topic can be changed."""

    name = serializers.CharField(max_length=200)

    class Meta:
        model = Topic
        fields = ("name", "opt_in")
