"""The shapes of the room's API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import User
from contacts.models import Contact
from segments.insight.listing import ORDERS, Shown
from segments.models import HeldOut, Membership, MembershipChange, Segment
from segments.rules import RuleRefused, describe, segments_needed
from segments.rules.parsing import parse_shape
from segments.services import MOST_BY_HAND
from segments.top import Top
from segments.uses import Use


class ContactRefSerializer(serializers.ModelSerializer[Contact]):
    """A contact by what it is known by."""

    name = serializers.CharField(read_only=True)

    class Meta:
        model = Contact
        fields = ("id", "external_id", "email", "name", "created_at", "last_seen_at")
        read_only_fields = fields


class SegmentOwnerSerializer(serializers.ModelSerializer[User]):
    """Who looks after a segment."""

    class Meta:
        model = User
        fields = ("id", "email", "name")
        read_only_fields = fields


class UseSerializer(serializers.Serializer[Use]):
    """What uses a segment, and what for."""

    kind = serializers.ChoiceField(choices=("segment", "flow", "score"))
    key = serializers.CharField()
    name = serializers.CharField()
    how = serializers.CharField(help_text="In words: its rule, lets contacts in, …")


class SegmentRowSerializer(serializers.ModelSerializer[Segment]):
    """A segment in a list. The context has `shown`: what is not in its own row."""

    size = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField()
    owner = SegmentOwnerSerializer(read_only=True, allow_null=True)
    top = serializers.JSONField(read_only=True, allow_null=True)
    trend = serializers.SerializerMethodField(
        help_text="The size at the end of each of the last 30 days, oldest first, and now."
    )
    used_in = serializers.SerializerMethodField()
    naming = serializers.SerializerMethodField(
        help_text="How the name breaks the naming convention, in sentences."
    )

    class Meta:
        model = Segment
        fields: tuple[str, ...] = (
            "key",
            "name",
            "kind",
            "size",
            "status",
            "description",
            "sentence",
            "owner",
            "top",
            "trend",
            "used_in",
            "naming",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_size(self, segment: Segment) -> int:
        """How many members there are."""
        return int(self.shown.sizes.get(segment.id, 0))

    def get_sentence(self, segment: Segment) -> str:
        """The rule in words."""
        said = "filled by hand" if segment.rule is None else describe(segment.rule)
        return Top.read(segment.top).sentence(said) if segment.top else said

    def get_trend(self, segment: Segment) -> list[int]:
        """The sizes of the last days, oldest first, and now."""
        return list(self.shown.trends.get(segment.id, ()))

    @extend_schema_field(UseSerializer(many=True))
    def get_used_in(self, segment: Segment) -> Any:
        """What uses the segment."""
        return [asdict(use) for use in self.shown.uses.get(segment.key, ())]

    def get_naming(self, segment: Segment) -> list[str]:
        """How the name breaks the convention."""
        return list(self.shown.naming.get(segment.key, ()))

    @property
    def shown(self) -> Shown:
        """What was read of the rows besides their own columns."""
        shown = self.context["shown"]
        assert isinstance(shown, Shown)
        return shown


class SegmentSerializer(SegmentRowSerializer):
    """A segment with its rule. The context also has `builds`, open jobs by key."""

    rule = serializers.JSONField(read_only=True, allow_null=True)
    depends_on = serializers.SerializerMethodField()
    job = serializers.SerializerMethodField()

    class Meta(SegmentRowSerializer.Meta):
        fields = (*SegmentRowSerializer.Meta.fields, "rule", "depends_on", "job")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_depends_on(self, segment: Segment) -> list[str]:
        """The keys of the segments that the rule asks for."""
        try:
            return sorted(segments_needed(parse_shape(segment.rule)))
        except RuleRefused:
            return []

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_job(self, segment: Segment) -> str | None:
        """The job that builds the segment, if one does."""
        found = self.context.get("builds", {}).get(segment.key)
        return None if found is None else str(found)


class SegmentWriteSerializer(serializers.Serializer[Any]):
    """A segment as it is sent. `key` is made from the name if it is not given."""

    key = serializers.SlugField(max_length=100, required=False)
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=Segment.Kind.choices)
    rule = serializers.JSONField(allow_null=True)
    description = serializers.CharField(max_length=2_000, allow_blank=True, required=False)
    top = serializers.JSONField(
        allow_null=True,
        required=False,
        help_text='{"by": a number field | {"score_change": "P30D"}, "limit", "refresh_every"}',
    )
    owner = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, allow_null=True, required=False, help_text="A user's id."
    )


class SegmentsQuery(serializers.Serializer[Any]):
    """What a list of segments can be asked for."""

    search = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Part of the name or the key."
    )
    kind = serializers.ChoiceField(choices=Segment.Kind.choices, required=False, allow_blank=True)
    owner = serializers.RegexField(
        r"^(\d{1,18}|me|none)$",
        required=False,
        allow_blank=True,
        help_text="A user's id, `me` or `none`.",
    )
    used = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Whether a segment, a flow or a score rule uses it.",
    )
    ordering = serializers.ChoiceField(choices=ORDERS, required=False, allow_blank=True)


class MembersQuery(serializers.Serializer[Any]):
    """What a list of members can be asked for."""

    search = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="The beginning of a name, an e-mail address or an external id.",
    )
    by_hand = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether held in by hand."
    )


class HistoryQuery(serializers.Serializer[Any]):
    """What a history can be asked for."""

    change = serializers.ChoiceField(
        choices=MembershipChange.Change.choices, required=False, allow_blank=True
    )
    cause = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="`rule`, `manual`, `import`, `built` or `flow:<key>`.",
    )


class RuleSerializer(serializers.Serializer[Any]):
    """A rule to be looked at."""

    rule = serializers.JSONField(allow_null=True)


class PreviewAskedSerializer(RuleSerializer):
    """A rule to be counted; `exact` counts everybody, however long it takes."""

    exact = serializers.BooleanField(default=False)
    top = serializers.JSONField(allow_null=True, default=None)


@extend_schema_serializer(component_name="SegmentPreview")
class PreviewSerializer(serializers.Serializer[Any]):
    """Whom a rule would choose now."""

    count = serializers.IntegerField()
    matches = serializers.IntegerField(help_text="For how many the rule is true, before the cut.")
    exact = serializers.BooleanField()
    sample = ContactRefSerializer(many=True)
    total = serializers.IntegerField()
    ms = serializers.FloatField()


@extend_schema_serializer(component_name="RuleProblem")
class ProblemSerializer(serializers.Serializer[Any]):
    """One fault of a rule."""

    path = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class SaidSerializer(serializers.Serializer[Any]):
    """A rule in words, and what is wrong with it."""

    sentence = serializers.CharField()
    problems = ProblemSerializer(many=True)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member of a segment."""

    contact = ContactRefSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ("contact", "since", "by_hand")
        read_only_fields = fields


