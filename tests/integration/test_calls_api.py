"""Calls, Slack and the signing secret over HTTP: who sees and does what."""

import json
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings

from accounts.models import AuditEntry
from common.alerts import alerts_now
from common.models import Workspace
from messaging.circuits import OPENS_AFTER
from messaging.models import Call
from tests.builders_flows import MAIL, Stage, build_flow, build_graph, on
from tests.calls import Reply, http_server, make
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

HEADERS = {"Authorization": "Bearer s3cret"}


def send(client: Client, method: str, path: str, body: Any) -> Any:
    return client.generic(method.upper(), path, json.dumps(body), "application/json")


def hook(url: str) -> None:
    build_flow(
        "hook",
        {"in": on("Signed Up"), "call": ("webhook", {"url": url, "headers": HEADERS})},
        ["in next call"],
    )


def rows(client: Client, query: str = "") -> Any:
    return client.get(f"/api/calls/{query}").json()["results"]


def test_the_log_tells_what_was_asked_and_answered() -> None:
    stage = Stage()
    with http_server(lambda heard: Reply(404, "no such lead")) as server:
        hook(f"{server.url}/leads")
        stage.does("ada", "Signed Up")
        make(stage.now)
    editor = signed_in("editor")
    [row] = rows(editor)
    assert row["contact"]["external_id"] == "ada"
    assert (row["flow"], row["node"], row["kind"], row["status"]) == (
        "hook",
        "call",
        "webhook",
        "failed",
    )
    assert row["request"]["url"] == f"{server.url}/leads"
    assert row["request"]["headers"] == HEADERS
    assert (row["answer"]["code"], row["answer"]["body"]) == (404, "no such lead")
    assert row["answer"]["error"] == "The server answered 404."
    contact = row["contact"]["id"]
    for query, found in (
        ("?flow=hook&node=call&status=failed", 1),
        ("?status=done", 0),
        (f"?contact={contact}", 1),
        (f"?contact={contact + 1}", 0),
        ("?kind=slack", 0),
        (f"?host=127.0.0.1:{server.port}", 1),
    ):
        assert len(rows(editor, query)) == found, query
    assert editor.get("/api/calls/?status=lost").status_code == 400


def test_a_viewer_sees_no_secret_anywhere() -> None:
    stage = Stage()
    with http_server() as server:
        hook(server.url)
        stage.does("ada", "Signed Up")
    viewer, editor = signed_in("viewer"), signed_in("editor")
    call = Call.objects.get()
    for path in (
        "/api/calls/",
        f"/api/calls/{call.id}/",
        "/api/flows/hook/",
        "/api/flows/hook/versions/1/",
        "/api/workspace/",
    ):
        answer = viewer.get(path)
        assert answer.status_code == 200, path
        assert b"s3cret" not in answer.content, path
        if path != "/api/workspace/":
            assert b"Authorization" in answer.content, path
    assert b"s3cret" in editor.get("/api/flows/hook/").content
    assert b"s3cret" in editor.get(f"/api/calls/{call.id}/").content


def test_a_failed_call_is_made_once_more_when_a_person_says_so() -> None:
    stage = Stage()
    codes = iter([400, 200])
    with http_server(lambda heard: Reply(next(codes))) as server:
        hook(server.url)
        stage.does("ada", "Signed Up")
        make(stage.now)
        stage.settle()
        call = Call.objects.get()
        editor = signed_in("editor")
        with time_machine.travel(stage.now, tick=False):
            answer = send(editor, "post", f"/api/calls/{call.id}/retry/", {})
            assert (answer.status_code, answer.json()["status"]) == (200, "queued")
            assert send(editor, "post", f"/api/calls/{call.id}/retry/", {}).status_code == 409
        make(stage.now)
        stage.settle()
    assert [heard.headers["webhook-id"] for heard in server.heard] == [call.idempotency_key] * 2
    call.refresh_from_db()
    assert (call.status, call.tries) == ("done", 1)
    assert stage.path("ada", "hook") == ["in", "call"], "the visit has gone on by then"
    assert send(editor, "post", "/api/calls/999999/retry/", {}).status_code == 404


