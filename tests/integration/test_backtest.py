"""Backtests: the engine itself on a past period in a schema of its own; nothing else is touched."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from common import jobs
from common.models import Job
from flows.models import Backtest, Flow
from flows.trial import backtests
from flows.trial.schema import schema_hold, schema_make, schemas_sweep
from tests.builders import NOW
from tests.builders_flows import (
    BOUGHT,
    CART,
    HOUR,
    MAIL,
    Stage,
    build_flow,
    build_graph,
    build_segment,
    totals_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def _lived_through() -> Stage:
    """A few days in a shop, on the engine."""
    build_flow(settings={"exit_when": [{"type": "event", "name": "Order Completed"}]})
    stage = Stage()
    for name in ("ada", "bea", "cid", "dan"):
        stage.contact(name, first_name=name.title())
    stage.after("P1D")
    stage.does("ada", "Product Added")
    stage.after("PT20M")
    stage.does("bea", "Product Added")
    stage.after("PT70M")
    stage.does("bea", "Order Completed")
    stage.after("PT7H")
    stage.does("cid", "Product Added")
    stage.after("PT59M59S")
    stage.does("cid", "Order Completed")
    stage.after("P1D")
    stage.does("dan", "Order Completed")
    stage.after("P1D")
    return stage


def _done(flow: str = "cart", days: int = 10, *, now: Any = None, **asked: Any) -> Backtest:
    made = backtests.backtest_create(
        Flow.objects.get(key=flow), days=days, now=now or NOW + 5 * DAY, **asked
    )
    assert made.job_id is not None
    backtests.backtest_run(made.job_id, made.id, clock=lambda: NOW + 5 * DAY)
    job = Job.objects.get(id=made.job_id)
    assert job.status == "done", job.error
    made.refresh_from_db()
    return made


def _result(made: Backtest) -> dict[str, Any]:
    assert made.result is not None
    return dict(made.result)


def _rows() -> dict[str, str]:
    """Every row of every real table, as a digest; those that say how the backtest goes left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            " AND tablename NOT LIKE 'procrastinate%'"
        )
        tables = {row[0] for row in cursor.fetchall()} - {"job", "backtest"}
        found = {}
        for table in sorted(tables):
            cursor.execute(
                "SELECT coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') "
                f'FROM "{table}" t'
            )
            found[table] = hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        found["jobs"] = str(cursor.fetchone()[0])
        return found


def test_what_was_lived_through_comes_out_again() -> None:
    _lived_through()
    lived = totals_of("cart")
    made = _done()
    for which in ("draft", "live"):
        result = _result(made)[which]
        assert {key: result[key] for key in lived} == lived, which
    draft = _result(made)["draft"]
    assert draft["nodes"]["remind"]["entered"] == 2
    assert draft["emails"] == 2
    assert [row["n"] for row in draft["emails_by_day"]] == [2]
    assert draft["nodes"]["hour"]["out"] == {"next": 2}
    assert "Every instant is exact." in made.notes


def test_nothing_real_is_touched_and_nothing_is_left() -> None:
    _lived_through()
    made = backtests.backtest_create(Flow.objects.get(key="cart"), days=10, now=NOW + 5 * DAY)
    assert made.job_id is not None
    before = _rows()
    backtests.backtest_run(made.job_id, made.id, clock=lambda: NOW + 5 * DAY)
    assert _rows() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'trial\\_%%'")
        assert cursor.fetchone()[0] == 0
    made.refresh_from_db()
    assert made.result is not None
    assert _result(made)["draft"]["entered"] == 3


def test_a_draft_beside_the_live_version_with_segments_and_a_goal() -> None:
    build_segment("buyers", BOUGHT)
    _lived_through()
    flow = Flow.objects.get(key="cart")
    flow.graph = build_graph(
        {
            "in": ("segment_entered", {"segment": "buyers"}),
            "day": ("wait", {"for": "P1D"}),
            "thanks": MAIL,
        },
        ["in next day", "day next thanks"],
    )
    flow.settings = {"goal": {"type": "event", "name": "Came Again"}}
    flow.save()
    made = _done()
    assert _result(made)["draft"]["entered"] == 3
    assert _result(made)["draft"]["emails"] == 3
    assert _result(made)["live"]["entered"] == 3
    assert _result(made)["live"]["exited"] == 1