class HeldOutSerializer(serializers.ModelSerializer[HeldOut]):
    """Who was taken out by hand while the rule was true."""

    contact = ContactRefSerializer(read_only=True)

    class Meta:
        model = HeldOut
        fields = ("contact", "since")
        read_only_fields = fields


class ChangeSerializer(serializers.ModelSerializer[MembershipChange]):
    """A join or a leave."""

    contact = ContactRefSerializer(read_only=True)

    class Meta:
        model = MembershipChange
        fields = ("id", "contact", "change", "at", "cause")
        read_only_fields = fields


class ByHandSerializer(serializers.Serializer[Any]):
    """Contacts to be added or removed by hand."""

    contacts = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MOST_BY_HAND,
    )


class ChangedSerializer(serializers.Serializer[Any]):
    """How many joined or left by it."""

    changed = serializers.IntegerField()


class JobRefSerializer(serializers.Serializer[Any]):
    """The job that does it."""

    job = serializers.UUIDField()


class ContactSegmentSerializer(serializers.ModelSerializer[Membership]):
    """A segment that a contact is in."""

    key = serializers.CharField(source="segment.key")
    name = serializers.CharField(source="segment.name")
    kind = serializers.CharField(source="segment.kind")

    class Meta:
        model = Membership
        fields = ("key", "name", "kind", "since", "by_hand")
        read_only_fields = fields
