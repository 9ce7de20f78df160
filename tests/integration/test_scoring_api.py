"""Scoring over HTTP: rules made, previewed, changed, deleted, refused; the ledger; S6, S13."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry
from common.clock import canonical
from contacts.intake import accept
from contacts.models import Contact
from segments.models import Membership, Segment
from tests.builders_scoring import work
from tests.doors import signed_in
from tests.virtual import VirtualTime

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
EVENT = {
    "name": "Bought",
    "kind": "event",
    "event": "Order Completed",
    "where": [{"property": "total", "op": "gte", "value": 50}],
    "points": 20,
}
TRIAL = {"type": "field", "field": "plan", "op": "eq", "value": "trial"}
RULE = {"name": "On trial", "kind": "rule", "rule": TRIAL, "points": 7.5}


class Shop:
    """The API and the real engine, both on one virtual clock."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.time = VirtualTime(START)

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        with time_machine.travel(self.time.now, tick=False):
            answer = getattr(self.client, method)(f"/api/{path}", body, "application/json")
        assert answer.status_code == status, answer.json()
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        with time_machine.travel(self.time.now, tick=False):
            answer = self.client.get(f"/api/{path}")
        assert answer.status_code == 200, answer.json()
        return answer.json()

    def settle(self) -> None:
        work(self.time.now)
        self.time.settle()

    def post(self, path: str, body: Any, *, status: int = 201) -> Any:
        made = self.ask("post", path, body, status=status)
        self.settle()
        return made

    def track(self, who: str, event: str, *, days_ago: float = 0, **properties: Any) -> None:
        at = self.time.now - days_ago * DAY
        message = {
            "type": "track", "userId": who, "event": event, "properties": properties,
            "timestamp": canonical(at), "messageId": f"{who} {event} {at} {properties}",
        }  # fmt: skip
        accept(None, [message], self.time.now)
        self.time.settle()

    def identify(self, who: str, **traits: Any) -> None:
        accept(None, [{"type": "identify", "userId": who, "traits": traits}], self.time.now)
        self.time.settle()

    def go(self, days: float) -> None:
        self.time.at(self.time.now + days * DAY)

    def members(self, key: str) -> list[str]:
        found = Membership.objects.filter(segment__key=key).order_by("contact__external_id")
        return [str(name) for name in found.values_list("contact__external_id", flat=True)]

    def segment(self, key: str, rule: Any) -> None:
        self.post("segments/", {"key": key, "name": key, "kind": "dynamic", "rule": rule})


def contact(name: str) -> Contact:
    return Contact.objects.get(external_id=name)


@pytest.fixture
def shop() -> Shop:
    return Shop(signed_in("editor"))


# ── rules ───────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_is_made_shown_and_listed(shop: Shop) -> None:
    limited = {**EVENT, "decay_per_week": 2.5, "limit": {"times": 3, "per": "P1D"}}
    made = shop.post("score-rules/", limited)
    assert made["key"] == "bought"
    assert made["sentence"] == (
        "+20 points for each Order Completed where total is at least 50, at most 3 times in 1 day, "
        "fading by 2.5 a week"
    )
    assert (made["points"], made["decay_per_week"], made["active"]) == (20, 2.5, True)
    assert made["limit"] == {"times": 3, "per": "P1D"}
    shop.identify("ada", plan="trial")
    made = shop.post("score-rules/", RULE)
    assert made["sentence"] == "+7.5 points while plan is “trial”"
    assert (made["job"] is None, shop.get("score-rules/on-trial/")["job"]) == (False, None)
    listed = shop.get("score-rules/")["results"]
    assert [row["key"] for row in listed] == ["bought", "on-trial"]
    assert [row["key"] for row in shop.get("score-rules/?search=TRIAL")["results"]] == ["on-trial"]
    assert contact("ada").score == 7.5
    assert AuditEntry.objects.filter(action="score_rule.created").count() == 2


