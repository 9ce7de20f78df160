"""Simulate: one contact through flows in memory, on a clock that jumps from moment to moment.

No IO, no clock read: the nodes, the carrier and the rules are those of the engine, what
the engine asks of tables is kept in `Stand`, `Segments`, `Outbox` and `Visit`. So simulation and
engine are two implementations of one pulse, and tests hold them against each other.

Here is the clock; what an instant does is in `reactions`, who comes in, in `gate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flows.nodes.base import Names, plain_names
from flows.trial import mailbox
from flows.trial.happenings import Happening, happenings_of
from flows.trial.reactions import Reactions
from flows.trial.run import Run
from flows.trial.shapes import (
    Answer,
    Boundary,
    Change,
    Scene,
    SceneContact,
    Simulation,
    TrialRefused,
)
from segments.scoring.ledger import SYSTEM_KEY


def simulate(
    scene: Scene,
    contact: SceneContact,
    timeline: Sequence[Mapping[str, Any]],
    *,
    start: datetime,
    end: datetime,
    deliver: bool = True,
    answers: Mapping[str, Answer] | None = None,
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
        How the calls of a node (by its id) end: by `next` (if it is not said), by `failed`, or as
        an HTTP status says.
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
    >>> from datetime import UTC, timedelta
    >>> from flows.trial.shapes import Scene, SceneContact, SceneFlow
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
    run = Run(scene, contact, coming, start=start, limits=limits, way_out=way_out)
    run.deliver, run.answers = deliver, dict(answers or {})
    _Clock(run).go(happening, end)
    return _answer(run, names)


class _Clock:
    """Takes a simulation from moment to moment."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.reactions = Reactions(run)

    def go(self, timeline: Sequence[Happening], end: datetime) -> None:
        """From the start to the end, through every moment at which anything may happen."""
        if self.run.given.as_rules_say:
            self.run.segments.build(self.run.now)
        self._enter_existing()
        self.reactions.settle()
        waiting = list(timeline)
        for _ in range(self.run.limits.instants):
            comes = waiting[0].at if waiting else None
            moment = min((at for at in (comes, self._next_moment()) if at is not None), default=end)
            if moment > end or (moment == end and comes != end):
                self._at(end)
                return
            self._at(moment, happening=[one for one in waiting if one.at == moment])
            waiting = [one for one in waiting if one.at > moment]
        raise TrialRefused(
            f"More than {self.run.limits.instants:,} moments would have to be looked at: choose a "
            "shorter span.",
            code="too_much",
        )

    def _at(self, moment: datetime, happening: Iterable[Happening] = ()) -> None:
        self.run.turn_to(moment)
        for one in happening:
            self._happen(one)
        self.reactions.settle()

    def _next_moment(self) -> datetime | None:
        """The next instant after now at which time alone does anything."""
        moments = [
            self.run.segments.next_turn(self.run.now),
            self.run.outbox.next_due(),
            self.run.points.next_fading(),
            self.run.timers.next_moment(),
        ]
        for visit in self.run.visits:
            if visit.state == "inside" and visit.flow.id not in self.run.stopped:
                moments.append(visit.due_at)
                if self.run.goal_by_time(visit):
                    moments.append(self.run.world.turn(visit.version.settings.goal, visit.woken()))
        later = [at for at in moments if at is not None and at > self.run.now]
        return min(later, default=None)

    def _happen(self, one: Happening) -> None:
        stand, now = self.run.stand, self.run.now
        match one.kind:
            case "event":
                properties = dict(one.value["properties"])
                if one.value["message_of"] is not None:
                    properties.setdefault("message", self._message_of(one.value["message_of"]))
                stand.does(one.value["name"], now, properties, touch=one.value["touch"])
            case "mail":
                mailbox.happens(one.value, self.run.outbox, stand, now)
            case "answers":
                self.run.answers.update(one.value)
            case "fields":
                self._set(dict(one.value))
            case "unset":
                self._left_out(stand.changes({}, one.value, now))
            case "consents":
                stand.chooses(one.value, now)
            case "score":
                stand.scores_by(float(one.value), now, now=now)
            case "add_to_segment" | "remove_from_segment":
                change = "add" if one.kind == "add_to_segment" else "remove"
                try:
                    self.run.segments.by_hand(one.value, change, now)
                except ValueError as trouble:
                    raise TrialRefused(f"In the timeline: {trouble}.", attr="timeline") from None
            case _:
                change = "add" if one.kind == "add_to_flow" else "remove"
                stand.sent_to(one.value, {"change": change}, now)

    def _set(self, fields: dict[str, Any]) -> None:
        stand, now = self.run.stand, self.run.now
        if "score" in fields:
            wanted = float(fields.pop("score"))
            stand.scores_by(wanted - stand.state.row["score"], now, now=now)
        if fields:
            self._left_out(stand.changes(fields, (), now))

    def _message_of(self, node: str) -> str:
        mail = self.run.outbox.last_of(node)
        if mail is None:
            raise TrialRefused(
                f"The timeline speaks of the e-mail of “{node}” before that has sent one.",
                attr="timeline",
            )
        return str(mail.id)

    def _left_out(self, left_out: Iterable[tuple[str, str]]) -> None:
        for key, reason in left_out:
            self.run.stand.notes[f"The field {key} was left as it was: {reason}."] = None

    def _enter_existing(self) -> None:
        """Who is in the segment of a trigger that says so enters at the start."""
        for flow in self.run.book.flows.values():
            for node in flow.version.plan.nodes.values():
                if (
                    node.type.type == "segment_entered"
                    and getattr(node.config, "include_existing", False)
                    and node.config.segment in self.run.stand.members
                ):
                    self.run.stand.sent_to(
                        flow.key, {"change": "add", "node": node.id}, self.run.now
                    )


def _answer(run: Run, names: Names) -> Simulation:
    """What happened, as plain data."""
    segments: dict[str, list[Change]] = {}
    for key, at, change in run.changes:
        if not key.startswith(SYSTEM_KEY):
            segments.setdefault(key, []).append(Change(at, change))
    notes = list(run.stand.notes)
    if run.segments.ranked:
        notes.append(
            "Ranked segments stay as they stand, as they depend on other contacts: "
            f"{', '.join(sorted(run.segments.ranked)[:5])}."
        )
    if run.segments.broken:
        notes.append(f"Segments in a circle select nobody: {', '.join(run.segments.broken)}.")
    return Simulation(
        visits={
            flow.key: [visit.shown(names) for visit in run.visits if visit.flow.id == flow.id]
            for flow in run.book.flows.values()
        },
        messages=[mail.shown() for mail in run.outbox.mails],
        segments=segments,
        calls=run.calls,
        fields=run.stand.values(),
        notes=notes,
    )
