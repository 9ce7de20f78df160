"""What the API of flows takes and gives. Graphs and settings are the pydantic models of `graph`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from flows.graph import Graph, Settings
from flows.models import LONGEST_KEY, Flow, FlowVersion, Visit


@extend_schema_field(cast(Any, Graph))
class GraphField(serializers.JSONField):
    """A graph as drawn."""


@extend_schema_field(cast(Any, Settings))
class SettingsField(serializers.JSONField):
    """The settings of a flow."""


class ProblemSerializer(serializers.Serializer[Any]):
    """One fault of a draft; `node` is null for a fault of the flow itself."""

    node = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(allow_null=True)


class TotalsSerializer(serializers.Serializer[Any]):
    """entered = inside + completed + converted + exited + failed."""

    entered = serializers.IntegerField()
    inside = serializers.IntegerField()
    completed = serializers.IntegerField()
    converted = serializers.IntegerField()
    exited = serializers.IntegerField()
    failed = serializers.IntegerField()


class FlowRowSerializer(serializers.ModelSerializer[Flow]):
    """A flow in the list."""

    version = serializers.IntegerField(source="live_version.number", default=None, allow_null=True)
    problems = serializers.SerializerMethodField()
    totals = serializers.SerializerMethodField()

    class Meta:
        model = Flow
        fields: tuple[str, ...] = (
            "key",
            "name",
            "status",
            "version",
            "revision",
            "alert",
            "created_at",
            "updated_at",
            "problems",
            "totals",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(OpenApiTypes.INT)
    def get_problems(self, flow: Flow) -> int:
        """How many faults keep the draft from being published."""
        return int(self.context["problems"][flow.id])

    @extend_schema_field(TotalsSerializer)
    def get_totals(self, flow: Flow) -> dict[str, int]:
        """The flow's totals."""
        totals: dict[str, int] = self.context["counts"][flow.id].totals
        return totals


class FlowSerializer(serializers.ModelSerializer[Flow]):
    """A flow with its draft and what is live."""

    version = serializers.IntegerField(source="live_version.number", default=None, allow_null=True)
    graph = GraphField()
    settings = SettingsField()
    live_graph = GraphField(source="live_version.graph", default=None, allow_null=True)
    live_settings = SettingsField(source="live_version.settings", default=None, allow_null=True)
    problems = serializers.SerializerMethodField()

    class Meta:
        model = Flow
        fields: tuple[str, ...] = (
            "key",
            "name",
            "status",
            "version",
            "revision",
            "alert",
            "graph",
            "settings",
            "live_graph",
            "live_settings",
            "problems",
            "created_at",
            "updated_at",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(ProblemSerializer(many=True))
    def get_problems(self, flow: Flow) -> Any:
        """The faults of the draft."""
        return ProblemSerializer(self.context["problems"], many=True).data


class FlowCreateSerializer(serializers.Serializer[Any]):
    """A new flow. Without a key, one is made of the name."""

    key = serializers.SlugField(
        max_length=LONGEST_KEY, required=False, allow_null=True, default=None
    )
    name = serializers.CharField(max_length=200)
    graph = GraphField(required=False, default=dict)
    settings = SettingsField(required=False, default=dict)


class FlowUpdateSerializer(serializers.Serializer[Any]):
    """The draft as it should be, and the revision it was made from."""

    name = serializers.CharField(max_length=200)
    graph = GraphField()
    settings = SettingsField()
    revision = serializers.IntegerField(min_value=1, max_value=2**62)


class DraftSerializer(serializers.Serializer[Any]):
    """A draft to be looked at without saving it."""

    graph = GraphField()
    settings = SettingsField(required=False, default=dict)


class ProblemsSerializer(serializers.Serializer[Any]):
    """The faults of a draft, in the order of its nodes."""

    problems = ProblemSerializer(many=True)


class PublishSerializer(serializers.Serializer[Any]):
    """What happens to those who are inside.

    `spread`: over how long those go on who become due at once (a duration; null: the usual).
    `version`: publish that version anew instead of the draft.
    """

    inside = serializers.ChoiceField(choices=["stay", "move"], default="stay")
    moves = serializers.DictField(
        child=serializers.CharField(allow_null=True, max_length=100), required=False, default=dict
    )
    spread = serializers.CharField(required=False, allow_null=True, default=None, max_length=50)
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**31 - 1
    )


class PublishedSerializer(serializers.Serializer[Any]):
    """The number of the new version."""

    version = serializers.IntegerField()


class ResumedSerializer(FlowSerializer):
    """The flow that goes on; `job` brings many people back, lane by lane."""

    job = serializers.SerializerMethodField()

    class Meta(FlowSerializer.Meta):
        fields: tuple[str, ...] = (*FlowSerializer.Meta.fields, "job")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_job(self, flow: Flow) -> str | None:
        """The job that does what there is to do; null if all is done."""
        job = self.context["job"]
        return None if job is None else str(job)


