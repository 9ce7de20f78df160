"""Random flows over a small world, for tests that compare the engine with the paper.

The world is small so that flows meet: three events, two fields, three segments, three flows that
feed one another. All instants are whole minutes, so a clock that ticks once a minute misses none.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
FLOWS = ("f0", "f1", "f2")
SEGMENTS = ("s0", "s1", "s2")
EVENTS = ("A", "B", "C")
FIELDS = {"plan": "string", "ends": "datetime", "size": "number"}
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
WAITS = ("wait", "wait_for", "wait_until", "wait_date")

Node = tuple[str, dict[str, Any]]


def directed(*, examples: int) -> settings:
    """Settings of a property about one law: few examples, each of which comes to it."""
    return settings(
        max_examples=examples * (20 if EXPLORING else 1),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@dataclass
class Drawing:
    """A flow as drawn: nodes, where each branch leads, and what holds for the whole."""

    nodes: dict[str, Node] = field(default_factory=dict)
    ways: dict[tuple[str, str], str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def edges(self) -> list[str]:
        """The ways as `source branch target`."""
        return [f"{source} {branch} {target}" for (source, branch), target in self.ways.items()]


def drawn(nodes: dict[str, Node], *edges: str, **chosen: Any) -> Drawing:
    """Draw a flow; an edge is `source branch target`."""
    ways = {(source, branch): target for source, branch, target in map(str.split, edges)}
    nothing: dict[str, Any] = {
        "reentry": {"type": "once"},
        "exit_when": [],
        "goal": None,
        "suppress": [],
    }
    return Drawing(nodes, ways, {**nothing, **chosen})


def on(name: str) -> Node:
    """A trigger on an event."""
    return ("event", {"name": name, "where": []})


def done(name: str, **given_: Any) -> dict[str, Any]:
    """A rule about an event."""
    return {"type": "event", "name": name, **given_}


minutes = st.sampled_from(["PT1M", "PT1M", "PT2M", "PT3M"])
plans = st.sampled_from(["a", "b", "g"])
events = st.sampled_from(EVENTS)
segments = st.sampled_from(SEGMENTS)
flows = st.sampled_from(FLOWS)


def plan_is(value: str) -> dict[str, Any]:
    """A rule on the field that everything is about."""
    return {"type": "field", "field": "plan", "op": "eq", "value": value}


def _event(name: Any, **given: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just("event"), "name": name, **given})


windows = st.builds(lambda last: {"last": last}, minutes)
plain_rules = st.one_of(
    plans.map(plan_is),
    plans.map(plan_is),
    _event(events, op=st.just("gte"), value=st.sampled_from([1, 2])),
    _event(events, window=windows),
    _event(st.just("*"), window=windows, op=st.just("eq"), value=st.just(0)),
    st.builds(
        lambda age: {"type": "field", "field": "plan", "op": "eq", "value": "b", "for": age},
        minutes,
    ),
    st.just({"type": "field", "field": "ends", "op": "older_than", "value": "PT1M"}),
    st.sampled_from(["news", "offers"]).map(
        lambda topic: {"type": "consent", "topic": topic, "op": "unsubscribed"}
    ),
)
in_segment = st.builds(
    lambda key, op: {"type": "segment", "segment": key, "op": op},
    segments,
    st.sampled_from(["in", "not_in"]),
)
in_flow_rules = st.one_of(
    plain_rules,
    plain_rules,
    in_segment,
    _event(events, window=st.sampled_from([{"since": "entry"}, {"since": "step"}])),
    st.just({"type": "trigger", "property": "n", "op": "gte", "value": 2}),
    st.builds(
        lambda key, op: {"type": "flow", "flow": key, "op": op},
        flows,
        # Not `inside` or `entered`: a visit's row is written when its first pass is over.
        st.sampled_from(["completed", "converted", "exited"]),
    ),
)


def _negated(rules: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(rules, min_size=2, max_size=2)
    return st.one_of(
        rules,
        rules,
        rules.map(lambda rule: {"type": "not", "rule": rule}),
        st.builds(
            lambda kind, pair: {"type": kind, "rules": pair}, st.sampled_from(["all", "any"]), some
        ),
    )


rules = _negated(in_flow_rules)
segment_rules = _negated(plain_rules)

clock = st.sampled_from(
    [
        {"time": "00:02"},
        {"time": "00:05"},
        {"between": ["00:03", "00:06"]},
        {"between": ["23:30", "00:01"]},
    ]
)
waits = st.one_of(
    st.builds(lambda span: ("wait", {"for": span}), minutes),
    st.builds(lambda span: ("wait", {"for": span}), minutes),
    st.builds(lambda rule, span: ("wait_for", {"rule": rule, "timeout": span}), rules, minutes),
    st.builds(lambda rule, span: ("wait_for", {"rule": rule, "timeout": span}), rules, minutes),
    st.builds(
        lambda when, zone: ("wait_until", {**when, "timezone": zone}),
        clock,
        st.sampled_from(["contact", "UTC"]),
    ),
    st.sampled_from(
        [("wait_date", {"field": "ends"}), ("wait_date", {"field": "ends", "offset": "-PT1M"})]
    ),
)
choices = st.one_of(
    st.builds(lambda rule: ("condition", {"rule": rule}), rules),
    st.builds(
        lambda one, two: (
            "switch",
            {"cases": [{"branch": "one", "rule": one}, {"branch": "two", "rule": two}]},
        ),
        rules,
        rules,
    ),
    st.just(
        ("split", {"branches": [{"branch": "x", "weight": 40}, {"branch": "y", "weight": 60}]})
    ),
)
actions = st.one_of(
    st.sampled_from([("send_email", {"template": "hello", "topic": "news"})] * 2),
    st.builds(lambda plan: ("update_fields", {"set": {"plan": plan}}), plans),
    st.builds(lambda plan: ("update_fields", {"set": {"plan": plan}}), plans),
    st.just(("update_fields", {"unset": ["plan"]})),
    st.sampled_from([("adjust_score", {"by": 5}), ("adjust_score", {"by": -2})]),
    st.builds(lambda kind, key: (kind, {"segment": key}),
              st.sampled_from(["add_to_segment", "remove_from_segment"]), segments),
    st.builds(lambda kind, key: (kind, {"flow": key}),
              st.sampled_from(["add_to_flow", "add_to_flow", "remove_from_flow"]), flows),
    st.builds(lambda topic, state: ("set_consent", {"topic": topic, "state": state}),
              st.sampled_from(["news", "offers"]), st.sampled_from(["subscribed", "unsubscribed"])),
    st.builds(lambda name, n: ("record_event", {"name": name, "properties": {"n": n}}),
              events, st.sampled_from([1, 2])),
)  # fmt: skip
ends = st.sampled_from([("exit", {"reason": "enough"}), ("goal", {})])
steps = st.one_of(waits, waits, choices, actions, actions, ends)
event_triggers = st.builds(
    lambda name, where: ("event", {"name": name, "where": where}),
    events,
    st.sampled_from([[], [], [{"property": "n", "op": "gte", "value": 2}]]),
)
other_triggers: st.SearchStrategy[Node] = st.one_of(
    st.builds(lambda kind, key: (kind, {"segment": key}),
              st.sampled_from(["segment_entered", "segment_left"]), segments),
    segments.map(lambda key: ("segment_entered", {"segment": key, "include_existing": True})),
    st.sampled_from([("field_changed", {"field": "plan"}),
                     ("field_changed", {"field": "plan", "to": "b"})]),
    st.just(("manual", {})),
)  # fmt: skip
exits = st.one_of(
    st.builds(lambda name: {"type": "event", "name": name, "where": []}, events),
    st.builds(lambda kind, key: {"type": kind, "segment": key},
              st.sampled_from(["segment_entered", "segment_left"]), segments),
)  # fmt: skip
chosen = st.fixed_dictionaries(
    {
        # Without a gap two flows could set each other off for ever within one instant.
        "reentry": st.sampled_from(
            [{"type": "once"}, {"type": "after_exit", "gap": "PT1M"},
             {"type": "after_exit", "gap": "PT2M"}]
        ),
        "exit_when": st.lists(exits, max_size=1),
        "goal": st.one_of(st.none(), st.none(), plans.map(plan_is), rules),
        "suppress": st.one_of(st.just([]), st.just([]), segments.map(lambda key: [key])),
    }
)  # fmt: skip


def branches(node: Node) -> list[str]:
    """The ways out of a node."""
    kind, config = node
    if kind == "switch":
        return [*(case["branch"] for case in config["cases"]), "else"]
    if kind == "split":
        return [share["branch"] for share in config["branches"]]
    return {
        "condition": ["yes", "no"],
        "wait_for": ["matched", "timeout"],
        "wait_date": ["next", "passed"],
        "exit": [],
        "goal": [],
    }.get(kind, ["next"])


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Draw a flow whose ways lead forward, but for those out of a wait, which may lead back."""
    nodes: dict[str, Node] = {"t0": draw(event_triggers)}
    if draw(st.booleans()):
        nodes["t1"] = draw(other_triggers)
    names = [f"n{i}" for i in range(draw(st.integers(1, 6)))]
    nodes |= {name: draw(steps) for name in names}
    ways: dict[tuple[str, str], str] = {}
    for name, node in nodes.items():
        place = names.index(name) + 1 if name in names else 0
        for branch in branches(node):
            targets: list[str | None] = [*names[place:], *names[place : place + 2]]
            # Waits that may be over at once lead back more often: loops must not spin.
            back = {"wait": 1}.get(node[0], 3) if node[0] in WAITS else 0
            targets += names[:place] * back
            target = draw(st.sampled_from([*targets, None])) if place else names[0]
            if target is not None:
                ways[name, branch] = target
    reached = [name for name in nodes if name not in names]
    for here in reached:
        reached += [t for (s, _), t in ways.items() if s == here and t not in reached]
    return Drawing(
        {name: node for name, node in nodes.items() if name in reached},
        {way: target for way, target in ways.items() if way[0] in reached},
        draw(chosen),
    )
