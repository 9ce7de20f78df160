"""Carry: take sets of visits along a plan until all rest or are out.

PURE: no Django, no IO, no clock. Nodes decide (`flows.nodes`), this module interprets: it hands
walkers on by branch, in the order of the plan, and writes down what happened as data for the pulse
to store. What a node wants done to the contact itself is applied through the `World` as soon as the
node has run, so later nodes of the same pass see it; what it wants done in the world is collected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from common.errors import NotFound
from flows.graph.plan import Plan, PlanNode
from flows.nodes.base import (
    BrokenError,
    CallOut,
    Effect,
    Ending,
    NotifyOwner,
    Outcome,
    SendEmail,
    Walker,
    World,
    sways_mail,
)

LOOP_REST = timedelta(minutes=1)
"""How long a visit rests that comes to a node where it has already been in this pass."""
PATIENCE = 500
"""So often one pass halves a set that fails; what fails after that is parked as it is, good ones
among it: else a step that fails for everybody would be tried for each, and hold up all others."""


class CannotApplyError(Exception):
    """What nodes want done to contacts cannot be done, and nothing of it has been."""


class ActingWorld(World, Protocol):
    """A world in which what a node wants done to contacts can be done at once."""

    def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
        """Do what concerns the contacts themselves.

        Raises
        ------
        NotFound
            If what an effect names is no more; nothing has been done then.
        CannotApplyError
            If it cannot be done for somebody among them.
        """


@dataclass(slots=True)
class Steps:
    """Arrivals as columns: row i says that visit i took its step `numbers[i]`."""

    walkers: list[Walker] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    came_by: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Passage:
    """What one pass over one plan did.

    Attributes
    ----------
    steps
        Every arrival of this pass.
    resting
        Who rests now, and when the rest ends by itself (None: not by time).
    ended
        Who is out: outcome, reason, and the branch without an edge by which they left, if any.
    failed
        Who is parked, with the error.
    messages
        E-mails wanted and not posted yet: (effect, walker, step number, node).
    calls, notices
        Calls to other systems, and mails to sales reps, likewise.
    posted
        How many e-mails have been posted on the way.
    counts
        (node, what) → how many, `what` being `in`, `failed`, `out:<branch>`.
    """

    steps: Steps = field(default_factory=Steps)
    resting: list[tuple[Walker, datetime | None]] = field(default_factory=list)
    ended: list[tuple[Walker, Ending, str, str]] = field(default_factory=list)
    failed: list[tuple[Walker, str]] = field(default_factory=list)
    messages: list[tuple[SendEmail, Walker, int, str]] = field(default_factory=list)
    calls: list[tuple[CallOut, Walker, int, str]] = field(default_factory=list)
    notices: list[tuple[NotifyOwner, Walker, int, str]] = field(default_factory=list)
    posted: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def post_by(self, post: Post) -> None:
        """Hand over what is to be sent, and forget it."""
        if self.messages or self.notices:
            post(self)
            self.posted += len(self.messages)
            self.messages, self.notices = [], []

    @property
    def transitions(self) -> int:
        """How many nodes were arrived at."""
        return len(self.steps.numbers)


Post = Callable[[Passage], None]
"""Decides what becomes of the messages and notices that a passage wants, as contacts stand now."""


def carry(
    plan: Plan,
    world: ActingWorld,
    *,
    entering: Iterable[Walker] = (),
    waking: Iterable[Walker] = (),
    post: Post | None = None,
) -> Passage:
    """Carry visits along the plan until every one rests or is out.

    Parameters
    ----------
    plan
        The compiled version all these visits walk.
    world
        Answers the nodes' questions at `world.now` and applies what they want.
    entering
        New visits; `walker.node` is their trigger.
    waking
        Visits that rest at `walker.node`, to be decided anew.
    post
        Called before a node does to contacts what decides about mail (a choice, an address), with
        all mail that nodes before it want: each is decided as the contact stood at its step.

    Returns
    -------
    Passage
        Every given walker is in exactly one of `resting`, `ended`, `failed`.
    """
    sweep = _Sweep(plan, world, post)
    by_trigger: dict[str, list[Walker]] = {}
    for walker in entering:
        by_trigger.setdefault(walker.node, []).append(walker)
    for trigger, walkers in by_trigger.items():
        sweep.arrive(plan.nodes[trigger], walkers, "")
    for walker in waking:
        sweep.wake(walker)
    return sweep.until_all_rest()


def parked(new: Sequence[Walker], woken: Sequence[Walker], error: str) -> Passage:
    """The passage of visits that could not be carried: all stay where they are, as failed.

    Parameters
    ----------
    new, woken
        As `entering` and `waking` of `carry`; a new one has come as far as its trigger.
    error
        What a person is told.
    """
    passage = Passage(failed=[(walker, error) for walker in (*new, *woken)])
    for walker in new:
        passage.steps.walkers.append(walker)
        passage.steps.numbers.append(walker.steps)
        passage.steps.nodes.append(walker.node)
        passage.steps.came_by.append("")
        passage.counts[walker.node, "in"] += 1
        walker.steps += 1
    for walker, _error in passage.failed:
        passage.counts[walker.node, "failed"] += 1
    return passage


class _Sweep:
    """One pass: who has arrived where and has not been decided yet."""

    def __init__(self, plan: Plan, world: ActingWorld, post: Post | None) -> None:
        self.plan = plan
        self.world = world
        self.post = post
        self.passage = Passage()
        self.pending: dict[int, list[Walker]] = {}
        self.patience = PATIENCE

    def wake(self, walker: Walker) -> None:
        """Have a resting visit decided anew where it stands."""
        node = self.plan.nodes[walker.node]
        walker.been |= 1 << node.place
        self.pending.setdefault(node.place, []).append(walker)

    def arrive(self, node: PlanNode, walkers: list[Walker], came_by: str) -> None:
        """Take a step to a node. Who has been there in this pass rests a minute before it runs."""
        mark = 1 << node.place
        now = self.world.now
        steps = self.passage.steps
        going: list[Walker] = []
        for walker in walkers:
            steps.numbers.append(walker.steps)
            walker.steps += 1
            walker.node = node.id
            walker.arrived_at = now
            if walker.been & mark:
                self.passage.resting.append((walker, now + LOOP_REST))
            else:
                walker.been |= mark
                going.append(walker)
        steps.walkers += walkers
        steps.nodes += [node.id] * len(walkers)
        steps.came_by += [came_by] * len(walkers)
        self.passage.counts[node.id, "in"] += len(walkers)
        if going:
            self.pending.setdefault(node.place, []).extend(going)

    def until_all_rest(self) -> Passage:
        """Run the nodes in the order of the plan until nobody is left to be decided."""
        while self.pending:
            place = min(self.pending)
            node = self.plan.nodes[self.plan.order[place]]
            self._follow(node, self._decide(node, self.pending.pop(place)))
        return self.passage

    def _follow(self, node: PlanNode, outcome: Outcome) -> None:
        """Interpret an outcome: effects first, then everybody to where they go."""
        passage = self.passage
        if refused := self._act(node, outcome):
            _park(outcome, refused)
        passage.resting += outcome.rest
        passage.failed += outcome.failed
        if outcome.failed:
            passage.counts[node.id, "failed"] += len(outcome.failed)
        if outcome.end:
            passage.counts[node.id, "out:"] += len(outcome.end)
            passage.ended += [(walker, how, reason, "") for walker, how, reason in outcome.end]
        for branch, walkers in outcome.leave.items():
            if not walkers:
                continue
            passage.counts[node.id, f"out:{branch}"] += len(walkers)
            target = node.targets.get(branch)
            if target is None:
                passage.ended += [
                    (walker, "completed", "came to the end", branch) for walker in walkers
                ]
            else:
                self.arrive(self.plan.nodes[target], walkers, branch)

    def _act(self, node: PlanNode, outcome: Outcome) -> list[tuple[Walker, str]]:
        """Have the effects done; returns for whom they could not be, and why."""
        on_contacts: list[tuple[Effect, Sequence[Walker]]] = []
        for effect, walkers in outcome.effects:
            if isinstance(effect, SendEmail):
                self.passage.messages += [
                    (effect, walker, walker.steps - 1, node.id) for walker in walkers
                ]
            elif isinstance(effect, CallOut):
                self.passage.calls += [
                    (effect, walker, walker.steps - 1, node.id) for walker in walkers
                ]
            elif isinstance(effect, NotifyOwner):
                self.passage.notices += [
                    (effect, walker, walker.steps - 1, node.id) for walker in walkers
                ]
            elif walkers:
                on_contacts.append((effect, walkers))
        if self.post and any(sways_mail(effect) for effect, _walkers in on_contacts):
            self.passage.post_by(self.post)
        return self._apply(on_contacts)

    def _apply(self, effects: list[tuple[Effect, Sequence[Walker]]]) -> list[tuple[Walker, str]]:
        """Have effects done; what cannot be is halved, down to whom it cannot be done for."""
        if not effects:
            return []
        try:
            self.world.apply(effects)
        except NotFound as gone:
            error = str(gone.detail)
            return [(walker, error) for _effect, walkers in effects for walker in walkers]
        except CannotApplyError as trouble:
            first, second = _halves(effects)
            if not second or not self._is_patient():
                error = str(trouble)
                return [(walker, error) for _effect, walkers in effects for walker in walkers]
        else:
            return []
        return self._apply(first) + self._apply(second)

    def _decide(self, node: PlanNode, walkers: list[Walker]) -> Outcome:
        """Run a node; one contact's trouble is parked with that contact, the others go on.

        A set that fails is halved until those at fault stand alone; all are parked where the step
        itself is broken.
        """
        try:
            return node.type.run(node.config, walkers, self.world)
        except BrokenError as broken:
            return Outcome(failed=[(walker, str(broken)) for walker in walkers])
        except (ValueError, TypeError, ArithmeticError, LookupError) as trouble:
            if len(walkers) == 1 or not self._is_patient():
                error = f"{type(trouble).__name__}: {trouble}"
                return Outcome(failed=[(walker, error) for walker in walkers])
        half = len(walkers) // 2
        merged = self._decide(node, walkers[:half])
        other = self._decide(node, walkers[half:])
        for branch, leaving in other.leave.items():
            merged.leave.setdefault(branch, []).extend(leaving)
        merged.rest += other.rest
        merged.end += other.end
        merged.failed += other.failed
        merged.effects += other.effects
        return merged

    def _is_patient(self) -> bool:
        self.patience -= 1
        return self.patience >= 0


def _halves(
    effects: list[tuple[Effect, Sequence[Walker]]],
) -> tuple[list[tuple[Effect, Sequence[Walker]]], list[tuple[Effect, Sequence[Walker]]]]:
    """Effects in two halves, by effect or, of a single one, by walker; the second may be empty."""
    if len(effects) > 1:
        return effects[: len(effects) // 2], effects[len(effects) // 2 :]
    effect, walkers = effects[0]
    half = (len(walkers) + 1) // 2
    rest = walkers[half:]
    return [(effect, walkers[:half])], [(effect, rest)] if rest else []


def _park(outcome: Outcome, refused: list[tuple[Walker, str]]) -> None:
    """For whom an effect could not be done fails at the node, and does not leave it."""
    staying = {walker.visit_id for walker, _error in refused}
    for branch, walkers in outcome.leave.items():
        outcome.leave[branch] = [one for one in walkers if one.visit_id not in staying]
    outcome.failed += refused
