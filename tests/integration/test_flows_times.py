"""What the clock does in flows: goals, waiting rules, dates that come, one-off sends.

On the real engine with a virtual clock; each test is one promise.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.lanes import LANES, lane_of
from common.models import Workspace
from contacts import services as contacts
from contacts.models import Contact, Field, Touch
from flows.engine import times
from flows.engine.book import load_book
from flows.lives import flow_archive, flow_pause, flow_resume
from flows.models import Appointment, Flow, FlowTimer, FlowTimerLane, FlowVersion, Gathered, Visit
from flows.selectors import flows_using_segments
from flows.services import contacts_add
from messaging.models import Message
from segments.services import members_change
from tests.builders import NOW
from tests.builders_flows import (
    HOUR,
    MAIL,
    Nodes,
    Stage,
    build_contacts,
    build_flow,
    build_segment,
    everything_adds_up,
    minutes,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db

WEEK = {"type": "event", "name": "Login", "window": {"last": "P7D"}, "op": "eq", "value": 0}
"""Has not logged in for a week."""


@pytest.fixture
def stage() -> Stage:
    return Stage()


def field(key: str, kind: str = "datetime") -> None:
    Field.objects.get_or_create(
        key=key, defaults={"name": key, "type": kind, "created_at": NOW, "builtin": False}
    )


def dated(offset: str | None = None, repeat: str = "never", key: str = "ends") -> Nodes:
    field(key)
    config: dict[str, Any] = {"field": key, "repeat": repeat}
    if offset is not None:
        config["offset"] = offset
    return {"comes": ("date", config), "remind": MAIL}


def once(segments: list[str], exclude: list[str] | None = None, at: Any = None) -> Nodes:
    config: dict[str, Any] = {"segments": segments, "exclude": exclude or []}
    if at is not None:
        config["at"] = at.isoformat()
    return {"all": ("once", config), "mail": MAIL}


MAIL_THEM = ["all next mail"]
REMIND = ["comes next remind"]
DAY = timedelta(days=1)


def entered(key: str = "cart") -> dict[str, list[datetime]]:
    """When each contact entered a flow."""
    names = dict(Contact.objects.values_list("id", "external_id"))
    found: dict[str, list[datetime]] = {}
    for visit in Visit.objects.filter(flow__key=key).order_by("entered_at", "id"):
        found.setdefault(str(names[visit.contact_id]), []).append(visit.entered_at)
    return found


# ── goals and waiting rules that time alone makes true ──────────────────────────────────────────


def test_a_goal_that_time_makes_true_converts_at_that_very_instant(stage: Stage) -> None:
    build_flow(nodes={"in": on("Start"), "wait": ("wait", {"for": "P30D"})},
               edges=["in next wait"], settings={"goal": WEEK})  # fmt: skip
    stage.does("ada", "Login")
    stage.after("P1D")
    stage.does("ada", "Start")
    assert stage.visit("ada").goal_at == NOW + 7 * DAY
    stage.run_until(NOW + 7 * DAY, through=False)
    assert stage.states() == ["inside"]
    stage.at(NOW + 7 * DAY)
    assert stage.states() == ["converted"]
    assert stage.visit("ada").left_at == NOW + 7 * DAY
    everything_adds_up()


def test_data_move_a_goals_instant_and_one_that_came_too_early_costs_a_look(stage: Stage) -> None:
    build_flow(nodes={"in": on("Start"), "wait": ("wait", {"for": "P30D"})},
               edges=["in next wait"], settings={"goal": WEEK})  # fmt: skip
    stage.does("ada", "Login")
    stage.does("ada", "Start")
    stage.after("P5D")
    stage.does("ada", "Login")
    stage.at(NOW + 8 * DAY)
    assert stage.states() == ["inside"]
    assert stage.visit("ada").goal_at == NOW + 12 * DAY
    stage.run_until(NOW + 13 * DAY)
    assert stage.visit("ada").left_at == NOW + 12 * DAY


def test_a_goal_that_cannot_be_asked_of_one_contact_is_kept_of_the_others(stage: Stage) -> None:
    field("ends")
    over = {"type": "field", "field": "ends", "op": "older_than", "value": "P1D"}
    build_flow(nodes={"in": ("manual", {}), "wait": ("wait", {"for": "P30D"})},
               edges=["in next wait"], settings={"goal": over})  # fmt: skip
    for name in ("ada", "bob", "eve"):
        stage.contact(name, ends="2026-05-10")
    stage.settle()
    Contact.objects.filter(external_id="bob").update(fields={"ends": "z no date"})
    contacts_add("cart", list(stage.ids.values()), actor=COMMAND, now=NOW)
    stage.settle()
    assert stage.states() == ["inside"] * 3
    stage.run_until(NOW + 20 * DAY)
    assert sorted(stage.states()) == ["converted", "converted", "inside"]
    assert stage.states("cart", "bob") == ["inside"]


def test_who_has_left_is_not_looked_at_by_the_clock_again(stage: Stage) -> None:
    build_flow(nodes={"in": on("Start"), "wait": HOUR}, edges=["in next wait"],
               settings={"goal": WEEK})  # fmt: skip
    stage.does("ada", "Login")
    stage.does("ada", "Start")
    stage.after("PT2H")
    assert stage.states() == ["completed"]
    stage.at(NOW + 8 * DAY)
    assert stage.states() == ["completed"]


def test_a_waiting_rule_is_looked_at_when_its_window_passes_and_not_before(stage: Stage) -> None:
    wait = ("wait_for", {"rule": WEEK, "timeout": "P30D"})
    build_flow(nodes={"in": on("Start"), "quiet": wait, "miss": MAIL},
               edges=["in next quiet", "quiet matched miss"])  # fmt: skip
    stage.does("ada", "Login")
    stage.does("ada", "Start")
    assert stage.visit("ada").due_at == NOW + 7 * DAY
    stage.at(NOW + 6 * DAY)
    assert stage.path("ada") == ["in", "quiet"]
    stage.at(NOW + 7 * DAY)
    assert stage.path("ada") == ["in", "quiet", "miss"]
    stage.does("bob", "Start")
    assert stage.path("bob") == ["in", "quiet", "miss"]


def test_a_waiting_rule_that_time_never_makes_true_rests_until_its_timeout(stage: Stage) -> None:
    paid = {"type": "event", "name": "Paid"}
    wait = ("wait_for", {"rule": paid, "timeout": "P3D"})
    build_flow(nodes={"in": on("Start"), "pay": wait}, edges=["in next pay"])
    stage.does("ada", "Start")
    assert stage.visit("ada").due_at == NOW + 3 * DAY


def test_an_event_dated_ahead_fulfils_a_waiting_rule_when_its_instant_comes(stage: Stage) -> None:
    paid = {"type": "event", "name": "Paid"}
    wait = ("wait_for", {"rule": paid, "timeout": "P3D"})
    build_flow(nodes={"in": on("Start"), "pay": wait, "mail": MAIL},
               edges=["in next pay", "pay matched mail"])  # fmt: skip
    stage.does("ada", "Start")
    ada = stage.id_of("ada")
    paid_at = NOW + minutes(3)
    contacts.events_record([contacts.NewEvent(lane_of(ada), ada, "Paid", paid_at)], now=NOW)
    stage.settle()
    assert stage.visit("ada").due_at == NOW + minutes(3)
    stage.after("PT5M")
    assert stage.path("ada") == ["in", "pay", "mail"]
    assert Visit.objects.get().left_at == NOW + minutes(3)


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        ({"type": "score_change", "window": {"last": "P2D"}, "op": "lt", "value": 5}, 2 * DAY),
        ({"type": "field", "field": "ends", "op": "in_next", "value": "P1D"}, 3 * DAY),
        ({"type": "field", "field": "plan", "op": "eq", "value": "free", "for": "P5D"}, 5 * DAY),
        ({"type": "trigger", "property": "until", "op": "older_than", "value": "P1D"}, 2 * DAY),
        (
            {"type": "flow", "flow": "cart", "op": "entered", "window": {"older_than": "P2D"}},
            2 * DAY,
        ),
        ({"type": "event", "name": "Start", "window": {"calendar": "yesterday"}}, DAY / 2),
        (
            {
                "type": "event",
                "name": "Booked",
                "where": [{"property": "on", "op": "in_next", "value": "P1D"}],
            },
            3 * DAY,
        ),
    ],
)
def test_every_kind_of_condition_tells_when_time_changes_it(
    stage: Stage, rule: dict[str, Any], after: timedelta
) -> None:
    field("ends")
    field("plan", "string")
    wait = ("wait_for", {"rule": rule, "timeout": "P30D"})
    build_flow(nodes={"in": on("Start"), "wait": wait}, edges=["in next wait"])
    ada = stage.contact("ada", ends="2026-05-05T12:00:00Z", plan="free")
    contacts.scores_adjust([contacts.ScoreDelta(lane_of(ada), ada, 9)], now=NOW)
    stage.does("ada", "Booked", on="2026-05-05T12:00:00Z")
    stage.does("ada", "Start", until="2026-05-02T12:00:00Z")
    assert stage.states() == ["inside"]
    stage.run_until(NOW + 29 * DAY)
    assert Visit.objects.get().left_at == NOW + after


def test_a_corrected_zone_of_the_workspace_moves_the_deadlines_in_it(stage: Stage) -> None:
    wait = ("wait_until", {"time": "09:00"})
    build_flow(nodes={"in": on("Start"), "nine": wait}, edges=["in next nine"])
    stage.does("ada", "Start")
    assert stage.visit("ada").due_at == datetime(2026, 5, 2, 9, tzinfo=UTC)
    Workspace.objects.update(timezone="America/New_York")
    stage.at(NOW + minutes(1))
    assert stage.visit("ada").due_at == datetime(2026, 5, 1, 13, tzinfo=UTC)


# ── a field changes ─────────────────────────────────────────────────────────────────────────────


CHANGED = ["changed next mail"]


def changed(key: str, to: Any = None) -> Nodes:
    return {"changed": ("field_changed", {"field": key, "to": to}), "mail": MAIL}


def test_a_field_that_takes_a_value_lets_in_whoever_changed_it(stage: Stage) -> None:
    field("plan", "string")
    build_flow(nodes=changed("plan", "pro"), edges=CHANGED)
    stage.contact("ada", plan="free")
    stage.settle()
    assert entered() == {}
    stage.sets("ada", plan="team")
    assert entered() == {}
    stage.sets("ada", plan="Pro")
    assert list(entered()) == ["ada"]
    assert stage.visit("ada").trigger is None
    stage.contact("eve", plan="pro")
    stage.settle()
    assert list(entered()) == ["ada", "eve"]


def test_a_field_written_but_not_changed_lets_nobody_in(stage: Stage) -> None:
    field("plan", "string")
    stage.contact("ada", plan="pro")
    stage.settle()
    build_flow(nodes=changed("plan"), edges=CHANGED)
    stage.sets("ada", plan="pro")
    assert entered() == {}
    contacts.fields_update(
        [contacts.FieldChange(lane_of(stage.ids["ada"]), stage.ids["ada"], {}, ["plan"])], now=NOW
    )
    stage.settle()
    assert entered() == {}, "a value erased is no new value"
    stage.sets("ada", plan="free")
    assert list(entered()) == ["ada"]


@pytest.mark.parametrize(
    ("kind", "to", "others", "same"),
    [
        ("number", 5, [4, 6], 5.0),
        ("boolean", True, [False], True),
        ("datetime", "2026-06-01", ["2026-06-02"], "2026-06-01T00:00:00Z"),
        ("list", ["a", "B"], [["a"], ["a", "b", "c"]], ["b", "A"]),
    ],
)
def test_the_value_is_compared_by_the_fields_type(
    stage: Stage, kind: str, to: Any, others: list[Any], same: Any
) -> None:
    field("it", kind)
    build_flow(nodes=changed("it", to), edges=CHANGED)
    stage.contact("ada")
    for other in others:
        stage.sets("ada", it=other)
    assert entered() == {}
    stage.sets("ada", it=same)
    assert list(entered()) == ["ada"]


def test_a_merge_that_changes_nothing_of_the_kept_contact_lets_nobody_in(stage: Stage) -> None:
    field("plan", "string")
    kept = stage.contact("kept", plan="pro")
    stage.settle()
    build_flow(nodes=changed("plan"), edges=CHANGED)
    lost = stage.contact("lost", plan="free")
    contacts.contacts_merge(kept_id=kept, lost_id=lost, now=NOW)
    stage.settle()
    assert entered() == {}


def test_what_an_import_says_of_somebody_new_counts_as_changed(stage: Stage) -> None:
    field("plan", "string")
    build_flow(nodes=changed("plan", "pro"), edges=CHANGED)
    (ada, eve) = build_contacts(2)
    Contact.objects.filter(id=ada).update(fields={"plan": "pro"})
    for one in (ada, eve):
        Touch.objects.create(lane=lane_of(one), contact_id=one, kind="new", name="imported", at=NOW)
    stage.settle()
    assert [visit.contact_id for visit in stage.visits()] == [ada]


# ── a date comes ────────────────────────────────────────────────────────────────────────────────


def test_a_date_lets_in_at_its_very_instant_with_its_offset(stage: Stage) -> None:
    nodes = dated("-P3D")
    stage.contact("before", ends="2026-06-15T09:30:00Z")
    stage.contact("past", ends="2026-04-01T09:30:00Z")
    stage.contact("none")
    build_flow(nodes=nodes, edges=REMIND)
    stage.settle()
    stage.contact("after", ends="2026-06-16")
    stage.at(datetime(2026, 6, 12, 9, 29, 59, tzinfo=UTC))
    assert entered() == {}
    stage.run_until(NOW + 60 * DAY)
    assert entered() == {
        "before": [datetime(2026, 6, 12, 9, 30, tzinfo=UTC)],
        "after": [datetime(2026, 6, 13, tzinfo=UTC)],
    }
    visit = stage.visit("before")
    assert visit.entry_at == visit.entered_at
    everything_adds_up()


def test_a_moved_date_moves_the_entry_and_never_comes_twice_at_one_instant(stage: Stage) -> None:
    build_flow(nodes=dated(), edges=REMIND, settings={"reentry": {"type": "after_exit"}})
    stage.contact("ada", ends="2026-05-10")
    stage.settle()
    stage.at(NOW + DAY)
    stage.sets("ada", ends="2026-05-20")
    stage.run_until(datetime(2026, 5, 12, tzinfo=UTC))
    assert entered() == {}
    stage.run_until(datetime(2026, 5, 20, 1, tzinfo=UTC))
    first = datetime(2026, 5, 20, tzinfo=UTC)
    assert entered() == {"ada": [first]}
    stage.sets("ada", ends="2026-05-01")
    stage.sets("ada", ends="2026-05-20")
    stage.after("P1D")
    assert entered() == {"ada": [first]}
    stage.sets("ada", ends="2026-05-30")
    stage.after("P30D")
    assert entered() == {"ada": [first, datetime(2026, 5, 30, tzinfo=UTC)]}


def test_a_date_that_is_erased_or_moved_to_the_past_lets_nobody_in(stage: Stage) -> None:
    build_flow(nodes=dated(), edges=REMIND)
    for name in ("erased", "moved"):
        stage.contact(name, ends="2026-05-10")
    stage.settle()
    stage.sets("moved", ends="2026-04-10")
    erased = stage.ids["erased"]
    change = contacts.FieldChange(lane_of(erased), erased, {}, ["ends"])
    contacts.fields_update([change], now=NOW)
    stage.run_until(NOW + 30 * DAY)
    assert entered() == {}


def test_a_yearly_date_comes_every_year_with_29_february_on_the_28th(stage: Stage) -> None:
    again = {"reentry": {"type": "after_exit"}}
    nodes = dated("PT9H", "yearly", "born")
    stage.contact("leap", born="2000-02-29")
    stage.contact("may", born="1990-05-14")
    build_flow(nodes=nodes, edges=REMIND, settings=again)
    stage.settle()
    stage.run_until(datetime(2029, 1, 1, tzinfo=UTC))
    assert entered() == {
        "may": [datetime(year, 5, 14, 9, tzinfo=UTC) for year in (2026, 2027, 2028)],
        "leap": [
            datetime(2027, 2, 28, 9, tzinfo=UTC),
            datetime(2028, 2, 29, 9, tzinfo=UTC),
        ],
    }


def test_dates_of_a_paused_flow_wait_until_it_is_resumed(stage: Stage) -> None:
    build_flow(nodes=dated(), edges=REMIND)
    stage.contact("ada", ends="2026-05-10")
    stage.contact("eve", ends="2026-05-10")
    stage.settle()
    flow_pause("cart", actor=COMMAND, now=stage.now)
    stage.run_until(datetime(2026, 5, 11, tzinfo=UTC))
    assert entered() == {}
    stage.sets("eve", ends="2026-05-20")
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert list(entered()) == ["ada"]
    stage.run_until(datetime(2026, 5, 21, tzinfo=UTC))
    assert list(entered()) == ["ada", "eve"]


def test_data_come_before_a_date_however_far_the_engine_lags(stage: Stage) -> None:
    build_flow(nodes=dated(), edges=REMIND)
    stage.contact("ada", ends="2026-05-01T13:00:00Z")
    stage.settle()
    stage.jump("PT30M")
    stage.accepts("ada", "Renewed")
    ada = stage.ids["ada"]
    change = contacts.FieldChange(lane_of(ada), ada, {"ends": "2026-06-01"})
    contacts.fields_update([change], now=stage.now)
    stage.jump("PT3H")
    stage.settle()
    assert entered() == {}


def test_a_date_reached_while_the_engine_lagged_behind_its_data_still_comes(stage: Stage) -> None:
    build_flow(nodes=dated(), edges=REMIND)
    stage.settle()
    stage.contact("ada", ends="2026-05-01T12:10:00Z")
    stage.jump("PT1H")
    stage.settle()
    assert list(entered()) == ["ada"]


def test_an_edit_elsewhere_keeps_appointments_and_another_offset_makes_new_ones(
    stage: Stage,
) -> None:
    build_flow(nodes=dated("-P3D"), edges=REMIND)
    stage.contact("ada", ends="2026-05-10")
    stage.settle()
    timer = FlowTimer.objects.get()
    more: Nodes = {**dated("-P3D"), "wait": HOUR}
    redraw("cart", more, [*REMIND, "remind next wait"], now=stage.now)
    stage.settle()
    assert FlowTimer.objects.get().id == timer.id
    redraw("cart", dated("-P1D"), REMIND, now=stage.now)
    stage.settle()
    assert not Appointment.objects.filter(timer_id=timer.id).exists()
    stage.run_until(NOW + 30 * DAY)
    assert entered() == {"ada": [datetime(2026, 5, 9, tzinfo=UTC)]}


def test_the_day_of_signing_up_is_a_date_like_any_other(stage: Stage) -> None:
    nodes: Nodes = {"comes": ("date", {"field": "created_at", "offset": "P30D"}), "remind": MAIL}
    stage.contact("early")
    build_flow(nodes=nodes, edges=REMIND)
    stage.after("P1D")
    stage.contact("later")
    stage.settle()
    stage.run_until(NOW + 40 * DAY)
    assert entered() == {"early": [NOW + 30 * DAY], "later": [NOW + 31 * DAY]}


def test_many_dates_are_filled_in_pieces(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "PIECE", LANES)
    nodes = dated()
    build_contacts(200)
    Contact.objects.update(fields={"ends": "2026-05-10T00:00:00.000000Z"})
    build_flow(nodes=nodes, edges=REMIND)
    stage.engine.turn()
    assert 0 < Appointment.objects.count() <= LANES
    stage.settle()
    assert Appointment.objects.count() == 200
    assert set(FlowTimerLane.objects.values_list("phase", flat=True)) == {"done"}
    stage.run_until(NOW + 10 * DAY)
    assert Visit.objects.count() == 200
    everything_adds_up()


def test_an_archived_flow_leaves_no_appointments(stage: Stage) -> None:
    build_flow(nodes=dated(), edges=REMIND)
    stage.contact("ada", ends="2026-05-10")
    stage.settle()
    flow_archive("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert not Appointment.objects.exists()
    stage.run_until(NOW + 30 * DAY)
    assert entered() == {}


# ── once ────────────────────────────────────────────────────────────────────────────────────────


def members(key: str, *ids: int) -> None:
    members_change(key, list(ids), change="add", cause="manual", now=NOW)


@pytest.fixture
def lists(stage: Stage) -> Stage:
    for key in ("news", "vip", "press"):
        build_segment(key, None, kind="static")
    return stage


def test_everybody_in_some_segments_and_none_of_others_gets_one_mail(lists: Stage) -> None:
    for name in ("ada", "bob", "eve", "joe", "zoe"):
        lists.contact(name)
    ids = lists.ids
    members("news", ids["ada"], ids["bob"], ids["eve"])
    members("vip", ids["bob"], ids["joe"])
    members("press", ids["eve"])
    build_flow(nodes=once(["news", "vip"], ["press"]), edges=MAIL_THEM)
    lists.settle()
    assert lists.mails() == {"ada": 1, "bob": 1, "joe": 1}
    members("vip", ids["zoe"])
    lists.after("P1D")
    assert lists.mails() == {"ada": 1, "bob": 1, "joe": 1}
    assert not Gathered.objects.exists()
    assert not Appointment.objects.exists()
    everything_adds_up()


def test_a_person_with_several_contacts_gets_one_mail_at_the_best_of_them(lists: Stage) -> None:
    twins = build_contacts(70)[:70:23]
    Contact.objects.filter(id__in=twins).update(email="Twin@example.org")
    Contact.objects.filter(id=twins[0]).update(hard_bounced_at=NOW, last_seen_at=NOW)
    Contact.objects.filter(id=twins[2]).update(last_seen_at=NOW - DAY, email=" twin@Example.org")
    nameless = list(Contact.objects.exclude(id__in=twins).values_list("id", flat=True))
    Contact.objects.filter(id__in=nameless[:2]).update(email=None)
    members("news", *twins, *nameless[:2])
    build_flow(nodes={**once(["news"]), "mail": HOUR}, edges=MAIL_THEM)
    lists.settle()
    assert {visit.contact_id for visit in lists.visits()} == {twins[2], *nameless[:2]}


def test_who_is_excluded_is_so_as_a_person(lists: Stage) -> None:
    first, second = build_contacts(2)
    Contact.objects.update(email="same@example.org")
    members("news", first)
    members("press", second)
    build_flow(nodes=once(["news"], ["press"]), edges=MAIL_THEM)
    lists.settle()
    assert lists.visits() == []


def test_persons_are_told_apart_by_the_workspaces_key(lists: Stage) -> None:
    first, second = build_contacts(2)
    Contact.objects.update(email="same@example.org")
    Workspace.objects.update(dedupe_key="external_id")
    members("news", first, second)
    build_flow(nodes=once(["news"]), edges=MAIL_THEM)
    lists.settle()
    assert len(lists.visits()) == 2


def test_the_moment_may_be_later_and_counts_whoever_is_there_then(lists: Stage) -> None:
    lists.contact("ada")
    lists.contact("bob")
    members("news", lists.ids["ada"])
    at = NOW + 2 * DAY
    build_flow(nodes=once(["news"], at=at), edges=MAIL_THEM)
    lists.after("P1D")
    assert entered() == {}
    members("news", lists.ids["bob"])
    members_change("news", [lists.ids["ada"]], change="remove", cause="manual", now=lists.now)
    lists.run_until(NOW + 3 * DAY)
    assert entered() == {"bob": [at]}


def test_what_went_out_does_not_go_out_again_but_another_instant_is_another_send(
    lists: Stage,
) -> None:
    again = {"reentry": {"type": "after_exit"}}
    lists.contact("ada")
    members("news", lists.ids["ada"])
    build_flow(nodes=once(["news"]), edges=MAIL_THEM, settings=again)
    lists.settle()
    redraw("cart", once(["news", "vip"]), MAIL_THEM, settings=again, now=lists.now)
    lists.after("PT1H")
    other: Nodes = {"in": on("Start"), "mail": MAIL}
    redraw("cart", other, ["in next mail"], settings=again, now=lists.now)
    lists.after("PT1H")
    redraw("cart", once(["news"]), MAIL_THEM, settings=again, now=lists.now)
    lists.after("PT1H")
    assert lists.mails() == {"ada": 1}
    at = lists.now + DAY
    redraw("cart", once(["news"], at=at), MAIL_THEM, settings=again, now=lists.now)
    redraw("cart", once(["news"], at=at), MAIL_THEM, settings=again, now=lists.now)
    lists.after("P2D")
    assert lists.mails() == {"ada": 2}


def test_a_paused_flow_sends_when_it_is_resumed(lists: Stage) -> None:
    lists.contact("ada")
    members("news", lists.ids["ada"])
    build_flow(nodes=once(["news"], at=NOW + DAY), edges=MAIL_THEM)
    flow_pause("cart", actor=COMMAND, now=NOW)
    lists.after("P2D")
    assert entered() == {}
    flow_resume("cart", actor=COMMAND, now=lists.now)
    lists.settle()
    assert list(entered()) == ["ada"]


def test_many_enter_in_pieces_with_what_happens_in_between_and_nobody_twice(
    lists: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "PIECE", 2 * LANES)
    monkeypatch.setattr(times, "ENTRIES", LANES)
    ids = build_contacts(500)
    Contact.objects.filter(id__in=ids[:100]).update(email="one@example.org")
    members("news", *ids)
    build_flow(nodes=once(["news"]), edges=MAIL_THEM)
    build_flow("hello", {"in": on("Hello"), "mail": MAIL}, ["in next mail"])
    turns = 0
    while Visit.objects.filter(flow__key="cart").count() < 200:
        lists.engine.turn()
        turns += 1
        assert turns < 100
    lists.accepts("eve", "Hello")
    lists.engine.turn()
    assert lists.states("hello") == ["completed"]
    assert Visit.objects.filter(flow__key="cart").count() < 401
    lists.settle()
    assert Visit.objects.filter(flow__key="cart").count() == 401
    everything_adds_up()


def test_a_segment_says_that_it_is_sent_to_once_or_left_out(lists: Stage) -> None:
    build_flow(nodes=once(["news"], ["press"]), edges=MAIL_THEM)
    uses = {(segment, use.how) for segment, use in flows_using_segments()}
    assert uses == {
        ("news", "lets its members in once"),
        ("press", "keeps its members out of a one-off send"),
    }


def test_where_a_segment_is_gone_nobody_is_let_in(lists: Stage) -> None:
    lists.contact("ada")
    members("news", lists.ids["ada"])
    build_flow(nodes=once(["news"], ["press"], at=NOW + DAY), edges=MAIL_THEM)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segment WHERE key = 'press'")
    lists.after("P2D")
    assert entered() == {}


def test_a_contact_merged_before_its_turn_is_let_in_as_the_kept_one(lists: Stage) -> None:
    kept, lost = lists.contact("kept"), lists.contact("lost")
    members("news", lost)
    build_flow(nodes=once(["news"]), edges=MAIL_THEM)
    for _ in range(2):
        lists.engine.turn()
    assert Gathered.objects.exists() or Appointment.objects.exists()
    contacts.contacts_merge(kept_id=kept, lost_id=lost, now=NOW)
    lists.settle()
    assert [visit.contact_id for visit in lists.visits()] == [kept]


# ── the book ────────────────────────────────────────────────────────────────────────────────────


def test_only_versions_that_are_live_or_have_somebody_inside_are_compiled(stage: Stage) -> None:
    nodes: Nodes = {"in": on("Start"), "wait": HOUR}
    build_flow(nodes=nodes, edges=["in next wait"])
    stage.does("ada", "Start")
    for _ in range(3):
        redraw("cart", nodes, ["in next wait"], now=stage.now)
        stage.settle()
    flow = Flow.objects.get()

    def numbers() -> list[int]:
        return sorted(one.number for one in load_book(None).flows[flow.id].versions.values())

    assert numbers() == [1, 4]
    stage.after("PT2H")
    assert numbers() == [4]
    assert not FlowVersion.objects.filter(number__lt=4, is_open=True).exists()


def test_a_book_that_is_still_true_costs_one_line_and_keeps_what_it_compiled(
    stage: Stage, django_assert_num_queries: Any
) -> None:
    build_flow()
    book = load_book(None)
    with django_assert_num_queries(1):
        assert load_book(book) is book
    field("fresh", "string")
    again = load_book(book)
    assert again is not book
    assert "fresh" in again.fields
    (flow,) = book.flows.values()
    assert again.flows[flow.id].version is flow.version


def test_messages_say_what_was_sent(lists: Stage) -> None:
    lists.contact("ada")
    members("news", lists.ids["ada"])
    build_flow(nodes=once(["news"]), edges=MAIL_THEM)
    lists.settle()
    assert list(Message.objects.values_list("node", flat=True)) == ["mail"]


def test_a_loop_that_feeds_itself_by_a_segment_takes_a_minute_a_round(stage: Stage) -> None:
    field("light", "string")
    green = {"type": "field", "field": "light", "op": "eq", "value": "green"}
    build_segment("green", green)
    is_in = {"type": "segment", "segment": "green", "op": "in"}
    nodes: Nodes = {
        "in": on("Start"),
        "on": ("update_fields", {"set": {"light": "green"}}),
        "lit": ("wait_for", {"rule": is_in, "timeout": "P9D"}),
        "off": ("update_fields", {"set": {"light": "red"}}),
        "dark": ("wait_for", {"rule": is_in | {"op": "not_in"}, "timeout": "P9D"}),
    }
    ways = ["in next on", "on next lit", "lit matched off", "off next dark", "dark matched on"]
    build_flow(nodes=nodes, edges=ways)
    stage.does("ada", "Start")
    at_once = len(stage.path("ada"))
    assert at_once < 12
    stage.after("PT10M")
    assert at_once + 10 < len(stage.path("ada")) < at_once + 90
    everything_adds_up()
