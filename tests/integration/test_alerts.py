"""What needs attention: found in every room, and cheap however many visits there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.permissions import COMMAND
from common import alerts
from common.alerts import Alert, alerts_now, register_alerts
from common.jobs import job_create, job_fail
from common.lanes import LANES
from common.sql import queries
from contacts.models import Field
from contacts.services import contact_create
from flows.alerts import flow_alerts
from flows.chosen import Chosen
from flows.failures import failures_retry
from flows.models import Flow, SetAside
from flows.people import people_act
from segments.models import Segment
from tests.builders import NOW
from tests.builders_flows import Nodes, Stage, build_contacts, build_flow, build_segment, on, redraw
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
SQL = queries("flows", "failures")

BAD: Nodes = {
    "come": on("Come"),
    "text": ("update_fields", {"set": {"x": "{{ 1 | divided_by: trigger.n }}"}}),
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The doors read the clock of the stage."""
    with time_machine.travel(NOW, tick=False):
        yield


def of_kind(kind: str, now: Any = NOW) -> list[Alert]:
    return [alert for alert in alerts_now(now) if alert.kind == kind]


def test_all_is_well_in_a_product_in_which_all_is_well() -> None:
    stage = Stage()
    build_flow()
    stage.does("ada", "Product Added")
    assert alerts_now(NOW) == []
    assert signed_in("viewer").get("/api/alerts/").json() == []


def test_who_has_failed_is_told_by_flow_and_step_with_since_when() -> None:
    stage = Stage()
    build_flow(nodes=BAD, edges=["come next text"])
    stage.does("ada", "Come", n=0)
    first = stage.now
    stage.jump("PT1H")
    stage.does("bob", "Come", n=0)
    stage.does("cyd", "Come", n=1)
    row = signed_in("viewer").get("/api/alerts/").json()[0]
    assert row | {"title": "", "detail": ""} == {
        "kind": "failed_visits",
        "severity": "error",
        "flow": "cart",
        "node": "text",
        "count": 2,
        "since": first.isoformat().replace("+00:00", "Z"),
        "title": "",
        "detail": "",
        "to": "/flows/cart?tab=live&node=text",
    }
    assert "Cart" in row["title"]
    Flow.objects.update(status="archived")
    assert of_kind("failed_visits") == []


def test_a_flow_that_was_paused_by_the_guard_says_why() -> None:
    build_flow()
    Flow.objects.update(status="paused", alert="Paused: too often")
    (alert,) = of_kind("flow_paused")
    assert (alert.flow, alert.detail) == ("cart", "Paused: too often")
    Flow.objects.update(alert="")
    assert of_kind("flow_paused") == [], "somebody has paused it"


def test_an_engine_that_lags_is_told() -> None:
    stage = Stage()
    build_flow()
    stage.does("ada", "Product Added")
    assert of_kind("engine_lag", NOW + timedelta(hours=1, seconds=50)) == []
    (alert,) = of_kind("engine_lag", NOW + timedelta(hours=1, minutes=5))
    assert alert.since == NOW + timedelta(hours=1)
    stage.after("PT1H")
    stage.accepts("ada", "Other")
    (alert,) = of_kind("engine_lag", stage.now + timedelta(minutes=5))
    assert alert.since == stage.now


def test_a_flow_that_can_no_longer_be_walked_is_told_and_the_others_go_on() -> None:
    stage = Stage()
    rule = {"type": "field", "field": "visits", "op": "gt", "value": 2}
    contact_create(now=NOW, external_id="eve", email="eve@example.org", fields={"visits": 1})
    build_flow("a", {"in": on("A")}, [], settings={"goal": rule})
    build_flow()
    stage.does("ada", "A")
    assert of_kind("flow_broken") == []
    Field.objects.filter(key="visits").update(type="datetime")
    stage.does("bob", "A")
    stage.does("bob", "Product Added")
    (alert,) = of_kind("flow_broken")
    assert (alert.flow, alert.to) == ("a", "/flows/a?tab=design")
    assert alert.title.endswith("stands still")
    assert stage.states("cart") == ["inside"]


def asked(rule: dict[str, Any], how: str) -> tuple[Nodes, list[str]]:
    """A flow that asks a rule at a condition or a switch."""
    config: dict[str, Any] = {"rule": rule}
    if how == "switch":
        config = {"cases": [{"branch": "yes", "rule": rule}]}
    other = "no" if how == "condition" else "else"
    nodes: Nodes = {"in": on("A"), "ask": (how, config), "e": ("exit", {}), "f": ("exit", {})}
    return nodes, ["in next ask", "ask yes e", f"ask {other} f"]