def test_slack_is_connected_by_an_admin_and_its_address_never_shown() -> None:
    admin = signed_in("admin")
    assert admin.get("/api/workspace/").json()["slack_webhook_set"] is False
    address = "https://hooks.slack.com/services/T0/B0/xyz"
    answer = send(admin, "patch", "/api/workspace/", {"slack_webhook": address})
    assert answer.status_code == 200
    assert answer.json()["slack_webhook_set"] is True
    assert "xyz" not in answer.content.decode()
    assert Workspace.objects.get().slack_webhook == address
    [entry] = AuditEntry.objects.filter(action="workspace.changed")
    assert entry.detail == {"slack_webhook": [False, True]}
    for bad in ("ftp://x.example/", "hooks", "javascript:alert(1)"):
        assert send(admin, "patch", "/api/workspace/", {"slack_webhook": bad}).status_code == 400
    assert send(admin, "patch", "/api/workspace/", {"slack_webhook": ""}).status_code == 200
    assert Workspace.objects.get().slack_webhook == ""


def test_a_step_that_tells_slack_asks_for_slack_to_be_connected() -> None:
    graph = build_graph(
        {"in": on("Signed Up"), "tell": ("slack", {"text": "Hi"})}, ["in next tell"]
    )
    editor = signed_in("editor")

    def problems() -> list[str]:
        answer = send(editor, "post", "/api/flows/validate/", {"graph": graph, "settings": {}})
        return [problem["code"] for problem in answer.json()["problems"]]

    assert problems() == ["unknown_setting"]
    Workspace.objects.update(slack_webhook="https://hooks.slack.com/services/x")
    assert problems() == []


def test_the_secret_is_for_admins_and_can_be_changed() -> None:
    admin = signed_in("admin")
    first = admin.get("/api/workspace/webhook-secret/").json()["secret"]
    assert first.startswith("whsec_")
    assert admin.get("/api/workspace/webhook-secret/").json()["secret"] == first
    second = send(admin, "post", "/api/workspace/webhook-secret/", {}).json()["secret"]
    assert second not in ("", first)
    assert Workspace.objects.get().webhook_secret_before == first
    assert "whsec" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert "whsec" not in admin.get("/api/workspace/").content.decode()


def test_open_circuits_and_failed_calls_are_alerts() -> None:
    stage = Stage()
    with http_server(lambda heard: Reply(500)) as server:
        hook(server.url)
        for i in range(OPENS_AFTER):
            stage.does(f"c{i}", "Signed Up")
        make(stage.now)
    Call.objects.filter(id=Call.objects.latest("id").id).update(
        status="failed", finished_at=stage.now
    )
    found = {alert.kind: alert for alert in alerts_now(stage.now)}
    assert found["circuit_open"].title == f"127.0.0.1:{server.port} does not answer"
    assert found["circuit_open"].count == OPENS_AFTER - 1
    assert (found["webhook_failing"].flow, found["webhook_failing"].node) == ("hook", "call")


@pytest.mark.parametrize(
    ("config", "field", "code"),
    [
        ({}, "url", "required"),
        ({"url": ""}, "url", "required"),
        ({"url": "crm.example/x"}, "url", "invalid"),
        ({"url": "ftp://crm.example"}, "url", "invalid"),
        ({"url": "https:///x"}, "url", "invalid"),
        ({"url": "https://{{ host }}/x"}, "url", "liquid_in_host"),
        ({"url": "https://{{ host }}.example"}, "url", "liquid_in_host"),
        ({"url": "https://a:b@crm.example/"}, "url", "credentials"),
        ({"url": "https://crm.example:99999/"}, "url", "invalid"),
        ({"url": "https://crm.example/{{ x"}, "url", "liquid"),
        ({"url": "https://x.example", "body": "{% if %}"}, "body", "liquid"),
        ({"url": "https://x.example", "headers": {"Host": "a"}}, "headers", "invalid"),
        ({"url": "https://x.example", "headers": {"A B": "a"}}, "headers", "invalid"),
        ({"url": "https://x.example", "headers": {"A": "a\r\nB: c"}}, "headers", "invalid"),
        ({"url": "https://x.example", "timeout": "PT31S"}, "timeout", "invalid"),
        ({"url": "https://x.example", "timeout": "PT0.5S"}, "timeout", "invalid"),
        ({"url": "https://x.example", "method": "TRACE"}, "method", "invalid"),
    ],
)
def test_a_call_that_cannot_be_made_is_a_fault_of_the_draft(
    config: dict[str, Any], field: str, code: str
) -> None:
    graph = build_graph({"in": on("Signed Up"), "call": ("webhook", config)}, ["in next call"])
    answer = send(
        signed_in("editor"), "post", "/api/flows/validate/", {"graph": graph, "settings": {}}
    )
    [problem] = answer.json()["problems"]
    assert (problem["node"], problem["code"], problem["field"]) == ("call", code, field)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"quiet_hours": {"from": "25:00", "to": "07:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "07:00", "to": "07:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "22:00", "to": "7", "timezone": "contact"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "22:00", "to": "07:00", "timezone": "Mars"}}, "quiet_hours"),
        ({"email_limit": {"count": 0, "per": "P1D"}}, "email_limit"),
        ({"email_limit": {"count": 1, "per": "P1M"}}, "email_limit"),
    ],
)
def test_terms_that_mean_nothing_are_faults(settings: dict[str, Any], field: str) -> None:
    graph = build_graph({"in": on("Signed Up"), "out": ("exit", {})}, ["in next out"])
    answer = send(
        signed_in("editor"), "post", "/api/flows/validate/", {"graph": graph, "settings": settings}
    )
    [problem] = answer.json()["problems"]
    assert (problem["node"], problem["field"]) == (None, field)


