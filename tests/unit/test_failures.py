"""What fails in a pass: parked at that step, those at fault alone; and kinds of errors."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from common.errors import NotFound
from flows.engine import carry as carrying
from flows.engine.carry import CannotApplyError, Passage, carry
from flows.failures import kind_of
from flows.graph import Graph, compile_plan
from flows.nodes.base import Effect, Outcome, Walker
from flows.nodes.condition import Condition
from tests.builders_flows import build_graph, on
from tests.unit.test_carry import DictWorld, walker

RULE = {"type": "field", "field": "plan", "op": "set"}
NODES = {
    "in": on("Go"),
    "ask": ("condition", {"rule": RULE}),
    "score": ("adjust_score", {"by": 1}),
    "hour": ("wait", {"for": "PT1H"}),
}
EDGES = ["in next ask", "ask yes score", "ask no score", "score next hour"]


class FailingWorld(DictWorld):
    """A world in which some visits cannot be asked about, and some not be acted on."""

    def __init__(self, dumb: Iterable[int] = (), numb: Iterable[int] = ()) -> None:
        super().__init__()
        self.dumb, self.numb = set(dumb), set(numb)
        self.applied: list[int] = []
        self.tries = 0

    def fulfils(self, rule: Any, walkers: Sequence[Walker]) -> set[int]:
        self.tries += 1
        if any(one.visit_id in self.dumb for one in walkers):
            raise ValueError("cannot say")
        return set()

    def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
        self.tries += 1
        ids = [one.visit_id for _effect, walkers in effects for one in walkers]
        if self.numb & set(ids):
            raise CannotApplyError("cannot do")
        self.applied += ids


def passage_of(world: DictWorld, n: int) -> Passage:
    plan = compile_plan(Graph.model_validate(build_graph(NODES, EDGES)), fields={"plan": "string"})
    return carry(plan, world, entering=[walker(i, "in") for i in range(n)])


@pytest.mark.parametrize("seed", range(5))
def test_those_at_fault_are_parked_where_they_stand_and_all_others_go_on(seed: int) -> None:
    chance = random.Random(seed)
    dumb = set(chance.sample(range(200), chance.randrange(9)))
    numb = set(chance.sample(range(200), chance.randrange(9))) - dumb
    world = FailingWorld(dumb, numb)
    passage = passage_of(world, 200)
    at = {one.visit_id: (one.node, error) for one, error in passage.failed}
    assert {visit for visit, (node, _) in at.items() if node == "ask"} == dumb
    assert {visit for visit, (node, _) in at.items() if node == "score"} == numb
    assert {one.visit_id for one, _ in passage.resting} == set(range(200)) - dumb - numb
    assert sorted(world.applied) == sorted(set(range(200)) - dumb - numb), "once each"
    assert passage.counts["ask", "failed"] == len(dumb)
    assert passage.counts["score", "in"] == 200 - len(dumb)
    assert passage.counts["score", "out:next"] == 200 - len(dumb) - len(numb)


def test_one_at_fault_among_many_is_found_by_halving() -> None:
    world = FailingWorld({777})
    passage_of(world, 4096)
    assert world.tries < 40


def test_a_step_that_fails_for_everybody_is_not_tried_for_each() -> None:
    world = FailingWorld(set(range(10_000)))
    passage = passage_of(world, 10_000)
    assert len(passage.failed) == 10_000
    assert world.tries < 3 * carrying.PATIENCE


def test_what_an_effect_names_and_is_no_more_parks_all_at_once() -> None:
    class Gone(FailingWorld):
        def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
            self.tries += 1
            raise NotFound("there is no segment “vip”")

    world = Gone()
    passage = passage_of(world, 50)
    assert {error for _one, error in passage.failed} == {"there is no segment “vip”"}
    assert len(passage.failed) == 50
    assert world.tries == 2


def test_an_unforeseen_error_of_a_node_is_that_contacts_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = Condition.run

    def run(self: Any, config: Any, walkers: Sequence[Walker], world: Any) -> Outcome:
        if any(one.visit_id == 3 for one in walkers):
            raise KeyError("odd")
        return plain(self, config, walkers, world)

    monkeypatch.setattr(Condition, "run", run)
    passage = passage_of(FailingWorld(), 8)
    assert [(one.visit_id, error) for one, error in passage.failed] == [(3, "KeyError: 'odd'")]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("it broke for ada@example.org", "it broke for …"),
        ("line 3: no 'x'\nin the text", "line …: no 'x'"),
        ("no 0b6f1f2a-9f7b-4c55-8d3e-5b0f6f0a1c2d here", "no … here"),
        ('invalid input: "12.50" at 2026-05-01T10:00:00Z', 'invalid input: "…" at …'),
        ("deadbeef is a word, 1f2e3d4c5b6a is an id", "deadbeef is a word, … is an id"),
        ("", "it failed"),
        ("\n\n", "it failed"),
        ("x" * 5000, "x" * 200),
    ],
)
def test_the_kind_of_an_error_is_what_errors_of_one_cause_have_in_common(
    error: str, kind: str
) -> None:
    assert kind_of(error) == kind


def test_an_error_of_any_size_is_judged_at_once() -> None:
    for odd in ("@" * 5000, "a@" * 5000, "1." * 5000, "0" * 5000, "-".join(["abcdef12"] * 900)):
        assert len(kind_of(odd)) <= 200
