"""Hostile rules: each is refused with a sentence and its place, or accepted and right; never a 500.

Run with `-s` to see the table of what each input is answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from common.clock import utcnow
from segments.models import Segment
from segments.selectors import sizes_recounted
from tests.builders_segments import build
from tests.casebook import contacts_insert, fields_insert
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

HOT: dict[str, Any] = {"type": "field", "field": "score", "op": "gte", "value": 80}
FIELDS = {"plan": "string", "seats": "number", "beta": "boolean", "ends": "datetime",
          "tags": "list"}  # fmt: skip
PEOPLE: list[dict[str, Any]] = [
    {"id": "plain", "fields": {"plan": "trial", "email": "plain@x.io", "score": 90, "seats": 3}},
    {"id": "regex", "fields": {"plan": ".*", "email": "regex@x.io"}},
    {"id": "like", "fields": {"plan": "100%_off\\", "email": "like@x.io"}},
    {"id": "emoji", "fields": {"plan": "🎉 Ünï", "email": "emoji@x.io"}},
    {"id": "quote", "fields": {"plan": "'; DROP TABLE contact; --", "email": "q@x.io"}},
]


def field(key: Any, op: Any, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": "field", "field": key, "op": op, "value": value, **more}


def event(name: Any = "A", **more: Any) -> dict[str, Any]:
    return {"type": "event", "name": name, **more}


def nested(levels: int) -> Any:
    rule: Any = HOT
    for _ in range(levels):
        rule = {"type": "all", "rules": [rule]}
    return rule


def deep_text(levels: int) -> str:
    """Deeper than a program could write with a recursive encoder."""
    return '{"type":"not","rule":' * levels + json.dumps(HOT) + "}" * levels


# ── refused: what is sent, the code, the place ──────────────────────────────────────────────────

WINDOW = "window.last"
REFUSED: dict[str, tuple[Any, str | None, str | None]] = {
    "no rule at all": ({}, "unknown_type", "rule.type"),
    "a list": ([], "not_a_condition", "rule"),
    "a text": ("score > 80", "not_a_condition", "rule"),
    "a number": (7, "not_a_condition", "rule"),
    "true": (True, "not_a_condition", "rule"),
    "an unknown condition": ({"type": "regex", "value": ".*"}, "unknown_type", "rule.type"),
    "a type that is a list": ({"type": ["all"]}, "unknown_type", "rule.type"),
    "an empty group": ({"type": "all", "rules": []}, "empty_group", "rule"),
    "an empty group inside": (
        {"type": "any", "rules": [HOT, {"type": "all", "rules": []}]}, "empty_group", "rule.rules.1"
    ),
    "rules that are an object": ({"type": "all", "rules": {"0": HOT}}, "empty_group", "rule"),
    "a not of nothing": ({"type": "not"}, "not_a_condition", "rule.rule"),
    "201 conditions": ({"type": "any", "rules": [HOT] * 201}, "too_many", "rule"),
    "100,000 conditions": ({"type": "any", "rules": [HOT] * 100_000}, "too_large", None),
    "11 groups deep": (nested(11), "too_deep", "rule" + ".rules.0" * 10),
    "an unknown key": ({**HOT, "regex": True}, "extra_forbidden", "rule.regex"),
    "an unknown field": (field("plam", "eq", "x"), "unknown_field", "rule.field"),
    "a field named as SQL": (
        field("plan'; DROP TABLE contact; --", "eq", "x"), "unknown_field", "rule.field"
    ),
    "a field that is a number": (field(7, "eq", "x"), "string_type", "rule.field"),
    "an unknown operator": (field("plan", "matches", ".*"), "literal_error", "rule.op"),
    "an operator of another type": (field("plan", "gt", "x"), "operator", "rule.op"),
    "a text for a number": (field("seats", "gt", "many"), "value", "rule.value"),
    "a number for a text": (field("plan", "eq", 5), "value", "rule.value"),
    "true for a number": (field("seats", "eq", True), "value", "rule.value"),
    "a text for yes or no": (field("beta", "eq", "yes"), "value", "rule.value"),
    "one for several": (field("plan", "in", "trial"), "value", "rule.value"),
    "an empty list": (field("plan", "in", []), "value", "rule.value"),
    "a list of all sorts": (field("plan", "in", ["a", 1, None, {}]), None, "rule.value.2"),
    "an object for a value": (field("plan", "eq", {"$ne": 1}), None, "rule.value"),
    "no value": (field("plan", "eq"), "value", "rule.value"),
    "three ends of a range": (field("seats", "between", [1, 2, 3]), "value", "rule.value"),
    "a date that is none": (field("ends", "before", "2026-02-31"), "value", "rule.value"),
    "10,000 values": (
        field("plan", "in", [f"v{n}" for n in range(10_000)]), "too_long", "rule.value"
    ),
    "a text of 1 MB": (field("plan", "eq", "x" * 1_000_000), "string_too_long", "rule.value"),
    "an event's name of 1 MB": (event("x" * 1_000_000), "string_too_long", "rule.name"),
    "a NUL": (field("plan", "eq", "a\x00b"), "parse_error", None),
    "a NUL in a name": (event("a\x00b"), "parse_error", None),
    "half a surrogate pair": (field("plan", "eq", "a\ud800"), "parse_error", None),
    "a name of nothing": (event(""), "string_too_short", "rule.name"),
    "“*” among names": (event(["A", "*"]), "name", "rule.name"),
    "a month": (event(window={"last": "P1M"}), "value_error", f"rule.{WINDOW}"),
    "a year": (event(window={"last": "P1Y"}), "value_error", f"rule.{WINDOW}"),
    "a year and a day": (event(window={"last": "P1Y1D"}), "value_error", f"rule.{WINDOW}"),
    "no time at all": (event(window={"last": "P0D"}), "value_error", f"rule.{WINDOW}"),
    "negative time": (event(window={"last": "-P7D"}), "value_error", f"rule.{WINDOW}"),
    "time as a number": (event(window={"last": 7}), "string_type", f"rule.{WINDOW}"),
    "time in words": (event(window={"last": "a week"}), "value_error", f"rule.{WINDOW}"),
    "too much time": (event(window={"last": "P99999999999D"}), "value_error", f"rule.{WINDOW}"),
    "months in a field": (field("ends", "in_last", "P2M"), "value", "rule.value"),
    "months in `for`": (field("plan", "set", **{"for": "P1M"}), "value_error", "rule.for"),
    "months to follow within": (
        event(followed_by={"name": "B", "within": "P1M"}), "value_error", "rule.followed_by.within"
    ),
    "a window of another word": (
        event(window={"during": "P1D"}), "extra_forbidden", "rule.window.during"
    ),
    "a calendar of another word": (
        event(window={"calendar": "next_week"}), "literal_error", "rule.window.calendar"
    ),
    "a window that ends before it begins": (
        event(window={"from": "2026-02-01", "to": "2026-01-01"}), "window", "rule.window.to"
    ),
    "since the entry, outside a flow": (
        event(window={"since": "entry"}), "only_in_flow", "rule.window.since"
    ),
    "the trigger, outside a flow": (
        {"type": "trigger", "property": "x", "op": "eq", "value": 1}, "only_in_flow", "rule"
    ),
    "two figures at once": (event(measure={"sum": "x", "max": "x"}), "measure", "rule.measure"),
    "a figure of nothing": (event(measure={}), "measure", "rule.measure"),
    "a figure of another word": (event(measure={"median": "x"}), None, "rule.measure.median"),
    "a count of a text": (event(op="gte", value="3"), None, "rule.value"),
    "1e300 for a field": (field("seats", "gt", 1e300), "value", "rule.value"),
    "1e300 for a count": (event(value=1e300), "value", "rule.value"),
    "a number too large": (event(value=10**400), "parse_error", None),
    "a number too large for a field": (field("seats", "gt", 10**400), "parse_error", None),
    "a sample of 200 %": ({"type": "sample", "percent": 200, "salt": "x"}, None, "rule.percent"),
    "a sample of −1 %": ({"type": "sample", "percent": -1, "salt": "x"}, None, "rule.percent"),
    "a channel there is not": ({"type": "reachable", "channel": "fax"}, None, "rule.channel"),
    "a segment there is not": (
        {"type": "segment", "segment": "gone", "op": "in"}, "unknown_segment", "rule"
    ),
    "a segment that is a list": (
        {"type": "segment", "segment": ["a"], "op": "in"}, "string_type", "rule.segment"
    ),
}  # fmt: skip

# ── accepted: what is sent, who it is true of ───────────────────────────────────────────────────

ACCEPTED: dict[str, tuple[Any, set[str]]] = {
    "200 conditions": ({"type": "any", "rules": [HOT] * 200}, {"plain"}),
    "10 groups deep": (nested(10), {"plain"}),
    "regex characters": (field("plan", "eq", ".*"), {"regex"}),
    "regex characters within": (field("plan", "contains", "[a-z]+|.*"), set()),
    "LIKE's wildcards": (field("plan", "contains", "%_"), {"like"}),
    "a % alone": (field("plan", "starts_with", "%"), set()),
    "a backslash at the end": (field("plan", "ends_with", "\\"), {"like"}),
    "emoji": (field("plan", "starts_with", "🎉 ÜN"), {"emoji"}),
    "SQL in a value": (field("plan", "eq", "'; drop table contact; --"), {"quote"}),
    "SQL in an event's name": (event("x'); DELETE FROM event; --"), set()),
    "placeholders": (field("plan", "in", ["%s", "%(now)s", "{rule}", "{cases}"]), set()),
    "SQL in a property": (
        event(where=[{"property": "a'->>'b\")--", "op": "set"}]), set()
    ),
    "SQL in a sample's salt": ({"type": "sample", "percent": 100, "salt": "'\"%s"},
                              {one["id"] for one in PEOPLE}),
    "SQL in a topic": (
        {"type": "consent", "topic": "news' OR '1'='1", "op": "subscribed"}, set()
    ),
    "1,000 values": (field("plan", "in", [f"v{n}" for n in range(999)] + ["TRIAL"]), {"plain"}),
    "a large number": (field("score", "lt", 1e15), {one["id"] for one in PEOPLE}),
    "a small number": (field("score", "lt", 1e-300), {"regex", "like", "emoji", "quote"}),
    "the longest duration": (event(window={"last": "P36500D"}, op="eq", value=0),
                             {one["id"] for one in PEOPLE}),
    "a negative count": (event(op="gte", value=-1), {one["id"] for one in PEOPLE}),
    "half an event": (event(op="gte", value=0.5), set()),
}  # fmt: skip


@pytest.fixture
def editor() -> Client:
    fields_insert(FIELDS)
    contacts_insert(
        [{**one, "fields": {**one["fields"], "external_id": one["id"]}} for one in PEOPLE], FIELDS
    )
    return signed_in("editor")


@pytest.fixture(scope="module")
def table() -> Iterator[list[tuple[str, str, str]]]:
    """What each input was answered, printed at the end."""
    rows: list[tuple[str, str, str]] = []
    yield rows
    lines = [f"| {what} | {status} | {said} |" for what, status, said in rows]
    print("\n".join(["", "| input | answer | what it says |", "| --- | --- | --- |", *lines]))  # noqa: T201


def send(client: Client, path: str, rule: Any) -> Any:
    body = {"name": "Hostile", "key": "hostile", "kind": "dynamic", "rule": rule}
    return client.post(f"/api/segments/{path}", json.dumps(body), "application/json")


def refusal(answer: Any) -> Any:
    """A refusal has a type, errors, and in each a code, a sentence and a place."""
    assert answer.status_code in (400, 404, 409, 413), (answer.status_code, answer.content[:300])
    said = answer.json()
    assert said["type"] in ("validation_error", "client_error")
    assert said["errors"]
    for error in said["errors"]:
        assert set(error) >= {"code", "detail", "attr"}
        assert " " in error["detail"].strip(), "a sentence, not a word"
        assert len(error["detail"]) < 500
        for jargon in ("Traceback", "pydantic", "function-", "literal[", "psycopg", "NoneType"):
            assert jargon not in error["detail"]
    return said["errors"][0]


def said_of(answer: Any) -> str:
    """The status, the code and the place."""
    error = answer.json()["errors"][0]
    place = error["attr"] or ""
    where = f" at `{place if len(place) < 50 else place[:47] + '…'}`" if place else ""
    return f"{answer.status_code} `{error['code']}`{where}"


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_a_sentence_and_the_place(
    editor: Client, table: list[Any], what: str
) -> None:
    rule, code, place = REFUSED[what]
    for path in ("preview/", "describe/", ""):
        answer = send(editor, path, rule)
        if path == "describe/":
            assert answer.status_code in (200, 400, 413), answer.content[:300]
            continue
        if path == "preview/" and code == "unknown_segment":
            continue
        error = refusal(answer)
        assert (error["attr"], code) in ((place, error["code"]), (place, None)), error
    assert Segment.objects.count() == 0
    table.append((what, said_of(answer), error["detail"]))


@pytest.mark.parametrize("what", ACCEPTED)
def test_it_is_accepted_and_right(editor: Client, table: list[Any], what: str) -> None:
    rule, expected = ACCEPTED[what]
    seen = send(editor, "preview/", rule)
    assert (seen.status_code, seen.json().get("count")) == (200, len(expected)), seen.json()
    made = send(editor, "", rule)
    assert made.status_code == 201, made.json()
    build("hostile", clock=utcnow)
    rows = editor.get("/api/segments/hostile/members/").json()["results"]
    assert {row["contact"]["external_id"] for row in rows} == expected
    assert editor.get("/api/segments/hostile/").json()["rule"] == rule
    assert sizes_recounted() == []
    who = ", ".join(sorted(expected)) if len(expected) < len(PEOPLE) else "everybody"
    table.append((what, "201", f"members: {who or 'nobody'}"))


# ── bodies that are no JSON, or more than JSON ──────────────────────────────────────────────────

HEAD = '{"name":"Hostile","key":"hostile","kind":"dynamic","rule":'
BODIES: dict[str, bytes] = {
    "no body": b"",
    "not JSON": b"name=Hostile&rule=all",
    "half a body": HEAD.encode(),
    "not UTF-8": HEAD.encode() + b'"\xff\xfe"}',
    "a list as the body": b"[]",
    "NaN": f'{HEAD}{{"type":"field","field":"seats","op":"gt","value":NaN}}}}'.encode(),
    "Infinity": f'{HEAD}{{"type":"field","field":"seats","op":"gt","value":Infinity}}}}'.encode(),
    "1e999": f'{HEAD}{{"type":"field","field":"seats","op":"gt","value":1e999}}}}'.encode(),
    "5,000 groups deep": f"{HEAD}{deep_text(5_000)}}}".encode(),
    "100,000 lists deep": HEAD.encode() + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "5,000 digits": f'{HEAD}{{"type":"event","name":"A","value":{"9" * 5000}}}}}'.encode(),
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_request_is_refused(editor: Client, table: list[Any], what: str) -> None:
    for path in ("preview/", "describe/", ""):
        answer = editor.post(f"/api/segments/{path}", BODIES[what], "application/json")
        if path == "describe/" and answer.status_code == 200:
            assert answer.json()["problems"], "it says what is wrong"
            continue
        error = refusal(answer)
    assert Segment.objects.count() == 0
    table.append((what, said_of(answer), error["detail"]))


# ── circles ─────────────────────────────────────────────────────────────────────────────────────


def member_of(key: str) -> dict[str, Any]:
    return {"type": "not", "rule": {"type": "segment", "segment": key, "op": "in"}}


@pytest.mark.parametrize("around", [1, 2, 3])
def test_a_circle_is_refused_and_changes_nothing(
    editor: Client, table: list[Any], around: int
) -> None:
    keys = [f"s{n}" for n in range(around)]
    for key, rule in zip(keys, [HOT, *map(member_of, keys)], strict=False):
        body = {"name": key, "key": key, "kind": "dynamic", "rule": rule}
        assert editor.post("/api/segments/", body, "application/json").status_code == 201
        build(key, clock=utcnow)
    before = {key: editor.get(f"/api/segments/{key}/").json() for key in keys}
    closing = {"rule": member_of(keys[-1])}
    error = refusal(editor.patch("/api/segments/s0/", closing, "application/json"))
    assert error["code"] == "circle"
    assert all(key in error["detail"] for key in keys)
    assert {key: editor.get(f"/api/segments/{key}/").json() for key in keys} == before
    word = {1: "itself", 2: "2 segments", 3: "3 segments"}[around]
    table.append((f"a circle of {word}", f"400 `{error['code']}`", error["detail"]))


def test_a_segment_may_not_begin_by_needing_itself(editor: Client) -> None:
    error = refusal(send(editor, "", member_of("hostile")))
    assert error["code"] == "circle"
    assert Segment.objects.count() == 0


# ── what is around the rule ─────────────────────────────────────────────────────────────────────

AROUND: dict[str, dict[str, Any]] = {
    "a key with a path in it": {"key": "../../etc"},
    "a key as SQL": {"key": "a'; --"},
    "a reserved key": {"key": "preview"},
    "a key of 1 MB": {"key": "a" * 1_000_000},
    "no name": {"name": ""},
    "a name of 1 MB": {"name": "x" * 1_000_000},
    "a NUL in the name": {"name": "a\x00b"},
    "half a surrogate pair in the name": {"name": "a\ud800b"},
    "a kind there is not": {"kind": "smart"},
    "a kind that is a list": {"kind": ["dynamic"]},
    "an owner there is not": {"owner": 10**9},
    "an owner that is no number": {"owner": "me'; --"},
    "a ranking of none": {"top": {"by": "score", "limit": 0}},
    "a ranking by a text": {"top": {"by": "plan", "limit": 5}},
    "a ranking by SQL": {"top": {"by": "score; DROP TABLE contact", "limit": 5}},
    "a ranking by months": {"top": {"by": {"score_change": "P1M"}, "limit": 5}},
    "a ranking that is a text": {"top": "score"},
    "no rule for a dynamic one": {"rule": None},
}


@pytest.mark.parametrize("what", AROUND)
def test_what_is_around_the_rule_is_refused_likewise(
    editor: Client, table: list[Any], what: str
) -> None:
    body = {"name": "Hostile", "key": "hostile", "kind": "dynamic", "rule": HOT, **AROUND[what]}
    answer = editor.post("/api/segments/", json.dumps(body), "application/json")
    error = refusal(answer)
    (wrong,) = AROUND[what]
    door = error["code"] == "parse_error" and error["attr"] is None
    assert door or error["attr"].split(".")[0] == wrong, error
    assert Segment.objects.count() == 0
    table.append((what, said_of(answer), error["detail"]))


@pytest.mark.parametrize(
    "contacts", [[], "all", [0], [-1], [2**63], ["1; --"], [True], [1.5], None, [[1]], [1] * 10_001]
)
def test_contacts_by_hand_that_are_none_are_refused(editor: Client, contacts: Any) -> None:
    made = send(editor, "", HOT)
    assert made.status_code == 201
    build("hostile", clock=utcnow)
    for change in ("add", "remove"):
        answer = editor.post(
            f"/api/segments/hostile/{change}/",
            json.dumps({"contacts": contacts}),
            "application/json",
        )
        if contacts == [True]:
            continue
        refusal(answer)
    assert editor.get("/api/segments/hostile/").json()["size"] == 1
