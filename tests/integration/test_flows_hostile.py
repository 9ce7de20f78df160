"""What no flow can be made of is refused at every door, with a sentence."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from flows.models import Flow
from flows.nodes import NODE_TYPES
from tests.builders_flows import (
    CART_EDGES,
    HOUR,
    build_flow,
    build_graph,
    on,
)
from tests.doors import error_of, send, signed_in

pytestmark = pytest.mark.django_db

FLOWS = "/api/flows/"


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"rules": [value]}
    return value


def _odd_graphs() -> dict[str, Any]:
    node = {"id": "a", "type": "wait", "config": {}}
    return {
        "3,000 nodes": {"nodes": [{**node, "id": f"n{i}"} for i in range(3000)]},
        "too many edges": {"nodes": [], "edges": [{"source": "a", "target": "b"}] * 9000},
        "deep": {"nodes": [{**node, "config": _deep(300)}]},
        "a list": [],
        "a text": "graph",
        "nodes are no list": {"nodes": {"a": node}},
        "a node is a number": {"nodes": [7]},
        "a node without id": {"nodes": [{"type": "wait"}]},
        "an id with a space": {"nodes": [{**node, "id": "a b"}]},
        "an id too long": {"nodes": [{**node, "id": "a" * 101}]},
        "an unknown key": {"nodes": [{**node, "colour": "red"}]},
        "config is a list": {"nodes": [{**node, "config": []}]},
        "a position far away": {"nodes": [{**node, "position": {"x": "left"}}]},
        "a branch too long": {"edges": [{"source": "a", "target": "b", "branch": "x" * 101}]},
    }


@pytest.mark.parametrize("kind", _odd_graphs())
def test_a_graph_of_the_wrong_shape_is_refused_at_every_door(editor: Client, kind: str) -> None:
    graph = _odd_graphs()[kind]
    send(editor, "POST", FLOWS, {"name": "x", "key": "x"})
    body = {"name": "x", "graph": graph, "settings": {}, "revision": 1}
    assert error_of(send(editor, "POST", FLOWS, {"name": "y", "graph": graph}))
    assert error_of(send(editor, "PUT", f"{FLOWS}x/", body))
    assert error_of(send(editor, "POST", f"{FLOWS}validate/", {"graph": graph}))
    assert Flow.objects.get().revision == 1


HOSTILE_RAW = {
    "NUL": '{"nodes": [{"id": "a", "type": "wait", "note": "\\u0000"}]}',
    "half a surrogate": '{"nodes": [{"id": "a", "type": "wait", "config": {"x": "\\ud800"}}]}',
    "NaN": '{"nodes": [{"id": "a", "type": "wait", "position": {"x": NaN}}]}',
    "infinity": '{"nodes": [{"id": "a", "type": "wait", "position": {"x": 1e999}}]}',
    "an endless number": '{"nodes": [{"id": "a", "type": "wait", "config": {"x": -1e999}}]}',
    "very deep": '{"nodes": ' + "[" * 5000 + "]" * 5000 + "}",
}


@pytest.mark.parametrize("kind", HOSTILE_RAW)
def test_what_no_database_can_hold_is_refused(editor: Client, kind: str) -> None:
    raw = '{"name": "x", "graph": ' + HOSTILE_RAW[kind] + "}"
    for path in (FLOWS, f"{FLOWS}validate/"):
        assert error_of(editor.generic("POST", path, raw, "application/json"))
    assert not Flow.objects.exists()


def test_settings_of_the_wrong_shape_are_refused(editor: Client) -> None:
    odd: list[Any] = [
        [],
        {"reentry": "once"},
        {"reentry": {"type": "often"}},
        {"exit_when": [{"type": "event"}]},
        {"exit_when": [{"type": "moon", "name": "full"}]},
        {"exit_when": [{"type": "event", "name": "x"}] * 51},
        {"goal": []},
        {"goal": "bought"},
        {"suppress": "vips"},
        {"suppress": [["vips"]]},
        {"unknown": 1},
    ]
    for settings in odd:
        body = {"graph": {}, "settings": settings}
        assert error_of(send(editor, "POST", f"{FLOWS}validate/", body)), settings


def test_settings_that_cannot_work_are_problems(editor: Client) -> None:
    odd: list[Any] = [
        {"reentry": {"type": "after_exit", "gap": "soon"}},
        {"reentry": {"type": "after_exit", "gap": ""}},
        {"exit_when": [{"type": "event", "name": "x", "where": [{"property": 5}]}]},
        {"goal": {}},
        {"goal": {"all": []}},
        {"goal": _deep(11)},
        {"goal": {"type": "field", "field": "nowhere", "op": "eq", "value": 1}},
        {"suppress": [""]},
    ]
    for settings in odd:
        body = {"graph": build_graph({"in": on("A"), "h": HOUR}, ["in next h"])}
        answer = send(editor, "POST", f"{FLOWS}validate/", {**body, "settings": settings})
        assert answer.json()["problems"], settings


def test_the_most_a_graph_may_be_is_checked_within_a_second_or_two(editor: Client) -> None:
    triggers = [{"id": f"t{i}", "type": "manual"} for i in range(1000)]
    waits = [{"id": f"w{i}", "type": "wait", "config": {"for": "PT1H"}} for i in range(1000)]
    edges = [{"source": f"t{i}", "target": f"w{i}"} for i in range(1000)]
    edges += [
        {"source": f"w{i}", "target": f"w{(i + step) % 1000}", "branch": f"b{step}"}
        for i in range(1000)
        for step in range(1, 8)
    ]
    began = time.monotonic()
    body = {"graph": {"nodes": triggers + waits, "edges": edges}}
    answer = send(editor, "POST", f"{FLOWS}validate/", body)
    assert answer.json()["problems"][0]["code"] == "too_many_nodes"
    assert time.monotonic() - began < 3


def test_odd_bodies_are_refused_at_every_door(editor: Client) -> None:
    build_flow()
    doors = [("POST", FLOWS), ("PUT", f"{FLOWS}cart/")]
    doors += [("POST", f"{FLOWS}{path}/") for path in ("validate", "sentences", "cart/add")]
    doors += [("POST", f"{FLOWS}cart/remove/")]
    for method, path in doors:
        bodies: list[Any] = [None, [], "x", 7, {"name": []}, {"nodes": [1], "contact": "x"}]
        for body in bodies:
            assert error_of(send(editor, method, path, body)), (path, body)
    odd: list[Any] = [[], {"hour": ["a"]}, {"hour": "x" * 101}]
    for moves in odd:
        asked = {"inside": "move", "moves": moves}
        assert error_of(send(editor, "POST", f"{FLOWS}cart/publish/", asked)), moves
    assert Flow.objects.get().revision == 1


@pytest.mark.parametrize("kind", sorted(NODE_TYPES))
def test_no_config_makes_a_check_or_a_sentence_fall_over(editor: Client, kind: str) -> None:
    odd: list[Any] = [None, "", "x", "PT0S", -1, 10**15, True, [], [None], {}, {"a": {}}, _deep(8)]
    properties = NODE_TYPES[kind].Config.model_json_schema(by_alias=True).get("properties", {})
    nodes: list[Any] = [{"id": "blank", "type": kind}]
    for key in (*properties, "unknown"):
        for i, value in enumerate(odd):
            nodes.append({"id": f"{key}.{i}", "type": kind, "config": {key: value}})
    body = {"graph": {"nodes": nodes}, "nodes": nodes}
    assert send(editor, "POST", f"{FLOWS}validate/", body).status_code == 200
    assert send(editor, "POST", f"{FLOWS}sentences/", body).status_code == 200
    edges = CART_EDGES[:1]
    assert send(editor, "POST", FLOWS, {"name": "x", **body, "edges": edges}).status_code == 201
