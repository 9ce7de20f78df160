"""What data and time do to the visits of a simulation: out, in, on, at one instant. No IO.

What the pulse does is followed step by step (`flows.engine.pulse`, `flows.engine.reactions`): data
until quiet, each event first out, then in, then carried to rest; then segments; then, time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from flows.engine.carry import Passage, carry
from flows.engine.codes import Taken
from flows.nodes.base import CallOut, Walker
from flows.trial.answers import branch_of
from flows.trial.gate import Gate, matches
from flows.trial.run import Run
from flows.trial.shapes import Called, TrialRefused
from flows.trial.visits import Visit
from messaging.terms import Terms

ROUNDS = 1_000
"""So often one instant may set itself off before the flows are said to go in circles."""


class Reactions:
    """How the flows of a simulation react, instant by instant."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.gate = Gate(run)

    def settle(self) -> None:
        """Work until there is nothing to do at this instant."""
        for _ in range(ROUNDS):
            self._data_until_quiet()
            self.run.points.fade(self.run.now)
            moved = self.run.segments.refresh_time(self.run.now)
            if moved:
                self.run.points.moved(moved, self.run.now)
                self._follow((), self._noted(moved))
            self._time_in_flows()
            self._data_until_quiet()
            self._carry_due()
            if not self.run.stand.touches and not self._delivered():
                return
        raise TrialRefused(
            "At one instant the flows set each other off without end.", code="too_much"
        )

    def _data_until_quiet(self) -> None:
        for _ in range(ROUNDS):
            touches = self.run.stand.take_touches()
            if not touches:
                return
            self.run.points.happened(touches, self.run.now)
            for touch in touches:
                is_event = touch.kind == "event"
                if touch.kind == "flow" or (is_event and self.run.book.concerns(touch.key)):
                    self._occur(touch)
            concerned = self.run.segments.concerned({touch.key for touch in touches})
            moved = self._noted(self.run.segments.refresh(concerned, self.run.now))
            by_hand = _net(touches)
            self._noted(by_hand)
            self.run.points.moved([*by_hand, *moved], self.run.now)
            data = {touch.key for touch in touches if touch.kind != "event"}
            self._follow(data, [*by_hand, *moved])
        raise TrialRefused(
            "At one instant the flows set each other off without end.", code="too_much"
        )

    def _noted(self, moved: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        self.run.changes += [(key, self.run.now, change) for key, change in moved]
        return moved

    def _occur(self, touch: Taken) -> None:
        """One occurrence: first out, then in, then carried to rest."""
        keys = {touch.key, "event:*"} if touch.kind == "event" else {touch.key}
        walkers = self.run.inside()
        for _visit, walker in walkers:
            if touch.event_id is not None:
                walker.upto = touch.event_id
        gone = self._take_out(walkers, keys, touch)
        staying = [one for one in walkers if one[0].id not in gone]
        self._carry(self.gate.admit(self.gate.entries_of(touch)), self._listening(staying, keys))

    def _follow(self, touched: Iterable[str], moved: Sequence[tuple[str, str]]) -> None:
        """Joins, leaves and changed data take the contact out, let them in and free them."""
        keys = set(touched)
        for segment, change in moved:
            keys |= {f"segment:{segment}", f"segment_{change}:{segment}"}
        if not keys:
            return
        walkers = self.run.inside()
        gone = self._take_out(walkers, keys, None)
        entries = [*self.gate.entries_of_moves(moved), *self.gate.entries_of_fields(keys)]
        entering = self.gate.admit(entries)
        staying = [one for one in walkers if one[0].id not in gone]
        self._carry(entering, self._listening(staying, keys))

    def _time_in_flows(self) -> None:
        """Goals that time alone has reached, dates that have come, one-off sends."""
        timed = [one for one in self.run.inside() if self.run.goal_by_time(one[0])]
        self._take_out(timed, {"*"}, None)
        due = self.run.timers.due(self.run.now, self.run.stand.members)
        self._carry(
            self.gate.admit((self.gate.entry(flow, node), why) for flow, node, why in due), []
        )

    def _carry_due(self) -> None:
        due = [
            (visit, visit.woken())
            for visit in self.run.visits
            if visit.state == "inside"
            and visit.flow.id not in self.run.stopped
            and visit.due_at is not None
            and visit.due_at <= self.run.now
        ]
        self._carry([], due)

    def _delivered(self) -> bool:
        """Send what is due, as delivery would right after the pulse."""
        if not self.run.deliver:
            return False
        sent = self.run.outbox.deliver(self.run.now)
        for mail in sent:
            if mail.effect is None:
                continue
            about = {
                "message": str(mail.id),
                "template": mail.effect.template,
                "flow": mail.flow,
                "node": mail.node,
            }
            self.run.stand.does("Email Sent", self.run.now, about, touch=True, seen=False)
        return bool(sent)

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
            if (version.goal_keys & keys or "*" in keys) and self.run.world.fulfils(
                version.settings.goal, [walker]
            ):
                endings.append((visit, "converted", "reached the goal"))
                continue
            reason = self._exit_reason(visit, keys, touch)
            if reason is not None:
                endings.append((visit, "exited", reason))
        for visit, state, reason in endings:
            visit.end(state, self.run.now, reason)
            self.run.outbox.cancel(visit.id, f"left the flow: {reason}")
            self.run.moved(visit.flow)
        return {visit.id for visit, _state, _reason in endings}

    def _exit_reason(self, visit: Visit, keys: set[str], touch: Taken | None) -> str | None:
        if touch is not None and touch.key == f"flow:{visit.flow.key}":
            detail = touch.detail or {}
            if detail.get("change") == "remove":
                return str(detail.get("reason") or "removed from the flow")
        for key in sorted(keys):
            for match, reason in self.run.book.exits.get(key, {}).get(visit.version.id, ()):
                if matches(match, touch):
                    return reason
        return None

    def _listening(
        self, walkers: Sequence[tuple[Visit, Walker]], keys: set[str]
    ) -> list[tuple[Visit, Walker]]:
        return [
            (visit, walker)
            for visit, walker in walkers
            if not walker.parked
            and visit.flow.id not in self.run.stopped
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
                self.run.visits.append(visit)
            visit.walker = walker
            passage = carry(
                visit.version.plan,
                self.run.world,
                entering=[walker] if fresh else [],
                waking=[] if fresh else [walker],
                post=partial(self._post, visit),
            )
            self._write(visit, passage)

    def _write(self, visit: Visit, passage: Passage) -> None:
        """Remember what a pass did."""
        steps = passage.steps
        self.run.steps += len(steps.numbers)
        if self.run.steps > self.run.limits.steps:
            raise TrialRefused(
                f"More than {self.run.limits.steps:,} steps would be taken.", code="too_much"
            )
        for node, came_by in zip(steps.nodes, steps.came_by, strict=True):
            visit.arrive(node, self.run.now, came_by)
        fresh, visit.walker.fresh = visit.walker.fresh, False
        for _walker, until in passage.resting:
            visit.due_at = until
        for _walker, ending, reason, branch in passage.ended:
            visit.end(ending, self.run.now, reason, branch)
        for _walker, error in passage.failed:
            visit.state, visit.reason, visit.due_at = "failed", error, None
        passage.post_by(partial(self._post, visit))
        for call, walker, step, node in passage.calls:
            self._call(visit, call, (walker.visit_id, step), node)
        if fresh or passage.ended:
            self.run.moved(visit.flow)
        self.run.stand.changed()

    def _post(self, visit: Visit, passage: Passage) -> None:
        """Decide about mail as the contact stands now."""
        terms = Terms.of(visit.version.settings.terms() or {})
        for effect, walker, _step, node in passage.messages:
            self.run.outbox.put(visit.flow.key, effect, walker, node, self.run.now, terms=terms)
        for notice, walker, _step, node in passage.notices:
            self.run.outbox.notify(visit.flow.key, notice, walker, node, self.run.now)

    def _call(self, visit: Visit, call: CallOut, place: tuple[int, int], node: str) -> None:
        """A call that would be made; it ends at once, as was said."""
        branch, note = branch_of(self.run.answers.get(node, "next"))
        if note:
            self.run.stand.notes[note] = None
        request = dict(call.request)
        self.run.calls.append(
            Called(self.run.now, visit.flow.key, node, call.kind, request, branch)
        )
        self.run.world.ended[place] = branch
        self.run.stand.answered(self.run.now)


def _net(touches: Iterable[Taken]) -> list[tuple[str, str]]:
    """What changes by hand come to: who was put in and out again has not moved."""
    made: dict[str, list[str]] = {}
    for touch in touches:
        if touch.kind == "segment":
            made.setdefault(touch.name, []).append(str((touch.detail or {}).get("change")))
    return [(key, changes[-1]) for key, changes in made.items() if changes[0] == changes[-1]]
