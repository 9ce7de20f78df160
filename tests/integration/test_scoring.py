"""Points: given once for events and true rules, limited, fading, taken back, moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import COMMAND
from common.errors import Conflict, Refused
from common.lanes import lane_of
from contacts.models import Contact
from contacts.services import (
    FieldChange,
    NewEvent,
    contact_create,
    contact_delete,
    contacts_merge,
    events_record,
    fields_update,
)
from segments.models import Membership, ScoreAward, ScoreEntry, ScoreRule, Segment
from segments.scoring.services import (
    Terms,
    score_rule_create,
    score_rule_delete,
    score_rule_update,
    terms_of,
)
from segments.services import segment_create, segment_delete, segment_update
from tests.builders_scoring import work
from tests.virtual import VirtualTime

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
BOUGHT = "Order Completed"
TRIAL = {"type": "field", "field": "plan", "op": "eq", "value": "trial"}


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime(START)


def event_rule(points: Any = 5, event: str = BOUGHT, **terms: Any) -> ScoreRule:
    return score_rule_create(
        name=f"For {event}",
        terms=Terms("event", Decimal(points), event=event, **terms),
        actor=COMMAND,
        now=START,
    )


def true_rule(rule: Any = TRIAL, points: Any = 10, **terms: Any) -> ScoreRule:
    made = score_rule_create(
        name="While it is true",
        terms=Terms("rule", Decimal(points), rule=rule, **terms),
        actor=COMMAND,
        now=START,
    )
    work(START)
    return made


def person(name: str = "a", **fields: Any) -> int:
    return contact_create(now=START, external_id=name, fields=fields)


def did(
    contact_id: int,
    *ats: datetime,
    name: str = BOUGHT,
    now: datetime | None = None,
    **properties: Any,
) -> None:
    events_record(
        [NewEvent(lane_of(contact_id), contact_id, name, at, properties) for at in ats],
        now=now or max(ats),
    )


def set_plan(contact_id: int, plan: str, now: datetime) -> None:
    fields_update([FieldChange(lane_of(contact_id), contact_id, {"plan": plan})], now=now)


def score(contact_id: int) -> float:
    return Contact.objects.get(id=contact_id).score


def ledger(contact_id: int) -> list[tuple[float, float, str]]:
    """Days after the start, change and reason of each entry, in order."""
    return [
        ((entry.at - START) / DAY, entry.delta, entry.reason)
        for entry in ScoreEntry.objects.filter(contact_id=contact_id).order_by("at", "id")
    ]


def test_an_event_gives_its_points_once(time: VirtualTime) -> None:
    event_rule(5)
    one, other = person("a"), person("b")
    did(one, START, START)
    did(other, START, name="Login")
    time.settle()
    time.at(START + DAY)
    assert (score(one), score(other)) == (10, 0)
    assert ledger(one) == [(0, 5, f"event:{BOUGHT}")] * 2


def test_a_true_rule_gives_and_a_false_one_takes(time: VirtualTime) -> None:
    one, other = person("a", plan="trial"), person("b", plan="free")
    time.settle()
    true_rule()
    time.settle()
    assert (score(one), score(other)) == (10, 0)
    set_plan(one, "paid", START)
    set_plan(other, "trial", START)
    time.settle()
    assert (score(one), score(other)) == (0, 10)
    assert ledger(one) == [(0, 10, "rule"), (0, -10, "rule:false")]


def test_points_are_taken_back_when_time_alone_makes_the_rule_false(time: VirtualTime) -> None:
    recent = {"type": "event", "name": BOUGHT, "window": {"last": "P3D"}}
    one = person()
    time.settle()
    true_rule(recent, points=7)
    did(one, START)
    time.settle()
    assert score(one) == 7
    time.at(START + 3 * DAY)
    assert score(one) == 0
    assert ledger(one) == [(0, 7, "rule"), (3, -7, "rule:false")]


def test_property_conditions_and_any_activity(time: VirtualTime) -> None:
    event_rule(20, where=({"property": "total", "op": "gte", "value": 50},))
    event_rule(1, event="*")
    one = person()
    did(one, START, total=80)
    did(one, START, total=10)
    did(one, START, name="Login", total=80)
    events_record([NewEvent(lane_of(one), one, "Email Opened", START, {}, touch=True)], now=START)
    time.settle()
    assert score(one) == 23


def test_a_property_relative_to_now_is_asked_at_the_event(time: VirtualTime) -> None:
    event_rule(3, where=({"property": "for", "op": "in_next", "value": "P7D"},))
    one = person()
    did(one, START - 30 * DAY, now=START, **{"for": "2026-05-05T00:00:00Z"})
    did(one, START - 30 * DAY, now=START, **{"for": "2026-06-05T00:00:00Z"})
    time.settle()
    assert score(one) == 3


def test_a_limit_counts_the_first_of_each_day_of_the_workspace(time: VirtualTime) -> None:
    event_rule(5, limit={"times": 2, "per": "P1D"})
    one = person()
    did(one, START, START + DAY / 4, START + DAY / 2 - timedelta(seconds=1), START + DAY / 2)
    time.at(START + DAY)
    assert ledger(one) == [
        (0, 5, f"event:{BOUGHT}"),
        (0.25, 5, f"event:{BOUGHT}"),
        (0.5, 5, f"event:{BOUGHT}"),
    ]
    assert score(one) == 15


def test_a_late_event_takes_the_place_of_the_last_that_counted(time: VirtualTime) -> None:
    event_rule(5, limit={"times": 1, "per": "P1D"}, decay_per_week=Decimal(1))
    one = person()
    did(one, START)
    time.settle()
    did(one, START - timedelta(hours=3), now=START + WEEK)
    time.at(START + WEEK)
    assert ledger(one) == [(-0.125, 5, f"event:{BOUGHT}"), (6.875, -1, "decay")]
    assert score(one) == 4


@pytest.mark.parametrize("days", [[7, 14, 21, 28, 90], [90], [3, 13.5, 40, 90]])
def test_decay_is_the_same_however_the_clock_goes(time: VirtualTime, days: list[float]) -> None:
    event_rule(5, decay_per_week=Decimal(2))
    one = person()
    did(one, START)
    for day in days:
        time.at(START + day * DAY)
    assert ledger(one) == [
        (0, 5, f"event:{BOUGHT}"),
        (7, -2, "decay"),
        (14, -2, "decay"),
        (21, -1, "decay"),
    ]
    assert score(one) == 0
    assert Contact.objects.get(id=one).field_times["score"] == "2026-06-22T12:00:00.000000Z"


def test_what_is_negative_fades_too(time: VirtualTime) -> None:
    event_rule(-3, event="Complained", decay_per_week=Decimal("1.5"))
    one = person()
    did(one, START, name="Complained")
    time.at(START + 8 * DAY)
    assert score(one) == -1.5
    time.at(START + 80 * DAY)
    assert score(one) == 0


def test_a_late_event_that_has_faded_lets_nobody_in(time: VirtualTime) -> None:
    event_rule(100, decay_per_week=Decimal(50))
    hot = {"type": "field", "field": "score", "op": "gte", "value": 80}
    segment_create(key="hot", name="Hot", kind="growing", rule=hot, now=START)
    work(START)
    one = person()
    did(one, START - 10 * DAY, now=START)
    time.settle()
    assert score(one) == 50
    assert not Membership.objects.filter(segment__key="hot").exists()


def test_what_a_true_rule_gave_fades_and_only_the_rest_is_taken(time: VirtualTime) -> None:
    one = person(plan="trial")
    time.settle()
    true_rule(points=10, decay_per_week=Decimal(4))
    time.settle()
    time.at(START + 8 * DAY)
    assert score(one) == 6
    set_plan(one, "paid", time.now)
    time.settle()
    time.at(START + 30 * DAY)
    assert [entry[1:] for entry in ledger(one)] == [
        (10, "rule"), (-4, "decay"), (-6, "rule:false"),
    ]  # fmt: skip


def change(which: ScoreRule, time: VirtualTime, **changed: Any) -> None:
    given = changed.pop("given", None)
    active = changed.pop("active", None)
    terms = replace(terms_of(which), **changed) if changed else None
    score_rule_update(
        which.key, terms=terms, given=given, active=active, actor=COMMAND, now=time.now
    )
    work(time.now)
    time.settle()


@pytest.mark.parametrize(("given", "expected", "later"), [("keep", 5, 13), ("take_back", 0, 8)])
def test_an_edited_event_rule(time: VirtualTime, given: str, expected: float, later: float) -> None:
    rule = event_rule(5)
    one = person()
    did(one, START)
    time.settle()
    with pytest.raises(Refused, match="say what becomes"):
        change(rule, time, points=Decimal(8))
    change(rule, time, points=Decimal(8), given=given)
    assert score(one) == expected
    did(one, START + DAY)
    time.at(START + DAY)
    assert score(one) == later


@pytest.mark.parametrize(("given", "expected"), [("keep", (10, 10, 6)), ("take_back", (0, 6, 6))])
def test_an_edited_true_rule(time: VirtualTime, given: str, expected: tuple[float, ...]) -> None:
    """One fulfils the old rule alone, one both, one the new alone."""
    people = [
        person("a", plan="trial"),
        person("b", plan="trial", city="Ulm"),
        person("c", city="Ulm"),
    ]
    time.settle()
    rule = true_rule()
    time.settle()
    assert [*map(score, people)] == [10, 10, 0]
    ulm = {"type": "field", "field": "city", "op": "eq", "value": "Ulm"}
    change(rule, time, rule=ulm, points=Decimal(6), given=given)
    assert [*map(score, people)] == list(expected)
    fields_update([FieldChange(lane_of(one), one, unset=["city"]) for one in people], now=time.now)
    time.settle()
    kept = 10 if given == "keep" else 0
    assert [*map(score, people)] == [kept, kept, 0]


def test_pausing_keeps_and_resuming_follows_again(time: VirtualTime) -> None:
    one, other = person("a", plan="trial"), person("b")
    time.settle()
    rule = true_rule()
    time.settle()
    with pytest.raises(Refused, match="say what becomes"):
        change(rule, time, active=False)
    change(rule, time, active=False, given="keep")
    set_plan(one, "paid", time.now)
    set_plan(other, "trial", time.now)
    time.settle()
    assert (score(one), score(other)) == (10, 0)
    change(rule, time, active=True)
    assert (score(one), score(other)) == (0, 10)


def test_pausing_may_take_back(time: VirtualTime) -> None:
    one = person(plan="trial")
    time.settle()
    rule, bought = true_rule(), event_rule(5)
    did(one, START)
    time.settle()
    change(rule, time, active=False, given="take_back")
    change(bought, time, active=False, given="take_back")
    did(one, START)
    time.settle()
    assert score(one) == 0
    change(rule, time, active=True)
    change(bought, time, active=True)
    assert score(one) == 10
    assert [entry[1:] for entry in ledger(one)][-3:] == [
        (-10, "rule:paused"), (-5, "rule:paused"), (10, "rule"),
    ]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [("keep", 14), ("take_back", 0)])
def test_a_deleted_rule(time: VirtualTime, given: Any, expected: float) -> None:
    one = person(plan="trial")
    time.settle()
    rules = [true_rule(), event_rule(5, decay_per_week=Decimal(1))]
    did(one, START)
    time.at(START + WEEK)
    assert score(one) == 14
    for rule in rules:
        with pytest.raises(Refused, match="say what becomes"):
            score_rule_delete(rule.key, actor=COMMAND, now=time.now)
        score_rule_delete(rule.key, given=given, actor=COMMAND, now=time.now)
    with pytest.raises(Conflict, match="being deleted"):
        change(rules[0], time, points=Decimal(1), given="keep")
    work(time.now)
    time.at(START + 9 * WEEK)
    assert score(one) == expected
    assert {rule.status for rule in ScoreRule.objects.all()} == {"deleted"}
    assert not ScoreAward.objects.exists()
    assert not Segment.every.exists()
    assert true_rule().key == rules[0].key


def test_joined_contacts_have_what_one_would_have(time: VirtualTime) -> None:
    kept, lost = person("a", plan="trial"), person("b", plan="trial")
    time.settle()
    true_rule(points=10)
    event_rule(5, limit={"times": 1, "per": "P1D"})
    event_rule(1, event="Login")
    for one in (kept, lost):
        did(one, START)
        did(one, START, name="Login")
    time.settle()
    assert (score(kept), score(lost)) == (16, 16)
    contacts_merge(kept_id=kept, lost_id=lost, now=START)
    time.settle()
    assert score(kept) == 10 + 5 + 2
    assert sorted(delta for _, delta, _ in ledger(kept)) == [1, 1, 5, 10]
    set_plan(kept, "paid", START)
    time.settle()
    assert score(kept) == 7


def test_only_the_lost_one_fulfilled_the_rule(time: VirtualTime) -> None:
    kept, lost = person("a", plan="paid"), person("b", plan="trial")
    time.settle()
    true_rule(points=10)
    time.settle()
    contacts_merge(kept_id=kept, lost_id=lost, now=START)
    time.settle()
    assert score(kept) == 0


def test_a_deleted_contact_leaves_nothing(time: VirtualTime) -> None:
    one = person(plan="trial")
    time.settle()
    true_rule()
    event_rule()
    did(one, START)
    time.settle()
    contact_delete(one)
    time.at(START + DAY)
    assert not ScoreAward.objects.exists()
    assert not ScoreEntry.objects.exists()


def test_points_that_would_depend_on_points_are_refused() -> None:
    hot = {"type": "field", "field": "score", "op": "lt", "value": 50}
    with pytest.raises(Refused, match=r"can't ask for the score itself$"):
        true_rule(hot)
    segment_create(key="cold", name="Cold", kind="dynamic", rule=hot, now=START)
    segment_create(
        key="colder", name="Colder", kind="dynamic", now=START,
        rule={"type": "segment", "segment": "cold", "op": "in"},
    )  # fmt: skip
    with pytest.raises(Refused, match="by the segment “colder → cold”"):
        true_rule({"type": "segment", "segment": "colder", "op": "not_in"})
    person(plan="trial")
    segment_create(key="trial", name="Trial", kind="dynamic", rule=TRIAL, now=START)
    true_rule({"type": "segment", "segment": "trial", "op": "in"})
    with pytest.raises(Refused, match="the score rule “While it is true” needs this segment"):
        segment_update("trial", rule=hot, now=START)
    with pytest.raises(Refused, match="the score rule “While it is true” needs this segment"):
        segment_update("trial", top={"by": {"score_change": "P30D"}, "limit": 10}, now=START)
    with pytest.raises(Conflict, match="score rule “While it is true”"):
        segment_delete("trial")


def test_many_contacts_cost_as_many_statements_as_one(time: VirtualTime) -> None:
    event_rule(5, limit={"times": 1, "per": "P1D"}, decay_per_week=Decimal(1))
    event_rule(1, event="*")
    one, other, *many = [person(str(n)) for n in range(60)]
    time.settle()

    def statements(people: list[int], at: datetime) -> int:
        for each in people:
            did(each, at)
        time.now = at
        with CaptureQueriesContext(connection) as captured:
            time.settle()
        assert {score(each) for each in people} == {6.0}
        return len(captured)

    statements([one], START)
    assert statements(many, START + 2 * DAY) == statements([other], START + 3 * DAY)
