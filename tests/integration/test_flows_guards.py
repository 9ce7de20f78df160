"""Guards: nothing that fails, spins or cannot be processed holds up anything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.lanes import lane_of
from contacts.models import Contact
from contacts.services import NewEvent, events_record
from flows.engine import pulse as pulses
from flows.engine import reactions
from flows.engine.aside import aside_retry
from flows.engine.gate import admit
from flows.engine.ledger import Ledger
from flows.engine.world import PostgresWorld
from flows.lives import flow_resume
from flows.models import Flow, SetAside, Visit
from flows.nodes.condition import Condition
from segments.models import Segment
from segments.refresh import refresh
from segments.scoring.ledger import score_events
from tests.builders_flows import (
    BOUGHT,
    MAIL,
    Nodes,
    Stage,
    build_contacts,
    build_flow,
    build_segment,
    everything_adds_up,
    on,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return Stage()


# ── a step that fails ───────────────────────────────────────────────────────────────────────────


def test_data_that_the_database_cannot_work_out_parks_that_contact_at_that_step(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad row among many makes the one statement for all of them fail."""
    rule = {"type": "field", "field": "email", "op": "set"}
    nodes: Nodes = {"come": on("Come"), "ask": ("condition", {"rule": rule}), "mail": MAIL}
    build_flow(nodes=nodes, edges=["come next ask", "ask yes mail"])
    names = [f"c{n}" for n in range(20)]
    bad = {stage.contact(name) for name in names if name in ("c3", "c11")}

    def chokes(self: Any, config: Any, walkers: Sequence[Any], world: Any) -> Any:
        if any(walker.contact_id in bad for walker in walkers):
            world.fulfils({"type": "chokes"}, walkers)
        return plain(self, config, walkers, world)

    def fulfils(self: Any, rule: Any, walkers: Any) -> Any:
        if rule == {"type": "chokes"}:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 'abc'::text::int")
        return answer(self, rule, walkers)

    plain = Condition.run
    answer = PostgresWorld.fulfils
    monkeypatch.setattr(Condition, "run", chokes)
    monkeypatch.setattr(PostgresWorld, "fulfils", fulfils)
    for name in names:
        stage.accepts(name, "Come")
    stage.settle()
    for name in names:
        visit = stage.visit(name)
        if name in ("c3", "c11"):
            assert (visit.state, visit.node) == ("failed", "ask")
            assert "abc" in visit.error
        else:
            assert visit.state == "completed"
    everything_adds_up()


