"""Failures: parked and told apart, retried and skipped, one, all of a kind, all; nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import COMMAND
from common.errors import Refused
from common.models import Job
from flows import people
from flows.chosen import Chosen
from flows.failures import failure_groups, failures_retry, failures_skip
from flows.lives import flow_pause, flow_resume
from flows.models import Step, Visit
from flows.nodes.condition import Condition
from flows.people import people_act, people_job
from flows.services import flow_delete
from messaging.models import Message
from segments.models import Membership, Segment
from tests.builders_flows import (
    HOUR,
    MAIL,
    Nodes,
    Stage,
    build_flow,
    build_segment,
    everything_adds_up,
    on,
    redraw,
)
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
ALL = Chosen(everybody=True)

FRAGILE: Nodes = {
    "come": on("Product Added"),
    "note": ("update_fields", {"set": {"note": "{{ trigger.n | divided_by: trigger.by }}"}}),
    "mail": MAIL,
}
FRAGILE_EDGES = ["come next note", "note next mail"]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def fragile(stage: Stage, *names: str) -> None:
    """A flow whose second step fails for these, and not for `fine`."""
    build_flow(nodes=FRAGILE, edges=FRAGILE_EDGES)
    for name in names:
        stage.accepts(name, "Product Added", n=1, by=0)
    stage.accepts("fine", "Product Added", n=1, by=1)
    stage.settle()


def mend(*names: str, stage: Stage) -> None:
    """What made the step fail for these is so no more."""
    ids = [stage.id_of(name) for name in names]
    Visit.objects.filter(contact_id__in=ids).update(trigger={"n": 1, "by": 1})


def test_who_fails_is_parked_with_error_kind_and_instant_and_the_others_go_on(stage: Stage) -> None:
    fragile(stage, "ada", "bob")
    assert stage.states(name="fine") == ["completed"]
    for name in ("ada", "bob"):
        visit = stage.visit(name)
        assert (visit.state, visit.node, visit.failed_at) == ("failed", "note", stage.now)
        assert visit.error
        assert visit.failure
        assert visit.due_at is None
    (group,) = failure_groups("cart")
    assert (group["node"], group["count"]) == ("note", 2)
    assert group["first_at"] == group["last_at"] == stage.now
    everything_adds_up()


def test_failures_that_differ_only_in_ids_and_numbers_are_one_group(stage: Stage) -> None:
    nodes = {
        "come": on("Product Added"),
        "note": ("update_fields", {"set": {"age": "{{ trigger.n }}"}}),
        "bad": ("add_to_segment", {"segment": "gone"}),
    }
    build_segment("gone", None, kind="static")
    build_flow(nodes=nodes, edges=["come next note", "note next bad"])
    Segment.objects.all().delete()
    for n in range(3):
        stage.does(f"c{n}", "Product Added", n=n)
        stage.jump("PT1H")
    groups = failure_groups("cart")
    assert [(group["node"], group["count"]) for group in groups] == [("bad", 3)]
    assert groups[0]["last_at"] - groups[0]["first_at"] == timedelta(hours=2)
    assert groups[0]["error"]


# ── retry ───────────────────────────────────────────────────────────────────────────────────────


def test_a_retry_does_the_step_again_and_is_no_new_step(stage: Stage) -> None:
    fragile(stage, "ada", "bob")
    mend("ada", "bob", stage=stage)
    ada = stage.visit("ada")
    assert failures_retry("cart", Chosen(visits=(ada.id,)), actor=COMMAND, now=stage.now).count == 1
    everything_adds_up()
    stage.settle()
    assert stage.path("ada") == ["come", "note", "mail"]
    assert stage.states(name="ada") == ["completed"]
    assert stage.states(name="bob") == ["failed"]
    assert stage.mails() == {"fine": 1, "ada": 1}
    visit = stage.visit("ada")
    assert (visit.error, visit.failure, visit.failed_at) == ("", "", None)
    everything_adds_up()


def test_a_retry_asked_twice_is_done_once(stage: Stage) -> None:
    fragile(stage, "ada")
    mend("ada", stage=stage)
    assert failures_retry("cart", ALL, actor=COMMAND, now=stage.now).count == 1
    assert failures_retry("cart", ALL, actor=COMMAND, now=stage.now).count == 0
    stage.settle()
    assert failures_retry("cart", ALL, actor=COMMAND, now=stage.now).count == 0
    stage.settle()
    assert stage.mails() == {"fine": 1, "ada": 1}
    assert Step.objects.filter(visit_id=stage.visit("ada").id).count() == 3
    everything_adds_up()


def test_what_is_not_mended_fails_again_with_the_new_instant(stage: Stage) -> None:
    fragile(stage, "ada")
    stage.jump("PT1H")
    failures_retry("cart", ALL, actor=COMMAND, now=stage.now)
    stage.settle()
    visit = stage.visit("ada")
    assert (visit.state, visit.failed_at) == ("failed", stage.now)
    assert stage.path("ada") == ["come", "note"]
    everything_adds_up()


def test_all_of_a_kind_or_of_a_step_are_retried_and_no_others(stage: Stage) -> None:
    fragile(stage, "ada", "bob")
    mend("ada", "bob", stage=stage)
    Visit.objects.filter(id=stage.visit("bob").id).update(failure="another")
    kind = stage.visit("ada").failure
    wrong = Chosen(node="mail", kind=kind)
    assert failures_retry("cart", wrong, actor=COMMAND, now=stage.now).count == 0
    of_kind = Chosen(node="note", kind=kind)
    assert failures_retry("cart", of_kind, actor=COMMAND, now=stage.now).count == 1
    stage.settle()
    assert (stage.states(name="ada"), stage.states(name="bob")) == (["completed"], ["failed"])


def test_nobody_in_particular_is_never_everybody(stage: Stage) -> None:
    fragile(stage, "ada")
    with pytest.raises(Refused):
        failures_retry("cart", Chosen(), actor=COMMAND, now=stage.now)
    with pytest.raises(Refused):
        failures_retry("cart", Chosen(search=""), actor=COMMAND, now=stage.now)
    assert failures_retry("cart", Chosen(visits=()), actor=COMMAND, now=stage.now).count == 0


def test_in_a_paused_flow_a_retry_waits_until_it_is_resumed(stage: Stage) -> None:
    fragile(stage, "ada")
    mend("ada", stage=stage)
    flow_pause("cart", actor=COMMAND, now=stage.now)
    assert failures_retry("cart", ALL, actor=COMMAND, now=stage.now).count == 1
    stage.settle()
    assert stage.states(name="ada") == ["inside"]
    assert stage.path("ada") == ["come", "note"]
    everything_adds_up()
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.path("ada") == ["come", "note", "mail"]
    everything_adds_up()


def test_a_retry_walks_the_visits_own_version_unless_the_live_one_is_asked_for(
    stage: Stage,
) -> None:
    fragile(stage, "ada", "bob")
    mended: Nodes = {
        **FRAGILE,
        "note": ("update_fields", {"set": {"note": "mended"}}),
        "wait": HOUR,
    }
    redraw("cart", mended, ["come next note", "note next wait", "wait next mail"], now=stage.now)
    bob = Chosen(visits=(stage.visit("bob").id,))
    failures_retry("cart", bob, actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states(name="bob") == ["failed"]
    failures_retry("cart", ALL, live=True, actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.path("ada") == stage.path("bob") == ["come", "note", "wait"]
    assert stage.visit("ada").version.number == 2
    stage.after("PT1H")
    assert stage.mails() == {"fine": 1, "ada": 1, "bob": 1}
    everything_adds_up()


def test_at_a_step_that_the_live_version_has_no_more_people_can_still_be_helped(
    stage: Stage,
) -> None:
    fragile(stage, "ada", "bob")
    mend("ada", stage=stage)
    redraw("cart", {"come": on("Product Added"), "mail": MAIL}, ["come next mail"], now=stage.now)
    ada = Chosen(visits=(stage.visit("ada").id,))
    failures_retry("cart", ada, live=True, actor=COMMAND, now=stage.now)
    failures_skip("cart", ALL, actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.path("ada") == stage.path("bob") == ["come", "note", "mail"]
    everything_adds_up()


def test_a_segment_that_looks_at_who_is_inside_sees_failures_and_retries(stage: Stage) -> None:
    nodes = {**FRAGILE, "wait": HOUR}
    edges = ["come next wait", "wait next note", "note next mail"]
    build_flow(nodes=nodes, edges=edges)
    build_segment("in", {"type": "flow", "flow": "cart", "op": "inside"})
    stage.does("ada", "Product Added", n=1, by=0)
    assert _members("in") == {stage.id_of("ada")}
    stage.after("PT1H")
    assert stage.states(name="ada") == ["failed"]
    assert _members("in") == set()
    flow_pause("cart", actor=COMMAND, now=stage.now)
    failures_retry("cart", ALL, actor=COMMAND, now=stage.now)
    stage.settle()
    assert _members("in") == {stage.id_of("ada")}


def _members(key: str) -> set[int]:
    return set(Membership.objects.filter(segment__key=key).values_list("contact_id", flat=True))


# ── skip ────────────────────────────────────────────────────────────────────────────────────────


def test_a_skip_leaves_by_next_with_a_step_of_its_own(stage: Stage) -> None:
    fragile(stage, "ada")
    stage.jump("PT1H")
    assert failures_skip("cart", ALL, actor=COMMAND, now=stage.now).count == 1
    everything_adds_up()
    stage.settle()
    assert stage.path("ada") == ["come", "note", "mail"]
    (message,) = Message.objects.filter(contact_id=stage.id_of("ada"))
    assert message.step == 2
    last = Step.objects.get(visit_id=stage.visit("ada").id, number=2)
    assert (last.came_by, last.at) == ("next", stage.now)
    everything_adds_up()


def test_a_skip_without_a_way_on_completes_the_visit(stage: Stage) -> None:
    build_flow(nodes=dict(list(FRAGILE.items())[:2]), edges=["come next note"])
    stage.does("ada", "Product Added", n=1, by=0)
    failures_skip("cart", ALL, actor=COMMAND, now=stage.now)
    visit = stage.visit("ada")
    assert (visit.state, visit.left_by, visit.left_at) == ("completed", "next", stage.now)
    everything_adds_up()


def test_a_skip_takes_the_branch_that_is_chosen_and_refuses_one_that_is_not_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = {"type": "field", "field": "email", "op": "set"}
    nodes = {"come": on("Product Added"), "ask": ("condition", {"rule": rule}), "mail": MAIL}
    build_flow(nodes=nodes, edges=["come next ask", "ask yes mail"])

    def breaks(*_given: Any) -> Any:
        raise ValueError("no way of knowing")

    monkeypatch.setattr(Condition, "run", breaks)
    for name in ("ada", "bob"):
        stage.does(name, "Product Added")
    assert stage.states() == ["failed", "failed"]
    for branch in (None, "next", "maybe"):
        with pytest.raises(Refused, match="yes"):
            failures_skip("cart", ALL, branch=branch, actor=COMMAND, now=stage.now)
    ada, bob = stage.visit("ada"), stage.visit("bob")
    failures_skip("cart", Chosen(visits=(ada.id,)), branch="yes", actor=COMMAND, now=stage.now)
    failures_skip("cart", Chosen(visits=(bob.id,)), branch="no", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.mails() == {"ada": 1}
    bob.refresh_from_db()
    assert (bob.state, bob.left_by) == ("completed", "no")
    everything_adds_up()


def test_a_skip_in_a_paused_flow_waits_after_the_step(stage: Stage) -> None:
    fragile(stage, "ada")
    flow_pause("cart", actor=COMMAND, now=stage.now)
    failures_skip("cart", ALL, actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.mails() == {"fine": 1}
    flow_resume("cart", actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.mails() == {"fine": 1, "ada": 1}
    everything_adds_up()


# ── many ────────────────────────────────────────────────────────────────────────────────────────


def test_very_many_are_done_by_a_job_in_pieces_that_can_be_stopped_and_gone_on_with(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "AT_ONCE", 5)
    monkeypatch.setattr(people, "PIECE", 2)
    names = [f"c{n}" for n in range(12)]
    fragile(stage, *names)
    mend(*names, stage=stage)
    acted = failures_retry("cart", ALL, actor=COMMAND, now=stage.now)
    assert acted.count == 12
    assert acted.job is not None
    job = Job.objects.get(id=acted.job)
    assert (job.status, job.total) == ("queued", 12)
    pieces = 0

    def dies() -> Any:
        nonlocal pieces
        pieces += 1
        if pieces == 5:
            raise RuntimeError("the worker dies")
        return stage.now

    with pytest.raises(RuntimeError):
        people_job(job.id, clock=dies)
    everything_adds_up()
    people_job(job.id, clock=lambda: stage.now)
    job.refresh_from_db()
    assert (job.status, job.done) == ("done", 12)
    everything_adds_up()
    stage.settle()
    assert stage.mails() == dict.fromkeys(["fine", *names], 1)
    everything_adds_up()


def test_who_fails_anew_during_the_job_is_not_retried_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "AT_ONCE", 1)
    names = [f"c{n}" for n in range(6)]
    fragile(stage, *names)
    asked = stage.now
    job_id = failures_retry("cart", ALL, actor=COMMAND, now=asked).job
    assert job_id is not None
    stage.now += timedelta(seconds=1)

    def works() -> Any:
        stage.settle()
        return stage.now

    people_job(job_id, clock=works)
    stage.settle()
    assert stage.states() == ["failed"] * 6 + ["completed"]
    assert Job.objects.get(id=job_id).done == 6
    everything_adds_up()


def test_a_job_asked_to_stop_stops_after_the_piece(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "AT_ONCE", 1)
    monkeypatch.setattr(people, "PIECE", 1)
    fragile(stage, *[f"c{n}" for n in range(6)])
    job_id = failures_skip("cart", ALL, actor=COMMAND, now=stage.now).job
    assert job_id is not None

    def cancels() -> Any:
        Job.objects.filter(id=job_id, status="running").update(cancel_requested=True)
        return stage.now

    people_job(job_id, clock=cancels)
    job = Job.objects.get(id=job_id)
    assert job.status == "cancelled"
    assert stage.states().count("failed") in (5, 6)
    everything_adds_up()


def test_statements_do_not_grow_with_the_people(stage: Stage) -> None:
    def asked(n: int, key: str) -> int:
        build_flow(key, nodes=FRAGILE, edges=FRAGILE_EDGES)
        for i in range(n):
            stage.accepts(f"{key}{i}", "Product Added", n=1, by=0)
        stage.settle()
        with CaptureQueriesContext(connection) as queries:
            people_act(key, "skip", ALL, {}, actor=COMMAND, now=stage.now)
        return len(queries)

    assert asked(40, "many") <= asked(2, "few")


def test_a_deleted_segment_parks_and_is_mended_by_bringing_it_back(stage: Stage) -> None:
    build_segment("vip", None, kind="static")
    nodes = {"come": on("Product Added"), "add": ("add_to_segment", {"segment": "vip"})}
    build_flow(nodes=nodes, edges=["come next add"])
    Segment.objects.all().delete()
    stage.does("ada", "Product Added")
    assert stage.states(name="ada") == ["failed"]
    build_segment("vip", None, kind="static")
    failures_retry("cart", ALL, actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states(name="ada") == ["completed"]
    assert _members("vip") == {stage.id_of("ada")}


def test_a_flow_that_was_deleted_parks_who_is_to_be_added_to_it(stage: Stage) -> None:
    build_flow("other", live=False)
    nodes = {"come": on("Product Added"), "add": ("add_to_flow", {"flow": "other"})}
    build_flow(nodes=nodes, edges=["come next add"])
    flow_delete("other", actor=COMMAND, now=stage.now)
    stage.does("ada", "Product Added")
    visit = stage.visit("ada")
    assert (visit.state, visit.node, visit.error) == ("failed", "add", "there is no flow “other”")
    everything_adds_up()


# ── over HTTP ───────────────────────────────────────────────────────────────────────────────────


def test_failures_are_shown_retried_and_skipped_over_http(stage: Stage) -> None:
    fragile(stage, "ada", "bob")
    editor, viewer = signed_in("editor"), signed_in("viewer")
    address = "/api/flows/cart/failures/"
    (group,) = viewer.get(address).json()["groups"]
    assert group.keys() == {"node", "kind", "error", "count", "first_at", "last_at"}
    for what in ("retry", "skip"):
        body = {"all": True}
        assert viewer.post(f"{address}{what}/", body, "application/json").status_code == 403
        answer = editor.post(f"{address}{what}/", {}, "application/json")
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "all")
    with time_machine.travel(stage.now, tick=False):
        of_kind = {"node": "note", "kind": group["kind"]}
        answer = editor.post(f"{address}retry/", of_kind, "application/json")
        assert (answer.status_code, answer.json()) == (202, {"count": 2, "job": None})
        stage.settle()
        wrong = {"all": True, "branch": "yes"}
        answer = editor.post(f"{address}skip/", wrong, "application/json")
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "branch")
        one = {"visits": [stage.visit("ada").id]}
        assert editor.post(f"{address}skip/", one, "application/json").json()["count"] == 1
    stage.settle()
    assert (stage.states(name="ada"), stage.states(name="bob")) == (["completed"], ["failed"])
    assert viewer.get("/api/flows/none/failures/").status_code == 404
    everything_adds_up()
