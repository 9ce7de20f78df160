"""On what terms mails go: quiet hours, a limit over all flows, and segments that hold back people.

Mails are queued by steps and delivered later; meanwhile people choose, move to another zone, and
leave. The product does what `tests.mails_on_paper` does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.lanes import lane_of
from contacts import services as contacts
from tests.flow_strategies import ZONES, Drawing, Node, directed, drawn, on
from tests.flows_side_by_side import MINUTE, START, SideBySide

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob")
Doing = tuple[Any, ...]

offsets = st.integers(-1, 3)


def quiet_around(at: datetime, zone: str, *, own: bool, before: int, after: int) -> dict[str, str]:
    """Quiet hours from some minutes before an instant to some after it, by the clock of a zone."""
    local = at.astimezone(ZoneInfo(zone))
    first, last = (f"{local + n * MINUTE:%H:%M}" for n in (-before, after))
    return {"from": first, "to": last, "timezone": "contact" if own else zone}


def at_most(first: int, last: int, *minutes: int) -> st.SearchStrategy[dict[str, Any]]:
    """Limits: so many mails, in so many minutes."""
    return st.builds(
        lambda count, span: {"count": count, "per": f"PT{span}M"},
        st.integers(first, last),
        st.sampled_from(minutes),
    )


limits = at_most(1, 4, 1, 2, 3, 4)


def mailing(event: str, **terms: Any) -> Drawing:
    """Draw a flow that sends about news, then about offers, then a minute later again."""
    given_ = {key: value for key, value in terms.items() if value is not None}
    nodes: dict[str, Node] = {
        "t0": on(event),
        "n0": ("send_email", {"template": "hello", "topic": "news"}),
        "n1": ("send_email", {"template": "hello", "topic": "offers"}),
        "n2": ("wait", {"for": "PT1M"}),
        "n3": ("send_email", {"template": "hello", "topic": "news"}),
        "n4": ("wait", {"for": "PT1M"}),
    }
    ways = ["t0 next n0", "n0 next n1", "n1 next n2", "n2 next n3", "n3 next n4"]
    out = [{"type": "event", "name": "C", "where": []}]
    return drawn(nodes, *ways, reentry={"type": "after_exit"}, exit_when=out, **given_)


who = st.integers(0, 1)
does = st.tuples(st.just("does"), who, st.sampled_from("AABC"))
delivered = st.just(("delivered",))
passes = st.tuples(st.just("pass"), st.integers(1, 2))
chooses = st.tuples(
    st.just("chooses"), who, st.sampled_from(["news", "offers"]), st.sampled_from(["un", ""])
)
moves = st.tuples(st.just("moves"), who, st.sampled_from(ZONES))
asleep = st.tuples(st.just("asleep"), st.integers(1, 3))
doings = st.one_of(does, does, delivered, delivered, passes, passes, chooses, chooses, asleep)


def happens(both: SideBySide, doing: Doing) -> None:
    """One thing that happens."""
    match doing:
        case ("does", number, event):
            both.happens(NAMES[number], [(event, 1, 0)])
            both.settle()
        case ("delivered",):
            both.delivered()
            both.settle()
        case ("pass", minutes):
            for _ in range(minutes):
                both.minutes_pass(1)
                both.delivered()
            both.settle()
        case ("asleep", minutes):
            both.now += minutes * MINUTE
        case ("chooses", number, topic, un):
            person = both.person_of(number)
            state = f"{un}subscribed"
            change = contacts.ConsentChange(lane_of(person.id), person.id, topic, state)
            contacts.consents_set([change], now=both.now)
            both.paper.set_consent(person, topic, state)
        case ("moves", number, zone):
            both.set_fields(number, {"timezone": zone})
        case _:
            raise NotImplementedError(doing)


def run(first: Drawing, second: Drawing, days: list[Doing]) -> None:
    """Let it happen, and then some minutes more."""
    with SideBySide.opened(NAMES, ("f0", first), ("f1", second)) as both:
        for doing in days:
            happens(both, doing)
        happens(both, ("pass", 2))


@directed(examples=7)
@given(
    st.tuples(offsets, offsets),
    st.sampled_from(["UTC", *ZONES]),
    st.booleans(),
    st.integers(2, 6),
    st.lists(st.one_of(doings, moves), max_size=4),
)
def test_mails_keep_quiet_until_the_hours_end(
    around: tuple[int, int], zone: str, own: bool, minutes: int, days: list[Doing]
) -> None:
    at = START + minutes * MINUTE
    before, after = around
    quiet = quiet_around(at, zone, own=own, before=before, after=max(after, 1 - before))
    begin: list[Doing] = [("moves", 0, zone), ("asleep", minutes)]
    begin += [("does", 0, "A"), ("does", 1, "A")]
    run(mailing("A", quiet_hours=quiet), mailing("B"), [*begin, *days])


@directed(examples=10)
@given(limits, st.none() | limits, st.lists(doings, min_size=3, max_size=6))
def test_no_more_mails_go_than_may(
    limit: dict[str, Any], other: dict[str, Any] | None, days: list[Doing]
) -> None:
    begin: list[Doing] = [("does", 0, "A"), ("does", 0, "B")]
    run(mailing("A", email_limit=limit), mailing("B", email_limit=other), [*begin, *days])


@directed(examples=6)
@given(
    st.sampled_from([("23:57", "00:00"), ("23:57", "00:00"), ("23:00", "23:59")]),
    at_most(1, 3, 3, 4),
    st.none() | st.none() | limits,
    st.lists(doings, max_size=4),
)
def test_mails_that_waited_for_the_end_of_quiet_hours_are_counted_again(
    hours: tuple[str, str],
    limit: dict[str, Any],
    other: dict[str, Any] | None,
    days: list[Doing],
) -> None:
    quiet = {"from": hours[0], "to": hours[1], "timezone": "UTC"}
    first = mailing("A", quiet_hours=quiet, email_limit=limit)
    begin: list[Doing] = [("asleep", 1), ("does", 0, "A"), ("does", 0, "B"), ("pass", 1)]
    run(first, mailing("B", email_limit=other), [*begin, *days, ("pass", 2)])