def test_an_effect_that_fails_for_one_parks_that_one_at_that_step(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes: Nodes = {"come": on("Come"), "score": ("adjust_score", {"by": 1}), "mail": MAIL}
    build_flow(nodes=nodes, edges=["come next score", "score next mail"])
    names = [f"c{n}" for n in range(20)]
    ids = {name: stage.contact(name) for name in names}
    apply = PostgresWorld.apply

    def fails(self: Any, effects: Any) -> None:
        apply(self, effects)
        if any(walker.contact_id == ids["c7"] for _, walkers in effects for walker in walkers):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(PostgresWorld, "apply", fails)
    for name in names:
        stage.accepts(name, "Come")
    stage.settle()
    assert stage.path("c7") == ["come", "score"]
    assert [stage.visit(name).state for name in names if name != "c7"] == ["completed"] * 19
    monkeypatch.undo()
    scores = dict(Contact.objects.values_list("external_id", "score"))
    assert scores == {name: 0 if name == "c7" else 1 for name in names}, "once each, none for c7"
    everything_adds_up()


def test_a_flow_whose_every_step_fails_does_not_slow_a_good_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The good one's people are through in the very pulse that takes their events."""
    build_segment("gone", None, kind="static")
    bad: Nodes = {
        "come": on("Come"),
        "text": ("update_fields", {"set": {"x": "{{ trigger.n | divided_by: 0 }}"}}),
        "seg": ("add_to_segment", {"segment": "gone"}),
    }
    build_flow("bad", nodes=bad, edges=["come next text", "text next seg"])
    build_flow("worse", nodes={"come": on("Come"), "seg": bad["seg"]}, edges=["come next seg"])
    build_flow("good", nodes={"come": on("Come"), "mail": MAIL}, edges=["come next mail"])
    Segment.objects.filter(key="gone").delete()
    for n in range(300):
        stage.accepts(f"c{n}", "Come", n=1)
    stage.engine.turn()
    assert stage.states("good") == ["completed"] * 300
    assert set(stage.states("bad")) == set(stage.states("worse")) == {"failed"}
    assert {visit.node for visit in stage.visits("worse")} == {"seg"}
    everything_adds_up()


def test_a_flow_that_the_database_refuses_for_everybody_does_not_stop_a_good_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pulse fails, is done again carefully, and does the good flow's work in that turn."""
    bad: Nodes = {
        "come": on("Come"),
        "ask": ("condition", {"rule": {"type": "field", "field": "city", "op": "set"}}),
    }
    build_flow("bad", nodes=bad, edges=["come next ask"])
    build_flow("good", nodes={"come": on("Come"), "mail": MAIL}, edges=["come next mail"])
    answer = PostgresWorld.fulfils

    def fulfils(self: Any, rule: Any, walkers: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'abc'::text::int")
        return answer(self, rule, walkers)

    monkeypatch.setattr(PostgresWorld, "fulfils", fulfils)
    ids = build_contacts(1200)
    come = [NewEvent(lane_of(one), one, "Come", stage.now, {}) for one in ids]
    events_record(come, now=stage.now)
    stage.engine.turn()
    assert stage.states("good") == ["completed"] * 1200
    assert stage.states("bad") == ["failed"] * 1200
    assert {visit.node for visit in stage.visits("bad")} == {"ask"}
    assert SetAside.objects.count() == 0
    everything_adds_up()


# ── what cannot be processed ────────────────────────────────────────────────────────────────────


def poisoned(monkeypatch: pytest.MonkeyPatch, where: str, whom: set[int]) -> None:
    """One stage of the pulse fails whenever it comes to one of these contacts."""

    def fails_for(ids: set[int]) -> None:
        if ids & whom:
            raise RuntimeError(f"the {where} cannot bear it")

    if where == "points":
        plain = score_events

        def scoring(touches: Any, **given: Any) -> Any:
            fails_for({touch.contact_id for touch in touches})
            return plain(touches, **given)

        monkeypatch.setattr(pulses, "score_events", scoring)
    elif where == "refresh":
        plain_refresh = refresh

        def refreshing(touched: Any, **given: Any) -> Any:
            fails_for({touch.contact_id for touch in touched})
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return plain_refresh(touched, **given)

        monkeypatch.setattr(pulses, "refresh", refreshing)
    elif where == "reactions":
        plain_occur = reactions.Reactions.occur

        def occur(self: Any, occurrences: Any) -> None:
            plain_occur(self, occurrences)
            fails_for({touch.contact_id for touch in occurrences})

        monkeypatch.setattr(reactions.Reactions, "occur", occur)
    elif where == "gate":
        plain_admit = admit

        def admitting(book: Any, entries: Any, **given: Any) -> Any:
            fails_for({entry.contact_id for entry in entries})
            return plain_admit(book, entries, **given)

        monkeypatch.setattr(reactions, "admit", admitting)
    else:
        plain_endings = Ledger.write_endings

        def write_endings(self: Any, endings: Any) -> None:
            plain_endings(self, endings)
            fails_for({walker.contact_id for _flow, walker, *_rest in endings})

        monkeypatch.setattr(Ledger, "write_endings", write_endings)


@pytest.mark.parametrize("where", ["points", "refresh", "reactions", "gate", "ledger"])
def test_a_touch_that_a_stage_cannot_process_is_set_aside_and_holds_nobody_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    build_flow(settings={"exit_when": [BOUGHT], "reentry": {"type": "after_exit"}})
    names = [f"c{n}" for n in range(12)]
    for name in names:
        stage.does(name, "Product Added")
    whom = {stage.id_of("c5")}
    monkeypatch.undo()
    poisoned(monkeypatch, where, whom)
    for name in names:
        stage.accepts(name, "Order Completed")
        stage.accepts(name, "Product Added")
    stage.settle()
    for name in names:
        if name != "c5":
            assert stage.states(name=name) == ["exited", "inside"]
    aside = SetAside.objects.all()
    assert {one.contact_id for one in aside} == whom
    assert all("cannot bear it" in one.error for one in aside)
    everything_adds_up()
    monkeypatch.undo()
    assert aside_retry(None) == len(aside)
    stage.settle()
    assert stage.states(name="c5")[0] == "exited"
    assert not SetAside.objects.exists()
    everything_adds_up()


@pytest.mark.parametrize("name", ["refresh_time", "score_decay"])
def test_a_stage_of_time_that_fails_is_left_out_and_named(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    build_flow()
    stage.does("ada", "Product Added")

    def fails(*_args: Any, **_given: Any) -> None:
        raise RuntimeError("no segments today")

    monkeypatch.setattr(pulses, name, fails)
    stage.after("PT1H")
    assert stage.mails() == {"ada": 1}
    stages = SetAside.objects.filter(kind="stage")
    assert [one.name for one in stages] == ["look_at_segments"] * len(stages)
    assert stages


# ── flows that set each other off ───────────────────────────────────────────────────────────────

PING: Nodes = {"in": on("Ping"), "out": ("record_event", {"name": "Pong"})}
PONG: Nodes = {"in": on("Pong"), "out": ("record_event", {"name": "Ping"})}
AGAIN = {"reentry": {"type": "after_exit"}}


def ping_pong() -> None:
    build_flow("ping", nodes=PING, edges=["in next out"], settings=AGAIN)
    build_flow("pong", nodes=PONG, edges=["in next out"], settings=AGAIN)


def test_two_flows_that_set_each_other_off_are_paused_with_an_alert_and_go_on_when_resumed(
    stage: Stage,
) -> None:
    ping_pong()
    stage.does("ada", "Ping")
    paused = Flow.objects.get(status="paused")
    assert "100" in paused.alert
    assert Visit.objects.count() <= 201
    everything_adds_up()
    stage.jump("PT1H")
    flow_resume(paused.key, actor=COMMAND, now=stage.now)
    paused.refresh_from_db()
    assert paused.alert == ""
    stage.does("bob", "Other")
    assert Flow.objects.filter(status="paused").count() == 0, "nobody spins: nobody is stopped"
    stage.does("ada", "Ping")
    assert Flow.objects.filter(status="paused").exists(), "and again, as soon as they do"
    everything_adds_up()


def test_the_guard_counts_a_day_and_no_longer(stage: Stage) -> None:
    nodes: Nodes = {"in": on("Ping"), "out": ("adjust_score", {"by": 1})}
    build_flow("ping", nodes=nodes, edges=["in next out"], settings=AGAIN)
    for _ in range(99):
        stage.accepts("ada", "Ping")
    stage.settle()
    stage.jump("P1D")
    for _ in range(100):
        stage.accepts("ada", "Ping")
    stage.settle()
    assert Flow.objects.get(key="ping").status == "live"
    assert len(stage.visits("ping")) == 199
    stage.does("ada", "Ping")
    assert Flow.objects.get(key="ping").status == "paused"


def test_a_loop_rests_a_minute_each_time_round(stage: Stage) -> None:
    nodes: Nodes = {
        "in": on("Come"),
        "wait": ("wait_for", {"rule": BOUGHT_EVER, "timeout": "PT1S"}),
        "score": ("adjust_score", {"by": 1}),
    }
    edges = ["in next wait", "wait matched score", "score next wait"]
    build_flow("loop", nodes=nodes, edges=edges)
    stage.does("ada", "Order Completed")
    stage.does("ada", "Come")
    for n in range(1, 6):
        assert stage.path("ada", "loop").count("score") == n
        assert stage.visit("ada", "loop").due_at == stage.now + timedelta(minutes=1)
        stage.after("PT1M")
    everything_adds_up()


BOUGHT_EVER = {"type": "event", "name": "Order Completed"}
