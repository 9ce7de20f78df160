"""What a flow has done, over HTTP: its figures over time, what came of it, one visit's way."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.clock import utcnow
from common.selectors import workspace
from flows.api.serializers import TotalsSerializer
from flows.results.answers import results_of
from flows.results.visits import visit_shown
from flows.selectors import flow_by_key
from flows.series import series_of

_FROM = OpenApiParameter("from", OpenApiTypes.DATETIME)
_TO = OpenApiParameter("to", OpenApiTypes.DATETIME)


class _Numbers(serializers.ListField):
    """A number per slot."""

    child = serializers.IntegerField()


class PeriodSerializer(serializers.Serializer[Any]):
    """A period: from an instant, up to another. Without an offset, an instant is UTC."""

    begins = serializers.DateTimeField(required=False)
    ends = serializers.DateTimeField(required=False)

    def __init__(self, request: Request, **options: Any) -> None:
        given = {
            name: request.query_params[asked]
            for asked, name in self.renamed().items()
            if request.query_params.get(asked)
        }
        super().__init__(data=given, **options)

    def renamed(self) -> dict[str, str]:
        """The parameters of the address, and what they are called here."""
        return {"from": "begins", "to": "ends"}

    def asked(self) -> dict[str, Any]:
        """What was asked for; what was not is None."""
        if not self.is_valid():
            back = {name: asked for asked, name in self.renamed().items()}
            raise serializers.ValidationError(
                {back.get(str(name), str(name)): why for name, why in self.errors.items()}
            )
        return {name: self.validated_data.get(name) for name in self.renamed().values()}


class SeriesAskedSerializer(PeriodSerializer):
    """Which figures over time are wanted."""

    step = serializers.ChoiceField(choices=["PT1M", "PT5M", "PT1H", "P1D"], required=False)

    def renamed(self) -> dict[str, str]:
        """A period and a step."""
        return {**super().renamed(), "step": "step"}


class ResultsAskedSerializer(PeriodSerializer):
    """Whom the results are about."""

    segment = serializers.CharField(required=False, max_length=100)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    def renamed(self) -> dict[str, str]:
        """A period, a segment, a version."""
        return {**super().renamed(), "segment": "segment", "version": "version"}


class SeriesTotalsSerializer(serializers.Serializer[Any]):
    """A flow's totals over time."""

    entered = _Numbers()
    completed = _Numbers()
    converted = _Numbers()
    exited = _Numbers()
    failed = _Numbers()


class SeriesNodeSerializer(serializers.Serializer[Any]):
    """A node's figures over time."""

    entered = _Numbers()
    left = _Numbers()
    failed = _Numbers()


class EverNodeSerializer(serializers.Serializer[Any]):
    """A node's figures since the beginning."""

    entered = serializers.IntegerField()
    left = serializers.IntegerField()
    failed = serializers.IntegerField()


class EverSerializer(serializers.Serializer[Any]):
    """A flow's figures since the beginning."""

    totals = TotalsSerializer()
    nodes = serializers.DictField(child=EverNodeSerializer())


class SeriesSerializer(serializers.Serializer[Any]):
    """A flow's figures over time: each list has a number per slot. `since`: none before.

    `ever` is read at the same instant: what these figures have grown by since belongs to the last
    slot.
    """

    to = serializers.DateTimeField()
    step = serializers.CharField()
    since = serializers.DateTimeField()
    at = serializers.ListField(child=serializers.DateTimeField())
    totals = SeriesTotalsSerializer()
    nodes = serializers.DictField(child=SeriesNodeSerializer())
    ever = EverSerializer()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python."""
        return {"from": serializers.DateTimeField(), **super().get_fields()}


class NamedNodeSerializer(serializers.Serializer[Any]):
    """A node in words."""

    node = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField()


class FunnelStepSerializer(NamedNodeSerializer):
    """How many came to a node, and their share of those who entered."""

    type = serializers.CharField()
    reached = serializers.IntegerField()
    share = serializers.FloatField()


class GoalDaySerializer(serializers.Serializer[Any]):
    """Those who entered on a day. `day`: its beginning in the workspace's zone."""

    day = serializers.DateTimeField()
    entered = serializers.IntegerField()
    reached = serializers.IntegerField()


class GoalSerializer(serializers.Serializer[Any]):
    """How many reached the goal; `low` and `high`: Wilson's interval, 95 %."""

    reached = serializers.IntegerField()
    share = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    median_seconds = serializers.FloatField(allow_null=True)
    by_day = GoalDaySerializer(many=True)


