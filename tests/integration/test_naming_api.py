"""The naming convention over HTTP: suggested, agreed on, enforced when segments are saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from common.errors import Refused
from segments.code import segments_apply, segments_read
from segments.conventions import convention
from segments.services import segment_create
from tests.builders import NOW
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

PATH = "/api/segments/naming/"
PARTS = [
    {"key": "date", "label": "Date", "kind": "date"},
    {"key": "team", "label": "Department", "kind": "choice", "choices": ["Sales", "Support"]},
    {"key": "what", "label": "Campaign", "kind": "text"},
    {"key": "who", "label": "Owner", "kind": "owner", "required": False},
]
GOOD = "2026-06 · Sales · Spring"


@pytest.fixture
def admin() -> Client:
    return signed_in("admin")


def agree(client: Client, **given: Any) -> Any:
    body = {"parts": PARTS, "separator": " · ", "enforce": "refuse", **given}
    return client.put(PATH, body, "application/json")


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, "application/json")


def test_one_is_suggested_and_not_enforced_until_somebody_agrees(admin: Client) -> None:
    found = admin.get(PATH).json()
    assert (found["enforce"], found["separator"]) == ("off", " · ")
    assert [part["key"] for part in found["parts"]] == [
        "date", "department", "campaign", "purpose", "region", "owner",
    ]  # fmt: skip
    assert agree(admin).status_code == 200
    found = admin.get(PATH).json()
    assert found["enforce"] == "refuse"
    assert found["parts"][1] == {
        "key": "team", "label": "Department", "kind": "choice", "choices": ["Sales", "Support"],
        "required": True, "format": "YYYY-MM",
    }  # fmt: skip
    assert agree(admin, **found).json() == found


@pytest.mark.parametrize(
    "given",
    [
        {"separator": "-"},
        {"separator": ""},
        {"enforce": "shout"},
        {"parts": [{"key": "a b", "label": "A", "kind": "text"}]},
        {"parts": [{"key": "a", "label": "A", "kind": "odd"}]},
        {"parts": [{"key": "a", "label": "A", "kind": "choice"}]},
        {"parts": PARTS * 5},
        {"parts": "odd"},
    ],
)
def test_what_can_not_be_agreed_on_is_refused(admin: Client, given: dict[str, Any]) -> None:
    assert agree(admin, **given).status_code == 400


def test_editors_read_it_and_admins_change_it() -> None:
    editor = signed_in("editor")
    assert editor.get(PATH).status_code == 200
    assert agree(editor).status_code == 403


def test_names_are_checked_and_built(admin: Client) -> None:
    agree(admin, enforce="off")
    checked = post(admin, f"{PATH}check/", {"name": GOOD}).json()
    assert checked == {
        "ok": True,
        "problems": [],
        "values": {"date": "2026-06", "team": "Sales", "what": "Spring"},
    }
    checked = post(admin, f"{PATH}check/", {"name": "Spring"}).json()
    assert (checked["ok"], len(checked["problems"])) == (False, 2)
    built = post(admin, f"{PATH}build/", {"values": checked["values"]}).json()
    assert (built["name"], len(built["problems"])) == ("Spring", 2)


def test_an_owner_is_somebody_who_signs_in(admin: Client) -> None:
    agree(admin)
    checked = post(admin, f"{PATH}check/", {"name": f"{GOOD} · admin@example.org"}).json()
    assert checked["ok"]
    checked = post(admin, f"{PATH}check/", {"name": f"{GOOD} · Nobody"}).json()
    assert checked["problems"] == ["“Nobody” is no owner: it is one of admin@example.org"]


def make(client: Client, name: str) -> Any:
    return post(client, "/api/segments/", {"name": name, "kind": "static", "rule": None})


def test_a_warning_lists_what_is_wrong_and_saves(admin: Client) -> None:
    agree(admin, enforce="warn")
    made = make(admin, "Spring")
    assert made.status_code == 201
    assert len(made.json()["naming"]) == 2
    (row,) = admin.get("/api/segments/").json()["results"]
    assert row["naming"] == made.json()["naming"]
    agree(admin, enforce="off")
    (row,) = admin.get("/api/segments/").json()["results"]
    assert row["naming"] == []


def test_a_refusal_says_all_that_is_wrong_at_the_name(admin: Client) -> None:
    assert make(admin, "Old name").status_code == 201
    agree(admin)
    refused = make(admin, "Spring")
    assert refused.status_code == 400
    assert [(error["attr"], error["code"]) for error in refused.json()["errors"]] == [
        ("name", "naming")
    ] * 2
    assert make(admin, GOOD).status_code == 201
    path = "/api/segments/old-name/"
    kept = admin.patch(path, {"description": "x", "name": "Old name"}, "application/json")
    assert kept.status_code == 200
    assert len(kept.json()["naming"]) == 2
    assert admin.patch(path, {"name": "New name"}, "application/json").status_code == 400


def test_every_way_of_saving_is_held_to_it(admin: Client) -> None:
    agree(admin)
    assert convention().enforce == "refuse"
    with pytest.raises(Refused, match="date is missing"):
        segment_create(name="Spring", kind="static", rule=None, now=NOW)
    files = segments_read({"a.yaml": "{segment: a, name: Spring, kind: static}"})
    with pytest.raises(Refused, match="date is missing"):
        segments_apply(files, now=NOW)
