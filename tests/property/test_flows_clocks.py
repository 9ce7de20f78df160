"""Who comes in by the clock: dates, every year too, and one-off sends to several segments.

Days are made of scenes, each about one law: a date that moves, one that comes while the engine
sleeps or the flow is paused, an edit before or after it. The engine does what
`tests.clocks_on_paper` does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from common.clock import canonical
from contacts.models import Contact
from flows.lives import flow_pause, flow_resume
from segments.services import members_change, segment_create
from tests import flow_lives_on_paper as lives
from tests.flow_strategies import Drawing, Node, directed, done, drawn, on
from tests.flows_side_by_side import MINUTE, START, SideBySide
from tests.people_on_paper import Segment

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob", "cyd")
MAIL: Node = ("send_email", {"template": "hello", "topic": "news"})
AGAIN = {"type": "after_exit"}
Doing = tuple[Any, ...]
Scene = list[Doing]

who = st.integers(0, 1)
anybody = st.integers(0, 2)
reentries = st.sampled_from([AGAIN, AGAIN, AGAIN, {"type": "once"}])


def happens(both: SideBySide, doing: Doing) -> None:
    """What may happen in any scene."""
    match doing:
        case ("pass", minutes):
            both.minutes_pass(minutes)
        case ("asleep", minutes):
            both.now += minutes * MINUTE
        case ("rest",):
            both.settle()
        case ("one works", number):
            both.works(both.workers[number])
        case ("toggle",):
            toggle(both)
        case ("does", number):
            both.happens(NAMES[number], [("A", 1, 0)])
        case _:
            raise NotImplementedError(doing)


def toggle(both: SideBySide) -> None:
    """Pause the flow, or resume it."""
    flow = both.paper.flows["f0"]
    if flow.status == "live":
        flow_pause("f0", actor=COMMAND, now=both.now)
        lives.pause(flow)
    else:
        flow_resume("f0", actor=COMMAND, now=both.now)
        lives.resume(both.paper, flow, both.now)


# ── dates ───────────────────────────────────────────────────────────────────────────────────────

offsets = st.sampled_from([None, "-PT1M", "PT1M"])
triggers = st.one_of(
    offsets.map(lambda offset: {"field": "ends", "offset": offset}),
    offsets.map(lambda offset: {"field": "ends", "offset": offset, "repeat": "yearly"}),
)


def on_a_date(config: dict[str, Any], reentry: Any) -> Drawing:
    """Draw a flow that a date lets into, and an event; who has done A since then gets a mail."""
    nodes: dict[str, Node] = {
        "t0": ("date", {key: value for key, value in config.items() if value is not None}),
        "t1": on("B"),
        "n0": ("condition", {"rule": done("A", window={"since": "entry"})}),
        "n1": MAIL,
        "n2": ("adjust_score", {"by": 5}),
    }
    ways = ["t0 next n0", "t1 next n0", "n0 yes n1", "n0 no n2"]
    return drawn(nodes, *ways, reentry=reentry)


def to_be(first: int, last: int, *years: int) -> st.SearchStrategy[Doing]:
    """Somebody's date is set: so many minutes ahead, so many years ago."""
    ago = st.sampled_from(years or (0,))
    return st.tuples(st.just("set"), who, st.integers(first, last), ago)


