"""The graph model, its checks and the plan."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from flows.graph import (
    Graph,
    Known,
    PlanRefusedError,
    Settings,
    compile_plan,
    problems_of,
)

KNOWN = Known(
    segments={"cart"},
    templates={"hello"},
    topics={"news"},
    flows={"other"},
    fields={"plan": "string"},
)


def graph(nodes: Mapping[str, tuple[str, object]], *edges: str) -> Graph:
    """`graph({"in": ("event", {...})}, "in next out")`."""
    return Graph.model_validate(
        {
            "nodes": [
                {"id": key, "type": kind, "config": config} for key, (kind, config) in nodes.items()
            ],
            "edges": [
                dict(zip(("source", "branch", "target"), edge.split(), strict=True))
                for edge in edges
            ],
        }
    )


START = {"in": ("event", {"name": "X"})}
MAIL = ("send_email", {"template": "hello"})


def codes(drawn: Graph, settings: Settings | None = None) -> set[tuple[str | None, str]]:
    return {
        (problem.node, problem.code)
        for problem in problems_of(drawn, settings or Settings(), KNOWN)
    }


def test_a_sound_graph_has_no_problem() -> None:
    assert codes(graph({**START, "m": MAIL}, "in next m")) == set()


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        (graph({}), (None, "no_trigger")),
        (graph({"m": MAIL}), (None, "no_trigger")),
        (graph({**START, "m": MAIL}, "in next m", "m next in"), ("in", "edge_into_trigger")),
        (graph({**START, "m": MAIL}, "in next gone"), ("in", "edge_to_nowhere")),
        (graph({**START, "m": MAIL}, "gone next m"), ("m", "edge_from_nowhere")),
        (graph({**START, "m": MAIL}, "in sideways m"), ("in", "unknown_branch")),
        (
            graph({**START, "m": MAIL, "n": MAIL}, "in next m", "in next n"),
            ("in", "two_edges_on_branch"),
        ),
        (graph({**START, "m": MAIL}), ("m", "unreachable")),
        (
            graph({**START, "m": MAIL, "n": MAIL}, "in next m", "m next n", "n next m"),
            ("m", "loop_without_wait"),
        ),
        (graph({**START, "m": MAIL}, "in next m", "m next m"), ("m", "loop_without_wait")),
        (graph({"in": ("segment_entered", {"segment": "gone"})}), ("in", "unknown_segment")),
        (graph({"in": ("segment_entered", {})}), ("in", "required")),
        (graph({"in": ("teleport", {})}), ("in", "unknown_type")),
        (
            graph({**START, "m": ("send_email", {"template": "gone"})}, "in next m"),
            ("m", "unknown_template"),
        ),
        (
            graph(
                {**START, "m": ("send_email", {"template": "hello", "topic": "gone"})}, "in next m"
            ),
            ("m", "unknown_topic"),
        ),
        (graph({**START, "w": ("wait", {"for": "P1M"})}, "in next w"), ("w", "invalid")),
        (graph({**START, "w": ("wait", {"for": "-PT1H"})}, "in next w"), ("w", "invalid")),
        (graph({**START, "w": ("wait", {"for": "PT1H", "x": 1})}, "in next w"), ("w", "invalid")),
        (
            graph({**START, "a": ("add_to_flow", {"flow": "gone"})}, "in next a"),
            ("a", "unknown_flow"),
        ),
        (graph({**START, "u": ("update_fields", {})}, "in next u"), ("u", "required")),
        (
            graph(
                {**START, "c": ("condition", {"rule": {"type": "all", "rules": []}})}, "in next c"
            ),
            ("c", "empty"),
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_each_fault_is_found_at_its_node(drawn: Graph, expected: tuple[str | None, str]) -> None:
    found = codes(drawn)
    if expected[1] == "empty":
        assert any(node == expected[0] for node, _ in found)
    else:
        assert expected in found


def test_a_loop_through_a_wait_is_allowed() -> None:
    nodes = {**START, "w": ("wait", {"for": "P1D"}), "m": MAIL}
    assert codes(graph(nodes, "in next w", "w next m", "m next w")) == set()


def test_more_than_500_nodes_are_refused() -> None:
    nodes = {"in": START["in"]} | {f"m{n}": MAIL for n in range(500)}
    edges = ["in next m0", *(f"m{n} next m{n + 1}" for n in range(499))]
    assert codes(graph(nodes, *edges)) == {(None, "too_many_nodes")}


def test_settings_are_checked_too() -> None:
    settings = Settings.model_validate(
        {
            "reentry": {"type": "after_exit", "gap": "P1Y"},
            "exit_when": [{"type": "segment_left", "segment": "gone"}],
            "suppress": ["gone"],
            "goal": {"type": "field", "field": "plan", "op": "gt", "value": 3},
        }
    )
    drawn = graph({**START, "m": MAIL}, "in next m")
    fields = {problem.field for problem in problems_of(drawn, settings, KNOWN)}
    assert {"reentry.gap", "exit_when.0", "suppress"} <= fields
    assert any(field and field.startswith("goal") for field in fields)


def test_the_plan_visits_every_node_after_those_before_it() -> None:
    rule = {"type": "field", "field": "plan", "op": "eq", "value": "pro"}
    nodes = {
        **START,
        "c": ("condition", {"rule": rule}),
        "a": MAIL,
        "b": MAIL,
        "w": ("wait", {"for": "P1D"}),
    }
    edges = ("in next c", "c yes a", "c no b", "a next b", "b next w", "w next c")
    plan = compile_plan(graph(nodes, *edges), fields={"plan": "string"})
    places = {node: plan.nodes[node].place for node in plan.order}
    assert places["in"] < places["c"] < places["a"] < places["b"] < places["w"]
    assert plan.digraph.has_edge("w", "c")
    assert plan.nodes["c"].targets == {"yes": "a", "no": "b"}


def test_a_loop_without_time_cannot_be_compiled() -> None:
    with pytest.raises(PlanRefusedError):
        compile_plan(graph({**START, "m": MAIL}, "in next m", "m next m"), fields={})


@pytest.mark.parametrize(
    ("node", "code", "where"),
    [
        (("condition", {"rule": {"type": "flow_email", "node": "gone", "op": "clicked"}}),
         "unknown_node", "rule"),
        (("condition", {"rule": {"type": "not", "rule": {
            "type": "flow_email", "node": "in", "op": "sent"}}}), "unknown_node", "rule"),
        (("condition", {"rule": {"type": "flow", "flow": "gone", "op": "inside"}}),
         "unknown_flow", "rule"),
        (("wait_for", {"timeout": "P1D", "rule": {"type": "segment", "segment": "gone",
                                                  "op": "in"}}), "unknown_segment", "rule"),
        (("wait_date", {"field": "plan"}), "value", "field"),
    ],
)  # fmt: skip
def test_what_a_step_asks_for_must_exist_and_fit(
    node: tuple[str, object], code: str, where: str
) -> None:
    drawn = graph({"in": ("event", {"name": "Go"}), "it": node}, "in next it")
    (problem,) = problems_of(drawn, Settings(), KNOWN)
    assert (problem.node, problem.code, problem.field) == ("it", code, where)
    assert problem.detail.endswith((".", "!"))


def test_a_rule_may_ask_about_the_mail_of_a_step_that_sends_one() -> None:
    rule = {"type": "flow_email", "node": "mail", "op": "clicked"}
    nodes = {
        "in": ("event", {"name": "Go"}),
        "mail": ("send_email", {"template": "hello"}),
        "ask": ("condition", {"rule": rule}),
    }
    drawn = graph(nodes, "in next mail", "mail next ask")
    assert problems_of(drawn, Settings(goal=rule), KNOWN) == []
    (problem,) = problems_of(drawn, Settings(goal=rule | {"node": "ask"}), KNOWN)
    assert (problem.node, problem.code, problem.field) == (None, "unknown_node", "goal")


@pytest.mark.parametrize(
    ("trigger", "code", "where"),
    [
        (("field_changed", {"field": "plan", "to": 5}), "value", "to"),
        (("field_changed", {"field": "gone"}), "unknown_field", "field"),
        (("field_changed", {}), "required", "field"),
        (("date", {"field": "plan"}), "value", "field"),
        (("date", {"field": "plan", "offset": "P1M"}), "invalid", "offset"),
        (("once", {"segments": []}), "required", "segments"),
        (("once", {"segments": ["cart", "gone"]}), "unknown_segment", "segments"),
        (("once", {"segments": ["cart"], "exclude": ["gone"]}), "unknown_segment", "exclude"),
        (("once", {"segments": ["cart"], "at": "soon"}), "invalid", "at"),
    ],
)
def test_a_trigger_by_field_or_clock_must_be_complete_and_fit(
    trigger: tuple[str, object], code: str, where: str
) -> None:
    drawn = graph({"in": trigger, "out": ("exit", {"reason": "x"})}, "in next out")
    (problem,) = problems_of(drawn, Settings(), KNOWN)
    assert (problem.node, problem.code, problem.field) == ("in", code, where)