@pytest.mark.parametrize("how", ["condition", "switch"])
def test_a_step_whose_rule_is_broken_keeps_whoever_comes_and_is_told_until_mended(how: str) -> None:
    stage = Stage()
    vip = {"type": "segment", "segment": "vip", "op": "in"}
    build_segment("vip", None, kind="static")
    build_flow("a", *asked(vip, how))
    stage.does("ada", "A")
    assert (stage.states("a"), of_kind("flow_broken")) == (["exited"], [])
    Segment.objects.all().delete()
    for n in range(3):
        stage.does(f"c{n}", "A")
    assert stage.states("a") == ["exited", "failed", "failed", "failed"]
    assert "segment “vip”, which does not exist" in stage.visit("c0", "a").error
    (alert,) = of_kind("flow_broken")
    assert (alert.flow, alert.node, alert.to) == ("a", "ask", "/flows/a?tab=design&node=ask")
    assert "“vip”" in alert.detail
    (parked,) = of_kind("failed_visits")
    assert parked.count == 3
    build_segment("vip", None, kind="static")
    assert of_kind("flow_broken") == []
    failures_retry("a", Chosen(everybody=True), actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states("a") == ["exited"] * 4


def test_a_rule_that_its_field_has_left_behind_parks_everybody_at_once() -> None:
    stage = Stage()
    rule = {"type": "field", "field": "visits", "op": "gt", "value": 2}
    contact_create(now=NOW, external_id="eve", email="eve@example.org", fields={"visits": 1})
    build_flow("a", *asked(rule, "condition"))
    Field.objects.filter(key="visits").update(type="datetime")
    for n in range(5):
        stage.accepts(f"c{n}", "A")
    stage.settle()
    assert stage.states("a") == ["failed"] * 5
    (alert,) = of_kind("flow_broken")
    assert alert.node == "ask"
    Field.objects.filter(key="visits").update(type="number")
    failures_retry("a", Chosen(everybody=True), actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states("a") == ["exited"] * 5
    assert of_kind("flow_broken") == []


def test_an_older_version_with_people_inside_is_named_until_they_have_left() -> None:
    stage = Stage()
    build_segment("vip", None, kind="static")
    vip = {"type": "segment", "segment": "vip", "op": "in"}
    nodes, edges = asked(vip, "condition")
    nodes = {**nodes, "w": ("wait", {"for": "PT1H"})}
    edges = ["in next w", "w next ask", *edges[1:]]
    build_flow("a", nodes, edges)
    stage.does("ada", "A")
    redraw("a", {"in": on("A")}, [], now=stage.now)
    Segment.objects.all().delete()
    (alert,) = of_kind("flow_broken")
    assert (alert.title, alert.node) == ("A step of version 1 of A is broken", "ask")
    people_act("a", "remove", Chosen(everybody=True), {}, actor=COMMAND, now=stage.now)
    assert of_kind("flow_broken") == []


def test_an_older_version_that_can_no_longer_be_walked_is_named() -> None:
    stage = Stage()
    rule = {"type": "field", "field": "visits", "op": "gt", "value": 2}
    contact_create(now=NOW, external_id="eve", email="eve@example.org", fields={"visits": 1})
    waits: Nodes = {"in": on("A"), "w": ("wait", {"for": "PT1H"})}
    build_flow("a", waits, ["in next w"], settings={"goal": rule})
    stage.does("ada", "A")
    redraw("a", waits, ["in next w"], settings={}, now=stage.now)
    Field.objects.filter(key="visits").update(type="datetime")
    (alert,) = of_kind("flow_broken")
    assert alert.title == "Version 1 of A stands still"


def test_a_way_out_that_names_what_is_gone_is_told() -> None:
    build_segment("vip", None, kind="static")
    leave = {"exit_when": [{"type": "segment_entered", "segment": "vip"}]}
    build_flow("a", {"in": on("A")}, [], settings=leave)
    assert of_kind("flow_broken") == []
    Segment.objects.all().delete()
    (alert,) = of_kind("flow_broken")
    assert (alert.flow, alert.node) == ("a", None)
    assert "“vip”, which does not exist" in alert.detail


def test_jobs_without_a_page_of_their_own_lead_to_the_list_of_jobs() -> None:
    job_fail(job_create("upkeep", title="Upkeep", now=NOW).id, error="no disk", now=NOW)
    (alert,) = of_kind("jobs_failed")
    assert alert.to == "/settings?tab=jobs"


def test_jobs_that_failed_lately_are_told_one_line_for_a_kind() -> None:
    for n in range(3):
        job = job_create("build", title=f"Build {n}", now=NOW, detail={"segment": "vip"})
        job_fail(job.id, error="no disk", now=NOW)
    (alert,) = of_kind("jobs_failed")
    assert (alert.count, alert.detail, alert.to) == (3, "no disk", "/segments/vip")
    assert of_kind("jobs_failed", NOW + timedelta(days=3)) == []


def test_what_was_set_aside_is_told_and_put_back(client: Client) -> None:
    stage = Stage()
    ada = stage.contact("ada")
    stage.settle()
    SetAside.objects.create(
        lane=ada % LANES, contact_id=ada, kind="field", name="plan", at=NOW, error="bad",
        aside_at=NOW,
    )  # fmt: skip
    SetAside.objects.create(
        lane=0, kind="stage", name="ask_goals", at=NOW, error="worse", aside_at=NOW
    )
    assert {alert.count for alert in of_kind("set_aside")} == {1}
    assert len(of_kind("set_aside")) == 2
    editor = signed_in("editor")
    rows = editor.get("/api/set-aside/").json()["results"]
    assert {row["contact"] for row in rows} == {ada, None}
    address = "/api/set-aside/retry/"
    assert editor.post(address, {}, "application/json").status_code == 400
    assert editor.post(address, {"all": True}, "application/json").json() == {"count": 1}
    stage.settle()
    assert len(of_kind("set_aside", NOW + timedelta(minutes=10))) == 0


def test_another_room_registers_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Alert("circuit_open", "warning", "x does not answer", "", "/", NOW)
    monkeypatch.setattr(alerts, "_FINDERS", [])
    register_alerts(lambda now: [mine])
    assert alerts_now(NOW) == [mine]


# ── at size ─────────────────────────────────────────────────────────────────────────────────────


def many_visits(flow: Flow, n: int, failed: int) -> None:
    """So many visits at one step, the last of them failed, with the counters they have."""
    ids = build_contacts(n)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO visit (id, lane, flow_id, version_id, contact_id, state, node, arrived_at,"
            " due_at, entered_at, entry_at, steps, error, failure, failed_at)"
            " SELECT c, c %% 64, %(flow)s, %(version)s, c,"
            "  CASE WHEN c > %(last)s THEN 'failed' ELSE 'inside' END, 'text', %(now)s,"
            "  CASE WHEN c > %(last)s THEN NULL ELSE %(now)s::timestamptz + interval '1 day' END,"
            "  %(now)s, %(now)s, 2, CASE WHEN c > %(last)s THEN 'e ' || c ELSE '' END,"
            "  CASE WHEN c > %(last)s THEN 'e …' ELSE '' END,"
            "  CASE WHEN c > %(last)s THEN %(now)s::timestamptz END"
            " FROM unnest(%(ids)s::bigint[]) c",
            {
                "flow": flow.id,
                "version": flow.live_version_id,
                "now": NOW,
                "ids": ids,
                "last": ids[-1] - failed,
            },
        )
        cursor.execute(
            "INSERT INTO flow_count (lane, flow_id, node, what, n) VALUES"
            " (0, %(flow)s, '', 'entered', %(n)s), (0, %(flow)s, '', 'failed', %(failed)s),"
            " (0, %(flow)s, 'come', 'in', %(n)s), (0, %(flow)s, 'text', 'in', %(n)s),"
            " (0, %(flow)s, 'come', 'out:next', %(n)s),"
            " (0, %(flow)s, 'text', 'failed', %(failed)s)",
            {"flow": flow.id, "n": n, "failed": failed},
        )
        cursor.execute("ANALYZE visit; ANALYZE flow_count; ANALYZE contact")


def pages_read(query: str, params: Any) -> tuple[int, set[str]]:
    """How many pages a statement touches, and which kinds of nodes its plan has."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query, params)
        (found,) = cursor.fetchone() or ("[]",)
    (plan,) = json.loads(found) if isinstance(found, str) else found
    kinds: set[str] = set()

    def walk(node: Any) -> None:
        about = node.get("Relation Name", "")
        kinds.add(f"{node['Node Type']} {about}".strip())
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(plan["Plan"])
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"], kinds


@pytest.mark.parametrize("failed", [10, 15_000])
def test_no_alert_reads_more_when_there_are_many_visits(failed: int) -> None:
    flow = build_flow(nodes=BAD, edges=["come next text"])
    many_visits(flow, 30_000, failed)
    lanes = list(range(LANES))
    statements: list[tuple[str, dict[str, Any], int]] = [
        ("failed_now", {}, 20),
        ("failing_since", {"flows": [flow.id], "nodes": ["text"], "lanes": lanes}, LANES * 6),
        ("oldest_waiting", {"lanes": lanes, "now": NOW}, LANES * 12),
        ("aside_now", {"lately": NOW}, 10),
    ]
    for name, params, most in statements:
        pages, kinds = pages_read(SQL[name], params)
        assert pages <= most, (name, pages, kinds)
        assert "Seq Scan visit" not in kinds, (name, kinds)
    with CaptureQueriesContext(connection) as asked:
        (alert,) = flow_alerts(NOW)
    assert alert.count == failed
    assert len(asked) <= 20


def test_groups_of_failures_are_read_from_their_index_alone() -> None:
    flow = build_flow(nodes=BAD, edges=["come next text"])
    many_visits(flow, 30_000, 50)
    params = {"flow": flow.id, "lanes": list(range(LANES)), "limit": 200}
    pages, kinds = pages_read(SQL["failure_groups"], params)
    assert "Seq Scan visit" not in kinds
    assert pages < 400, (pages, kinds)