def test_terms_are_kept_as_they_were_given() -> None:
    settings = {
        "quiet_hours": {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"},
        "email_limit": {"count": 3, "per": "P7D"},
    }
    editor = signed_in("editor")
    graph = build_graph({"in": on("Signed Up"), "out": ("exit", {})}, ["in next out"])
    body = {"key": "quiet", "name": "Quiet", "graph": graph, "settings": settings}
    assert send(editor, "post", "/api/flows/", body).status_code == 201
    kept = editor.get("/api/flows/quiet/").json()["settings"]
    assert {name: kept[name] for name in settings} == settings


def test_a_simulation_keeps_the_terms_and_the_secrets() -> None:
    build_flow(
        "quiet",
        {
            "in": on("Signed Up"),
            "first": MAIL,
            "second": MAIL,
            "call": ("webhook", {"url": "https://crm.example", "headers": HEADERS}),
        },
        ["in next first", "first next second", "second next call"],
        settings={
            "quiet_hours": {"from": "22:00", "to": "07:00"},
            "email_limit": {"count": 1, "per": "P1D"},
        },
        live=False,
    )
    answer = send(
        signed_in("viewer"),
        "post",
        "/api/flows/quiet/simulate/",
        {
            "contact": {"fields": {"email": "ada@x.io", "timezone": "Europe/Berlin"}},
            "start": "2026-06-01T21:00:00Z",
            "end": "2026-06-03T00:00:00Z",
            "timeline": [{"at": "2026-06-01T21:00:00Z", "event": "Signed Up"}],
        },
    )
    assert answer.status_code == 200, answer.json()
    assert [(one["node"], one["status"], one["reason"]) for one in answer.json()["messages"]] == [
        ("first", "sent", ""),
        ("second", "held_back", "the limit of 1 e-mail in 1 day is reached"),
    ]
    [call] = answer.json()["calls"]
    assert call["request"]["headers"] == {"Authorization": "•••"}
    assert "s3cret" not in answer.content.decode()


def test_there_is_no_call_of_an_odd_number() -> None:
    editor = signed_in("editor")
    for number in (0, 2**63, "9" * 300):
        assert editor.get(f"/api/calls/{number}/").status_code == 404
        assert send(editor, "post", f"/api/calls/{number}/retry/", {}).status_code == 404
    for query in ("?contact=-1", f"?contact={2**63}", "?kind=fax"):
        assert editor.get(f"/api/calls/{query}").status_code == 400, query
    assert rows(editor, "?host=%F0%9F%90%98&flow=x&node=y") == []


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [
        ("127.0.0.1:8000", True),
        ("10.1.2.3", True),
        ("192.168.0.9", True),
        ("169.254.169.254", True),
        ("localhost", True),
        ("a.localhost.", True),
        ("[::1]:80", True),
        ("[::ffff:10.0.0.1]", True),
        ("[fe80::1]", True),
        ("2130706433", True),
        ("127.1", True),
        ("0177.0.0.1", True),
        ("0.0.0.0", True),
        ("8.8.8.8", False),
        ("[2606:4700::1111]", False),
        ("10.0.0.1.example.com", False),
        ("crm.example", False),
    ],
)
def test_an_address_of_the_own_network_is_refused_before_publishing(
    host: str, is_refused: bool
) -> None:
    drawn = build_graph(
        {"in": on("Come"), "call": ("webhook", {"url": f"http://{host}/hook/{{{{ id }}}}"})},
        ["in next call"],
    )

    editor = signed_in("editor")

    def problems() -> list[str]:
        sent = {"graph": drawn, "settings": {}}
        found = send(editor, "post", "/api/flows/validate/", sent).json()["problems"]
        return [f"{one['field']}: {one['detail']}" for one in found]

    assert problems() == []
    with override_settings(ALLOW_PRIVATE_WEBHOOKS=False):
        found = problems()
    assert len(found) == is_refused
    for said in found:
        assert said.startswith("url: This address lies in Millrace's own network")
