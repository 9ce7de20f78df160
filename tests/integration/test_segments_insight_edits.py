"""What an edit would do is what it then does: the preview beside the build and the engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from segments.insight import editing
from segments.insight.editing import EditPreview, conversion, edit_preview
from segments.models import HeldOut, Membership, MembershipChange, Segment
from segments.selectors import contacts_total
from segments.services import RuleInvalid, members_change, segment_update
from tests.builders import NOW
from tests.builders_flows import HOUR, Stage, build_contacts, build_flow
from tests.casebook import contacts_insert, fields_insert
from tests.doors import signed_in
from tests.segment_making import build, make, members

pytestmark = pytest.mark.django_db

KINDS = Segment.Kind.values
LOW = {"type": "field", "field": "points", "op": "lt", "value": 50}
HIGH = {"type": "field", "field": "points", "op": "gte", "value": 30}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def contacts() -> list[int]:
    rows = [{"id": str(n), "fields": {"points": n}} for n in range(0, 100, 10)]
    fields_insert({"points": "number"})
    return list(contacts_insert(rows, {"points": "number"}).values())


def made(kind: str, contacts: list[int]) -> Segment:
    """Five members by the rule, one of them held out; one more held in whom no rule chooses."""
    segment = make("some", LOW, kind=kind, now=NOW)
    members_change("some", [contacts[4]], change="remove", cause="manual", now=NOW)
    members_change("some", [contacts[9], contacts[1]], change="add", cause="manual", now=NOW)
    return segment


def edited(segment: Segment, **edit: Any) -> tuple[int, int]:
    """Save an edit and build it; return how many joined and left by that."""
    last = MembershipChange.objects.latest("id").id
    segment_update(segment.key, now=LATER, **edit)
    segment.refresh_from_db()
    if segment.status == Segment.Status.BUILDING:
        build(segment, now=LATER)
    changes = MembershipChange.objects.filter(segment=segment, id__gt=last)
    return (
        changes.filter(change="entered").count(),
        changes.filter(change="left").count(),
    )


@pytest.mark.parametrize("edit", [{}, {"rule": HIGH}, {"top": {"by": "points", "limit": 3}}])
@pytest.mark.parametrize("after", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_the_build_does_what_the_preview_said(
    before: str, after: str, edit: dict[str, Any], contacts: list[int]
) -> None:
    segment = made(before, contacts)
    seen = edit_preview(segment, now=LATER, kind=after, **edit)
    assert seen.exact
    was_in = members("some")
    assert edited(segment, kind=after, **edit) == (seen.joins, seen.leaves)
    is_in = members("some")
    assert len(is_in) == seen.size == seen.stays + seen.joins
    assert len(is_in & was_in) == seen.stays
    assert set(seen.sample_joins) == is_in - was_in
    assert set(seen.sample_leaves) == was_in - is_in
    assert seen.total == len(contacts)


def test_it_says_what_hands_hold(contacts: list[int]) -> None:
    segment = made("dynamic", contacts)
    assert HeldOut.objects.get().contact_id == contacts[4]
    seen = edit_preview(segment, now=LATER, rule=HIGH)
    assert (seen.joins, seen.leaves, seen.held_in, seen.held_out) == (4, 2, 1, 1)
    assert set(seen.sample_leaves) == {contacts[0], contacts[2]}
    assert seen.sentence == (
        "4 contacts would join and 2 contacts would leave; 7 would be in it."
        " 1 contact stays only because added by hand."
        " 1 contact stays out because taken out by hand."
    )
    edited(segment, rule=HIGH)
    assert Membership.objects.get(segment=segment, contact_id=contacts[1]).by_hand


def test_an_edit_that_changes_nothing_moves_nobody(contacts: list[int]) -> None:
    segment = made("dynamic", contacts)
    Membership.objects.filter(contact_id=contacts[2]).delete()
    seen = edit_preview(segment, now=LATER, kind="dynamic", rule=LOW)
    assert (seen.joins, seen.leaves, seen.conversion) == (0, 0, [])
    assert seen.sentence.startswith("Nobody joins or leaves")


def test_a_segment_without_a_rule_keeps_its_members(contacts: list[int]) -> None:
    segment = made("dynamic", contacts)
    seen = edit_preview(segment, now=LATER, kind="growing", rule=None)
    assert (seen.joins, seen.leaves, seen.stays) == (0, 0, 5)
    assert edited(segment, kind="growing", rule=None) == (0, 0)
    assert len(members("some")) == 5


@pytest.mark.parametrize("before", KINDS)
@pytest.mark.parametrize("after", KINDS)
def test_another_kind_is_explained(before: str, after: str) -> None:
    said = conversion(before, after, has_rule=True)
    assert bool(said) == (before != after)
    loses = any("who do not fulfil the rule leave" in one for one in said)
    assert loses == (after == "dynamic" and before != after)


def test_what_would_be_refused_is_refused(contacts: list[int]) -> None:
    segment = made("dynamic", contacts)
    with pytest.raises(RuleInvalid):
        edit_preview(segment, now=LATER, rule={"type": "field", "field": "nope", "op": "set"})
    client = signed_in("viewer")
    bad: dict[str, Any] = {"rule": {"type": "segment", "segment": "some", "op": "in"}}
    refused = client.post("/api/segments/some/preview-change/", bad, "application/json")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "circle")
    bad = {"rule": {"type": "all", "rules": []}}
    refused = client.post("/api/segments/some/preview-change/", bad, "application/json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"].startswith("rule")


def test_among_many_some_lanes_are_counted(
    contacts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_contacts(6_400)
    segment = make("some", LOW, now=NOW)
    monkeypatch.setattr(editing, "contacts_total", lambda: (contacts_total()[0], False))
    monkeypatch.setattr(editing, "CONTACTS_SAMPLED", 500)
    rule = {"type": "sample", "percent": 50, "salt": "s"}
    about = edit_preview(segment, now=LATER, rule=rule)
    exact = edit_preview(segment, now=LATER, rule=rule, exact=True)
    assert (about.exact, exact.exact) == (False, True)
    assert about.sentence.startswith("About ")
    assert about.joins == pytest.approx(exact.joins, rel=0.25)
    assert (exact.joins, exact.leaves) == edited(segment, rule=rule)


def preview(client: Client, **edit: Any) -> Any:
    answer = client.post("/api/segments/some/preview-change/", edit, "application/json")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def entering(segment: str = "some") -> tuple[str, dict[str, Any]]:
    return "segment_entered", {"segment": segment}


def test_flows_do_what_the_preview_said() -> None:
    stage = Stage()
    for n in range(10):
        stage.contact(f"c{n}", points=n * 10)
    make("some", LOW, now=NOW)
    make("never", {"type": "field", "field": "points", "op": "gte", "value": 90}, now=NOW)
    edges = ["in next hour"]
    build_flow("welcome", {"in": entering(), "hour": HOUR}, edges)
    build_flow("once", {"in": entering(), "hour": HOUR}, edges, settings={"suppress": ["never"]})
    build_flow(
        "shy",
        {"in": ("event", {"name": "Login"}), "hour": HOUR},
        edges,
        settings={"exit_when": [{"type": "segment_left", "segment": "some"}]},
    )
    build_flow(
        "not", {"in": ("event", {"name": "Login"}), "hour": HOUR}, edges,
        settings={"suppress": ["some"]},
    )  # fmt: skip
    build_flow("bye", {"in": ("segment_left", {"segment": "some"}), "hour": HOUR}, edges)
    build_flow("draft", {"in": entering(), "hour": HOUR}, edges, live=False)
    stage.settle()
    for name in ("c0", "c1", "c7"):
        stage.does(name, "Login")
    seen = edit_preview(Segment.objects.get(key="some"), now=stage.now, rule=HIGH)
    said = {(one.key, one.how): one.contacts for one in seen.flows}
    assert said == {
        ("welcome", "enters"): 5,
        ("once", "enters"): 4,
        ("shy", "leaves"): 2,
        ("not", "suppressed by"): 1,
        ("bye", "enters"): 3,
    }
    before = {key: len(stage.visits(key)) for key in ("welcome", "once", "bye")}
    segment_update("some", rule=HIGH, now=stage.now)
    build(Segment.objects.get(key="some"), now=stage.now)
    stage.settle()
    for key, visits in before.items():
        assert len(stage.visits(key)) - visits == said[key, "enters"], key
    assert stage.states("shy").count("exited") == 2
    assert stage.states("not").count("exited") == 1


def test_who_may_not_enter_again_is_not_counted() -> None:
    stage = Stage()
    for n in range(4):
        stage.contact(f"c{n}", points=n * 10)
    make("some", {"type": "field", "field": "points", "op": "gte", "value": 20}, now=NOW)
    nodes = {"in": ("event", {"name": "Login"}), "too": entering(), "hour": HOUR}
    edges = ["in next hour", "too next hour"]
    goal = {"type": "field", "field": "points", "op": "lt", "value": 10}
    again = {"type": "after_exit", "gap": "PT2H"}
    build_flow("once", nodes, edges)
    build_flow("again", nodes, edges, settings={"reentry": again})
    build_flow("there", nodes, edges, settings={"goal": goal})
    stage.settle()
    stage.does("c1", "Login")
    everyone = {"type": "everyone"}

    def entering_now() -> dict[str, int]:
        segment = Segment.objects.get(key="some")
        seen = edit_preview(segment, now=stage.now, rule=everyone)
        return {one.key: one.contacts for one in seen.flows}

    assert entering_now() == {"once": 1, "again": 1, "there": 0}
    stage.after("PT90M")
    assert entering_now() == {"once": 1, "again": 1, "there": 0}
    stage.after("PT3H")
    assert entering_now() == {"once": 1, "again": 2, "there": 0}


def test_the_answer_over_http(contacts: list[int]) -> None:
    made("dynamic", contacts)
    build_flow("welcome", {"in": entering(), "hour": HOUR}, ["in next hour"])
    viewer = signed_in("viewer")
    found = preview(viewer, rule=HIGH)
    assert set(found) == set(EditPreview.__dataclass_fields__)
    assert found["flows"] == [
        {"key": "welcome", "name": "Welcome", "status": "live", "how": "enters", "contacts": 4}
    ]
    assert {one["id"] for one in found["sample_leaves"]} == {contacts[0], contacts[2]}
    assert preview(viewer, kind="static")["conversion"]
