"""What a simulation knows while it runs: the contact, their visits, and all that was done. No IO.

`gate` decides who enters, `reactions` what data and time do, `simulation` drives the clock; they
have this in common, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from flows.engine.book import Book, BookFlow, book_of
from flows.graph import Graph, Settings, compile_plan
from flows.nodes.base import Walker
from flows.trial.outbox import Outbox
from flows.trial.points import Points
from flows.trial.segments import Segments
from flows.trial.shapes import (
    Answer,
    Boundary,
    Called,
    Scene,
    SceneContact,
    SceneFlow,
    TrialRefused,
)
from flows.trial.stand import Stand
from flows.trial.timers import Timers
from flows.trial.visits import Visit
from flows.trial.world import MemoryWorld
from segments.rules import ContactData, RuleRefused, depends_on_time, parse
from segments.rules.values import zone_of


class Run:
    """The state of one simulation."""

    def __init__(
        self,
        scene: Scene,
        contact: SceneContact,
        coming: Iterable[tuple[str, Any]],
        *,
        start: datetime,
        limits: Boundary,
        way_out: str,
    ) -> None:
        self.now = start
        self.limits = limits
        self.deliver = True
        self.answers: dict[str, Answer] = {}
        self.stand = Stand(contact, scene.fields, now=start)
        # A field that comes to be known is known from the start, so that rules may ask for it.
        self.stand.register(coming)
        self.stand.register(_fields_set(scene.flows))
        self.book = _book(scene.flows, self.stand.fields)
        self.segments = Segments(scene.segments, self.stand, self.seen, zone=scene.zone)
        self.outbox = Outbox(scene, self.stand, way_out=way_out)
        self.world = MemoryWorld(
            self.stand,
            self.segments,
            see=self.seen,
            messages_of=self.outbox.of_visit,
            now=start,
            zone=scene.zone,
        )
        self.timers = Timers(self.book.flows.values(), self.stand, start=start)
        self.visits: list[Visit] = []
        self.stopped: set[int] = set()
        self.changes: list[tuple[str, datetime, str]] = []
        self.calls: list[Called] = []
        self.steps = 0
        self.given = contact
        self.points = Points(
            scene.score_rules, self.stand, contact.awards, zone=zone_of(scene.zone)
        )

    def seen(self) -> ContactData:
        """The contact as rules see them now."""
        return self.stand.seen([visit.for_rules() for visit in self.visits])

    def turn_to(self, moment: datetime) -> None:
        """Let the clock show another instant."""
        self.now = self.world.now = moment

    def inside(self) -> list[tuple[Visit, Walker]]:
        """The open visits."""
        return [(visit, visit.woken()) for visit in self.visits if visit.is_open]

    def goal_by_time(self, visit: Visit) -> bool:
        """Whether time alone may bring a visit to its goal."""
        goal = self.world.rule(visit.version.settings.goal)
        return goal is not None and depends_on_time(goal)

    def moved(self, flow: BookFlow) -> None:
        """Who has entered or left a flow that a segment asks for is looked at again."""
        self.stand.changed()
        if flow.key in self.segments.watched:
            self.stand.sent_to(flow.key, {"change": "moved"}, self.now)


def _fields_set(flows: Sequence[SceneFlow]) -> Iterable[tuple[str, Any]]:
    """The fields that steps set, with their values as written."""
    for flow in flows:
        for node in flow.graph.get("nodes", ()):
            config = node.get("config") if isinstance(node, Mapping) else None
            fields = config.get("set") if isinstance(config, Mapping) else None
            if isinstance(fields, Mapping):
                yield from fields.items()


def _book(flows: Sequence[SceneFlow], fields: Mapping[str, str]) -> Book:
    """The flows, compiled; one that cannot be walked is refused by name."""
    taken = {flow.id for flow in flows if flow.id}
    free = (number for number in range(1, len(flows) + len(taken) + 2) if number not in taken)
    rows = [(flow.id or next(free), flow) for flow in flows]
    for _number, flow in rows:
        try:
            settings = Settings.model_validate(flow.settings)
            compile_plan(Graph.model_validate(flow.graph), fields=fields)
            if settings.goal is not None:
                parse(settings.goal, fields=fields, in_flow=True)
        except (RuleRefused, ValidationError, ValueError) as trouble:
            first = str(trouble).splitlines()[0]
            raise TrialRefused(
                f"The flow {flow.key} cannot be walked: {first}", code="flow_has_problems"
            ) from None
    return book_of(
        [(number, flow.key, flow.key, "live", number) for number, flow in rows],
        [(number, number, 1, flow.graph, dict(flow.settings)) for number, flow in rows],
        fields=fields,
    )
