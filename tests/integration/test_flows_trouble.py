"""What fails for one contact, version or step, and harms nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from contacts.models import Contact
from contacts.services import contact_delete
from flows.engine import ledger
from flows.lives import flow_archive
from flows.models import Flow
from flows.services import contacts_add, contacts_remove
from messaging.services import messages_queue
from segments.services import segment_delete
from tests.builders_flows import (
    HOUR,
    LEAVE_ON_PURCHASE,
    MAIL,
    Nodes,
    Stage,
    build_flow,
    build_segment,
    everything_adds_up,
    on,
    redraw,
    totals_of,
)

pytestmark = pytest.mark.django_db


# ── trouble ─────────────────────────────────────────────────────────────────────────────────────


def _failing(stage: Stage) -> None:
    """A flow that fails for `ada` alone: a number divided by nothing."""
    template = "{% if first_name == 'ada' %}{{ 1 | divided_by: 0 }}{% endif %}{{ first_name }}"
    nodes = {"in": on("A"), "set": ("update_fields", {"set": {"city": template}}), "hour": HOUR}
    build_flow("a", nodes, ["in next set", "set next hour"], settings=LEAVE_ON_PURCHASE)
    for name in ("ada", "bob"):
        stage.contact(name, first_name=name)
    for name in ("ada", "bob"):
        stage.accepts(name, "A")
    stage.settle()


def test_a_failing_template_parks_that_contact_alone(stage: Stage) -> None:
    _failing(stage)
    parked = stage.visit("ada", "a")
    assert (parked.state, parked.node) == ("failed", "set")
    assert parked.error
    assert stage.states("a", "bob") == ["inside"]
    assert Contact.objects.get(external_id="bob").city == "bob"
    assert totals_of("a") == {
        "entered": 2, "inside": 1, "completed": 0, "converted": 0, "exited": 0, "failed": 1,
    }  # fmt: skip


def test_who_is_parked_leaves_by_the_exits_all_the_same(stage: Stage) -> None:
    _failing(stage)
    stage.does("ada", "Order Completed")
    assert stage.states("a", "ada") == ["exited"]
    assert totals_of("a")["failed"] == 0


def test_who_is_parked_can_be_taken_out_by_hand(stage: Stage) -> None:
    _failing(stage)
    contacts_remove("a", [stage.ids["ada"]], actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states("a", "ada") == ["exited"]


def test_archiving_ends_those_who_are_parked_too(stage: Stage) -> None:
    _failing(stage)
    _flow, ended = flow_archive("a", actor=COMMAND, now=stage.now)
    assert ended == 2
    assert set(stage.states("a")) == {"exited"}


def test_a_step_whose_segment_is_gone_parks_those_who_come_to_it(stage: Stage) -> None:
    build_segment("hot", None, kind="static")
    nodes: Nodes = {"in": on("A"), "hour": HOUR, "add": ("add_to_segment", {"segment": "hot"})}
    build_flow("a", nodes, ["in next hour", "hour next add"])
    build_flow()
    stage.does("ada", "A")
    stage.does("bob", "Product Added")
    redraw("a", {"in": on("A"), "hour": HOUR}, ["in next hour"], now=stage.now)
    segment_delete("hot")
    stage.after("PT1H")
    visit = stage.visit("ada", "a")
    assert (visit.state, visit.node) == ("failed", "add")
    assert visit.error == "there is no segment “hot”"
    assert stage.states("cart") == ["completed"]


def test_a_visit_that_the_database_chokes_on_is_parked_and_the_others_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_flow()
    ids = {name: stage.contact(name) for name in "abcdefg"}

    def chokes(messages: Sequence[Any], *, now: datetime, **given: Any) -> None:
        messages_queue(messages, now=now, **given)
        if any(message.contact_id == ids["d"] for message in messages):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(ledger, "messages_queue", chokes)
    for name in ids:
        stage.accepts(name, "Product Added")
    stage.settle()
    stage.after("PT1H")
    assert stage.states() == ["completed"] * 3 + ["failed"] + ["completed"] * 3
    assert stage.mails("queued") == dict.fromkeys("abcefg", 1)
    assert "division by zero" in stage.visit("d").error


def test_a_trigger_that_fails_parks_its_contact_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes: Nodes = {"in": on("A"), "mail": MAIL}
    build_flow("a", nodes, ["in next mail"])
    stage.contact("ada")

    def chokes(messages: Sequence[Any], *, now: datetime, **given: Any) -> None:
        if messages:
            raise RuntimeError("no")

    monkeypatch.setattr(ledger, "messages_queue", chokes)
    stage.does("ada", "A")
    assert (stage.states("a"), stage.path("ada", "a")) == (["failed"], ["in"])


def test_a_deleted_contact_takes_its_visits_along(stage: Stage) -> None:
    build_flow()
    for name in ("ada", "bob"):
        stage.does(name, "Product Added")
    contact_delete(stage.id_of("ada"))
    everything_adds_up()
    assert totals_of("cart")["entered"] == 1
    stage.after("PT2H")
    assert stage.states() == ["completed"]


def test_a_contact_deleted_with_work_waiting_harms_nobody(stage: Stage) -> None:
    build_flow()
    for name in ("ada", "bob"):
        stage.contact(name)
    stage.settle()
    contacts_add("cart", [stage.ids["ada"], stage.ids["bob"]], actor=COMMAND, now=stage.now)
    contact_delete(stage.ids["ada"])
    stage.settle()
    assert [visit.contact_id for visit in stage.visits()] == [stage.ids["bob"]]


def test_a_version_that_can_no_longer_be_read_stops_nobody_else(stage: Stage) -> None:
    build_flow()
    nodes = {"in": on("A"), "hour": HOUR}
    build_flow("a", nodes, ["in next hour"])
    stage.does("ada", "A")
    stage.does("bob", "Product Added")
    broken = Flow.objects.get(key="a").live_version
    assert broken is not None
    broken.graph["nodes"][1]["type"] = "gone"
    broken.save()
    stage.engine.book = None
    stage.jump("PT2H")
    stage.engine.until_idle(most=5)
    assert stage.states() == ["completed"]
    assert stage.states("a") == ["inside"]
