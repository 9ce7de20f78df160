"""Carrying sets along a plan, with a world of plain dicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.engine.carry import LOOP_REST, Passage, carry
from flows.graph import Graph, compile_plan
from flows.nodes.base import Effect, UpdateFields, Walker
from segments.rules import ContactData, VisitData, evaluate, parse

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


class DictWorld:
    """A world in memory: contacts are their fields."""

    def __init__(self, fields: dict[int, dict[str, Any]] | None = None) -> None:
        self.now = NOW
        self.zone = "UTC"
        self.contacts = fields or {}
        self.asked = 0
        self.looks: dict[int, datetime] = {}
        self.calls: dict[int, str] = {}

    def fulfils(self, rule: Any, walkers: Sequence[Walker]) -> set[int]:
        self.asked += 1
        types = {"plan": "string"}
        parsed = parse(rule, fields=types, in_flow=True)
        return {
            walker.visit_id
            for walker in walkers
            if evaluate(
                parsed,
                ContactData(id=walker.contact_id, fields=self.contacts.get(walker.contact_id, {})),
                now=self.now,
                zone="UTC",
                fields=types,
                visit=VisitData(walker.entry_at, walker.step_at(), walker.trigger),
            )
        }

    def next_looks(self, rule: Any, walkers: Sequence[Walker]) -> Mapping[int, datetime]:
        return self.looks

    def calls_of(self, walkers: Sequence[Walker]) -> Mapping[int, str]:
        return {
            walker.visit_id: self.calls[walker.visit_id]
            for walker in walkers
            if walker.visit_id in self.calls
        }

    def field_values(
        self, keys: Sequence[str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, Any]]:
        return {walker.contact_id: self.contacts.get(walker.contact_id, {}) for walker in walkers}

    def render(
        self, texts: Mapping[str, str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, str] | Exception]:
        return {
            walker.visit_id: ValueError("no name")
            if "name" not in self.contacts.get(walker.contact_id, {})
            else {key: text.replace("{{ name }}", self.contacts[walker.contact_id]["name"])
                  for key, text in texts.items()}
            for walker in walkers
        }  # fmt: skip

    def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
        for effect, walkers in effects:
            if isinstance(effect, UpdateFields):
                for walker in walkers:
                    self.contacts.setdefault(walker.contact_id, {}).update(effect.set)


def walker(number: int, node: str = "in") -> Walker:
    return Walker(
        visit_id=number,
        lane=number % 64,
        contact_id=number,
        entry_at=NOW,
        entered_at=NOW,
        arrived_at=NOW,
        node=node,
        fresh=True,
    )


def run(
    nodes: Mapping[str, tuple[str, object]],
    edges: Sequence[str],
    *,
    world: DictWorld | None = None,
    entering: Sequence[Walker] = (),
    waking: Sequence[Walker] = (),
) -> Passage:
    drawn = Graph.model_validate(
        {
            "nodes": [{"id": key, "type": t, "config": c} for key, (t, c) in nodes.items()],
            "edges": [
                dict(zip(("source", "branch", "target"), edge.split(), strict=True))
                for edge in edges
            ],
        }
    )
    plan = compile_plan(drawn, fields={"plan": "string"})
    return carry(plan, world or DictWorld(), entering=entering, waking=waking)


IN = ("event", {"name": "X"})
MAIL = ("send_email", {"template": "t"})
PRO = {"type": "field", "field": "plan", "op": "eq", "value": "pro"}


def path_of(passage: Passage, visit_id: int) -> list[tuple[str, str]]:
    steps = passage.steps
    return [
        (node, came_by)
        for one, node, came_by in zip(steps.walkers, steps.nodes, steps.came_by, strict=True)
        if one.visit_id == visit_id
    ]


def test_everybody_rests_at_the_wait_until_its_end() -> None:
    passage = run({"in": IN, "w": ("wait", {"for": "PT1H"})}, ["in next w"], entering=[walker(1)])
    assert [(one.visit_id, until) for one, until in passage.resting] == [
        (1, NOW + timedelta(hours=1))
    ]
    assert passage.counts == {("in", "in"): 1, ("in", "out:next"): 1, ("w", "in"): 1}


def test_a_set_is_split_by_one_question() -> None:
    world = DictWorld({1: {"plan": "pro"}, 2: {"plan": "free"}, 3: {"plan": "pro"}})
    nodes = {"in": IN, "c": ("condition", {"rule": PRO}), "m": MAIL}
    passage = run(
        nodes, ["in next c", "c yes m"], world=world, entering=[walker(n) for n in (1, 2, 3)]
    )
    assert world.asked == 1
    assert {one.visit_id for _, one, _, _ in passage.messages} == {1, 3}
    assert sorted((one.visit_id, branch) for one, _, _, branch in passage.ended) == [
        (1, "next"), (2, "no"), (3, "next"),
    ]  # fmt: skip


def test_a_later_node_of_the_pass_sees_what_an_earlier_one_did() -> None:
    nodes = {
        "in": IN,
        "u": ("update_fields", {"set": {"plan": "pro"}}),
        "c": ("condition", {"rule": PRO}),
        "m": MAIL,
    }
    passage = run(nodes, ["in next u", "u next c", "c yes m"], entering=[walker(1)])
    assert path_of(passage, 1) == [("in", ""), ("u", "next"), ("c", "next"), ("m", "yes")]


def test_where_two_ways_join_the_node_runs_once_for_all() -> None:
    world = DictWorld({1: {"plan": "pro"}})
    nodes = {
        "in": IN,
        "c": ("condition", {"rule": PRO}),
        "m": MAIL,
        "c2": ("condition", {"rule": PRO}),
    }
    edges = ["in next c", "c yes m", "m next c2", "c no c2"]
    run(nodes, edges, world=world, entering=[walker(1), walker(2)])
    assert world.asked == 2


def test_a_contact_whose_template_fails_is_parked_and_the_others_go_on() -> None:
    world = DictWorld({1: {"name": "Ada"}, 2: {}})
    nodes = {"in": IN, "u": ("update_fields", {"set": {"hi": "Hi {{ name }}"}}), "m": MAIL}
    passage = run(nodes, ["in next u", "u next m"], world=world, entering=[walker(1), walker(2)])
    assert [(one.visit_id, error) for one, error in passage.failed] == [(2, "no name")]
    assert world.contacts[1]["hi"] == "Hi Ada"
    assert [one.visit_id for _, one, _, _ in passage.messages] == [1]


def test_who_comes_to_the_same_node_twice_in_a_pass_rests_a_minute() -> None:
    # A wait that is over at once would let this loop spin within one pass.
    nodes = {"in": IN, "w": ("wait", {"for": "PT1M"}), "m": MAIL}
    late = walker(1, "w")
    late.arrived_at = NOW - timedelta(hours=1)
    late.steps = 2
    passage = run(nodes, ["in next w", "w next m", "m next w"], waking=[late])
    assert path_of(passage, 1) == [("m", "next"), ("w", "next")]
    assert [until for _, until in passage.resting] == [NOW + LOOP_REST]


def test_steps_are_numbered_without_gaps() -> None:
    nodes = {"in": IN, "a": MAIL, "b": MAIL, "g": ("goal", {})}
    passage = run(nodes, ["in next a", "a next b", "b next g"], entering=[walker(7)])
    assert passage.steps.numbers == [0, 1, 2, 3]
    assert [(step, node) for _, _, step, node in passage.messages] == [(1, "a"), (2, "b")]
    assert [how for _, how, _, _ in passage.ended] == ["converted"]


def test_every_walker_ends_in_exactly_one_place() -> None:
    world = DictWorld({n: {"plan": "pro"} if n % 3 else {} for n in range(300)})
    nodes = {
        "in": IN,
        "c": ("condition", {"rule": PRO}),
        "w": ("wait", {"for": "PT1H"}),
        "e": ("exit", {"reason": "not now"}),
    }
    passage = run(
        nodes,
        ["in next c", "c yes w", "c no e"],
        world=world,
        entering=[walker(n) for n in range(300)],
    )
    places = (
        [one.visit_id for one, _ in passage.resting]
        + [one.visit_id for one, _, _, _ in passage.ended]
        + [one.visit_id for one, _ in passage.failed]
    )
    assert sorted(places) == list(range(300))