class ArchivedSerializer(ResumedSerializer):
    """The archived flow; `ended` visits were inside. `job` ends them lane by lane if many."""

    ended = serializers.SerializerMethodField()

    class Meta(ResumedSerializer.Meta):
        fields: tuple[str, ...] = (*ResumedSerializer.Meta.fields, "ended")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(OpenApiTypes.INT)
    def get_ended(self, flow: Flow) -> int:
        """How many visits were ended."""
        return int(self.context["ended"])


class VersionRowSerializer(serializers.ModelSerializer[FlowVersion]):
    """A version in the list."""

    published_by = serializers.CharField(source="published_by.email", default=None, allow_null=True)
    current = serializers.SerializerMethodField()

    class Meta:
        model = FlowVersion
        fields: tuple[str, ...] = ("number", "published_at", "published_by", "current")
        read_only_fields: tuple[str, ...] = fields

    def get_current(self, version: FlowVersion) -> bool:
        """Whether who enters now walks this version."""
        return bool(self.context["live_version_id"] == version.id)


class VersionSerializer(VersionRowSerializer):
    """A version with its graph; it never changes."""

    graph = GraphField()
    settings = SettingsField()

    class Meta(VersionRowSerializer.Meta):
        fields: tuple[str, ...] = (*VersionRowSerializer.Meta.fields, "graph", "settings")
        read_only_fields: tuple[str, ...] = fields


class NodeCountsSerializer(serializers.Serializer[Any]):
    """entered = here + left + failed."""

    here = serializers.IntegerField()
    entered = serializers.IntegerField()
    left = serializers.IntegerField()
    failed = serializers.IntegerField()
    next_due = serializers.DateTimeField(allow_null=True)
    out = serializers.DictField(child=serializers.IntegerField())


class RateSerializer(serializers.Serializer[Any]):
    """Per minute, over the last minute."""

    entered = serializers.IntegerField()


class CountsSerializer(serializers.Serializer[Any]):
    """All numbers of a flow, absolute. `held`: who fell due while the flow is paused."""

    version = serializers.IntegerField(allow_null=True)
    status = serializers.CharField()
    at = serializers.DateTimeField()
    nodes = serializers.DictField(child=NodeCountsSerializer())
    totals = TotalsSerializer()
    rate = RateSerializer()
    held = serializers.IntegerField()


class VisitContactSerializer(serializers.Serializer[Any]):
    """Whose visit it is."""

    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class VisitRowSerializer(serializers.ModelSerializer[Visit]):
    """A visit in the list of people of a flow or a node."""

    contact = serializers.SerializerMethodField()
    outcome = serializers.CharField(source="state")
    until = serializers.DateTimeField(source="due_at", allow_null=True)
    failed_at = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="version.number")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = (
            "id",
            "contact",
            "version",
            "outcome",
            "node",
            "entered_at",
            "arrived_at",
            "until",
            "left_at",
            "reason",
            "error",
            "failed_at",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(VisitContactSerializer)
    def get_contact(self, visit: Visit) -> Any:
        """Whose visit it is."""
        return self.context["people"].get(visit.contact_id)

    def get_failed_at(self, visit: Visit) -> datetime | None:
        """Since when it is parked with an error, if it is."""
        return visit.failed_at if visit.state == Visit.State.FAILED else None


class PathStepSerializer(serializers.Serializer[Any]):
    """One step of a visit."""

    node = serializers.CharField()
    at = serializers.DateTimeField()
    branch = serializers.CharField(allow_null=True)


class ContactVisitSerializer(serializers.Serializer[Any]):
    """One visit of a contact, with its path."""

    id = serializers.IntegerField()
    flow = serializers.CharField()
    flow_name = serializers.CharField()
    version = serializers.IntegerField()
    outcome = serializers.CharField()
    entered_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    error = serializers.CharField()
    path = PathStepSerializer(many=True)
    rests_at = serializers.CharField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)


class ContactVisitsSerializer(serializers.Serializer[Any]):
    """The visits of a contact, newest first."""

    results = ContactVisitSerializer(many=True)


class OneContactSerializer(serializers.Serializer[Any]):
    """A contact, by id."""

    contact = serializers.IntegerField(min_value=1, max_value=2**62)


class NodeTypeSerializer(serializers.Serializer[Any]):
    """A kind of step, as palette and inspector need it."""

    type = serializers.CharField()
    group = serializers.ChoiceField(choices=["trigger", "wait", "condition", "action", "end"])
    icon = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    branches = serializers.ListField(child=serializers.CharField())
    config_schema = serializers.DictField()
    defaults = serializers.DictField()


class SentencesSerializer(serializers.Serializer[Any]):
    """Nodes whose sentences are wanted."""

    nodes = serializers.ListField(child=serializers.DictField(), max_length=500)
