"""The shapes of scoring's API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from contacts.models import Contact
from segments.models import ScoreEntry, ScoreRule
from segments.scoring.selectors import score_rule_sentence
from segments.serializers import ContactRefSerializer

GIVEN = ("keep", "take_back")
POINTS: dict[str, Any] = {"max_digits": 8, "decimal_places": 2, "coerce_to_string": False}


class ScoreLimitSerializer(serializers.Serializer[Any]):
    """How often at most a rule gives points to one contact."""

    times = serializers.IntegerField(min_value=1, max_value=1_000_000)
    per = serializers.CharField(max_length=60, help_text="A duration such as P1D.")


class ScoreRuleSerializer(serializers.ModelSerializer[ScoreRule]):
    """A score rule. The context has `jobs`, open ones by the rules' ids."""

    where = serializers.JSONField(source="conditions", read_only=True)
    rule = serializers.JSONField(read_only=True, allow_null=True)
    points = serializers.DecimalField(**POINTS, read_only=True)
    decay_per_week = serializers.DecimalField(**POINTS, allow_null=True, read_only=True)
    limit = ScoreLimitSerializer(allow_null=True, read_only=True)
    active = serializers.BooleanField(read_only=True)
    sentence = serializers.SerializerMethodField()
    job = serializers.SerializerMethodField()

    class Meta:
        model = ScoreRule
        fields = (
            "id",
            "key",
            "name",
            "description",
            "kind",
            "event",
            "where",
            "rule",
            "points",
            "decay_per_week",
            "limit",
            "active",
            "status",
            "sentence",
            "job",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_sentence(self, rule: ScoreRule) -> str:
        """The rule in words."""
        return score_rule_sentence(rule)

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_job(self, rule: ScoreRule) -> str | None:
        """The job that gives or takes back its points, if one does."""
        found: str | None = self.context.get("jobs", {}).get(rule.id)
        return found


class TermsSerializer(serializers.Serializer[Any]):
    """What a rule gives for what."""

    kind = serializers.ChoiceField(choices=ScoreRule.Kind.choices)
    event = serializers.CharField(
        max_length=200, required=False, allow_null=True, help_text="`*`: any activity."
    )
    where = serializers.ListField(child=serializers.JSONField(), required=False, max_length=50)
    rule = serializers.JSONField(required=False, allow_null=True)
    points = serializers.DecimalField(**POINTS)
    decay_per_week = serializers.DecimalField(**POINTS, required=False, allow_null=True)
    limit = ScoreLimitSerializer(required=False, allow_null=True)


class ScoreRuleWriteSerializer(TermsSerializer):
    """A score rule as it is sent. `key` is made from the name if it is not given."""

    key = serializers.SlugField(max_length=100, required=False)
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=2_000, allow_blank=True, required=False)
    active = serializers.BooleanField(required=False)
    given = serializers.ChoiceField(
        choices=GIVEN,
        required=False,
        help_text="What becomes of the points given so far, where what it gives is changed or it "
        "is paused: kept for good, or taken back.",
    )


class ScorePreviewAskedSerializer(TermsSerializer):
    """Terms to be counted; `exact` counts everybody, however long it takes."""

    exact = serializers.BooleanField(default=False)


class ScoreSpreadSerializer(serializers.Serializer[Any]):
    """How many contacts would be given the points so often."""

    low = serializers.IntegerField()
    high = serializers.IntegerField(allow_null=True)
    contacts = serializers.IntegerField()


class ScoreSampledSerializer(serializers.Serializer[Any]):
    """A contact and what they would be given."""

    contact = ContactRefSerializer()
    points = serializers.FloatField()


class ScorePreviewSerializer(serializers.Serializer[Any]):
    """To whom a rule would give how much."""

    days = serializers.IntegerField(allow_null=True)
    contacts = serializers.IntegerField()
    times = serializers.IntegerField()
    points = serializers.FloatField()
    left = serializers.FloatField()
    spread = ScoreSpreadSerializer(many=True)
    sample = ScoreSampledSerializer(many=True)
    exact = serializers.BooleanField()
    total = serializers.IntegerField()
    ms = serializers.FloatField()


class ScoreStandingSerializer(serializers.Serializer[Any]):
    """To how many contacts a rule has given what still stands, and how much."""

    contacts = serializers.IntegerField()
    points = serializers.FloatField()


class ScoreRuleRefSerializer(serializers.ModelSerializer[ScoreRule]):
    """A rule as the ledger names it; one that has been deleted still has its name."""

    deleted = serializers.SerializerMethodField()

    class Meta:
        model = ScoreRule
        fields = ("key", "name", "deleted")
        read_only_fields = fields

    def get_deleted(self, rule: ScoreRule) -> bool:
        """Whether the rule is gone."""
        return rule.status == ScoreRule.Status.DELETED


class ScoreEntrySerializer(serializers.ModelSerializer[ScoreEntry]):
    """An entry of the ledger."""

    rule = ScoreRuleRefSerializer(allow_null=True, read_only=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = ScoreEntry
        fields = ("id", "at", "delta", "reason", "words", "rule")
        read_only_fields = fields

    def get_words(self, entry: ScoreEntry) -> str:
        """Why the score changed."""
        return entry_words(entry.reason)


_WORDS = {
    "rule": "came to fulfil the rule",
    "rule:false": "no longer fulfils the rule",
    "rule:edited": "the rule was edited",
    "rule:paused": "the rule was paused",
    "rule:deleted": "the rule was deleted",
    "decay": "faded",
}


def entry_words(reason: str) -> str:
    """Say the reason of an entry.

    Examples
    --------
    >>> entry_words("event:Login"), entry_words("flow:welcome")
    ('Login', 'the flow welcome')
    """
    if reason.startswith("event:"):
        return reason.removeprefix("event:")
    if reason.startswith("flow:"):
        return f"the flow {reason.removeprefix('flow:')}"
    return _WORDS.get(reason, reason)


@extend_schema_serializer(component_name="ScoreByRule")
class ByRuleSerializer(serializers.Serializer[Any]):
    """What a rule has come to for a contact; without a rule, what flows and others changed."""

    rule = ScoreRuleRefSerializer(allow_null=True)
    points = serializers.FloatField()
    last_at = serializers.DateTimeField()


class ContactScoreSerializer(serializers.Serializer[Any]):
    """A contact's score, and a page of the ledger that it is the sum of."""

    score = serializers.FloatField()
    by_rule = ByRuleSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ScoreEntrySerializer(many=True)


def score_of(contact: Contact) -> float:
    """The score as it is shown: without the last bits of binary fractions."""
    return round(contact.score, 6)
