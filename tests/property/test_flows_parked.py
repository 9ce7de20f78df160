"""Steps that fail: who is parked, and retried or skipped: one, all at a step, all of a kind.

Two texts fail by different kinds of errors for who has the size 0. Meanwhile people leave, sizes
are mended, the flow is paused or published anew. The engine does what the paper does.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from flows.chosen import Chosen
from flows.lives import flow_pause, flow_resume
from flows.models import Visit
from flows.people import people_act
from tests import flow_lives_on_paper as lives
from tests.builders_flows import everything_adds_up
from tests.flow_strategies import Drawing, Node, directed, drawn, on, plan_is
from tests.flows_side_by_side import SideBySide
from tests.people_on_paper import Person, Way
from tests.steps_on_paper import TEXTS

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob", "cyd")
Doing = tuple[Any, ...]
DIVIDED, MODULO = ({"set": {"plan": text}} for text in TEXTS)
FRAGILE: dict[str, Node] = {
    "t0": on("A"),
    "n0": ("update_fields", DIVIDED),
    "n1": ("wait", {"for": "PT1M"}),
    "n2": ("update_fields", MODULO),
    "n3": ("update_fields", DIVIDED),
    "n4": ("send_email", {"template": "hello", "topic": "news"}),
    "n5": ("update_fields", MODULO),
}
MENDED: dict[str, Node] = {**FRAGILE, "n0": ("update_fields", {"set": {"plan": "b"}})}
WITHOUT: dict[str, Node] = {key: FRAGILE[key] for key in ("t0", "n1", "n2", "n3", "n4", "n5")}


def fragile(nodes: dict[str, Node], goal: Any) -> Drawing:
    """Draw one way through these steps."""
    names = sorted(nodes, key=lambda name: (name != "t0", name))
    ways = [f"{one} next {other}" for one, other in pairwise(names)]
    out = [{"type": "event", "name": "B", "where": []}]
    return drawn(nodes, *ways, reentry={"type": "after_exit"}, exit_when=out, goal=goal)


who = st.integers(0, 2)
whom = st.one_of(
    st.just(("everybody",)),
    st.tuples(st.just("at"), st.sampled_from(["n0", "n0", "n2", "n3", "n5"])),
    st.tuples(st.just("of kind"), st.sampled_from([kind for _, kind in TEXTS.values()])),
    st.tuples(st.just("one"), who),
)
sizes = st.tuples(st.just("size"), who, st.sampled_from([0, 2, 3]))
acts = st.tuples(st.sampled_from(["retry", "retry", "retry live", "skip", "skip"]), whom)
passes = st.tuples(st.just("pass"), st.integers(1, 2))
others = st.one_of(
    passes,
    passes,
    st.tuples(st.just("does"), who, st.sampled_from("AAB")),
    st.just(("toggle",)),
    st.tuples(
        st.just("publish"), st.sampled_from([MENDED, WITHOUT]), st.sampled_from([None, {}, "n4"])
    ),
)
whatever = st.builds(
    lambda *pairs: [doing for pair in pairs for doing in pair],
    *[st.tuples(st.one_of(sizes, others), acts)] * 3,
)
all_the_way = st.builds(
    lambda meant, other, then: [
        ("skip", ("everybody",)), ("pass", 1), *[("skip", meant), other, ("skip", meant), then] * 2,
    ],
    st.just(("everybody",)) | whom, st.one_of(passes, sizes), acts,
)  # fmt: skip
as_mended = st.builds(
    lambda nodes, moves, again, meant, then: [
        ("publish", nodes, moves), (again, meant), ("pass", 1), then, ("retry live", meant),
    ],
    st.sampled_from([MENDED, MENDED, WITHOUT]), st.sampled_from([None, None, {}, "n4"]),
    st.sampled_from(["retry", "retry", "retry live"]), whom, st.one_of(sizes, acts),
)  # fmt: skip
of_one_kind = st.builds(
    lambda action, kind, other, then: [(action, ("of kind", kind)), other, then],
    st.sampled_from(["retry", "skip", "skip"]),
    st.sampled_from([kind for _, kind in TEXTS.values()]), others, acts,
)  # fmt: skip
scenes = [whatever, all_the_way, as_mended, of_one_kind]


def happens(both: SideBySide, doing: Doing, goal: Any) -> None:
    """One thing that happens or is done."""
    flow = both.paper.flows["f0"]
    match doing:
        case ("size", number, size):
            both.set_fields(number, {"size": size})
        case ("pass", minutes):
            both.minutes_pass(minutes)
        case ("does", number, event):
            both.happens(NAMES[number], [(event, 1, 0)])
        case ("toggle",) if flow.status == "live":
            flow_pause("f0", actor=COMMAND, now=both.now)
            lives.pause(flow)
        case ("toggle",):
            flow_resume("f0", actor=COMMAND, now=both.now)
            lives.resume(both.paper, flow, both.now)
        case ("publish", nodes, moves):
            leads = {"n0": moves} if isinstance(moves, str) else moves
            both.publish("f0", fragile(nodes, goal), leads)
        case (action, chosen):
            act(both, action, chosen)
        case _:
            raise NotImplementedError(doing)


def act(both: SideBySide, action: str, chosen: Doing) -> None:
    """Retry or skip for those who are meant."""
    name, *live = action.split()
    given_ = {"live": True} if live else {}
    people_act("f0", name, _chosen(both, chosen), given_, actor=COMMAND, now=both.now)
    for person in both.paper.people.values():
        for way in person.open():
            if way.state == "failed" and _is_meant(both, chosen, person, way):
                if name == "retry":
                    lives.retry(way, both.now, live=bool(live))
                else:
                    lives.skip(both.paper, person, way, both.now)


def _chosen(both: SideBySide, chosen: Doing) -> Chosen:
    match chosen:
        case ("at", node):
            return Chosen(node=node)
        case ("of kind", kind):
            return Chosen(kind=kind)
        case ("one", number):
            return Chosen(contacts=(both.person_of(number).id,))
        case _:
            return Chosen(everybody=True)


def _is_meant(both: SideBySide, chosen: Doing, person: Person, way: Way) -> bool:
    match chosen:
        case ("at", node):
            return bool(way.node == node)
        case ("of kind", kind):
            return bool(way.failure == kind)
        case ("one", number):
            return both.person_of(number) is person
        case _:
            return True


@pytest.mark.parametrize("scene", range(len(scenes)))
@directed(examples=4)
@given(
    st.tuples(st.sampled_from([0, 0, 2]), st.sampled_from([0, 2]), st.just(2)),
    st.sampled_from([None, None, plan_is("3")]),
    st.data(),
)
def test_who_is_parked_stands_still_until_somebody_helps(
    scene: int, sizes_first: tuple[int, int, int], goal: Any, data: st.DataObject
) -> None:
    with SideBySide.opened(NAMES, ("f0", fragile(FRAGILE, goal))) as both:
        for number, size in enumerate(sizes_first):
            both.set_fields(number, {"size": size})
            both.happens(NAMES[number], [("A", 1, 0)])
        both.settle()
        both.set_fields(2, {"size": 0})
        both.minutes_pass(1)
        for doing in data.draw(scenes[scene]):
            happens(both, doing, goal)
            both.settle()
        everything_adds_up()
        both.minutes_pass(1)
        assert not Visit.objects.filter(state="failed", due_at__isnull=False).exists()
