"""Editions of a flow over HTTP: what differs, what publishing would do, the way back."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as RefusedRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import actor_of
from common.clock import utcnow
from common.errors import NotFound
from flows import lives, selectors, services
from flows.api import serializers as shapes
from flows.api.views import by_place
from flows.graph import Difference
from flows.models import Rollout
from flows.preview import Preview, editions_difference, publish_preview
from flows.rollouts import job_under_way
from flows.unpublishing import flow_unpublish

HIGHEST_VERSION = 2**31 - 1


# ── what differs ────────────────────────────────────────────────────────────────────────────────


@extend_schema_field(cast(Any, OpenApiTypes.ANY))
class ValueField(serializers.JSONField):
    """Any JSON value; null is what is not there."""


class FieldChangeSerializer(serializers.Serializer[Any]):
    """One value that differs."""

    field = serializers.CharField()
    before = ValueField(allow_null=True)
    after = ValueField(allow_null=True)
    words = serializers.CharField()


class OneNodeSerializer(serializers.Serializer[Any]):
    """A node that is only in one of the two."""

    id = serializers.CharField()
    type = serializers.CharField()
    sentence = serializers.CharField()


class NodeChangeSerializer(serializers.Serializer[Any]):
    """A node that is in both and does not say the same."""

    id = serializers.CharField()
    type = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    fields = FieldChangeSerializer(many=True)  # type: ignore[assignment]  # DRF takes it off the class
    moved = serializers.BooleanField()


class NodesDifferenceSerializer(serializers.Serializer[Any]):
    """What differs of the nodes; `moved` are drawn elsewhere and say the same."""

    added = OneNodeSerializer(many=True)
    removed = OneNodeSerializer(many=True)
    changed = NodeChangeSerializer(many=True)
    moved = serializers.ListField(child=serializers.CharField())


class WaySerializer(serializers.Serializer[Any]):
    """The way from one node to another."""

    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes it off the class
    target = serializers.CharField()
    branch = serializers.CharField()


class WaysDifferenceSerializer(serializers.Serializer[Any]):
    """What differs of the ways."""

    added = WaySerializer(many=True)
    removed = WaySerializer(many=True)


class OneNoteSerializer(serializers.Serializer[Any]):
    """A note that is only in one of the two."""

    id = serializers.CharField()
    text = serializers.CharField()


class NoteChangeSerializer(serializers.Serializer[Any]):
    """A note that reads otherwise."""

    id = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class NotesDifferenceSerializer(serializers.Serializer[Any]):
    """What differs of the notes on the canvas."""

    added = OneNoteSerializer(many=True)
    removed = OneNoteSerializer(many=True)
    changed = NoteChangeSerializer(many=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """All that leads from one edition to another; `same`: nothing but where nodes are drawn."""

    nodes = NodesDifferenceSerializer()
    edges = WaysDifferenceSerializer()
    settings = FieldChangeSerializer(many=True)
    notes = NotesDifferenceSerializer()
    words = serializers.ListField(child=serializers.CharField())
    same = serializers.BooleanField()


def difference_data(found: Difference) -> dict[str, Any]:
    """A difference as the API gives it."""

    def only(nodes: Any) -> list[dict[str, str]]:
        return [
            {"id": node.id, "type": node.type, "sentence": found.sentences[node.id]}
            for node in nodes
        ]

    def values(changes: Any) -> list[dict[str, Any]]:
        return [
            {
                "field": one.field,
                "before": one.before,
                "after": one.after,
                "words": one.words,
            }
            for one in changes
        ]

    return {
        "nodes": {
            "added": only(found.added),
            "removed": only(found.removed),
            "changed": [
                {
                    "id": one.id,
                    "type": one.type,
                    "before": one.before,
                    "after": one.after,
                    "fields": values(one.fields),
                    "moved": one.moved,
                }
                for one in found.changed
            ],
            "moved": list(found.moved),
        },
        "edges": {
            "added": [edge.model_dump() for edge in found.edges_added],
            "removed": [edge.model_dump() for edge in found.edges_removed],
        },
        "settings": values(found.settings),
        "notes": {
            "added": [{"id": note.id, "text": note.text} for note in found.notes_added],
            "removed": [{"id": note.id, "text": note.text} for note in found.notes_removed],
            "changed": [
                {"id": one.id, "before": one.before, "after": one.after}
                for one in found.notes_changed
            ],
        },
        "words": list(found.words),
        "same": found.same,
    }


class DifferenceView(APIView):
    """What differs between two editions of a flow."""

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.STR, description="draft, live or a number"),
            OpenApiParameter("to", OpenApiTypes.STR, description="draft, live or a number"),
        ],
        responses=DifferenceSerializer,
    )
    def get(self, request: Request, key: str) -> Response:
        """From one edition to another: by default from what is live to the draft."""
        asked = request.query_params
        found = editions_difference(
            key, before=asked.get("from") or "live", after=asked.get("to") or "draft"
        )
        return Response(difference_data(found))


# ── what publishing would do ────────────────────────────────────────────────────────────────────


class InsideRowSerializer(serializers.Serializer[Any]):
    """Those at one node of one version; `to` is where they would be, null: out of the flow."""

    version = serializers.IntegerField()
    node = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField()
    failed = serializers.IntegerField()
    exists = serializers.BooleanField()
    to = serializers.CharField(allow_null=True)


class SpreadSerializer(serializers.Serializer[Any]):
    """Over how long those are spread who become due at once."""

    over = serializers.CharField()
    until = serializers.DateTimeField()


class PublishPreviewSerializer(serializers.Serializer[Any]):
    """What publishing would do. `exact` is false where of very many a sample was looked at."""

    version = serializers.IntegerField()
    problems = shapes.ProblemSerializer(many=True)
    enters_now = serializers.IntegerField()
    inside = InsideRowSerializer(many=True)
    due_now = serializers.IntegerField()
    exact = serializers.BooleanField()
    spread = SpreadSerializer(allow_null=True)
    diff = DifferenceSerializer()
    words = serializers.ListField(child=serializers.CharField())


def preview_data(told: Preview) -> dict[str, Any]:
    """A preview as the API gives it."""
    rows = {
        "problems": shapes.ProblemSerializer(told.problems, many=True).data,
        "inside": InsideRowSerializer(told.inside, many=True).data,
        "spread": SpreadSerializer(told.spread).data if told.spread else None,
    }
    return rows | {
        "version": told.version,
        "enters_now": told.enters_now,
        "due_now": told.due_now,
        "exact": told.is_exact,
        "diff": difference_data(told.diff),
        "words": list(told.words),
    }


class PublishPreviewView(APIView):
    """What publishing would do, before it is done."""

    required_role: ClassVar[str] = "viewer"

    @extend_schema(request=shapes.PublishSerializer, responses=PublishPreviewSerializer)
    def post(self, request: Request, key: str) -> Response:
        """Who would enter, who is inside and where they would go; nothing is changed."""
        given = shapes.PublishSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(preview_data(publish_preview(key, **given.validated_data, now=utcnow())))


# ── the way back ────────────────────────────────────────────────────────────────────────────────


class RollbackSerializer(shapes.PublishSerializer):
    """Which version, and what happens to those who are inside."""

    version = serializers.IntegerField(min_value=1, max_value=HIGHEST_VERSION)


class RollbackView(APIView):
    """The way back to an earlier version."""

    @extend_schema(request=RollbackSerializer, responses=shapes.PublishedSerializer)
    def post(self, request: Request, key: str) -> Response:
        """Publish an earlier version's graph and settings as a new version; the draft stays."""
        given = RollbackSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            version = lives.flow_rollback(
                key, **given.validated_data, actor=actor_of(request), now=utcnow()
            )
        except lives.FlowHasProblemsError as refused:
            raise RefusedRequest(by_place(refused.problems)) from refused
        return Response({"version": version.number})


