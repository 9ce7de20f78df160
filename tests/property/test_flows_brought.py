"""Moves of many, lane by lane: who has not had their turn rests, and nothing is lost meanwhile.

A flow is published again and again with people inside, as if they were many; between the lanes'
turns things happen, the engine works, the flow is paused. The engine does what the paper does.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from flows.lives import flow_pause, flow_resume
from tests import flow_lives_on_paper as lives
from tests.builders_flows import everything_adds_up
from tests.flow_strategies import Drawing, Node, directed, drawn, on, plan_is
from tests.flows_side_by_side import MINUTE, SideBySide

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob", "cyd")
Doing = tuple[Any, ...]
FIRST: dict[str, Node] = {
    "t0": on("A"),
    "n0": ("wait", {"for": "PT2M"}),
    "n1": ("wait_for", {"rule": plan_is("g"), "timeout": "PT3M"}),
    "n2": ("send_email", {"template": "hello", "topic": "news"}),
    "n3": ("wait", {"for": "PT1M"}),
}
EDITIONS: list[dict[str, Node]] = [
    FIRST,
    {**FIRST, "n0": ("wait", {"for": "PT1M"})},
    {**FIRST, "n1": ("wait_for", {"rule": plan_is("b"), "timeout": "PT2M"})},
    {**FIRST, "n1": ("adjust_score", {"by": 5})},
    {key: node for key, node in FIRST.items() if key != "n0"},
    {key: node for key, node in FIRST.items() if key != "n1"},
]


def one_way(nodes: dict[str, Node], goal: Any) -> Drawing:
    """Draw one way through these steps."""
    ways = []
    for one, other in zip(list(nodes), list(nodes)[1:], strict=False):
        branches = ["matched", "timeout"] if nodes[one][0] == "wait_for" else ["next"]
        ways += [f"{one} {branch} {other}" for branch in branches]
    out = [{"type": "event", "name": "B", "where": []}]
    return drawn(nodes, *ways, reentry={"type": "after_exit"}, exit_when=out, goal=goal)


who = st.integers(0, 2)
publishes = st.tuples(
    st.just("publish"),
    st.sampled_from(EDITIONS),
    st.sampled_from([{}, {}, {"n0": "n2"}, {"n0": "n3", "n1": "n3"}, {"n1": "n2", "n0": "n1"}]),
    st.sampled_from([True, True, True, False]),
)
stays = st.tuples(st.just("stay"), st.sampled_from(EDITIONS))
brings = st.just(("bring",))
meanwhile = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 3)),
    st.tuples(st.just("pass"), st.integers(1, 3)),
    st.tuples(st.just("does"), who, st.sampled_from("AAB")),
    st.tuples(st.just("plan"), who, st.sampled_from("bg")),
    st.tuples(st.just("plan"), who, st.sampled_from("gg")),
    st.tuples(st.just("asleep"), st.integers(1, 2)),
    st.just(("toggle",)),
    stays,
)
days = st.lists(
    st.builds(
        lambda first, second, third, edition: [first, edition, second, ("bring",), third],
        meanwhile, meanwhile, st.one_of(brings, meanwhile), publishes,
    ), min_size=1, max_size=2,
)  # fmt: skip


def happens(both: SideBySide, doing: Doing, goal: Any) -> None:
    """One thing that happens or is done."""
    flow = both.paper.flows["f0"]
    match doing:
        case ("pass", minutes):
            passes(both, minutes)
        case ("asleep", minutes):
            both.now += minutes * MINUTE
        case ("does", number, event):
            both.happens(NAMES[number], [(event, 1, 0)])
            both.all_turn()
        case ("plan", number, plan):
            both.set_fields(number, {"plan": plan})
            both.all_turn()
        case ("toggle",) if flow.status == "live":
            flow_pause("f0", actor=COMMAND, now=both.now)
            lives.pause(flow)
        case ("toggle",):
            flow_resume("f0", actor=COMMAND, now=both.now)
            lives.resume(both.paper, flow, both.now)
        case ("publish", nodes, moves, many):
            leads = {node: target for node, target in moves.items() if target in nodes}
            both.publish("f0", one_way(nodes, goal), leads, many=many)
        case ("stay", nodes):
            both.publish("f0", one_way(nodes, goal), None)
        case _:
            both.some_are_moved("f0")
    both.all_turn()
    both.compare()


def passes(both: SideBySide, minutes: int) -> None:
    """Time passes; whoever has not had their turn rests, however long."""
    for _ in range(minutes):
        both.now += MINUTE
        both.all_turn()


@directed(examples=6)
@given(st.sampled_from([None, None, plan_is("b")]), st.integers(0, 2), days)
def test_who_has_not_had_their_turn_rests(goal: Any, minutes: int, days: list[list[Doing]]) -> None:
    with SideBySide.opened((), ("f0", one_way(FIRST, goal))) as both:
        for name in NAMES:
            both.people_come([name], plan="a")
            lanes_between(21)
        for number, name in enumerate(NAMES):
            both.happens(name, [("A", 1, 0)])
            both.all_turn()
            passes(both, minutes if number < 2 else 0)
        for day in days:
            for doing in day:
                happens(both, doing, goal)
            everything_adds_up()
        while both.some_are_moved("f0"):
            both.all_turn()
        both.settle()
        both.minutes_pass(2)


def lanes_between(n: int) -> None:
    """The next contact comes into a lane so many further on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('contact', 'id')) FROM generate_series(1, %s)",
            [n - 1],
        )
