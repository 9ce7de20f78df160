"""What is old goes in bites, and nothing that anybody counts, asks or relies on changes by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import AuditEntry
from accounts.permissions import COMMAND
from accounts.services import key_create
from common.jobs import job_create
from common.models import Job, Workspace
from common.upkeep import KIND, keep_faults, kept_for, upkeep_begin, upkeep_run
from contacts.models import Contact, Event, RejectedMessage, ScoreChange
from contacts.services import ScoreDelta, scores_adjust
from contacts.upkeep import events_clean
from flows import upkeep as flow_upkeep
from flows.models import Step, Visit
from flows.recount import differences, repair
from flows.upkeep import steps_clean, visits_clean
from messaging.models import Message
from messaging.upkeep import bodies_clean, messages_clean
from segments.models import Membership, MembershipChange
from segments.upkeep import changes_clean, scores_clean
from tests.builders import NOW, build_job
from tests.builders_flows import AGAIN, BOUGHT, CART, CART_EDGES, Stage, build_flow, build_segment

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=4000)
DAY = timedelta(days=1)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def through_the_cart(stage: Stage, name: str, times: int = 1) -> None:
    for _ in range(times):
        stage.does(name, "Product Added")
        stage.after("PT2H")


def counted() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT flow_id, node, what, sum(n) FROM flow_count GROUP BY 1, 2, 3")
        return sorted(cursor.fetchall())


def test_steps_go_with_time_and_the_counters_stay_true(stage: Stage) -> None:
    build_flow(settings=AGAIN)
    through_the_cart(stage, "ada", 2)
    through_the_cart(stage, "bob")
    stage.does("cyd", "Product Added")
    before = counted()
    assert sum(steps_clean(LATER)) == 9
    assert set(Step.objects.values_list("visit_id", flat=True)) == {stage.visit("cyd").id}
    assert differences() == []
    assert repair() == []
    assert counted() == before
    stage.after("PT2H")
    assert differences() == []


def test_steps_are_removed_in_bites_and_each_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_upkeep, "VISITS", 1)
    build_flow(settings=AGAIN)
    through_the_cart(stage, "ada", 3)
    bites = steps_clean(LATER)
    assert next(bites) == 3
    del bites  # killed: what was removed stays so, the rest goes on another night
    assert differences() == []
    assert list(steps_clean(LATER)) == [3, 3]
    assert list(steps_clean(LATER)) == []
    assert differences() == []


def test_the_last_visit_of_a_contact_to_a_flow_stays(stage: Stage) -> None:
    build_flow(settings=AGAIN)
    through_the_cart(stage, "ada", 3)
    through_the_cart(stage, "bob")
    last = stage.visits(name="ada")[-1]
    before = counted()
    assert sum(visits_clean(LATER)) == 2 * 3 + 2
    assert stage.visits(name="ada") == [last]
    assert len(stage.visits(name="bob")) == 1
    assert (differences(), counted()) == ([], before)


def test_a_flow_that_lets_in_once_does_so_after_a_clean_up(stage: Stage) -> None:
    build_flow()
    through_the_cart(stage, "ada")
    list(steps_clean(LATER))
    list(visits_clean(LATER))
    through_the_cart(stage, "ada")
    assert len(stage.visits()) == 1
    assert differences() == []


def test_who_is_inside_loses_nothing(stage: Stage) -> None:
    build_flow()
    stage.does("ada", "Product Added")
    assert (list(steps_clean(LATER)), list(visits_clean(LATER))) == ([], [])
    stage.after("PT2H")
    assert stage.path("ada") == ["cart", "hour", "remind"]


def test_a_deleted_contact_leaves_true_counters_whatever_was_cleaned_up(stage: Stage) -> None:
    from contacts.services import contact_delete

    build_flow(settings=AGAIN)
    through_the_cart(stage, "ada", 2)
    list(steps_clean(LATER))
    contact_delete(stage.id_of("ada"))
    assert differences() == []
    assert Visit.objects.count() == 0


def test_events_stay_as_long_as_a_rule_asks_for_them(stage: Stage) -> None:
    window = {"last": "P30D"}
    build_segment("buyers", BOUGHT)
    build_segment("viewers", {"type": "event", "name": "Viewed", "window": window})
    build_flow(nodes={**CART, "ever": ("condition", {"rule": {"type": "event", "name": "Lent"}})},
               edges=[*CART_EDGES, "remind next ever"])  # fmt: skip
    for name in ("Order Completed", "Viewed", "Lent", "Seen"):
        for days in (400, 70, 40, 1):
            stage.accepts("ada", name, at=stage.now - days * DAY)
    stage.settle()
    members = set(Membership.objects.values_list("segment__key", flat=True))
    list(events_clean(stage.now - 20 * DAY))
    left: dict[str, list[int]] = {}
    for event in Event.objects.order_by("at"):
        left.setdefault(event.name, []).append((stage.now - event.at).days)
    assert left == {
        "Order Completed": [400, 70, 40, 1],
        "Lent": [400, 70, 40, 1],
        "Viewed": [40, 1],
        "Seen": [1],
    }
    stage.after("P1D")
    assert set(Membership.objects.values_list("segment__key", flat=True)) == members


def test_any_activity_asked_for_keeps_all_events(stage: Stage) -> None:
    build_segment("active", {"type": "event", "name": "*"})
    stage.accepts("ada", "Seen", at=stage.now - 400 * DAY)
    stage.settle()
    assert list(events_clean(stage.now)) == []


def test_scores_stay_what_they_are(stage: Stage) -> None:
    ada = stage.contact("ada")
    for days in range(5):
        delta = ScoreDelta(ada % 64, ada, 1.5 + days, "flow:x")
        scores_adjust([delta], now=NOW + days * DAY)
    assert sum(scores_clean(NOW + 4 * DAY)) == 3
    entries = list(ScoreChange.objects.order_by("at").values_list("delta", "reason", "at"))
    assert entries == [
        (1.5 + 2.5 + 3.5 + 4.5, "opening balance", NOW + 3 * DAY),
        (5.5, "flow:x", NOW + 4 * DAY),
    ]
    assert Contact.objects.get(id=ada).score == sum(entry[0] for entry in entries)
    assert list(scores_clean(NOW + 4 * DAY)) == []
    assert sum(scores_clean(LATER)) == 1
    assert ScoreChange.objects.get().delta == 17.5


def test_messages_lose_first_what_they_said(stage: Stage) -> None:
    build_flow(settings=AGAIN)
    through_the_cart(stage, "ada", 2)
    first, second = Message.objects.order_by("id")
    Message.objects.update(status="sent", html="<p>Hello</p>", body_text="Hello")
    Message.objects.filter(id=second.id).update(created_at=LATER)
    assert list(bodies_clean(NOW + DAY)) == [1]
    assert list(bodies_clean(NOW + DAY)) == []
    assert list(Message.objects.order_by("id").values_list("html", flat=True)) == [
        "",
        "<p>Hello</p>",
    ]
    assert list(messages_clean(NOW + DAY)) == [1]
    assert Message.objects.get().id == second.id
    assert first.to == "ada@example.org"


def test_the_history_of_segments_goes_and_its_members_stay(stage: Stage) -> None:
    build_segment("buyers", BOUGHT)
    stage.does("ada", "Order Completed")
    assert sum(changes_clean(LATER)) == MembershipChange.objects.count() + 1
    assert Membership.objects.count() == 1


def test_a_night_removes_what_is_older_than_its_period_and_says_so() -> None:
    for days in (10, 100):
        RejectedMessage.objects.create(
            received_at=NOW - days * DAY, payload={}, code="x", reason="x"
        )
        AuditEntry.objects.create(at=NOW - days * DAY, actor="a", action="b", target="c")
        build_job(status="done", finished_at=NOW - days * DAY)
    Workspace.objects.update(keep={"audit_log": "P30D", "jobs": None})
    dead = upkeep_begin(now=NOW)
    job = upkeep_begin(now=NOW)
    upkeep_run(job.id, clock=lambda: NOW)
    job.refresh_from_db()
    dead.refresh_from_db()
    assert (dead.status, job.status, job.detail["removed"]) == (
        "failed",
        "done",
        {"audit_log": 1, "rejected_messages": 1},
    )
    assert Job.objects.filter(status="done").count() == 3
    assert (RejectedMessage.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_a_night_can_be_cancelled_between_two_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_create(KIND, title="Clean up", now=NOW)

    def endless(_before: datetime) -> Iterator[int]:
        yield 5
        Job.objects.filter(id=job.id).update(cancel_requested=True)
        yield 5
        pytest.fail("it went on")

    monkeypatch.setattr("common.upkeep._UPKEEPS", {})
    from common.upkeep import Upkeep, register_upkeep

    register_upkeep(Upkeep("x", "x", "P1D", endless))
    upkeep_run(job.id, clock=lambda: NOW)
    job.refresh_from_db()
    assert (job.status, job.detail["removed"]) == ("cancelled", {"x": 10})


@pytest.mark.parametrize(
    ("keep", "says"),
    [
        ([], "Give an object"),
        ({"dreams": "P1D"}, "nothing called “dreams”"),
        ({"events": "PT1H"}, "a day at least"),
        ({"events": 7}, "a day at least"),
        ({"events": "P1M"}, "events"),
    ],
)
def test_periods_that_make_no_sense_are_refused(keep: Any, says: str) -> None:
    assert [says in fault for fault in keep_faults(keep)] == [True]


def test_each_thing_is_kept_as_the_workspace_says_or_for_long() -> None:
    assert list(keep_faults({"events": "P730D", "jobs": None})) == []
    kept = kept_for({"events": "P730D", "jobs": None})
    assert (kept["events"], kept["jobs"], kept["flow_steps"]) == ("P730D", None, "P730D")


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_an_admin_says_over_http_how_long_things_are_kept(role: str) -> None:
    _key, secret = key_create(COMMAND, name="nightly", role=role, now=NOW)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    if role == "viewer":
        assert client.patch("/api/workspace/", {"keep": {}}, format="json").status_code == 403
        return
    answer = client.patch("/api/workspace/", {"keep": {"events": "P730D"}}, format="json")
    assert answer.status_code == 200
    kept = {one["key"]: one for one in client.get("/api/workspace/").json()["kept"]}
    assert kept["events"] == {
        "key": "events",
        "title": "events that no rule asks for",
        "default": None,
        "keep": "P730D",
    }
    refused = client.patch("/api/workspace/", {"keep": {"dreams": None}}, format="json")
    assert refused.status_code == 400
    assert "dreams" in refused.json()["errors"][0]["detail"]
