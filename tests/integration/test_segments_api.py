"""Segments over HTTP: made, looked at, previewed, changed by hand, explained, refused, deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest
from django.test import Client

from common.clock import utcnow
from common.models import Job
from segments.builds import segment_build
from segments.models import Segment
from segments.rules import rule_schema
from segments.uses import _FINDERS, Use, register_use
from tests.casebook import contacts_insert, fields_insert
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

HOT = {"type": "field", "field": "score", "op": "gte", "value": 80}


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api/segments/{path}", body, "application/json")


def patch(client: Client, key: str, body: Any) -> Any:
    return client.patch(f"/api/segments/{key}/", body, "application/json")


def make(client: Client, key: str = "hot", rule: Any = HOT, kind: str = "dynamic") -> Any:
    made = post(client, "", {"key": key, "name": key.title(), "kind": kind, "rule": rule})
    assert made.status_code == 201, made.json()
    build(key)
    return made.json()


def build(key: str) -> None:
    job = Job.objects.filter(detail__segment=key).latest("created_at", "id")
    segment_build(job.id, Segment.objects.get(key=key).id, clock=utcnow)


def people(*fields: dict[str, Any]) -> list[int]:
    made = contacts_insert([{"id": str(n), "fields": one} for n, one in enumerate(fields)], {})
    return list(made.values())


def test_a_segment_is_made_built_and_shown(editor: Client) -> None:
    people({"score": 90}, {"score": 10})
    made = make(editor)
    assert (made["key"], made["size"], made["status"]) == ("hot", 0, "building")
    assert made["job"] == str(Job.objects.get().id)
    shown = editor.get("/api/segments/hot/").json()
    assert (shown["size"], shown["status"], shown["job"]) == (1, "ready", None)
    assert shown["rule"] == HOT
    assert shown["sentence"] == "score is at least 80"
    (row,) = editor.get("/api/segments/").json()["results"]
    assert (row["key"], row["size"], "rule" in row) == ("hot", 1, False)
    assert editor.get("/api/segments/?search=nothing").json()["results"] == []


def test_the_key_is_made_from_the_name(editor: Client) -> None:
    for expected in ("hot-leads", "hot-leads-2"):
        made = post(editor, "", {"name": "Hot leads", "kind": "dynamic", "rule": HOT})
        assert made.json()["key"] == expected
    assert post(editor, "", {"name": "Preview", "kind": "dynamic", "rule": HOT}).json()["key"] == (
        "preview-2"
    )
    again = post(editor, "", {"key": "hot-leads", "name": "x", "kind": "dynamic", "rule": HOT})
    assert again.status_code == 409


def test_a_refused_rule_says_all_that_is_wrong_and_where(editor: Client) -> None:
    rule: dict[str, Any] = {
        "type": "all",
        "rules": [
            {"type": "field", "field": "nothing", "op": "eq", "value": 1},
            {"type": "field", "field": "score", "op": "gt", "value": "many"},
            {"type": "event", "name": "A", "window": {"last": "P1M"}},
        ],
    }
    refused = post(editor, "preview/", {"rule": rule})
    assert refused.status_code == 400
    assert {error["attr"] for error in refused.json()["errors"]} == {"rule.rules.2.window.last"}
    rule["rules"].pop()
    refused = post(editor, "", {"name": "x", "kind": "dynamic", "rule": rule})
    assert refused.status_code == 400
    errors = {error["attr"]: error["detail"] for error in refused.json()["errors"]}
    assert errors == {
        "rule.rules.0.field": "there is no field “nothing”",
        "rule.rules.1.value": "“score” is a number: give a number",
    }


@pytest.mark.parametrize(
    "rule",
    [
        {},
        [],
        "x",
        7,
        {"type": "all", "rules": []},
        {"type": "field", "field": "email", "op": "eq", "value": "a\x00b"},
        {"type": "trigger", "property": "total", "op": "gte", "value": 1},
        {"type": "segment", "segment": "gone", "op": "not_in"},
        {"type": "any", "rules": [HOT] * 201},
    ],
)
def test_a_broken_rule_is_refused(editor: Client, rule: Any) -> None:
    made = post(editor, "", {"name": "x", "kind": "dynamic", "rule": rule})
    assert made.status_code == 400, made.json()
    assert Segment.objects.count() == 0


def test_too_deep_a_rule_is_refused(editor: Client) -> None:
    rule: Any = HOT
    for _ in range(11):
        rule = {"type": "not", "rule": rule}
    assert post(editor, "preview/", {"rule": rule}).json()["errors"][0]["code"] == "too_deep"
    assert post(editor, "preview/", {"rule": rule["rule"]}).status_code == 200


def test_a_dynamic_segment_needs_a_rule_and_a_static_one_does_not(editor: Client) -> None:
    assert post(editor, "", {"name": "x", "kind": "dynamic", "rule": None}).status_code == 400
    made = post(editor, "", {"name": "By hand", "kind": "static", "rule": None}).json()
    assert (made["status"], made["sentence"]) == ("ready", "filled by hand")
    assert post(editor, "by-hand/rebuild/", {}).status_code == 409


def test_a_preview_counts_and_shows_a_few(editor: Client) -> None:
    hot, _ = people({"score": 90, "email": "ada@example.org"}, {"score": 10})
    seen = post(signed_in("viewer"), "preview/", {"rule": HOT}).json()
    assert (seen["count"], seen["exact"], seen["total"]) == (1, True, 2)
    assert [(one["id"], one["email"]) for one in seen["sample"]] == [(hot, "ada@example.org")]
    assert seen["ms"] >= 0


def test_circles_are_refused_when_saved(editor: Client) -> None:
    make(editor, "a")
    make(editor, "b", {"type": "segment", "segment": "a", "op": "in"})
    make(editor, "c", {"type": "not", "rule": {"type": "segment", "segment": "b", "op": "in"}})
    assert editor.get("/api/segments/c/").json()["depends_on"] == ["b"]
    refused = patch(editor, "a", {"rule": {"type": "segment", "segment": "c", "op": "in"}})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "circle"
    itself = patch(editor, "a", {"rule": {"type": "segment", "segment": "a", "op": "in"}})
    assert itself.status_code == 400


def test_an_edit_builds_anew_and_a_new_name_does_not(editor: Client) -> None:
    people({"score": 90}, {"score": 50})
    make(editor)
    assert patch(editor, "hot", {"name": "Hotter"}).json()["status"] == "ready"
    edited = patch(editor, "hot", {"rule": {**HOT, "value": 40}}).json()
    assert (edited["status"], edited["size"]) == ("building", 1)
    build("hot")
    assert editor.get("/api/segments/hot/").json()["size"] == 2
    assert patch(editor, "hot", {"key": "cold"}).status_code == 400
    job = post(editor, "hot/rebuild/", {})
    assert (job.status_code, job.json()["job"]) == (202, str(Job.objects.latest("created_at").id))


def test_a_segment_that_is_needed_is_not_deleted(editor: Client) -> None:
    make(editor, "a")
    make(editor, "b", {"type": "segment", "segment": "a", "op": "in"})
    refused = editor.delete("/api/segments/a/")
    assert refused.status_code == 409
    assert "the segment “B”" in refused.json()["errors"][0]["detail"]
    assert editor.delete("/api/segments/b/").status_code == 204

    def in_flow(_keys: Collection[str] | None) -> list[tuple[str, Use]]:
        return [("a", Use("flow", "welcome", "Welcome", "lets contacts in"))]

    register_use(in_flow)
    try:
        assert editor.delete("/api/segments/a/").status_code == 409
    finally:
        _FINDERS.remove(in_flow)
    assert editor.delete("/api/segments/a/").status_code == 204
    assert editor.get("/api/segments/a/").status_code == 404


def test_members_and_history_are_paged(editor: Client) -> None:
    ids = people(*[{"score": 90}] * 7)
    make(editor)
    seen: list[int] = []
    path = "/api/segments/hot/members/?limit=3"
    while path:
        page = editor.get(path).json()
        seen += [member["contact"]["id"] for member in page["results"]]
        path = page["next"]
    assert seen == sorted(ids, reverse=True)
    (latest, *_) = editor.get("/api/segments/hot/history/").json()["results"]
    assert (latest["change"], latest["cause"]) == ("entered", "built")
    assert set(latest["contact"]) >= {"id", "external_id", "email"}


def test_a_page_of_members_costs_the_same_for_any_number(
    editor: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    people(*[{"score": 90}] * 60)
    make(editor)
    with django_assert_max_num_queries(5):
        assert len(editor.get("/api/segments/hot/members/").json()["results"]) == 50
    for number in range(5):
        make(editor, f"s-{number}")
    with django_assert_max_num_queries(10):
        assert len(editor.get("/api/segments/").json()["results"]) == 6


def test_adding_and_removing_by_hand(editor: Client) -> None:
    hot, cold = people({"score": 90}, {"score": 10})
    make(editor)
    assert post(editor, "hot/add/", {"contacts": [cold, 999_999]}).json() == {"changed": 1}
    (held_in,) = editor.get("/api/segments/hot/members/?by_hand=true").json()["results"]
    assert held_in["contact"]["id"] == cold
    assert post(editor, "hot/remove/", {"contacts": [hot]}).json() == {"changed": 1}
    (held_out,) = editor.get("/api/segments/hot/held-out/").json()["results"]
    assert held_out["contact"]["id"] == hot
    (mine,) = editor.get(f"/api/contacts/{cold}/segments/").json()
    assert (mine["key"], mine["kind"], mine["by_hand"]) == ("hot", "dynamic", True)
    assert editor.get("/api/contacts/999999/segments/").status_code == 404
    assert post(editor, "hot/add/", {"contacts": []}).status_code == 400
    assert post(editor, "gone/add/", {"contacts": [cold]}).status_code == 404


def test_an_explanation_says_what_each_condition_saw(editor: Client) -> None:
    fields_insert({"plan": "string"})
    made = contacts_insert(
        [
            {
                "id": "a",
                "fields": {"plan": "Trial", "score": 5},
                "events": [{"name": "Login", "at": "2026-05-14T09:30:00Z"}],
            }
        ],
        {},
    )
    rule = {
        "type": "all",
        "rules": [
            {"type": "field", "field": "plan", "op": "eq", "value": "trial"},
            {"type": "not", "rule": HOT},
            {"type": "event", "name": "Login", "op": "gte", "value": 2},
        ],
    }
    make(editor, "trials", rule)
    said = editor.get("/api/segments/trials/explain/", {"contact": made["a"]}).json()
    assert (said["is_true"], said["member"], said["by_hand"]) == (False, False, False)
    plan, negated, login = said["tree"]["rules"]
    assert (plan["is_true"], plan["saw"]) == (True, "“Trial”")
    assert (negated["is_true"], negated["rule"]["is_true"]) == (True, False)
    assert (login["is_true"], login["saw"]) == (
        False, "once, last Login on 14 May 2026 at 09:30 UTC",
    )  # fmt: skip
    assert editor.get("/api/segments/trials/explain/", {"contact": 10**9}).status_code == 404
    assert editor.get("/api/segments/trials/explain/").status_code == 400


def test_a_rule_is_said_in_words(editor: Client) -> None:
    said = post(editor, "describe/", {"rule": HOT}).json()
    assert said == {"sentence": "score is at least 80", "problems": []}
    said = post(editor, "describe/", {"rule": {"type": "all", "rules": []}}).json()
    assert said["sentence"] == "an unfinished rule"
    assert said["problems"][0]["code"] == "empty_group"


def test_the_schema_of_the_language_is_served(editor: Client) -> None:
    assert editor.get("/api/segments/rule-schema/").json() == rule_schema()


def test_a_viewer_looks_and_does_not_touch() -> None:
    viewer = signed_in("viewer")
    assert viewer.get("/api/segments/").status_code == 200
    for path in ("", "hot/add/", "hot/remove/", "hot/rebuild/"):
        assert post(viewer, path, {}).status_code == 403
    assert viewer.delete("/api/segments/hot/").status_code == 403
