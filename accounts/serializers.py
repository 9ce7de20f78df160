"""The API's shapes for people, keys, the workspace and the audit log."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ApiKey, AuditEntry, User
from accounts.roles import Role
from common.models import Workspace
from common.upkeep import keep_faults, kept_for, upkeeps


class WorkspaceBriefSerializer(serializers.Serializer[dict[str, Any]]):
    """What every page shows of the workspace."""

    name = serializers.CharField()
    timezone = serializers.CharField()
    sends_email = serializers.BooleanField(
        help_text="False where no mail server is configured: messages stay in the outbox."
    )


class MeSerializer(serializers.Serializer[dict[str, Any]]):
    """Who is signed in."""

    email = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    workspace = WorkspaceBriefSerializer()


class PersonSerializer(serializers.ModelSerializer[User]):
    """Somebody who signs in."""

    class Meta:
        model = User
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "email",
            "name",
            "role",
            "is_active",
            "created_at",
            "last_login",
        )
        read_only_fields: ClassVar[tuple[str, ...]] = fields


class PersonNameSerializer(serializers.ModelSerializer[User]):
    """Somebody who signs in, by name."""

    class Meta:
        model = User
        fields: ClassVar[tuple[str, ...]] = ("id", "email", "name")
        read_only_fields: ClassVar[tuple[str, ...]] = fields


class PersonCreateSerializer(serializers.Serializer[User]):
    """A person to be made. Without a password one is made up and answered, once."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    role = serializers.ChoiceField(choices=Role.choices)
    password = serializers.CharField(
        max_length=128, required=False, trim_whitespace=False, write_only=True
    )


class PersonCreatedSerializer(PersonSerializer):
    """A person just made, with the password that was made up for them."""

    password = serializers.CharField(allow_null=True, read_only=True)

    class Meta(PersonSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*PersonSerializer.Meta.fields, "password")
        read_only_fields: ClassVar[tuple[str, ...]] = fields


class PersonChangeSerializer(serializers.Serializer[User]):
    """What an admin may change of a person."""

    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """An API key without its secret."""

    created_by = serializers.CharField(source="created_by.email", allow_null=True, default=None)

    class Meta:
        model = ApiKey
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "name",
            "prefix",
            "role",
            "created_at",
            "created_by",
            "last_used_at",
            "revoked_at",
        )
        read_only_fields: ClassVar[tuple[str, ...]] = fields


class KeyCreateSerializer(serializers.Serializer[ApiKey]):
    """A key to be made."""

    name = serializers.CharField(max_length=200)
    role = serializers.ChoiceField(choices=Role.choices)


class KeyCreatedSerializer(KeySerializer):
    """A key just made, with the key itself: this is the only time it is shown."""

    key = serializers.CharField(read_only=True)

    class Meta(KeySerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*KeySerializer.Meta.fields, "key")
        read_only_fields: ClassVar[tuple[str, ...]] = fields


class KeptSerializer(serializers.Serializer[Workspace]):
    """One thing that does not stay for ever; null: it does."""

    key = serializers.CharField()
    title = serializers.CharField()
    default = serializers.CharField(allow_null=True)
    keep = serializers.CharField(allow_null=True)


class WorkspaceSerializer(serializers.ModelSerializer[Workspace]):
    """The workspace: whose contacts these are, who is one person, what mails say of the sender."""

    name = serializers.CharField(max_length=200)
    timezone = serializers.CharField(max_length=100)
    from_email = serializers.EmailField(max_length=254, allow_blank=True)
    postal_address = serializers.CharField(max_length=1000, allow_blank=True)
    slack_webhook = serializers.URLField(
        max_length=1000,
        allow_blank=True,
        required=False,
        write_only=True,
        help_text="The address of Slack's incoming webhook: a secret, never shown again.",
    )
    slack_webhook_set = serializers.SerializerMethodField()
    keep = serializers.DictField(
        child=serializers.CharField(allow_null=True, max_length=50),
        required=False,
        help_text="For how long things are kept, where it is not the default: names and ISO"
        " durations, null for ever.",
    )
    kept = serializers.SerializerMethodField()

    class Meta:
        model = Workspace
        fields: ClassVar[tuple[str, ...]] = (
            "name",
            "timezone",
            "from_email",
            "postal_address",
            "dedupe_key",
            "slack_webhook",
            "slack_webhook_set",
            "keep",
            "kept",
        )

    @extend_schema_field(KeptSerializer(many=True))
    def get_kept(self, workspace: Workspace) -> list[dict[str, str | None]]:
        """Say what is not kept for ever, and for how long each thing is."""
        periods = kept_for(workspace.keep)
        return [
            {"key": one.key, "title": one.title, "default": one.keep, "keep": periods[one.key]}
            for one in upkeeps()
        ]

    def validate_keep(self, value: dict[str, str | None]) -> dict[str, str | None]:
        """Take only periods of things that there are."""
        faults = list(keep_faults(value))
        if faults:
            raise serializers.ValidationError(faults)
        return value

    def get_slack_webhook_set(self, workspace: Workspace) -> bool:
        """Say whether Slack is connected."""
        return bool(workspace.slack_webhook)

    def validate_slack_webhook(self, value: str) -> str:
        """Take only what can be called."""
        if value and not value.lower().startswith(("https://", "http://")):
            raise serializers.ValidationError("The address begins with https://.")
        return value

    def validate_timezone(self, value: str) -> str:
        """Take only zones that this machine knows."""
        if value not in available_timezones():
            raise serializers.ValidationError("This is no time zone such as Europe/Vienna.")
        return value


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One row of the audit log."""

    class Meta:
        model = AuditEntry
        fields: ClassVar[tuple[str, ...]] = ("id", "at", "actor", "action", "target", "detail")
        read_only_fields: ClassVar[tuple[str, ...]] = fields
