"""Where those inside land in another edition, and how they are spread in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flows.graph import Graph, Node
from flows.graph.moving import LONGEST_SPREAD, default_spread, landing, spread_due, waits_for_data

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = Node(id="n", type="wait", config={"for": "PT1H"})
PRO = {"type": "field", "field": "plan", "op": "eq", "value": "pro"}

spans = st.timedeltas(timedelta(0), LONGEST_SPREAD)
instants = st.datetimes(
    datetime(2026, 4, 30), datetime(2026, 5, 3), timezones=st.just(UTC)  # noqa: DTZ001 - hypothesis adds the zone
)  # fmt: skip


def fate(was: Node | None, *now: Node) -> str:
    return landing(was, Graph(nodes=list(now)), "n", {"n": "m"}).fate


def test_who_stands_at_a_node_that_says_the_same_stays() -> None:
    assert fate(HOUR, HOUR) == "stays"
    noted = HOUR.model_copy(update={"note": "ask Ann"})
    assert fate(HOUR, noted) == "stays"
    mail = Node(id="n", type="send_email", config={"template": "a"})
    assert fate(mail, mail.model_copy(update={"config": {"template": "b"}})) == "stays"


def test_who_stands_at_another_wait_or_another_type_thinks_anew() -> None:
    assert fate(HOUR, HOUR.model_copy(update={"config": {"for": "PT2H"}})) == "thinks_anew"
    assert fate(HOUR, Node(id="n", type="goal")) == "thinks_anew"
    assert fate(None, HOUR) == "thinks_anew", "a version that can't be read"


def test_who_stands_at_a_removed_node_goes_where_it_is_pointed() -> None:
    assert landing(HOUR, Graph(), "n", {"n": "m"}).node == "m"
    for moves in ({}, {"n": None}, {"x": "m"}):
        assert landing(HOUR, Graph(), "n", moves).fate == "leaves"


def test_which_nodes_wait_for_data() -> None:
    assert waits_for_data(Node(id="n", type="wait_date", config={"field": "trial_end"}))
    assert waits_for_data(Node(id="n", type="wait_for", config={"rule": PRO, "timeout": "P1D"}))
    assert not waits_for_data(HOUR)
    assert not waits_for_data(Node(id="n", type="condition", config={"rule": PRO}))
    assert not waits_for_data(Node(id="n", type="nothing"))


def test_a_thousand_go_at_once_and_a_million_take_most_of_a_day() -> None:
    assert default_spread(1000) == timedelta(0)
    assert default_spread(1001) == timedelta(minutes=2)
    assert default_spread(1_000_000) == timedelta(minutes=1000)
    assert default_spread(10_000_000) == LONGEST_SPREAD


@given(st.integers(1, 2**62), instants, spans, spans, st.none() | instants)
def test_a_place_in_a_spread_keeps_to_its_bounds(
    visit: int, began: datetime, later: timedelta, over: timedelta, old: datetime | None
) -> None:
    now = began + later
    due = spread_due(visit, now, began=began, over=over, old=old)
    assert due >= now, "never before now"
    assert due <= max(now, began + over)
    assert old is None or due <= max(now, old), "never later than the old deadline"
    assert due == spread_due(visit, now, began=began, over=over, old=old)


def test_neighbours_are_spread_evenly() -> None:
    over = timedelta(minutes=100)
    minutes = [0] * 10
    for visit in range(10_000):
        due = spread_due(visit, NOON, began=NOON, over=over, old=None)
        minutes[int((due - NOON) / over * 10)] += 1
    assert min(minutes) > 900
    assert max(minutes) < 1100
