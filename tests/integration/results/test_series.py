"""A flow's figures over time: they come to the counters, whatever happens and is folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.permissions import COMMAND
from common.upkeep import mark_of
from contacts.services import contact_delete
from flows.chosen import Chosen
from flows.models import Flow, FlowCount
from flows.people import people_act
from flows.recount import repair
from flows.series import FROM, series_of, slots_clean, slots_roll
from tests.builders import NOW
from tests.builders_flows import AGAIN, Stage, build_flow
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def summed(table: str) -> Counter[tuple[str, str]]:
    """What the slots, or the counters, come to: ways out together, less what was mended."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT node, what, n FROM {table}")
        found: Counter[tuple[str, str]] = Counter()
        for node, what, n in cursor.fetchall():
            kind = "out" if what.startswith("out") else what
            found[node, "failed" if kind == "mended" else kind] += n
        return Counter({key: n for key, n in found.items() if n})


def adds_up() -> None:
    assert summed("flow_series") == summed("flow_count") != Counter()


def test_the_slots_come_to_the_counters_whatever_happens(stage: Stage) -> None:
    build_flow(settings=AGAIN)
    for name in ("ada", "bob", "cyd"):
        stage.does(name, "Product Added")
        stage.after("PT7M")
    adds_up()
    bob = Chosen(contacts=(stage.id_of("bob"),))
    people_act("cart", "remove", bob, {}, actor=COMMAND, now=stage.now)
    stage.settle()
    adds_up()
    stage.after("PT3H")
    stage.does("bob", "Product Added")
    adds_up()
    contact_delete(stage.id_of("ada"))
    adds_up()
    FlowCount.objects.filter(node="", what="entered").update(n=999)
    before = slots()
    assert repair() != []
    assert slots() == before  # what was mended has no time of its own


def slots() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM flow_series WHERE at > to_timestamp(0) ORDER BY 1, 2, 3, 4, 5"
        )
        return list(cursor.fetchall())


def asked(stage: Stage, **given: Any) -> dict[str, Any]:
    flow = Flow.objects.get(key="cart")
    usual: dict[str, Any] = {"begins": None, "ends": None, "step": None, "zone": "UTC"}
    return series_of(flow, **{**usual, **given}, now=stage.now)


def test_each_thing_is_in_the_slot_in_which_it_happened(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    stage.after("PT7M")
    stage.does("bob", "Product Added")
    stage.after("PT55M")
    begins = NOW - timedelta(minutes=1)
    found = asked(stage, begins=begins, step="PT5M")
    assert found["step"] == "PT5M"
    entered = dict(zip(found["at"], found["totals"]["entered"], strict=True))
    assert [entered[NOW], entered[NOW + timedelta(minutes=5)]] == [1, 1]
    assert sum(found["totals"]["entered"]) == 2
    assert sum(found["totals"]["completed"]) == 1
    assert sum(found["nodes"]["hour"]["entered"]) == 2
    assert sum(found["nodes"]["hour"]["left"]) == 1
    assert all(len(one) == len(found["at"]) for one in found["nodes"]["hour"].values())


def test_the_step_follows_the_length_of_the_period(stage: Stage) -> None:
    build_flow()
    for days, step in ((0.5, "PT5M"), (1, "PT1H"), (7, "PT1H"), (30, "P1D")):
        found = asked(stage, begins=stage.now - days * DAY)
        assert (found["step"], len(found["at"]) <= 181) == (step, True)
    assert asked(stage, step="PT1M", begins=stage.now - DAY / 4)["step"] == "PT5M"


def test_days_are_those_of_the_workspace_even_when_the_clock_changes(stage: Stage) -> None:
    build_flow()
    begins = datetime.fromisoformat("2026-03-27T12:00+00:00")
    found = asked(stage, begins=begins, ends=begins + 4 * DAY, step="P1D", zone="Europe/Berlin")
    assert [at.isoformat()[:16] for at in found["at"]] == [
        "2026-03-26T23:00",
        "2026-03-27T23:00",
        "2026-03-28T23:00",
        "2026-03-29T22:00",
        "2026-03-30T22:00",
    ]


def test_old_slots_become_hours_and_keep_their_sums(stage: Stage) -> None:
    build_flow(settings=AGAIN)
    for _ in range(4):
        stage.does("ada", "Product Added")
        stage.after("PT2H")
    before, fine = summed("flow_series"), len(slots())
    begins = NOW - timedelta(hours=1)
    hourly = asked(stage, begins=begins, step="PT1H")
    assert sum(slots_roll(stage.now)) > 0
    assert (summed("flow_series"), len(slots()) <= fine) == (before, True)
    assert {row[1].minute for row in slots()} == {0}
    assert asked(stage, begins=begins, step="PT1H")["totals"] == hourly["totals"]
    assert list(slots_roll(stage.now)) == []
    assert asked(stage, begins=begins, step="PT5M")["step"] == "PT1H"
    stage.does("ada", "Product Added")
    adds_up()


def test_very_old_hours_go_into_the_opening_and_since_says_so(stage: Stage) -> None:
    flow = build_flow(settings=AGAIN)
    stage.does("ada", "Product Added")
    stage.after("PT3H")
    before = summed("flow_series")
    later = NOW + 10 * DAY
    assert sum(slots_clean(later)) > 0
    assert (slots(), summed("flow_series")) == ([], before)
    mark = mark_of(FROM)
    assert mark is not None
    assert mark[0] > flow.created_at
    assert asked(stage)["since"] == mark[0]
    adds_up()


def test_the_api_gives_them(stage: Stage, clock: time_machine.Traveller) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    clock.move_to(stage.now + timedelta(minutes=6), tick=False)
    client = signed_in("viewer")
    found: Any = client.get("/api/flows/cart/series/").json()
    assert list(found) == ["from", "to", "step", "since", "at", "totals", "nodes", "ever"]
    assert (sum(found["totals"]["entered"]), found["step"]) == (1, "PT1H")
    assert list(found["nodes"]) == ["cart", "hour"]


def test_the_counters_of_the_same_instant_come_with_them(
    stage: Stage, clock: time_machine.Traveller
) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    stage.after("P2D")
    stage.does("eve", "Product Added")
    clock.move_to(stage.now + timedelta(minutes=6), tick=False)
    client = signed_in("viewer")
    found: Any = client.get("/api/flows/cart/series/").json()
    counts: Any = client.get("/api/flows/cart/counts/").json()
    assert sum(found["totals"]["entered"]) == 1
    assert found["ever"]["totals"] == counts["totals"] | {"entered": 2}
    assert found["ever"]["nodes"] == {
        node: {what: one[what] for what in ("entered", "left", "failed")}
        for node, one in counts["nodes"].items()
    }
    days: Any = client.get("/api/flows/cart/series/", {"step": "P1D"}).json()
    assert days["ever"] == found["ever"]