def test_the_segment_behind_a_rule_is_nowhere_to_be_seen(shop: Shop) -> None:
    shop.identify("ada", plan="trial")
    shop.post("score-rules/", RULE)
    key = Segment.every.get().key
    assert shop.get("segments/")["results"] == []
    assert shop.get(f"contacts/{contact('ada').id}/segments/") == []
    assert shop.client.get(f"/api/segments/{key}/").status_code == 404
    asks = {"type": "segment", "segment": key, "op": "in"}
    body = {"name": "x", "kind": "dynamic", "rule": asks}
    assert shop.ask("post", "segments/", body, status=400)["errors"][0]["code"] == (
        "unknown_segment"
    )


@pytest.mark.parametrize(
    ("changed", "places"),
    [
        ({"points": 0}, {"points"}),
        ({"points": "many"}, {"points"}),
        ({"points": 1e12}, {"points"}),
        ({"points": None}, {"points"}),
        ({"decay_per_week": -1}, {"decay_per_week"}),
        ({"decay_per_week": 0.01}, {"decay_per_week"}),
        ({"event": ""}, {"event"}),
        ({"event": None}, {"event"}),
        ({"event": "x" * 201}, {"event"}),
        ({"limit": {"times": 1, "per": "P1M"}}, {"limit.per"}),
        ({"limit": {"times": 0, "per": "P1D"}}, {"limit.times"}),
        ({"limit": {"times": 1, "per": "P1M"}, "points": 0}, {"limit.per", "points"}),
        ({"where": [{"property": "total", "op": "gte", "value": "x"}]}, {"where.0.value"}),
        ({"where": [{"property": "a..b", "op": "set"}, 7]}, {"where.1"}),
        ({"where": {"property": "a"}}, {"where"}),
        ({"kind": "other"}, {"kind"}),
        ({"kind": "rule"}, {"rule"}),
        ({"kind": "rule", "rule": {"type": "all", "rules": []}}, {"rule"}),
        ({"kind": "rule", "rule": {**TRIAL, "field": "gone"}}, {"rule.field"}),
        ({"kind": "rule", "rule": {"type": "everyone"}, "limit": {"times": 1, "per": "P1D"}},
         {"limit"}),
        ({"kind": "rule", "rule": {**TRIAL, "field": "score", "value": 1}}, {"rule"}),
        ({"key": "A b"}, {"key"}),
        ({"key": "preview"}, {"key"}),
        ({"name": ""}, {"name"}),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_at_its_place(
    shop: Shop, changed: dict[str, Any], places: set[str]
) -> None:
    answer = shop.ask("post", "score-rules/", {**EVENT, **changed}, status=400)
    assert {error["attr"] for error in answer["errors"]} == places
    if "key" not in changed and "name" not in changed:
        answer = shop.ask("post", "score-rules/preview/", {**EVENT, **changed}, status=400)
        assert {error["attr"] for error in answer["errors"]} == places


def test_what_was_given_must_be_decided_about(shop: Shop) -> None:
    shop.post("score-rules/", EVENT)
    shop.track("ada", "Order Completed", total=80)
    url = "score-rules/bought/"
    for changed in ({"points": 30}, {"active": False}):
        refused = shop.ask("patch", url, changed, status=400)
        assert refused["errors"][0]["attr"] == "given"
    assert shop.ask("delete", url, status=400)["errors"][0]["attr"] == "given"
    assert shop.ask("delete", f"{url}?given=both", status=400)["errors"][0]["attr"] == "given"
    assert shop.get(f"{url}standing/") == {"contacts": 1, "points": 20}
    assert shop.ask("patch", url, {"name": "Big orders"})["name"] == "Big orders"
    assert shop.ask("patch", url, {"points": 30, "given": "keep"})["points"] == 30
    shop.settle()
    assert contact("ada").score == 20
    assert shop.ask("patch", url, {"active": False, "given": "take_back"})["active"] is False
    shop.settle()
    assert contact("ada").score == 0
    assert shop.ask("patch", url, {"active": True})["active"] is True
    assert shop.ask("delete", url, status=202)["job"]
    shop.settle()
    assert shop.client.get(f"/api/{url}").status_code == 404


def test_the_key_and_the_kind_stay(shop: Shop) -> None:
    shop.post("score-rules/", EVENT)
    shop.ask("patch", "score-rules/bought/", {"key": "other"}, status=400)
    changed = {"kind": "rule", "rule": {"type": "everyone"}}
    refused = shop.ask("patch", "score-rules/bought/", changed, status=400)
    assert refused["errors"][0]["attr"] == "kind"
    shop.ask("post", "score-rules/", {**EVENT, "key": "bought"}, status=409)
    shop.ask("patch", "score-rules/gone/", {"points": 1}, status=404)


def test_viewers_look_and_do_not_touch(shop: Shop) -> None:
    shop.post("score-rules/", EVENT)
    viewer = signed_in("viewer")
    assert viewer.get("/api/score-rules/bought/").status_code == 200
    for method, path in (
        ("post", "score-rules/"),
        ("patch", "score-rules/bought/"),
        ("delete", "score-rules/bought/"),
    ):
        answer = getattr(viewer, method)(f"/api/{path}", EVENT, "application/json")
        assert answer.status_code == 403
    answer = viewer.post("/api/score-rules/preview/", EVENT, "application/json")
    assert answer.status_code == 200


# ── previews and ledgers ────────────────────────────────────────────────────────────────────────


def test_a_preview_says_what_the_last_thirty_days_would_have_given(shop: Shop) -> None:
    for days in (1, 1.1, 20, 40):
        shop.track("ada", "Order Completed", days_ago=days, total=80)
    shop.track("bob", "Order Completed", days_ago=2, total=60)
    shop.track("bob", "Order Completed", days_ago=2, total=10)
    shop.identify("eve", plan="trial")
    seen = shop.ask("post", "score-rules/preview/", EVENT)
    assert (seen["contacts"], seen["times"], seen["points"], seen["days"]) == (2, 4, 80, 30)
    assert [(row["contact"]["external_id"], row["points"]) for row in seen["sample"]] == [
        ("ada", 60), ("bob", 20),
    ]  # fmt: skip
    assert seen["spread"] == [
        {"low": 1, "high": 1, "contacts": 1},
        {"low": 3, "high": 4, "contacts": 1},
    ]
    terms = {**EVENT, "decay_per_week": 8, "limit": {"times": 1, "per": "P1D"}}
    seen = shop.ask("post", "score-rules/preview/", terms)
    assert (seen["times"], seen["points"], seen["left"]) == (3, 60, 20 + 4 + 20)
    assert shop.ask("post", "score-rules/preview/", {**EVENT, "event": "*"})["times"] == 4
    seen = shop.ask("post", "score-rules/preview/", RULE)
    assert (seen["contacts"], seen["points"], seen["days"]) == (1, 7.5, None)


def test_a_preview_gives_what_the_engine_gives(shop: Shop) -> None:
    terms = {
        **EVENT, "points": -6, "decay_per_week": 2, "limit": {"times": 2, "per": "P7D"},
        "where": [{"property": "until", "op": "in_next", "value": "P3D"}],
    }  # fmt: skip
    shop.post("score-rules/", terms)
    for days in (0.5, 1, 9, 10, 11, 29):
        at = shop.time.now - days * DAY
        for ahead in (2, 4):
            shop.track("ada", "Order Completed", days_ago=days, until=canonical(at + ahead * DAY))
    seen = shop.ask("post", "score-rules/preview/", terms)
    assert contact("ada").score == seen["left"] < 0


def test_the_ledger_says_who_gave_what(shop: Shop) -> None:
    shop.post("score-rules/", {**EVENT, "decay_per_week": 5})
    shop.identify("ada", plan="trial")
    shop.post("score-rules/", RULE)
    shop.track("ada", "Order Completed", total=80)
    shop.go(8)
    seen = shop.get(f"contacts/{contact('ada').id}/score/?limit=2")
    assert seen["score"] == 22.5
    assert [(row["delta"], row["words"], row["rule"]["key"]) for row in seen["results"]] == [
        (-5, "faded", "bought"),
        (20, "Order Completed", "bought"),
    ]
    assert seen["next"]
    assert [(row["rule"]["key"], row["points"]) for row in seen["by_rule"]] == [
        ("bought", 15), ("on-trial", 7.5),
    ]  # fmt: skip
    shop.ask("delete", "score-rules/on-trial/?given=keep", status=202)
    shop.settle()
    seen = shop.get(f"contacts/{contact('ada').id}/score/")
    assert seen["by_rule"][1]["rule"] == {"key": "on-trial", "name": "On trial", "deleted": True}
    assert shop.client.get("/api/contacts/999999/score/").status_code == 404


# ── stories ─────────────────────────────────────────────────────────────────────────────────────


def test_s6_a_hot_lead_is_in_the_segment_the_moment_the_score_passes_80(shop: Shop) -> None:
    hot = {"type": "field", "field": "score", "op": "gt", "value": 80}
    shop.segment("hot-lead", hot)
    shop.post("score-rules/", EVENT)
    shop.post("score-rules/", {**EVENT, "name": "Demo", "event": "Demo Booked", "where": [],
                               "points": 45, "decay_per_week": 10})  # fmt: skip
    for total in (60, 70):
        shop.track("ada", "Order Completed", total=total)
    assert (contact("ada").score, shop.members("hot-lead")) == (40, [])
    shop.track("ada", "Demo Booked")
    assert (contact("ada").score, shop.members("hot-lead")) == (85, ["ada"])
    shop.go(7)
    assert (contact("ada").score, shop.members("hot-lead")) == (75, [])


def test_s13_scores_none_risen_highest_and_fallen(shop: Shop) -> None:
    def changed(op: str, value: float, **window: Any) -> dict[str, Any]:
        return {"type": "score_change", "op": op, "value": value, "window": window}

    shop.segment("no-score", {"type": "field", "field": "score", "op": "eq", "value": 0})
    shop.segment("risen", changed("gte", 40, last="P30D"))
    shop.segment("in-may", changed("gte", 60, **{"from": "2026-05-01", "to": "2026-06-01"}))
    shop.segment("fallen", changed("lt", 0, last="P60D"))
    shop.post("score-rules/", EVENT)
    shop.post("score-rules/", {**EVENT, "name": "Left", "event": "Cart Left", "where": [],
                               "points": -30})  # fmt: skip
    for who in ("ada", "bob", "eve"):
        shop.identify(who, first_name=who)
    for days in (5, 6, 20):
        shop.track("ada", "Order Completed", days_ago=days, total=90)
    shop.track("bob", "Order Completed", days_ago=70, total=90)
    shop.track("bob", "Cart Left", days_ago=10)
    seen = {key: shop.members(key) for key in ("no-score", "risen", "in-may", "fallen")}
    assert seen == {"no-score": ["eve"], "risen": ["ada"], "in-may": ["ada"], "fallen": ["bob"]}
    shop.go(28)
    seen = {key: shop.members(key) for key in ("risen", "in-may", "fallen")}
    assert seen == {"risen": [], "in-may": ["ada"], "fallen": ["bob"]}
    shop.go(30)
    assert shop.members("fallen") == []


def test_s13_who_has_risen_most(shop: Shop) -> None:
    shop.post("score-rules/", EVENT)
    for who, times in (("ada", 3), ("bob", 1), ("eve", 2)):
        for n in range(times):
            shop.track(who, "Order Completed", days_ago=n, total=90)
    top = {"by": {"score_change": "P30D"}, "limit": 2}
    made = {"key": "risen", "name": "Risen most", "kind": "dynamic",
            "rule": {"type": "everyone"}, "top": top}  # fmt: skip
    shop.post("segments/", made)
    assert shop.members("risen") == ["ada", "eve"]
