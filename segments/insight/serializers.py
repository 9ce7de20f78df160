"""The shapes of a segment's insight: growth, forecast, overlap, and what an edit would do."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from segments.insight.forecast import CONFIDENCE
from segments.insight.overlap import MOST_SETS
from segments.models import Segment


class GrowthQuery(serializers.Serializer[Any]):
    """Of how many days growth is asked for."""

    days = serializers.IntegerField(min_value=1, max_value=730, default=90)


class GrowthDaySerializer(serializers.Serializer[Any]):
    """A day in the workspace's zone: the size at its end (today: now), and what changed it."""

    day = serializers.DateField()
    size = serializers.IntegerField()
    joined = serializers.IntegerField()
    left = serializers.IntegerField()


class GrowthSerializer(serializers.Serializer[Any]):
    """How a segment grew, oldest day first, today last."""

    days = GrowthDaySerializer(many=True)


class ForecastQuery(serializers.Serializer[Any]):
    """How far to look ahead."""

    days = serializers.IntegerField(min_value=1, max_value=365, default=30)


class ForecastDaySerializer(serializers.Serializer[Any]):
    """What one day will bring."""

    day = serializers.DateField()
    expected = serializers.FloatField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()


class JoinedDaySerializer(serializers.Serializer[Any]):
    """How many joined on a day."""

    day = serializers.DateField()
    joined = serializers.IntegerField()


class ForecastSerializer(serializers.Serializer[Any]):
    """How many contacts are likely to join, and how sure that is."""

    days = serializers.IntegerField()
    enough = serializers.BooleanField(help_text="Whether there is history enough to tell.")
    expected = serializers.FloatField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    confidence = serializers.FloatField(
        default=CONFIDENCE, help_text="In so many cases the truth lies between `low` and `high`."
    )
    basis_days = serializers.IntegerField()
    series = ForecastDaySerializer(many=True)
    history = JoinedDaySerializer(many=True)
    sentence = serializers.CharField()


class OverlapQuery(serializers.Serializer[Any]):
    """With what a segment is compared."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `with`, a word that Python keeps for itself."""
        said = (
            f"Keys with commas between, at most {MOST_SETS - 1}; without it, the segments that"
            " share most members."
        )
        return {"with": serializers.CharField(required=False, max_length=1_000, help_text=said)}


class OverlapSetSerializer(serializers.Serializer[Any]):
    """One of the segments compared."""

    key = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField()


class RegionSerializer(serializers.Serializer[Any]):
    """How many contacts are in exactly these segments, of those compared."""

    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `in`, a word that Python keeps for itself."""
        within = serializers.ListField(child=serializers.CharField(), source="within")
        return {"in": within, **super().get_fields()}


class OverlapSerializer(serializers.Serializer[Any]):
    """Which members segments share; regions without anybody are left out."""

    exact = serializers.BooleanField()
    sets = OverlapSetSerializer(many=True)
    regions = RegionSerializer(many=True)


class EditSerializer(serializers.Serializer[Any]):
    """An edit that is not saved yet; what is not sent stays as it is."""

    kind = serializers.ChoiceField(choices=Segment.Kind.choices, required=False)
    rule = serializers.JSONField(allow_null=True, required=False)
    top = serializers.JSONField(
        allow_null=True, required=False, help_text="What makes it a ranked segment."
    )
    exact = serializers.BooleanField(
        default=False, help_text="Count everybody, however long it takes."
    )


class EffectSerializer(serializers.Serializer[Any]):
    """What a live flow would do."""

    key = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField()
    how = serializers.ChoiceField(choices=("enters", "leaves", "suppressed by"))
    contacts = serializers.IntegerField()