class UnpublishSerializer(serializers.Serializer[Any]):
    """The version that was published just now."""

    version = serializers.IntegerField(min_value=1, max_value=HIGHEST_VERSION)


class UnpublishedSerializer(serializers.Serializer[Any]):
    """How many had come in and were taken out; `job` does that lane by lane if they are many."""

    ended = serializers.IntegerField()
    job = serializers.UUIDField(allow_null=True)


class UnpublishView(APIView):
    """A first publishing, taken back."""

    @extend_schema(request=UnpublishSerializer, responses=UnpublishedSerializer)
    def post(self, request: Request, key: str) -> Response:
        """Make the flow a draft again, within two minutes of its being published first."""
        given = UnpublishSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        flow, ended = flow_unpublish(
            key, **given.validated_data, actor=actor_of(request), now=utcnow()
        )
        job = job_under_way(flow, Rollout.Kind.END)
        return Response(UnpublishedSerializer({"ended": ended, "job": job}).data)


class RestoreSerializer(serializers.Serializer[Any]):
    """The revision of the draft that is to be replaced."""

    revision = serializers.IntegerField(min_value=1, max_value=2**62)


class RestoreView(APIView):
    """An earlier version as the draft."""

    @extend_schema(request=RestoreSerializer, responses=shapes.FlowSerializer)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Make the draft that version's graph and settings. A stale revision is answered 409."""
        given = RestoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if number > HIGHEST_VERSION:
            raise NotFound(f"The flow “{key}” has no version {number}.")
        revision = given.validated_data["revision"]
        services.version_restore(
            key, number, revision=revision, actor=actor_of(request), now=utcnow()
        )
        flow = selectors.flow_by_key(key)
        problems = services.draft_problems(flow.graph, flow.settings)
        return Response(shapes.FlowSerializer(flow, context={"problems": problems}).data)
