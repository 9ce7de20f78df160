"""Simulations, HTTP: one contact through the draft, before anybody gets anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.clock import canonical, parse_instant, utcnow
from flows import selectors, services
from flows.api.secrets import HidesSecrets
from flows.api.serializers import GraphField, SettingsField
from flows.models import Flow
from flows.trial import SceneContact, Simulation, TrialRefused, simulate
from flows.trial.answers import answer_of
from flows.trial.loading import contact_now, drawn, scene_now
from messaging.unsubscribing import unsubscribe_url
from segments.rules import EventData, ScoreData
from segments.rules.values import instant_of

USUAL_SPAN = timedelta(days=30)


class InstantField(serializers.CharField):
    """An instant in ISO 8601; without an offset it is UTC."""

    def to_internal_value(self, data: Any) -> Any:
        """Read it."""
        try:
            return parse_instant(str(data))
        except (ValueError, OverflowError) as trouble:
            raise serializers.ValidationError(str(trouble)) from trouble


@extend_schema_field({"oneOf": [{"enum": ["next", "failed"]}, {"type": "integer"}]})
class AnswerField(serializers.Field[Any, Any, Any, Any]):
    """How a call ends: `next`, `failed`, or the HTTP status that it is answered with."""

    def to_internal_value(self, data: Any) -> Any:
        """Read it."""
        try:
            return answer_of(data, "answers")
        except TrialRefused as trouble:
            raise serializers.ValidationError(trouble.detail) from trouble


class MadeUpEventSerializer(serializers.Serializer[Any]):
    """Something that the contact did before the start."""

    name = serializers.CharField(max_length=200)
    at = InstantField()
    properties = serializers.DictField(required=False, default=dict)
    touch = serializers.BooleanField(required=False, default=False)


class MadeUpScoreSerializer(serializers.Serializer[Any]):
    """A change of score before the start."""

    at = InstantField()
    delta = serializers.FloatField()


class MadeUpContactSerializer(serializers.Serializer[Any]):
    """A contact that nobody is. Segments follow from the rules; `segments` are those by hand."""

    fields = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]  # DRF takes it off the class
    events = MadeUpEventSerializer(many=True, required=False, default=list)
    consents = serializers.DictField(
        child=serializers.ChoiceField(["subscribed", "unsubscribed"]), required=False, default=dict
    )
    scores = MadeUpScoreSerializer(many=True, required=False, default=list)
    segments = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=500
    )


class SimulateSerializer(serializers.Serializer[Any]):
    """What is tried, with whom, and what happens to them meanwhile."""

    draft = serializers.BooleanField(required=False, default=True)
    graph = GraphField(required=False, help_text="A draft that is not saved.")
    settings = SettingsField(required=False)
    contact = MadeUpContactSerializer(required=False)
    contact_id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    timeline = serializers.ListField(
        child=serializers.DictField(), required=False, default=list, max_length=1_000
    )
    start = InstantField(required=False)
    end = InstantField(required=False)
    others = serializers.BooleanField(
        required=False, default=True, help_text="Whether the other live flows run beside it."
    )
    deliver = serializers.BooleanField(
        required=False, default=True, help_text="Whether e-mails are taken to be sent when due."
    )
    answers = serializers.DictField(
        child=AnswerField(),
        required=False,
        default=dict,
        help_text="How the calls of a node end; next, if it is not said.",
    )


class SimulatedStepSerializer(serializers.Serializer[Any]):
    """An arrival at a node, and how it was left."""

    node = serializers.CharField()
    at = serializers.CharField()
    branch = serializers.CharField(allow_null=True)
    reason = serializers.CharField()


class SimulatedVisitSerializer(serializers.Serializer[Any]):
    """One way through a flow."""

    path = SimulatedStepSerializer(many=True)
    outcome = serializers.ChoiceField(["inside", "completed", "converted", "exited", "failed"])
    at = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    until = serializers.CharField(allow_null=True)


class SimulatedMessageSerializer(serializers.Serializer[Any]):
    """An e-mail as it would look."""

    at = serializers.CharField()
    flow = serializers.CharField()
    node = serializers.CharField()
    to = serializers.CharField(allow_blank=True)
    subject = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    status = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    sent_at = serializers.CharField(allow_null=True)


class SimulatedCallSerializer(serializers.Serializer[Any]):
    """A call to the outside that would be made."""

    at = serializers.CharField()
    flow = serializers.CharField()
    node = serializers.CharField()
    kind = serializers.CharField()
    request = serializers.DictField()
    branch = serializers.CharField()


class SimulationSerializer(serializers.Serializer[Any]):
    """What would happen; visits by flow, joins and leaves by segment."""

    visits = serializers.DictField(child=SimulatedVisitSerializer(many=True))
    messages = SimulatedMessageSerializer(many=True)
    segments = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    )
    calls = SimulatedCallSerializer(many=True)
    fields = serializers.DictField()  # type: ignore[assignment]  # DRF takes it off the class
    notes = serializers.ListField(child=serializers.CharField())


class SimulateView(HidesSecrets, APIView):
    """One contact through the draft, before anybody gets anything."""

    required_role: ClassVar[str] = "viewer"

    @extend_schema(request=SimulateSerializer, responses=SimulationSerializer)
    def post(self, request: Request, key: str) -> Response:
        """The path with its reasons, and the e-mails as they would look. Nothing is stored."""
        flow = selectors.flow_by_key(key)
        serializer = SimulateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        found = _simulated(flow, serializer.validated_data)
        return Response(shown(found, flow.key))


def _simulated(flow: Flow, given: dict[str, Any]) -> Simulation:
    now = utcnow()
    graph, settings = drawn(flow, draft=given["draft"])
    if given["draft"] and ("graph" in given or "settings" in given):
        one, other = services.draft_parts(
            given.get("graph", graph), given.get("settings", settings)
        )
        graph, settings = services.plain(one), services.plain(other)
    scene = scene_now(flow, graph=graph, settings=settings, others=given["others"])
    start = given.get("start") or _start(given["timeline"], now)
    notes = [
        f"Fault in the draft: {problem.detail}"
        for problem in services.draft_problems(graph, settings)
    ]
    if "contact_id" in given:
        contact, more = contact_now(given["contact_id"], scene, now=start)
        notes += more
    else:
        contact = _made_up(given.get("contact") or {}, start)
    found = simulate(
        scene,
        contact,
        given["timeline"],
        start=start,
        end=given.get("end") or start + USUAL_SPAN,
        deliver=given["deliver"],
        answers=given["answers"],
        names=selectors.names_now(),
        way_out=unsubscribe_url(None),
    )
    return Simulation(
        found.visits,
        found.messages,
        found.segments,
        found.calls,
        found.fields,
        [*notes, *found.notes],
    )


def _start(timeline: list[dict[str, Any]], now: Any) -> Any:
    """Now, or the first happening if that was before."""
    instants = [instant_of(row.get("at")) for row in timeline]
    return min([now, *(at for at in instants if at is not None)])


def _made_up(given: dict[str, Any], start: Any) -> SceneContact:
    events = given.get("events", [])
    if any(event["at"] > start for event in events):
        raise TrialRefused(
            "What the contact did before lies before the start; put the rest into the timeline.",
            attr="contact.events",
        )
    scores = [ScoreData(row["at"], row["delta"]) for row in given.get("scores", [])]
    fields = dict(given.get("fields", {}))
    if scores:
        fields.setdefault("score", sum(one.delta for one in scores))
    try:
        return SceneContact(
            fields=fields,
            events=[
                EventData(row["name"], row["at"], row["properties"], row["touch"], number)
                for number, row in enumerate(sorted(events, key=lambda row: row["at"]), start=1)
            ],
            consents=given.get("consents", {}),
            scores=scores,
            segments=dict.fromkeys(given.get("segments", []), True),
        )
    except (TypeError, ValueError) as trouble:
        raise TrialRefused(str(trouble), attr="contact") from trouble


def shown(found: Simulation, key: str) -> dict[str, Any]:
    """A simulation as JSON; flows in which nothing happened are left out, but for the one tried."""
    return {
        "visits": {
            flow: [
                {
                    "path": [
                        {
                            "node": step.node,
                            "at": canonical(step.at),
                            "branch": step.branch,
                            "reason": step.reason,
                        }
                        for step in visit.path
                    ],
                    "outcome": visit.outcome,
                    "at": canonical(visit.at) if visit.at else None,
                    "reason": visit.reason,
                    "until": canonical(visit.until) if visit.until else None,
                }
                for visit in visits
            ]
            for flow, visits in found.visits.items()
            if visits or flow == key
        },
        "messages": [
            {
                "at": canonical(mail.at),
                "flow": mail.flow,
                "node": mail.node,
                "to": mail.to,
                "subject": mail.subject,
                "html": mail.html,
                "text": mail.text,
                "status": mail.status,
                "reason": mail.reason,
                "sent_at": canonical(mail.sent_at) if mail.sent_at else None,
            }
            for mail in found.messages
        ],
        "segments": {
            segment: [[canonical(change.at), change.change] for change in changes]
            for segment, changes in found.segments.items()
        },
        "calls": [
            {
                "at": canonical(call.at),
                "flow": call.flow,
                "node": call.node,
                "kind": call.kind,
                "request": dict(call.request),
                "branch": call.branch,
            }
            for call in found.calls
        ],
        "fields": dict(found.fields),
        "notes": list(found.notes),
    }
