"""Corners of the flow engine that random days seldom come to, each with days made for it.

A loop's rest, the very instant at which somebody may come again, what has been done when a wait is
over, what a rule may know at its event, flows that set each other off: the engine does what
`tests.flows_on_paper` does, as in the state machine, but nearly every example is about the one law.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from flows.engine import gate
from flows.lives import flow_resume
from tests import flow_lives_on_paper as lives
from tests import flows_on_paper
from tests.flow_strategies import Node, directed, done, drawn, on, plan_is
from tests.flows_side_by_side import MINUTE, SideBySide

pytestmark = pytest.mark.django_db

cornering = directed(examples=10)
spans = st.integers(1, 3)
MAIL: Node = ("send_email", {"template": "hello", "topic": "news"})
SCORE: Node = ("adjust_score", {"by": 5})
AGAIN = {"type": "after_exit"}


def wait(minutes: int) -> Node:
    """A wait."""
    return ("wait", {"for": f"PT{minutes}M"})


# ── a loop rests a minute ───────────────────────────────────────────────────────────────────────

over_at_once = st.one_of(
    st.builds(
        lambda span: ("wait_for", {"rule": done("A"), "timeout": f"PT{span}M"}),
        spans,
    ),
    st.just(("wait_until", {"between": ["23:30", "00:01"], "timezone": "UTC"})),
    st.just(("wait_date", {"field": "ends"})),
)


@cornering
@given(over_at_once, st.lists(st.sampled_from([MAIL, SCORE]), max_size=2), spans)
def test_who_comes_round_rests_a_minute_first(turn: Node, acts: list[Node], minutes: int) -> None:
    nodes: dict[str, Node] = {"t0": on("A"), "turn": turn}
    nodes |= {f"n{place}": act for place, act in enumerate(acts)}
    names = [*(f"n{place}" for place in range(len(acts))), "turn"]
    branches = {"wait_for": ["matched", "timeout"], "wait_date": ["next", "passed"]}
    edges = [f"turn {branch} {names[0]}" for branch in branches.get(turn[0], ["next"])]
    edges += [f"{one} next {other}" for one, other in pairwise(names)]
    with SideBySide.opened(["ada"], ("f0", drawn(nodes, "t0 next turn", *edges))) as both:
        both.happens("ada", [("A", 1, 0)])
        both.settle()
        both.minutes_pass(minutes)


# ── again, and when ─────────────────────────────────────────────────────────────────────────────


@cornering
@given(st.booleans(), spans, st.lists(st.integers(1, 4), min_size=2, max_size=4))
def test_they_come_again_from_the_gap_on(waits: bool, gap: int, days: list[int]) -> None:
    nodes: dict[str, Node] = {"t0": on("A"), "n0": wait(1) if waits else SCORE, "n1": MAIL}
    again = {**AGAIN, "gap": f"PT{gap}M"}
    drawing = drawn(nodes, "t0 next n0", "n0 next n1", reentry=again)
    with SideBySide.opened(["ada"], ("f0", drawing)) as both:
        for pause in (0, *days):
            both.minutes_pass(pause)
            both.happens("ada", [("A", 1, 0)])
            both.settle()


# ── data before time ────────────────────────────────────────────────────────────────────────────

ways_out = st.sampled_from(
    [
        {"exit_when": [{"type": "event", "name": "B", "where": []}]},
        {"goal": done("B")},
        {"goal": plan_is("g")},
        {},
    ]
)


@cornering
@given(
    ways_out,
    spans,
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from("ABB"), st.booleans()), max_size=3),
    st.booleans(),
)
def test_what_was_done_before_a_wait_ends_counts_first(
    out: dict[str, Any], span: int, day: list[tuple[int, str, bool]], becomes: bool
) -> None:
    nodes: dict[str, Node] = {
        "t0": on("A"),
        "n0": wait(span),
        "n1": ("condition", {"rule": done("B", window={"since": "entry"})}),
        "n2": SCORE,
        "n3": MAIL,
    }
    edges = ["t0 next n0", "n0 next n1", "n1 yes n2", "n1 no n3"]
    with SideBySide.opened(["ada"], ("f0", drawn(nodes, *edges, reentry=AGAIN, **out))) as both:
        both.happens("ada", [("A", 1, 0)])
        both.settle()
        for asleep, name, works in day:
            both.now += asleep * MINUTE
            both.happens("ada", [(name, 1, 0)])
            if works:
                both.settle()
        both.now += MINUTE
        if becomes:
            both.set_fields(0, {"plan": "g"})
        both.settle()
        both.minutes_pass(span)


# ── what a rule may know at its event ───────────────────────────────────────────────────────────

known = st.one_of(
    st.builds(
        lambda name, n: done(name, op="gte", value=n),
        st.sampled_from(["A", "B", "*"]),
        st.integers(1, 3),
    ),
    st.builds(
        lambda name: done(name, window={"since": "entry"}, op="eq", value=0), st.sampled_from("AB")
    ),
)


@cornering
@given(known, known, st.lists(st.sampled_from("AAB"), min_size=2, max_size=4), st.booleans())
def test_a_rule_knows_what_had_come_by_its_event(
    asked: dict[str, Any], waited: dict[str, Any], day: list[str], waits: bool
) -> None:
    nodes: dict[str, Node] = {
        "t0": on("A"),
        "n0": ("condition", {"rule": asked}),
        "n1": ("wait_for", {"rule": waited, "timeout": "PT2M"}) if waits else SCORE,
        "n2": SCORE,
        "n3": MAIL,
    }
    edges = ["t0 next n0", "n0 yes n1", "n0 no n2"]
    edges += ["n1 matched n3", "n1 timeout n2"] if waits else ["n1 next n3"]
    with SideBySide.opened(["ada"], ("f0", drawn(nodes, *edges, reentry=AGAIN))) as both:
        both.happens("ada", [(name, 1, 0) for name in day])
        both.settle()
        both.minutes_pass(2)


# ── flows that set each other off ───────────────────────────────────────────────────────────────

calls = st.tuples(st.booleans(), st.booleans())


@cornering
@given(
    calls,
    st.integers(2, 4),
    st.lists(st.sampled_from(["A", "B", "day", "resume"]), min_size=1, max_size=4),
)
def test_flows_that_set_each_other_off_are_paused(
    by_event: tuple[bool, bool], most: int, day: list[str]
) -> None:
    drawings = []
    for event, other, other_flow, tells in (("A", "B", "f1", 0), ("B", "A", "f0", 1)):
        act: Node = ("add_to_flow", {"flow": other_flow})
        if by_event[tells]:
            act = ("record_event", {"name": other, "properties": {"n": 1}})
        drawings.append(drawn({"t0": on(event), "n0": act}, "t0 next n0", reentry=AGAIN))
    flows = zip(("f0", "f1"), drawings, strict=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gate, "MOST_A_DAY", most)
        patched.setattr(flows_on_paper, "MOST_A_DAY", most)
        with SideBySide.opened(["ada"], *flows) as both:
            for what in ("A", *day):
                if what == "day":
                    both.now += timedelta(days=1)
                elif what == "resume":
                    resume(both)
                else:
                    both.happens("ada", [(what, 1, 0)])
                both.settle()


def resume(both: SideBySide) -> None:
    """Resume every flow that is paused."""
    for key, flow in both.paper.flows.items():
        if flow.status == "paused":
            flow_resume(key, actor=COMMAND, now=both.now)
            lives.resume(both.paper, flow, both.now)
