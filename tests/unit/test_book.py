"""The book of running flows: what lets contacts in and out, found by touch key."""

from __future__ import annotations

from typing import Any

import pytest

from flows.engine import book as module
from flows.engine.book import Book, BookFlow, BookVersion
from flows.graph import Graph, compile_plan
from segments.rules import mentions, parse
from tests.builders_flows import CART, CART_EDGES, HOUR, Nodes, build_graph, on

FIELDS = {"plan": "string"}
PRO = {"type": "field", "field": "plan", "op": "eq", "value": "pro"}


def version(
    number: int, nodes: Nodes, edges: list[str], settings: dict[str, Any] | None = None
) -> BookVersion:
    return module.version_of(
        number,
        number,
        build_graph(nodes, edges),
        settings or {},
        FIELDS,
    )


def book_of(*versions: BookVersion, live: bool = True) -> tuple[Book, BookFlow]:
    """A book of one flow whose last version is the present one."""
    book = Book(fields=FIELDS)
    by_id = {one.id: one for one in versions}
    flow = BookFlow(1, "cart", "Cart", live, versions[-1], by_id)
    module._index(book, flow)
    return book, flow


def test_only_the_present_version_lets_contacts_in() -> None:
    nodes: Nodes = {"in": on("New"), "hour": HOUR}
    book, _ = book_of(version(1, CART, CART_EDGES), version(2, nodes, ["in next hour"]))
    assert book.entries.keys() == {"event:New"}
    assert book.concerns("event:New")
    assert not book.concerns("event:Product Added")


def test_every_version_lets_contacts_out_by_its_own_settings() -> None:
    exits = [{"type": "event", "name": "Order Completed"}]
    first = version(1, CART, CART_EDGES, {"exit_when": exits, "suppress": ["press"]})
    book, _ = book_of(first, version(2, CART, CART_EDGES, {"goal": PRO}))
    assert {key: set(by_version) for key, by_version in book.exits.items()} == {
        "event:Order Completed": {1},
        "segment_entered:press": {1},
    }
    assert [(flow.key, number) for flow, number in book.goals["field:plan"]] == [("cart", 2)]
    assert book.flow_of_version == {1: 1, 2: 1}


def test_a_paused_flow_lets_nobody_in_and_frees_nobody_but_lets_out() -> None:
    nodes: Nodes = {"in": on("A"), "wait": ("wait_for", {"rule": PRO, "timeout": "P1D"})}
    exits = {"exit_when": [{"type": "segment_left", "segment": "hot"}]}
    one = version(1, nodes, ["in next wait"], exits)
    running, _ = book_of(one)
    paused, _ = book_of(one, live=False)
    assert running.listeners.keys() == {"field:plan"}
    assert running.entries
    assert not paused.entries
    assert not paused.listeners
    assert paused.exits.keys() == {"segment_left:hot"}


def test_a_goal_is_found_by_what_it_mentions_and_knows_whether_time_alone_can_reach_it() -> None:
    rule = {"type": "event", "name": "A", "window": {"last": "PT1H"}}
    assert mentions(parse(rule, fields=FIELDS)) == {"event:A"}
    timed = version(1, CART, CART_EDGES, {"goal": rule})
    book, _ = book_of(timed)
    assert set(book.goals) == {"event:A"}
    assert timed.goal_by_time
    assert not version(2, CART, CART_EDGES, {"goal": PRO}).goal_by_time


def test_a_changed_field_lets_in_by_its_touch_key() -> None:
    nodes: Nodes = {"in": ("field_changed", {"field": "plan", "to": "pro"}), "hour": HOUR}
    book, _ = book_of(version(1, nodes, ["in next hour"]))
    assert [(flow.key, node) for flow, node, _ in book.entries["field:plan"]] == [("cart", "in")]


@pytest.mark.parametrize(
    ("reentry", "seconds"),
    [
        ({"type": "once"}, None),
        ({"type": "once", "gap": "PT1H"}, None),
        ({"type": "after_exit"}, 0.0),
        ({"type": "after_exit", "gap": "PT1H"}, 3600.0),
    ],
)
def test_the_gap_of_reentry(reentry: dict[str, Any], seconds: float | None) -> None:
    _, flow = book_of(version(1, CART, CART_EDGES, {"reentry": reentry}))
    assert flow.gap_seconds == seconds


@pytest.mark.parametrize(
    ("graph", "settings"),
    [
        (build_graph({"in": ("gone", {})}, []), {}),
        (build_graph({"in": on("A"), "w": ("wait", {"for": "soon"})}, ["in next w"]), {}),
        (build_graph(), {"goal": {"type": "field", "field": "gone", "op": "eq", "value": 1}}),
        (build_graph(), {"goal": {"all": []}}),
        (build_graph(), {"no_such_setting": 1}),
        (build_graph(), []),
        ("graph", {}),
        (build_graph({"in": on("A")}, ["in next nowhere"]), {}),
        (build_graph({"in": on("A")}, ["nowhere next in"]), {}),
    ],
)
def test_a_version_that_cannot_be_read_carries_nobody(graph: Any, settings: Any) -> None:
    book = module.book_of([(1, "a", "A", "live", 1)], [(1, 1, 1, graph, settings)], fields=FIELDS)
    assert book.flows == {}


def test_those_added_by_hand_come_in_by_the_manual_trigger_if_there_is_one() -> None:
    def door(nodes: Nodes, edges: list[str]) -> str:
        return compile_plan(Graph.model_validate(build_graph(nodes, edges)), fields={}).door

    assert door({"a": on("A"), "z": ("manual", {}), "h": HOUR}, ["a next h", "z next h"]) == "z"
    assert door({"b": on("B"), "a": on("A"), "h": HOUR}, ["a next h", "b next h"]) == "a"