soon = to_be(1, 3, 0, 0, 2)
otherwise = st.one_of(to_be(-2, 2), st.tuples(st.just("erase"), who), st.just(("rest",)))
edited = triggers.map(lambda config: ("edit", config))
comes = st.builds(lambda *days: [*days, ("pass", 3)], soon, otherwise)
comes_in_a_pause = st.builds(
    lambda date, other: [date, ("toggle",), ("pass", 3), other, ("toggle",), ("pass", 1)],
    soon,
    otherwise,
)
comes_in_a_sleep = st.builds(
    lambda date, first, then, minutes: [
        date, ("rest",), ("asleep", first), ("does", date[1]), ("asleep", minutes), then, ("rest",),
    ],
    soon, st.integers(2, 5), st.one_of(otherwise, st.just(("one works", 0))), st.integers(0, 2),
)  # fmt: skip
is_edited = st.builds(
    lambda date, minutes, edit: [date, ("pass", minutes), edit, ("pass", 3)],
    st.one_of(soon, to_be(-3, 2)),
    st.integers(0, 3),
    edited,
)
comes_again = st.builds(
    lambda date, years: [date, ("pass", 3), *[("year", -4), ("pass", 4)] * years],
    to_be(0, 2, 0, 1, 5),
    st.integers(1, 2),
)
comes_on_a_leap_day = st.builds(
    lambda number, years: [
        ("edit", {"field": "ends", "offset": "P28D", "repeat": "yearly"}),
        ("leap", number), ("pass", 2), *[("year", -2), ("pass", 2)] * years,
    ],
    who, st.integers(0, 2),
)  # fmt: skip
scenes_of_dates = [
    comes, comes_in_a_pause, comes_in_a_sleep, is_edited, comes_again, comes_on_a_leap_day,
]  # fmt: skip


def date_happens(both: SideBySide, doing: Doing, reentry: Any) -> None:
    """One thing in a scene about dates."""
    match doing:
        case ("set", number, ahead, years):
            at = both.now + ahead * MINUTE
            both.set_fields(number, {"ends": canonical(at.replace(year=at.year - years))})
        case ("leap", number):
            at = both.now + MINUTE - timedelta(days=28)
            leap_day = at.replace(year=2024, month=2, day=29)
            both.set_fields(number, {"ends": canonical(leap_day)})
        case ("erase", number):
            both.set_fields(number, {"ends": None})
        case ("year", minutes):
            both.now = both.now.replace(year=both.now.year + 1) + minutes * MINUTE
            both.settle()
        case ("edit", config):
            both.publish("f0", on_a_date(config, reentry), None)
        case _:
            happens(both, doing)


@pytest.mark.parametrize("scene", range(len(scenes_of_dates)))
@directed(examples=5)
@given(config=triggers, reentry=reentries, data=st.data())
def test_a_date_lets_in_when_it_comes(
    scene: int, config: dict[str, Any], reentry: Any, data: st.DataObject
) -> None:
    with SideBySide.opened(NAMES[:2], ("f0", on_a_date(config, reentry))) as both:
        for strategy in (scenes_of_dates[scene], st.one_of(scenes_of_dates)):
            for doing in data.draw(strategy):
                date_happens(both, doing, reentry)
            both.settle()


# ── one-off sends ───────────────────────────────────────────────────────────────────────────────

KEYS = ("s0", "s1", "s2")
audiences = st.tuples(
    st.lists(st.sampled_from(KEYS), min_size=1, max_size=2, unique=True),
    st.lists(st.sampled_from(KEYS), max_size=1),
)


def sends(*minutes: int | None) -> st.SearchStrategy[Doing]:
    """Publishing a send: to whom, and at which minute after the start (None: at once)."""
    return st.tuples(st.just("edit"), audiences, st.sampled_from(minutes))


