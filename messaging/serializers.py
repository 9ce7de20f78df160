"""The API's shapes for templates and messages."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from contacts.models import Contact
from messaging.models import Message, Template
from messaging.rendering import MAX_SOURCE, Parts


class TemplateSerializer(serializers.ModelSerializer[Template]):
    """A template. `key` is made from the name if it is not given, and fixed from then on."""

    key = serializers.SlugField(max_length=100, required=False)
    name = serializers.CharField(max_length=200)
    subject = serializers.CharField(
        max_length=MAX_SOURCE["subject"], allow_blank=True, default="", trim_whitespace=False
    )
    preheader = serializers.CharField(
        max_length=MAX_SOURCE["preheader"], allow_blank=True, default="", trim_whitespace=False
    )
    html = serializers.CharField(
        max_length=MAX_SOURCE["html"], allow_blank=True, default="", trim_whitespace=False
    )
    text = serializers.CharField(
        max_length=MAX_SOURCE["text"], allow_blank=True, default="", trim_whitespace=False
    )

    class Meta:
        model = Template
        fields = (
            "key",
            "name",
            "subject",
            "preheader",
            "html",
            "text",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")

    def validate_key(self, key: str) -> str:
        """Refuse another key than the template has: flows name it by its key."""
        if self.instance is not None and key != self.instance.key:
            raise serializers.ValidationError("The key of a template can't be changed.", "fixed")
        return key


class TemplateRowSerializer(serializers.ModelSerializer[Template]):
    """A template in a list, without what it says."""

    class Meta:
        model = Template
        fields = ("key", "name", "subject", "created_at", "updated_at")
        read_only_fields = fields


class PreviewRequestSerializer(serializers.Serializer[Any]):
    """What to preview: parts that are given take the place of the template's own."""

    contact = serializers.JSONField(
        required=False,
        allow_null=True,
        help_text="A contact's id, or the fields of one made up; none: a sample.",
    )
    trigger = serializers.DictField(
        required=False, help_text="Properties of the event that would have let the contact in."
    )
    subject = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    preheader = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    html = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)

    def validate_contact(self, value: Any) -> int | dict[str, Any] | None:
        """Take an id, or fields; anything else is neither."""
        if isinstance(value, bool) or not isinstance(value, int | dict | None):
            raise serializers.ValidationError("Give a contact's id, or an object of fields.")
        return value


@extend_schema_serializer(component_name="TemplateProblem")
class ProblemSerializer(serializers.Serializer[Any]):
    """Something that would keep a template from being sent, and where it is."""

    part = serializers.ChoiceField(choices=list(Parts().as_dict()))
    line = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence")


class PreviewSerializer(serializers.Serializer[Any]):
    """What a contact would read. `html` is harmless to show."""

    subject = serializers.CharField()
    html = serializers.CharField()
    text = serializers.CharField()
    problems = ProblemSerializer(many=True)


class AddresseeSerializer(serializers.ModelSerializer[Contact]):
    """Whom a message is for."""

    name = serializers.CharField(read_only=True)

    class Meta:
        model = Contact
        fields = ("id", "external_id", "email", "name")
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A message in the outbox."""

    contact = AddresseeSerializer(read_only=True)
    template = serializers.SlugRelatedField[Template](slug_field="key", read_only=True)

    class Meta:
        model = Message
        fields = (
            "id",
            "channel",
            "purpose",
            "flow",
            "node",
            "visit_id",
            "template",
            "topic",
            "contact",
            "to",
            "subject",
            "status",
            "reason",
            "error",
            "attempts",
            "created_at",
            "due_at",
            "send_at",
            "sent_at",
        )
        read_only_fields = fields


class MessageDetailSerializer(MessageSerializer):
    """A message with what it says: as it went out or, if it has not, as it would look now."""

    html = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True)

    class Meta:
        model = Message
        fields: tuple[str, ...] = (*MessageSerializer.Meta.fields, "html", "text")
        read_only_fields: tuple[str, ...] = fields


class MessageFilterSerializer(serializers.Serializer[Any]):
    """By what the outbox can be narrowed."""

    flow = serializers.CharField(required=False, max_length=200)
    contact = serializers.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    status = serializers.ChoiceField(required=False, choices=Message.Status.choices)
    template = serializers.CharField(required=False, max_length=100)
    node = serializers.CharField(required=False, max_length=200)
    search = serializers.CharField(
        required=False, max_length=200, help_text="Part of the address or of the subject."
    )
