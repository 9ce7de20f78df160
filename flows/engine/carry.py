"""Carry: take sets of visits along a plan until all rest or are out.

PURE: no Django, no IO, no clock. Nodes decide (`flows.nodes`), this module interprets: it hands
walkers on by branch, in the order of the plan, and writes down what happened as data for the pulse
to store. What a node wants done to the contact itself is applied through the `World` as soon as the
node has run, so later nodes of the same pass see it; what it wants done in the world is collected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from flows.graph.plan import Plan, PlanNode
from flows.nodes.base import Effect, Ending, Outcome, SendEmail, Walker, World

LOOP_REST = timedelta(minutes=1)
"""How long a visit rests that comes to a node where it has already been in this pass."""


class ActingWorld(World, Protocol):
    """A world in which what a node wants done to contacts can be done at once."""

    def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
        """Do what concerns the contacts themselves."""


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
        E-mails wanted: (effect, walker, step number, node).
    counts
        (node, what) → how many, `what` being `in`, `failed`, `out:<branch>`.
    """

    steps: Steps = field(default_factory=Steps)
    resting: list[tuple[Walker, datetime | None]] = field(default_factory=list)
    ended: list[tuple[Walker, Ending, str, str]] = field(default_factory=list)
    failed: list[tuple[Walker, str]] = field(default_factory=list)
    messages: list[tuple[SendEmail, Walker, int, str]] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def transitions(self) -> int:
        """How many nodes were arrived at."""
        return len(self.steps.numbers)


def carry(
    plan: Plan,
    world: ActingWorld,
    *,
    entering: Iterable[Walker] = (),
    waking: Iterable[Walker] = (),
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

    Returns
    -------
    Passage
        Every given walker is in exactly one of `resting`, `ended`, `failed`.
    """
    passage = Passage()
    pending: dict[int, list[Walker]] = {}
    for walker in entering:
        _arrive(passage, pending, plan.nodes[walker.node], [walker], "", world.now)
    for walker in waking:
        node = plan.nodes[walker.node]
        walker.been |= 1 << node.place
        pending.setdefault(node.place, []).append(walker)
    while pending:
        place = min(pending)
        node = plan.nodes[plan.order[place]]
        walkers = pending.pop(place)
        outcome = _decide(node, walkers, world)
        _follow(passage, pending, plan, node, outcome, world)
    return passage


def _decide(node: PlanNode, walkers: list[Walker], world: World) -> Outcome:
    """Run a node; one contact's trouble is parked with that contact, the others go on."""
    try:
        return node.type.run(node.config, walkers, world)
    except (ValueError, TypeError, ArithmeticError, LookupError) as trouble:
        if len(walkers) == 1:
            return Outcome(failed=[(walkers[0], f"{type(trouble).__name__}: {trouble}")])
    merged = Outcome()
    for walker in walkers:
        alone = _decide(node, [walker], world)
        for branch, leaving in alone.leave.items():
            merged.leave.setdefault(branch, []).extend(leaving)
        merged.rest += alone.rest
        merged.end += alone.end
        merged.failed += alone.failed
        merged.effects += alone.effects
    return merged


def _follow(
    passage: Passage,
    pending: dict[int, list[Walker]],
    plan: Plan,
    node: PlanNode,
    outcome: Outcome,
    world: ActingWorld,
) -> None:
    """Interpret an outcome: effects first, then everybody to where they go."""
    _act(passage, node, outcome, world)
    for walker, until in outcome.rest:
        passage.resting.append((walker, until))
    for walker, error in outcome.failed:
        passage.failed.append((walker, error))
        passage.counts[node.id, "failed"] += 1
    for walker, ending, reason in outcome.end:
        passage.ended.append((walker, ending, reason, ""))
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
            _arrive(passage, pending, plan.nodes[target], walkers, branch, world.now)
    if outcome.end:
        passage.counts[node.id, "out:"] += len(outcome.end)


def _act(passage: Passage, node: PlanNode, outcome: Outcome, world: ActingWorld) -> None:
    on_contacts: list[tuple[Effect, Sequence[Walker]]] = []
    for effect, walkers in outcome.effects:
        if isinstance(effect, SendEmail):
            passage.messages += [(effect, walker, walker.steps - 1, node.id) for walker in walkers]
        elif walkers:
            on_contacts.append((effect, walkers))
    if on_contacts:
        world.apply(on_contacts)


def _arrive(
    passage: Passage,
    pending: dict[int, list[Walker]],
    node: PlanNode,
    walkers: list[Walker],
    came_by: str,
    now: datetime,
) -> None:
    """Take a step to a node. Who has been there in this pass rests a minute before it runs."""
    mark = 1 << node.place
    steps = passage.steps
    going: list[Walker] = []
    for walker in walkers:
        steps.numbers.append(walker.steps)
        walker.steps += 1
        walker.node = node.id
        walker.arrived_at = now
        if walker.been & mark:
            passage.resting.append((walker, now + LOOP_REST))
        else:
            walker.been |= mark
            going.append(walker)
    steps.walkers += walkers
    steps.nodes += [node.id] * len(walkers)
    steps.came_by += [came_by] * len(walkers)
    passage.counts[node.id, "in"] += len(walkers)
    if going:
        pending.setdefault(node.place, []).extend(going)