by_hand = st.tuples(
    st.just("hand"), anybody, st.sampled_from(KEYS), st.sampled_from(["add", "remove"])
)
at_once = st.builds(
    lambda send, change: [send, ("rest",), change, ("pass", 1)], sends(None), by_hand
)
before_it = st.builds(
    lambda send, one, other: [send, ("pass", 1), one, other, ("pass", 3)],
    sends(2, 3, 4), by_hand, by_hand,
)  # fmt: skip
in_a_pause = st.builds(
    lambda send, number, change, other: [
        send, ("toggle",), ("pass", 2), ("hand", number, send[1][0][0], change), other,
        ("pass", 1), ("toggle",), ("pass", 1),
    ],
    sends(None, 1, 2), anybody, st.sampled_from(["add", "remove"]), by_hand,
)  # fmt: skip
not_twice = st.builds(
    lambda send, minutes, between, change, then: [
        send, ("pass", minutes), *between, change, then or send, ("pass", 3),
    ],
    sends(None, 1, 3), st.integers(0, 2), st.sampled_from([[], [("without",)], [("without",)]]),
    by_hand, st.one_of(st.none(), st.none(), sends(None, 2, 4)),
)  # fmt: skip
in_a_sleep = st.builds(
    lambda send, number, minutes, doer: [
        send, ("asleep", 1), ("does", doer), ("asleep", minutes), ("one works", number), ("rest",),
    ],
    sends(None, 1, 2), st.integers(0, 1), st.integers(0, 2), anybody,
)  # fmt: skip
scenes_of_sends = [at_once, before_it, in_a_pause, not_twice, in_a_sleep]
are_one = st.tuples(
    st.sampled_from([(), (0, 1), (0, 2), (0, 1, 2)]), st.sampled_from([None, 0, 0, 1])
)
"""Which contacts have the same address, and whose mails bounce."""


def to_segments(audience: tuple[Any, Any], minute: int | None, reentry: Any) -> Drawing:
    """Draw a flow that sends to some segments, but not others, at a minute."""
    segments, exclude = audience
    config: dict[str, Any] = {"segments": segments, "exclude": exclude}
    if minute is not None:
        config["at"] = canonical(START + minute * MINUTE)
    nodes: dict[str, Node] = {"t0": ("once", config), "t1": on("B"), "n0": MAIL}
    return drawn(nodes, "t0 next n0", "t1 next n0", reentry=reentry)


def send_happens(both: SideBySide, doing: Doing, reentry: Any) -> None:
    """One thing in a scene about one-off sends."""
    match doing:
        case ("hand", number, key, change):
            person = both.person_of(number)
            members_change(key, [person.id], change=change, cause="manual", now=both.now)
            both.paper.by_hand(person, key, change, now=both.now)
        case ("edit", audience, minute):
            both.publish("f0", to_segments(audience, minute, reentry), None)
        case ("without",):
            both.publish("f0", drawn({"t1": on("B"), "n0": MAIL}, "t1 next n0"), None)
        case _:
            happens(both, doing)


@pytest.mark.parametrize("scene", range(len(scenes_of_sends)))
@directed(examples=5)
@given(
    reentry=reentries,
    members=st.lists(st.tuples(anybody, st.sampled_from(KEYS)), min_size=2, max_size=6),
    same=are_one,
    data=st.data(),
)
def test_a_send_goes_once_to_each_person_who_is_there(
    scene: int,
    reentry: Any,
    members: list[tuple[int, str]],
    same: tuple[tuple[int, ...], int | None],
    data: st.DataObject,
) -> None:
    with SideBySide.opened(NAMES) as both:
        for key in KEYS:
            segment_create(key=key, name=key, kind="static", rule=None, now=both.now)
            both.paper.segments[key] = Segment(key, "static", None)
        for number, key in members:
            send_happens(both, ("hand", number, key, "add"), reentry)
        make_one(both, *same)
        both.settle()
        both.flows_are_made(["f0"])
        for doing in data.draw(scenes_of_sends[scene]):
            send_happens(both, doing, reentry)
        both.settle()


def make_one(both: SideBySide, twins: tuple[int, ...], bounced: int | None) -> None:
    """Give some contacts the same address; let somebody's bounce."""
    for number in twins:
        person = both.person_of(number)
        person.fields["email"] = "Twin@example.org" if number else " twin@Example.org"
        Contact.objects.filter(id=person.id).update(email=person.fields["email"])
    if bounced is not None:
        person = both.person_of(bounced)
        person.bounced = True
        Contact.objects.filter(id=person.id).update(hard_bounced_at=both.now)
