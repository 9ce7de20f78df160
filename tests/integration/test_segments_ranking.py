"""Ranked segments: a rule's matches cut to the first so many, and how that is followed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from common.errors import Refused
from contacts.models import Contact, ScoreChange, Touch
from segments.models import HeldOut, MembershipChange, Segment
from segments.ranking import rankings_due, rankings_refresh
from segments.refresh import Touched, refresh
from segments.selectors import sizes_recounted
from segments.services import members_change, segment_update
from segments.tasks import rank, rank_due
from tests.casebook import contacts_insert, fields_insert
from tests.doors import signed_in
from tests.segment_making import build, make, members

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
EVERYONE = {"type": "everyone"}
PARIS = {"type": "field", "field": "city", "op": "eq", "value": "Paris"}
BEST_TWO = {"by": "score", "limit": 2}


def people(*fields: dict[str, Any], custom: dict[str, str] | None = None) -> list[int]:
    fields_insert(custom or {})
    rows = [{"id": str(n), "fields": one} for n, one in enumerate(fields)]
    return list(contacts_insert(rows, custom or {}).values())


def score(contact_id: int, value: float) -> None:
    Contact.objects.filter(id=contact_id).update(score=value)


def changed(contact_id: int, delta: float, at: datetime) -> None:
    ScoreChange(lane=contact_id % 64, contact_id=contact_id, delta=delta, at=at, reason="").save()


def history(key: str) -> list[tuple[int, str, str]]:
    changes = MembershipChange.objects.filter(segment__key=key).order_by("id")
    return list(changes.values_list("contact_id", "change", "cause"))


def test_it_keeps_the_first_of_those_the_rule_chooses() -> None:
    low, high, middle, elsewhere = people(
        {"score": 1, "city": "Paris"}, {"score": 9, "city": "Paris"},
        {"score": 5, "city": "paris"}, {"score": 99, "city": "Rome"},
    )  # fmt: skip
    segment = make("best", PARIS, top=BEST_TWO, now=NOW)
    assert members("best") == {high, middle}
    assert segment.top == {"by": "score", "limit": 2, "refresh_every": "PT5M"}
    assert (segment.status, segment.refreshed_at) == ("ready", NOW)
    assert {one[1:] for one in history("best")} == {("entered", "built")}
    assert not {low, elsewhere} & members("best")
    assert sizes_recounted() == []


def test_of_two_alike_the_older_contact_is_first() -> None:
    young, old, oldest = people({"score": 5}, {"score": 5}, {"score": 5})
    Contact.objects.filter(id=young).update(created_at=NOW)
    Contact.objects.filter(id=oldest).update(created_at=NOW - timedelta(days=9999))
    make("first", EVERYONE, top={"by": "score", "limit": 1}, now=NOW)
    make("best", EVERYONE, top=BEST_TWO, now=NOW)
    assert members("first") == {oldest}
    assert members("best") == {old, oldest}


def test_who_has_no_value_is_not_ranked() -> None:
    one, other, _ = people({"seats": -3}, {"seats": 2.5}, {}, custom={"seats": "number"})
    make("largest", EVERYONE, top={"by": "seats", "limit": 10}, now=NOW)
    assert members("largest") == {one, other}


def test_the_change_of_the_score_counts_within_its_window() -> None:
    risen, risen_before, fallen, still = people({}, {}, {}, {})
    changed(risen, 5, NOW - timedelta(days=1))
    changed(risen_before, 50, NOW - timedelta(days=30))
    changed(fallen, -5, NOW)
    changed(still, 50, NOW + timedelta(days=1))
    top = {"by": {"score_change": "P30D"}, "limit": 3}
    make("risen", EVERYONE, top=top, now=NOW)
    assert members("risen") == {risen, risen_before, still}


def test_single_events_leave_it_as_it_is_until_it_is_due() -> None:
    low, high, middle = people({"score": 1}, {"score": 9}, {"score": 5})
    make("best", EVERYONE, top=BEST_TWO, now=NOW)
    score(low, 10)
    assert refresh([Touched(low % 64, low, "score:")], now=NOW) == []
    assert rankings_due(now=NOW + timedelta(minutes=4)) == []
    changes = rankings_refresh(now=LATER)
    assert {(one.contact_id, one.change) for one in changes} == {(low, "entered"), (middle, "left")}
    assert members("best") == {low, high}
    assert {cause for _, _, cause in history("best")} == {"built", "rule"}
    assert rankings_refresh(now=LATER) == []
    assert sizes_recounted() == []


def test_what_mentions_it_follows_its_changes() -> None:
    low, high = people({"score": 1}, {"score": 9})
    make("best", EVERYONE, top={"by": "score", "limit": 1}, now=NOW)
    make("others", {"type": "segment", "segment": "best", "op": "not_in"}, now=NOW)
    Touch.objects.all().delete()
    score(low, 10)
    rankings_refresh(now=LATER)
    touches = [
        Touched(touch.lane, touch.contact_id, f"{touch.kind}:{touch.name}")
        for touch in Touch.objects.all()
    ]
    assert {touch.key for touch in touches} == {"segment:best"}
    refresh(touches, now=LATER)
    assert (members("best"), members("others")) == ({low}, {high})


def test_a_growing_one_keeps_whom_it_has_had_and_a_static_one_stays() -> None:
    low, high = people({"score": 1}, {"score": 9})
    for kind in ("static", "growing"):
        make(kind, EVERYONE, kind=kind, top={"by": "score", "limit": 1}, now=NOW)
    score(low, 10)
    rankings_refresh(now=LATER)
    assert (members("static"), members("growing")) == ({high}, {low, high})


def test_hands_win_over_the_cut() -> None:
    low, high, middle = people({"score": 1}, {"score": 9}, {"score": 5})
    make("best", EVERYONE, top={"by": "score", "limit": 1}, now=NOW)
    members_change("best", [low], change="add", cause="manual", now=NOW)
    members_change("best", [high], change="remove", cause="manual", now=NOW)
    rankings_refresh(now=LATER)
    assert members("best") == {low}, "who is held out still has their place"
    score(middle, 10)
    rankings_refresh(now=LATER + timedelta(minutes=5))
    assert members("best") == {low, middle}
    assert not HeldOut.objects.exists(), "who has fallen out of the cut is held out no longer"
    score(high, 11)
    rankings_refresh(now=LATER + timedelta(minutes=10))
    assert members("best") == {low, high}


def test_an_edit_of_the_ranking_builds_anew_and_without_one_everybody_is_in() -> None:
    ids = people({"score": 1}, {"score": 9}, {"score": 5})
    segment = make("best", EVERYONE, top=BEST_TWO, now=NOW)
    build(segment_update("best", top={"by": "score", "limit": 1}, now=NOW), now=NOW)
    assert members("best") == {ids[1]}
    build(segment_update("best", top=None, now=NOW), now=NOW)
    assert members("best") == set(ids)
    build(segment_update("best", top=BEST_TWO, now=NOW), now=NOW)
    assert members("best") == {ids[1], ids[2]}
    assert Segment.objects.get(id=segment.id).status == "ready"


@pytest.mark.parametrize(
    ("top", "attr"),
    [
        ("score", "top"),
        ({"by": "score"}, "top"),
        ({"by": "score", "limit": 5, "size": 5}, "top"),
        ({"by": "shoe", "limit": 5}, "top.by"),
        ({"by": "city", "limit": 5}, "top.by"),
        ({"by": ["score"], "limit": 5}, "top.by"),
        ({"by": {"score_change": "P1M"}, "limit": 5}, "top.by.score_change"),
        ({"by": {"sum": "P1D"}, "limit": 5}, "top.by"),
        ({"by": "score", "limit": 0}, "top.limit"),
        ({"by": "score", "limit": True}, "top.limit"),
        ({"by": "score", "limit": 2.5}, "top.limit"),
        ({"by": "score", "limit": 10**9}, "top.limit"),
        ({"by": "score", "limit": 5, "refresh_every": "PT1S"}, "top.refresh_every"),
        ({"by": "score", "limit": 5, "refresh_every": "P1Y"}, "top.refresh_every"),
        ({"by": "score", "limit": 5, "refresh_every": 5}, "top.refresh_every"),
        ({"by": "score", "limit": 5, "refresh_every": []}, "top.refresh_every"),
        ({"by": "score", "limit": 10**400}, "top.limit"),
        ({"by": {}, "limit": 5}, "top.by"),
        ({"by": None, "limit": 5}, "top.by"),
        ([], "top"),
    ],
)
def test_what_cant_be_ranked_by_is_refused(top: Any, attr: str) -> None:
    with pytest.raises(Refused) as refused:
        make("best", EVERYONE, top=top, now=NOW)
    assert refused.value.attr == attr
    assert not Segment.objects.exists()


def test_a_ranked_segment_needs_a_rule() -> None:
    with pytest.raises(Refused) as refused:
        make("best", None, kind="static", top=BEST_TWO, now=NOW)
    assert refused.value.attr == "top"


def test_a_field_that_is_no_number_any_more_ranks_nobody() -> None:
    people({"seats": 1}, custom={"seats": "number"})
    make("largest", EVERYONE, top={"by": "seats", "limit": 10}, now=NOW)
    fields_insert({"seats": "string"})
    rankings_refresh(now=LATER)
    assert members("largest") == set()


def test_the_job_ranks_what_is_due() -> None:
    low, high = people({"score": 1}, {"score": 9})
    segment = make("best", EVERYONE, top={"by": "score", "limit": 1}, now=NOW)
    score(low, 10)
    with time_machine.travel(LATER, tick=False):
        rank_due(timestamp=int(LATER.timestamp()))
        rank_due(timestamp=int(LATER.timestamp()))
        assert members("best") == {high}
        rank(segment_id=segment.id)
    assert members("best") == {low}


# ── over HTTP ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def test_it_is_made_shown_and_refused_over_http(editor: Client) -> None:
    body: dict[str, Any] = {
        "key": "best", "name": "Best", "kind": "dynamic", "rule": EVERYONE, "top": BEST_TWO,
    }  # fmt: skip
    made = editor.post("/api/segments/", body, "application/json")
    assert made.status_code == 201, made.json()
    assert made.json()["top"] == {"by": "score", "limit": 2, "refresh_every": "PT5M"}
    assert made.json()["sentence"] == "is anyone; of these the first 2 by score"
    bad = {**body, "key": "worst", "top": {"by": "city", "limit": 2}}
    refused = editor.post("/api/segments/", bad, "application/json")
    assert refused.status_code == 400
    assert [one["attr"] for one in refused.json()["errors"]] == ["top.by"]
    freed = editor.patch("/api/segments/best/", {"top": None}, "application/json")
    assert freed.json()["top"] is None


def test_a_preview_cuts_and_shows_the_first(editor: Client) -> None:
    low, high, middle = people({"score": 1}, {"score": 9}, {"score": 5})
    body = {"rule": EVERYONE, "top": BEST_TWO}
    shown = editor.post("/api/segments/preview/", body, "application/json").json()
    assert (shown["count"], shown["matches"], shown["exact"]) == (2, 3, True)
    assert [one["id"] for one in shown["sample"]] == [high, middle]
    body = {"rule": EVERYONE, "top": {"by": "shoe", "limit": 2}}
    refused = editor.post("/api/segments/preview/", body, "application/json")
    assert refused.json()["errors"][0]["attr"] == "top.by"
    assert low


def test_an_explanation_shows_the_place_and_the_cut(editor: Client) -> None:
    low, high, _ = people({"score": 1}, {"score": 9}, {"score": 5})
    make("best", EVERYONE, top=BEST_TWO, now=NOW)
    with time_machine.travel(NOW, tick=False):
        said = editor.get("/api/segments/best/explain/", {"contact": low}).json()
    assert (said["is_true"], said["member"], said["until"]) == (False, False, None)
    assert said["tree"]["is_true"] is True
    assert said["ranking"] == {
        "by": "score", "limit": 2, "rank": 3, "value": 1.0, "of": 3, "cutoff": 5.0,
        "refreshes_at": "2026-06-15T12:05:00Z",
        "sentence": "number 3 of 3 by score, with 1; the first 2 are in, down to 5",
    }  # fmt: skip
    said = editor.get("/api/segments/best/explain/", {"contact": high}).json()
    assert (said["is_true"], said["member"], said["ranking"]["rank"]) == (True, True, 1)


@pytest.mark.parametrize(
    "by", ["\x00", "\ud800", "x" * 100_000, {"score_change": "\x00"}, [[[]]]], ids=range(5)
)
def test_hostile_values_are_refused_at_their_place(editor: Client, by: Any) -> None:
    body = json.dumps({"rule": EVERYONE, "top": {"by": by, "limit": 2}})
    answer = editor.post("/api/segments/preview/", body, "application/json")
    assert answer.status_code == 400
    assert len(answer.content) < 2_000
