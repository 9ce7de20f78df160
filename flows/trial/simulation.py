"""Simulate: one contact through flows in memory, on a clock that jumps from moment to moment.

No IO, no clock read: the nodes, the carrier and the rules are those of the engine, what
the engine asks of tables is kept in `Stand`, `Segments`, `Outbox` and `Visit`. So simulation and
engine are two implementations of one pulse, and tests hold them against each other.

What the pulse does is followed step by step (`flows.engine.pulse`): data until quiet, each event
first out, then in, then carried to rest; then segments; then, time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from flows.engine.book import Book, BookFlow, book_of
from flows.engine.carry import Passage, carry
from flows.engine.codes import Entry, Match, Taken
from flows.graph import Graph, Settings, compile_plan
from flows.nodes.base import CallOut, Names, Walker, plain_names
from flows.nodes.field_changed import lets_in
from flows.trial.happenings import Happening, happenings_of
from flows.trial.outbox import Outbox
from flows.trial.points import Points
from flows.trial.segments import Segments
from flows.trial.shapes import (
    Answered,
    Boundary,
    Called,
    Change,
    Scene,
    SceneContact,
    SceneFlow,
    Simulation,
    TrialRefused,
)
from flows.trial.stand import Stand
from flows.trial.timers import Timers
from flows.trial.visits import Visit
from flows.trial.world import MemoryWorld
from messaging.terms import Terms
from segments.rules import ContactData, RuleRefused, depends_on_time, matches_where, parse
from segments.rules.values import zone_of
from segments.scoring.ledger import SYSTEM_KEY

ROUNDS = 1_000
"""So often one instant may set itself off before the flows are said to go in circles."""
MOST_A_DAY = 100
FOREVER = 2**63 - 1


def simulate(
    scene: Scene,
    contact: SceneContact,
    timeline: Sequence[Mapping[str, Any]],
    *,
    start: datetime,
    end: datetime,
    deliver: bool = True,
    answers: Mapping[str, Answered] | None = None,
    names: Names = plain_names,
    way_out: str = "",
    boundary: Boundary | None = None,
) -> Simulation:
    """Carry one contact through the flows of a scene.

    Parameters
    ----------
    scene
        The workspace: flows, segments, fields, templates.
    contact
        The contact at the start.
    timeline
        What happens to them (see `flows.trial.shapes`), in any order.
    start, end
        The span (UTC). Flows are live from the start.
    deliver
        Whether e-mails are taken to be sent the moment they are due (`Email Sent` is recorded).
    answers
        How the calls of a node (by its id) end; `next` if it is not said.
    names
        The names that people know segments and fields by, for the reasons.
    way_out
        The address of the page for unsubscribing, for the e-mails.
    boundary
        How much may be done.

    Raises
    ------
    TrialRefused
        If the timeline can't be read, a flow can't be walked, or a bound is passed.

    Examples
    --------
    >>> from datetime import UTC
    >>> graph = {
    ...     "nodes": [
    ...         {"id": "in", "type": "event", "config": {"name": "Signed Up"}},
    ...         {"id": "hour", "type": "wait", "config": {"for": "PT1H"}},
    ...     ],
    ...     "edges": [{"source": "in", "target": "hour"}],
    ... }
    >>> begins = datetime(2026, 6, 1, tzinfo=UTC)
    >>> found = simulate(
    ...     Scene(flows=[SceneFlow("welcome", graph)]),
    ...     SceneContact(),
    ...     [{"at": "PT5M", "event": "Signed Up"}],
    ...     start=begins,
    ...     end=begins + timedelta(days=1),
    ... )
    >>> [visit.outcome for visit in found.visits["welcome"]]
    ['completed']
    """
    limits = boundary or Boundary()
    if not start <= end:
        raise TrialRefused("The end is before the start.", attr="end")
    if end - start > limits.span:
        raise TrialRefused(
            f"A simulation spans at most {limits.span.days} days.", attr="end", code="too_long"
        )
    happening = happenings_of(timeline, start=start, end=end, most=limits.happenings)
    coming = [pair for one in happening if one.kind == "fields" for pair in one.value.items()]
    run = _Run(scene, contact, coming, start=start, limits=limits, way_out=way_out)
    run.deliver, run.answers = deliver, dict(answers or {})
    run.go(happening, end)
    return run.answer(names)


class _Run:
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
        self.answers: dict[str, Answered] = {}
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

    # ── the clock ───────────────────────────────────────────────────────────────────────────────

    def go(self, timeline: Sequence[Happening], end: datetime) -> None:
        """From the start to the end, through every moment at which anything may happen."""
        if self.given.as_rules_say:
            self.segments.build(self.now)
        self._enter_existing()
        self._settle()
        waiting = list(timeline)
        for _ in range(self.limits.instants):
            comes = waiting[0].at if waiting else None
            moment = min((at for at in (comes, self._next_moment()) if at is not None), default=end)
            if moment > end or (moment == end and comes != end):
                self._at(end)
                return
            self._at(moment, happening=[one for one in waiting if one.at == moment])
            waiting = [one for one in waiting if one.at > moment]
        raise TrialRefused(
            f"More than {self.limits.instants:,} moments would have to be looked at: choose a "
            "shorter span.",
            code="too_much",
        )

    def _at(self, moment: datetime, happening: Iterable[Happening] = ()) -> None:
        self.now = self.world.now = moment
        for one in happening:
            self._happen(one)
        self._settle()

    def _next_moment(self) -> datetime | None:
        """The next instant after now at which time alone does anything."""
        moments = [
            self.segments.next_turn(self.now),
            self.outbox.next_due(),
            self.points.next_fading(),
            self.timers.next_moment(),
        ]
        for visit in self.visits:
            if visit.state == "inside" and visit.flow.id not in self.stopped:
                moments.append(visit.due_at)
                if self._goal_by_time(visit):
                    moments.append(self.world.turn(visit.version.settings.goal, visit.woken()))
        later = [at for at in moments if at is not None and at > self.now]
        return min(later, default=None)

    def _goal_by_time(self, visit: Visit) -> bool:
        """Whether time alone may bring a visit to its goal."""
        goal = self.world.rule(visit.version.settings.goal)
        return goal is not None and depends_on_time(goal)

    # ── what happens ────────────────────────────────────────────────────────────────────────────

    def _happen(self, one: Happening) -> None:
        stand, now = self.stand, self.now
        match one.kind:
            case "event":
                properties = dict(one.value["properties"])
                if one.value["message_of"] is not None:
                    properties.setdefault("message", self._message_of(one.value["message_of"]))
                stand.does(one.value["name"], now, properties, touch=one.value["touch"])
            case "fields":
                fields = dict(one.value)
                if "score" in fields:
                    wanted = float(fields.pop("score"))
                    stand.scores_by(wanted - stand.state.row["score"], now, now=now)
                if fields:
                    self._left_out(stand.changes(fields, (), now))
            case "unset":
                self._left_out(stand.changes({}, one.value, now))
            case "consents":
                stand.chooses(one.value, now)
            case "score":
                stand.scores_by(float(one.value), now, now=now)
            case "add_to_segment" | "remove_from_segment":
                change = "add" if one.kind == "add_to_segment" else "remove"
                try:
                    self.segments.by_hand(one.value, change, now)
                except ValueError as trouble:
                    raise TrialRefused(f"In the timeline: {trouble}.", attr="timeline") from None
            case _:
                change = "add" if one.kind == "add_to_flow" else "remove"
                stand.sent_to(one.value, {"change": change}, now)

    def _message_of(self, node: str) -> str:
        mail = self.outbox.last_of(node)
        if mail is None:
            raise TrialRefused(
                f"The timeline speaks of the e-mail of “{node}” before that has sent one.",
                attr="timeline",
            )
        return str(mail.id)

    def _left_out(self, left_out: Iterable[tuple[str, str]]) -> None:
        for key, reason in left_out:
            self.stand.notes[f"The field {key} was left as it was: {reason}."] = None

    def _enter_existing(self) -> None:
        """Who is in the segment of a trigger that says so enters at the start."""
        for flow in self.book.flows.values():
            for node in flow.version.plan.nodes.values():
                if (
                    node.type.type == "segment_entered"
                    and getattr(node.config, "include_existing", False)
                    and node.config.segment in self.stand.members
                ):
                    self.stand.sent_to(flow.key, {"change": "add", "node": node.id}, self.now)

    # ── one instant ─────────────────────────────────────────────────────────────────────────────

    def _settle(self) -> None:
        """Work until there is nothing to do at this instant."""
        for _ in range(ROUNDS):
            self._data_until_quiet()
            self.points.fade(self.now)
            moved = self.segments.refresh_time(self.now)
            if moved:
                self.points.moved(moved, self.now)
                self._follow((), self._noted(moved))
            self._time_in_flows()
            self._data_until_quiet()
            self._carry_due()
            if not self.stand.touches and not self._delivered():
                return
        raise TrialRefused(
            "At one instant the flows set each other off without end.", code="too_much"
        )

    def _data_until_quiet(self) -> None:
        for _ in range(ROUNDS):
            touches = self.stand.take_touches()
            if not touches:
                return
            self.points.happened(touches, self.now)
            for touch in touches:
                is_event = touch.kind == "event"
                if touch.kind == "flow" or (is_event and self.book.concerns(touch.key)):
                    self._occur(touch)
            concerned = self.segments.concerned({touch.key for touch in touches})
            moved = self._noted(self.segments.refresh(concerned, self.now))
            by_hand = _net(touches)
            self._noted(by_hand)
            self.points.moved([*by_hand, *moved], self.now)
            data = {touch.key for touch in touches if touch.kind != "event"}
            self._follow(data, [*by_hand, *moved])
        raise TrialRefused(
            "At one instant the flows set each other off without end.", code="too_much"
        )

    def _noted(self, moved: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        self.changes += [(key, self.now, change) for key, change in moved]
        return moved

    def _occur(self, touch: Taken) -> None:
        """One occurrence: first out, then in, then carried to rest."""
        keys = {touch.key, "event:*"} if touch.kind == "event" else {touch.key}
        walkers = self._inside()
        for _visit, walker in walkers:
            if touch.event_id is not None:
                walker.upto = touch.event_id
        gone = self._take_out(walkers, keys, touch)
        staying = [one for one in walkers if one[0].id not in gone]
        self._carry(self._admit(self._entries_of(touch)), self._listening(staying, keys))

    def _follow(self, touched: Iterable[str], moved: Sequence[tuple[str, str]]) -> None:
        """Joins, leaves and changed data take the contact out, let them in and free them."""
        keys = set(touched)
        for segment, change in moved:
            keys |= {f"segment:{segment}", f"segment_{change}:{segment}"}
        if not keys:
            return
        walkers = self._inside()
        gone = self._take_out(walkers, keys, None)
        entries = [
            (self._entry(flow, node), f"{change} segment {segment}")
            for segment, change in moved
            for flow, node, _match in self.book.entries.get(f"segment_{change}:{segment}", ())
        ]
        entries += self._entries_of_fields(keys)
        entering = self._admit(entries)
        staying = [one for one in walkers if one[0].id not in gone]
        self._carry(entering, self._listening(staying, keys))

    def _time_in_flows(self) -> None:
        """Goals that time alone has reached, dates that have come, one-off sends."""
        timed = [one for one in self._inside() if self._goal_by_time(one[0])]
        self._take_out(timed, {"*"}, None)
        due = self.timers.due(self.now, self.stand.members)
        self._carry(self._admit((self._entry(flow, node), why) for flow, node, why in due), [])

    def _carry_due(self) -> None:
        due = [
            (visit, visit.woken())
            for visit in self.visits
            if visit.state == "inside"
            and visit.flow.id not in self.stopped
            and visit.due_at is not None
            and visit.due_at <= self.now
        ]
        self._carry([], due)

    def _delivered(self) -> bool:
        """Send what is due, as delivery would right after the pulse."""
        if not self.deliver:
            return False
        sent = self.outbox.deliver(self.now)
        for mail in sent:
            if mail.effect is None:
                continue
            about = {
                "message": str(mail.id),
                "template": mail.effect.template,
                "flow": mail.flow,
                "node": mail.node,
            }
            self.stand.does("Email Sent", self.now, about, touch=True, seen=False)
        return bool(sent)

    # ── out, in, on ─────────────────────────────────────────────────────────────────────────────

    def _inside(self) -> list[tuple[Visit, Walker]]:
        return [(visit, visit.woken()) for visit in self.visits if visit.is_open]

    def _take_out(
        self,
        walkers: Sequence[tuple[Visit, Walker]],
        keys: set[str],
        touch: Taken | None,
    ) -> set[int]:
        """Goals first, then exits; returns the visits that ended."""
        endings: list[tuple[Visit, str, str]] = []
        for visit, walker in walkers:
            version = visit.version
            if (version.goal_keys & keys or "*" in keys) and self.world.fulfils(
                version.settings.goal, [walker]
            ):
                endings.append((visit, "converted", "reached the goal"))
                continue
            reason = self._exit_reason(visit, keys, touch)
            if reason is not None:
                endings.append((visit, "exited", reason))
        for visit, state, reason in endings:
            visit.end(state, self.now, reason)
            self.outbox.cancel(visit.id, f"left the flow: {reason}")
            self._moved(visit.flow)
        return {visit.id for visit, _state, _reason in endings}

    def _exit_reason(self, visit: Visit, keys: set[str], touch: Taken | None) -> str | None:
        if touch is not None and touch.key == f"flow:{visit.flow.key}":
            detail = touch.detail or {}
            if detail.get("change") == "remove":
                return str(detail.get("reason") or "removed from the flow")
        for key in sorted(keys):
            for match, reason in self.book.exits.get(key, {}).get(visit.version.id, ()):
                if _matches(match, touch):
                    return reason
        return None

    def _entries_of(self, touch: Taken) -> list[tuple[Entry, str]]:
        if touch.kind == "flow":
            return self._entries_by_hand(touch)
        return [
            (
                Entry(
                    flow.id,
                    touch.lane,
                    touch.contact_id,
                    node,
                    touch.at or self.now,
                    touch.properties or {},
                    touch.event_id or FOREVER,
                ),
                f"did {touch.name}",
            )
            for key in (touch.key, "event:*")
            for flow, node, match in self.book.entries.get(key, ())
            if _matches(match, touch)
        ]

    def _entries_by_hand(self, touch: Taken) -> list[tuple[Entry, str]]:
        flow = self.book.by_key.get(touch.name)
        detail = touch.detail or {}
        if flow is None or detail.get("change") != "add":
            return []
        plan = flow.version.plan
        node = plan.nodes.get(str(detail.get("node") or plan.door))
        if node is None or node.type.group != "trigger":
            return []
        why = "was there at the start" if detail.get("node") else "was added to the flow"
        return [(self._entry(flow, node.id), why)]

    def _entries_of_fields(self, keys: Iterable[str]) -> list[tuple[Entry, str]]:
        values = self.stand.values()
        return [
            (self._entry(flow, node_id), f"{node.config.field} changed")
            for key in sorted(keys)
            if key.startswith("field:")
            for flow, node_id, _match in self.book.entries.get(key, ())
            for node in [flow.version.plan.nodes[node_id]]
            if lets_in(node.config, values.get(node.config.field), self.stand.fields)
        ]

    def _entry(self, flow: BookFlow, node: str) -> Entry:
        return Entry(flow.id, self.stand.lane, self.stand.id, node, self.now, None, FOREVER)

    def _admit(self, entries: Iterable[tuple[Entry, str]]) -> list[tuple[Visit, Walker]]:
        """The gate (`flows.engine.gate`) for one contact."""
        first: dict[int, tuple[Entry, str]] = {}
        for entry, why in entries:
            if entry.flow_id not in self.stopped:
                first.setdefault(entry.flow_id, (entry, why))
        admitted: list[tuple[Visit, Walker]] = []
        for entry, why in first.values():
            flow = self.book.flows[entry.flow_id]
            if not self._may_enter(flow):
                continue
            walker = Walker(
                visit_id=self._next_id(admitted),
                lane=entry.lane,
                contact_id=entry.contact_id,
                entry_at=entry.entry_at,
                entered_at=self.now,
                arrived_at=self.now,
                node=entry.node,
                trigger=entry.trigger,
                upto=entry.upto,
                fresh=True,
                version_id=flow.version.id,
                flow_id=flow.id,
            )
            goal = flow.version.settings.goal
            if goal is None or not self.world.fulfils(goal, [walker]):
                admitted.append((Visit(walker.visit_id, flow, flow.version, walker, why), walker))
        return admitted

    def _next_id(self, admitted: Sequence[Any]) -> int:
        return len(self.visits) + len(admitted) + 1

    def _may_enter(self, flow: BookFlow) -> bool:
        before = [visit for visit in self.visits if visit.flow.id == flow.id]
        gap = flow.gap_seconds
        if before:
            last = before[-1]
            if last.is_open or gap is None:
                return False
            if last.left_at is not None and last.left_at + timedelta(seconds=gap) > self.now:
                return False
        if len(before) >= MOST_A_DAY:
            since = self.now - timedelta(days=1)
            if before[-MOST_A_DAY].walker.entered_at > since:
                self.stopped.add(flow.id)
                note = f"The flow {flow.key} would be paused: it goes in circles."
                self.stand.notes[note] = None
                return False
        return not any(key in self.stand.members for key in flow.version.settings.suppress)

    def _listening(
        self, walkers: Sequence[tuple[Visit, Walker]], keys: set[str]
    ) -> list[tuple[Visit, Walker]]:
        return [
            (visit, walker)
            for visit, walker in walkers
            if not walker.parked
            and visit.flow.id not in self.stopped
            and visit.version.plan.listening.get(walker.node, frozenset()) & keys
        ]

    def _carry(
        self,
        entering: Sequence[tuple[Visit, Walker]],
        waking: Sequence[tuple[Visit, Walker]],
    ) -> None:
        for visit, walker in (*entering, *waking):
            fresh = walker.fresh
            if fresh:
                self.visits.append(visit)
            visit.walker = walker
            passage = carry(
                visit.version.plan,
                self.world,
                entering=[walker] if fresh else [],
                waking=[] if fresh else [walker],
            )
            self._write(visit, passage)

    def _write(self, visit: Visit, passage: Passage) -> None:
        """Remember what a pass did."""
        steps = passage.steps
        self.steps += len(steps.numbers)
        if self.steps > self.limits.steps:
            raise TrialRefused(
                f"More than {self.limits.steps:,} steps would be taken.", code="too_much"
            )
        for node, came_by in zip(steps.nodes, steps.came_by, strict=True):
            visit.arrive(node, self.now, came_by)
        fresh, visit.walker.fresh = visit.walker.fresh, False
        for _walker, until in passage.resting:
            visit.due_at = until
        for _walker, ending, reason, branch in passage.ended:
            visit.end(ending, self.now, reason, branch)
        for _walker, error in passage.failed:
            visit.state, visit.reason, visit.due_at = "failed", error, None
        for effect, walker, _step, node in passage.messages:
            terms = Terms.of(visit.version.settings.terms() or {})
            self.outbox.put(visit.flow.key, effect, walker, node, self.now, terms=terms)
        for call, walker, step, node in passage.calls:
            self._call(visit, call, (walker.visit_id, step), node)
        for notice, walker, _step, node in passage.notices:
            self.outbox.notify(visit.flow.key, notice, walker, node, self.now)
        if fresh or passage.ended:
            self._moved(visit.flow)
        self.stand.changed()

    def _call(self, visit: Visit, call: CallOut, place: tuple[int, int], node: str) -> None:
        """A call that would be made; it ends at once, as was said."""
        branch = self.answers.get(node, "next")
        request = dict(call.request)
        self.calls.append(Called(self.now, visit.flow.key, node, call.kind, request, branch))
        self.world.ended[place] = branch
        self.stand.answered(self.now)

    def _moved(self, flow: BookFlow) -> None:
        """Who has entered or left a flow that a segment asks for is looked at again."""
        self.stand.changed()
        if flow.key in self.segments.watched:
            self.stand.sent_to(flow.key, {"change": "moved"}, self.now)

    # ── the answer ──────────────────────────────────────────────────────────────────────────────

    def answer(self, names: Names) -> Simulation:
        """What happened, as plain data."""
        segments: dict[str, list[Change]] = {}
        for key, at, change in self.changes:
            if not key.startswith(SYSTEM_KEY):
                segments.setdefault(key, []).append(Change(at, change))
        notes = list(self.stand.notes)
        if self.segments.ranked:
            notes.append(
                "Ranked segments stay as they stand, as they depend on other contacts: "
                f"{', '.join(sorted(self.segments.ranked)[:5])}."
            )
        if self.segments.broken:
            notes.append(f"Segments in a circle select nobody: {', '.join(self.segments.broken)}.")
        return Simulation(
            visits={
                flow.key: [visit.shown(names) for visit in self.visits if visit.flow.id == flow.id]
                for flow in self.book.flows.values()
            },
            messages=[mail.shown() for mail in self.outbox.mails],
            segments=segments,
            calls=self.calls,
            fields=self.stand.values(),
            notes=notes,
        )


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


def _net(touches: Iterable[Taken]) -> list[tuple[str, str]]:
    """What changes by hand come to: who was put in and out again has not moved."""
    made: dict[str, list[str]] = {}
    for touch in touches:
        if touch.kind == "segment":
            made.setdefault(touch.name, []).append(str((touch.detail or {}).get("change")))
    return [(key, changes[-1]) for key, changes in made.items() if changes[0] == changes[-1]]


def _matches(match: Match, touch: Taken | None) -> bool:
    if not match:
        return True
    return touch is not None and matches_where(list(match), touch.properties or {})