def test_fields_consents_and_newcomers_come_in_their_time() -> None:
    build_segment("pro", {"type": "field", "field": "lead_stage", "op": "eq", "value": "pro"})
    build_flow(
        nodes={"in": ("segment_entered", {"segment": "pro"}), "hour": HOUR, "remind": MAIL},
        edges=["in next hour", "hour next remind"],
    )
    stage = Stage(NOW)
    stage.contact("old", lead_stage="pro")
    stage.contact("ada")
    stage.after("P2D")
    stage.sets("ada", lead_stage="pro")
    stage.after("P1D")
    stage.contact("new", lead_stage="pro")
    stage.settle()
    stage.after("P1D")
    made = _done(days=4)
    assert totals_of("cart")["entered"] == 3
    assert _result(made)["draft"]["entered"] == 2  # `old` was in the segment at the start
    assert _result(made)["draft"]["emails"] == 2


def test_only_the_members_of_a_segment_if_that_is_asked_for() -> None:
    build_segment("buyers", BOUGHT)
    _lived_through()
    made = _done(segment="buyers")
    assert _result(made)["draft"]["entered"] == 2


def test_in_a_slice_what_came_before_a_waits_end_comes_before_it_and_the_rest_after() -> None:
    build_flow(
        nodes={**CART, "hour": ("wait", {"for": "PT2H30M"})},
        settings={"exit_when": [{"type": "event", "name": "Order Completed"}]},
        live=False,
    )
    stage = Stage()
    for minute, name, what in (
        *((10 + n, f"c{n}", "Product Added") for n in range(5)),  # at rest from 2:10 to 4:40
        *((240 + n, f"d{n}", "Product Added") for n in range(5)),
        (270, "c2", "Order Completed"),  # in time
        *((275 + n, f"e{n}", "Product Added") for n in range(5)),
        (290, "c1", "Order Completed"),  # too late
    ):
        stage.now = NOW + timedelta(minutes=minute)
        stage.does(name, what)
    made = _done(resolution="PT2H")
    found = _result(made)["draft"]
    assert (found["entered"], found["exited"], found["emails"]) == (15, 1, 14)
    assert _result(made)["live"] is None
    assert "up to 120 minutes" in made.notes[0]


def test_the_sweep_takes_what_nobody_works_at() -> None:
    schema_make("trial_1_draft", source="public")
    schema_make("trial_2_draft", source="public")
    assert schema_hold("trial_3_draft")
    assert schemas_sweep() == ["trial_1_draft", "trial_2_draft"]


def test_a_cancelled_backtest_ends_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _lived_through()
    made = backtests.backtest_create(Flow.objects.get(key="cart"), days=10, now=NOW + 5 * DAY)
    assert made.job_id is not None
    told = jobs.job_progress

    def cancelled(job_id: Any, *, done: int) -> bool:
        Job.objects.filter(id=job_id).update(cancel_requested=True)
        return told(job_id, done=done)

    monkeypatch.setattr(jobs, "job_progress", cancelled)
    backtests.backtest_run(made.job_id, made.id, clock=lambda: NOW + 5 * DAY)
    assert Job.objects.get(id=made.job_id).status == "cancelled"
    assert schemas_sweep() == []


def test_a_replay_ends_when_the_worker_of_its_job_is_gone() -> None:
    _lived_through()
    made = backtests.backtest_create(Flow.objects.get(key="cart"), days=10, now=NOW + 5 * DAY)
    child = backtests._Child(backtests._line(made, "draft", made.graph, made.settings))
    assert child.process.stdin is not None
    child.process.stdin.close()
    child.process.stdin = None
    assert child.process.wait(timeout=60) == 3
    schemas_sweep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'trial\\_%%'")
        assert cursor.fetchone()[0] == 0
    child.end()