class SplitBranchSerializer(serializers.Serializer[Any]):
    """How a branch of a test did."""

    branch = serializers.CharField()
    entered = serializers.IntegerField()
    converted = serializers.IntegerField()
    share = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class SplitResultSerializer(NamedNodeSerializer):
    """How the branches of a split did. `best` where it can be told; `words`: what can be."""

    branches = SplitBranchSerializer(many=True)
    best = serializers.CharField(allow_null=True)
    words = serializers.CharField()


class EmailResultSerializer(NamedNodeSerializer):
    """What became of the e-mails of a node; `opened` and so on: messages, each counted once."""

    template = serializers.CharField(allow_blank=True)
    queued = serializers.IntegerField()
    sent = serializers.IntegerField()
    withheld = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    opened = serializers.IntegerField()
    clicked = serializers.IntegerField()
    bounced = serializers.IntegerField()
    unsubscribed = serializers.IntegerField()


class DropOffSerializer(NamedNodeSerializer):
    """How many ended at a node without reaching the goal."""

    left = serializers.IntegerField()
    share = serializers.FloatField()
    outcomes = serializers.DictField(child=serializers.IntegerField())


class ResultsSerializer(serializers.Serializer[Any]):
    """What came of a flow for those who entered in a period."""

    to = serializers.DateTimeField()
    entered = serializers.IntegerField()
    inside = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.IntegerField())
    funnel = FunnelStepSerializer(many=True)
    goal = GoalSerializer(allow_null=True)
    splits = SplitResultSerializer(many=True)
    emails = EmailResultSerializer(many=True)
    drop_off = DropOffSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python."""
        return {"from": serializers.DateTimeField(), **super().get_fields()}


class VisitStepSerializer(serializers.Serializer[Any]):
    """A step of a visit, and why it went on as it did."""

    seq = serializers.IntegerField()
    node = serializers.CharField()
    at = serializers.DateTimeField()
    branch = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    sentence = serializers.CharField()


class VisitHereSerializer(serializers.Serializer[Any]):
    """Where the visit stands, since when, until when, and what is awaited."""

    node = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    next = serializers.CharField()


class VisitNextSerializer(serializers.Serializer[Any]):
    """Where the visit may go from here, and when if that is known."""

    node = serializers.CharField(allow_null=True)
    branch = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    words = serializers.CharField()


class VisitWhoseSerializer(serializers.Serializer[Any]):
    """Whose visit it is."""

    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_blank=True)


class VisitOfContactSerializer(serializers.Serializer[Any]):
    """A visit of the same contact in the same flow."""

    id = serializers.IntegerField()
    entered_at = serializers.DateTimeField()
    outcome = serializers.CharField()


class VisitShownSerializer(serializers.Serializer[Any]):
    """One visit: its path with reasons, where it is, and where it will be next."""

    id = serializers.IntegerField()
    flow = serializers.CharField()
    flow_name = serializers.CharField()
    version = serializers.IntegerField()
    contact = VisitWhoseSerializer(allow_null=True)
    entered_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    path = VisitStepSerializer(many=True)
    here = VisitHereSerializer(allow_null=True)
    next = VisitNextSerializer(many=True)
    visits = VisitOfContactSerializer(many=True)


class SeriesView(APIView):
    """A flow's figures over time."""

    @extend_schema(
        parameters=[
            _FROM,
            _TO,
            OpenApiParameter("step", OpenApiTypes.STR, enum=["PT1M", "PT5M", "PT1H", "P1D"]),
        ],
        responses=SeriesSerializer,
    )
    def get(self, request: Request, key: str) -> Response:
        """What came and went in each slot of a period (the last day), all versions together."""
        asked = SeriesAskedSerializer(request).asked()
        zone = workspace().timezone
        found = series_of(flow_by_key(key), **asked, zone=zone, now=utcnow())
        return Response(SeriesSerializer(found).data)


class ResultsView(APIView):
    """What came of a flow."""

    @extend_schema(
        parameters=[
            _FROM,
            _TO,
            OpenApiParameter("segment", OpenApiTypes.STR),
            OpenApiParameter("version", OpenApiTypes.INT),
        ],
        responses=ResultsSerializer,
    )
    def get(self, request: Request, key: str) -> Response:
        """Funnel, goal, tests, e-mails, drop-off of those who entered in a period (30 days)."""
        asked = ResultsAskedSerializer(request).asked()
        zone = workspace().timezone
        found = results_of(flow_by_key(key), **asked, zone=zone, now=utcnow())
        return Response(ResultsSerializer(found).data)


class VisitView(APIView):
    """One visit."""

    @extend_schema(responses=VisitShownSerializer)
    def get(self, request: Request, visit_id: int) -> Response:
        """Its path with the reasons, where it is now, and where it will be next."""
        return Response(VisitShownSerializer(visit_shown(visit_id)).data)
