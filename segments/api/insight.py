"""What a segment's page shows besides its members: growth, forecast, overlap, export, edits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, tzinfo
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common.clock import utcnow
from common.selectors import workspace
from common.streaming import StreamedResponse
from segments import selectors
from segments.api.shared import SegmentActions, refusals
from segments.insight.editing import edit_preview
from segments.insight.export import members_csv
from segments.insight.forecast import CONFIDENCE
from segments.insight.growth import growth_of, joins_forecast
from segments.insight.overlap import overlap_of
from segments.insight.serializers import (
    EditSerializer,
    EffectSerializer,
    ForecastQuery,
    ForecastSerializer,
    GrowthQuery,
    GrowthSerializer,
    OverlapQuery,
    OverlapSerializer,
)
from segments.rules.values import zone_of
from segments.serializers import ContactRefSerializer


class EditPreviewSerializer(serializers.Serializer[Any]):
    """What saving an edit would do."""

    exact = serializers.BooleanField(help_text="Whether everybody was counted; else about.")
    total = serializers.IntegerField(help_text="How many contacts there are.")
    size = serializers.IntegerField(help_text="The members afterwards.")
    joins = serializers.IntegerField()
    leaves = serializers.IntegerField()
    stays = serializers.IntegerField()
    held_in = serializers.IntegerField(help_text="Who stays only because added by hand.")
    held_out = serializers.IntegerField(help_text="Whom the rule chooses, but who was taken out.")
    sample_joins = ContactRefSerializer(many=True)
    sample_leaves = ContactRefSerializer(many=True)
    flows = EffectSerializer(many=True, help_text="What live flows would do.")
    conversion = serializers.ListField(
        child=serializers.CharField(), help_text="What another kind means, in sentences."
    )
    sentence = serializers.CharField()


class CsvRenderer(BaseRenderer):
    """Lets `Accept: text/csv` through; what is streamed renders itself."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> Any:
        """Return an error's body as text."""
        return str(data)


class InsightActions(SegmentActions):
    """`growth/`, `forecast/`, `overlap/`, `export/`, `preview-change/` of a segment."""

    @extend_schema(parameters=[GrowthQuery], responses=GrowthSerializer)
    @action(detail=True, methods=["get"])
    def growth(self, request: Request, key: str) -> Response:
        """Return the segment's size, joins and leaves by day."""
        asked = GrowthQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        today, _ = _today()
        days = growth_of(self.get_object(), days=asked.validated_data["days"], today=today)
        return Response(GrowthSerializer({"days": days}).data)

    @extend_schema(parameters=[ForecastQuery], responses=ForecastSerializer)
    @action(detail=True, methods=["get"])
    def forecast(self, request: Request, key: str) -> Response:
        """Estimate how many contacts will join in the next days."""
        asked = ForecastQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        days = asked.validated_data["days"]
        today, zone = _today()
        found = joins_forecast(self.get_object(), days=days, today=today, zone=zone)
        shown = {
            **{name: getattr(found, name) for name in ("enough", "sentence", "low", "high")},
            "days": days,
            "expected": round(found.expected, 2),
            "confidence": CONFIDENCE,
            "basis_days": len(found.basis),
            "series": [{**asdict(day), "expected": round(day.expected, 2)} for day in found.series],
            "history": [{"day": day, "joined": n} for day, n in found.basis],
        }
        return Response(ForecastSerializer(shown).data)

    @extend_schema(parameters=[OverlapQuery], responses=OverlapSerializer)
    @action(detail=True, methods=["get"])
    def overlap(self, request: Request, key: str) -> Response:
        """Return which members the segment shares with others."""
        asked = OverlapQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        named = asked.validated_data.get("with")
        keys = None if named is None else [one for one in map(str.strip, named.split(",")) if one]
        return Response(OverlapSerializer(overlap_of(self.get_object(), keys)).data)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    @action(
        detail=True,
        methods=["get"],
        pagination_class=None,
        renderer_classes=[JSONRenderer, CsvRenderer],
    )
    def export(self, request: Request, key: str) -> StreamedResponse:
        """Return all members as CSV, with their custom fields, streamed."""
        segment = self.get_object()
        response = StreamedResponse(members_csv(segment), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{segment.key}.csv"'
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(request=EditSerializer, responses=EditPreviewSerializer)
    @action(detail=True, methods=["post"], url_path="preview-change")
    def preview_change(self, request: Request, key: str) -> Response:
        """Say what saving an edit would do: who joins and leaves, and which live flows react."""
        asked = EditSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with refusals():
            found = edit_preview(self.get_object(), now=utcnow(), **asked.validated_data)
        people = selectors.contacts_named([*found.sample_joins, *found.sample_leaves])
        by_id = {contact.id: contact for contact in people}
        shown = asdict(found) | {
            name: [by_id[one] for one in getattr(found, name) if one in by_id]
            for name in ("sample_joins", "sample_leaves")
        }
        return Response(EditPreviewSerializer(shown).data)


def _today() -> tuple[date, tzinfo]:
    zone = zone_of(workspace().timezone)
    return utcnow().astimezone(zone).date(), zone
