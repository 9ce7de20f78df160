"""Why a contact is, or is not, in a segment; and until when, if nothing but time happens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from contacts.models import Event
from segments.models import Segment
from segments.refresh import refresh_time
from segments.services import members_change
from tests.casebook import contacts_insert
from tests.doors import signed_in
from tests.segment_making import make, members

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 18, 20, 0, tzinfo=UTC)
BOUGHT = {"type": "event", "name": "Order Completed", "window": {"last": "P7D"}}
OLD = {"type": "event", "name": "Order Completed", "window": {"older_than": "P5D"}}


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer")


@pytest.fixture
def buyer() -> int:
    at = "2026-05-14T00:00:00Z"
    made = contacts_insert([{"id": "a", "events": [{"name": "Order Completed", "at": at}]}], {})
    return made["a"]


def why(client: Client, key: str, contact_id: int) -> Any:
    with time_machine.travel(NOW, tick=False):
        answer = client.get(f"/api/segments/{key}/explain/", {"contact": contact_id})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def asked(client: Client, rule: Any, contact_id: int) -> Any:
    with time_machine.travel(NOW, tick=False):
        body = {"rule": rule, "contact": contact_id}
        return client.post("/api/segments/explain/", body, "application/json")


def test_it_says_when_the_contact_leaves_and_why(viewer: Client, buyer: int) -> None:
    make("buyers", BOUGHT, now=NOW)
    said = why(viewer, "buyers", buyer)
    assert (said["is_true"], said["member"], said["until"]) == (True, True, "2026-05-21T00:00:00Z")
    assert said["since"] == "2026-05-18T20:00:00Z"
    assert said["until_words"] == (
        "leaves in 2 days 4 hours, when Order Completed of 14 May passes 7 days"
    )
    assert said["tree"]["until_words"] == (
        "turns false in 2 days 4 hours, when Order Completed of 14 May passes 7 days"
    )


def test_it_says_when_the_contact_joins(viewer: Client, buyer: int) -> None:
    make("quiet", {"type": "all", "rules": [OLD, {"type": "not", "rule": BOUGHT}]}, now=NOW)
    said = why(viewer, "quiet", buyer)
    assert (said["member"], said["until"]) == (False, "2026-05-21T00:00:00Z")
    assert said["until_words"].startswith("joins in 2 days 4 hours, when Order Completed of 14 May")
    old, negated = said["tree"]["rules"]
    assert (old["is_true"], old["until"]) == (False, "2026-05-19T00:00:00.000000Z")
    assert (negated["is_true"], negated["until"]) == (False, "2026-05-21T00:00:00.000000Z")


def test_who_is_held_in_does_not_leave_and_a_growing_segment_is_not_left(
    viewer: Client, buyer: int
) -> None:
    make("held", BOUGHT, now=NOW)
    members_change("held", [buyer], change="add", cause="manual", now=NOW)
    said = why(viewer, "held", buyer)
    assert (said["by_hand"], said["until"]) == (True, None)
    assert said["tree"]["until"] == "2026-05-21T00:00:00.000000Z"
    make("grown", BOUGHT, kind="growing", now=NOW)
    assert why(viewer, "grown", buyer)["until"] is None


def test_who_is_held_out_joins_when_the_rule_is_true_anew(viewer: Client, buyer: int) -> None:
    ahead = Event(
        lane=buyer % 64, contact_id=buyer, name="Order Completed",
        at=datetime(2026, 6, 1, tzinfo=UTC), received_at=NOW,
    )  # fmt: skip
    ahead.save()
    make("buyers", BOUGHT, now=NOW)
    members_change("buyers", [buyer], change="remove", cause="manual", now=NOW)
    said = why(viewer, "buyers", buyer)
    assert (said["is_true"], said["member"], said["held_out"]) == (True, False, True)
    assert said["until"] == "2026-06-01T00:00:00Z"
    assert said["until_words"] == ("joins in 13 days 4 hours, when Order Completed of 1 June comes")


def test_time_is_followed_through_the_segments_that_a_rule_needs(
    viewer: Client, buyer: int
) -> None:
    make("buyers", BOUGHT, now=NOW)
    make("others", {"type": "segment", "segment": "buyers", "op": "not_in"}, now=NOW)
    make("known", {"type": "segment", "segment": "others", "op": "in"}, now=NOW)
    said = why(viewer, "known", buyer)
    assert (said["member"], said["until"]) == (False, "2026-05-21T00:00:00Z")
    assert said["until_words"] == (
        "joins in 2 days 4 hours, when they join others, as they leave buyers,"
        " as Order Completed of 14 May passes 7 days"
    )
    leaving = datetime(2026, 5, 21, tzinfo=UTC)
    refresh_time(now=leaving, lanes=range(64))
    assert members("known") == {buyer}


def test_a_rule_that_is_not_saved_is_explained(viewer: Client, buyer: int) -> None:
    said = asked(viewer, BOUGHT, buyer).json()
    assert (said["is_true"], said["until"]) == (True, "2026-05-21T00:00:00.000000Z")
    assert said["until_words"].startswith("turns false in 2 days 4 hours, when")
    assert said["tree"]["saw"] == "once, last Order Completed on 14 May 2026 at 00:00 UTC"


@pytest.mark.parametrize(
    ("rule", "attr"),
    [
        ({"type": "field", "field": "shoe", "op": "set"}, "rule.field"),
        ({"type": "all", "rules": []}, "rule"),
        (None, "rule"),
    ],
)
def test_a_rule_that_cant_be_used_is_refused(
    viewer: Client, buyer: int, rule: Any, attr: str
) -> None:
    answer = asked(viewer, rule, buyer)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr


def test_nobody_can_be_explained_who_is_not_there(viewer: Client) -> None:
    assert asked(viewer, BOUGHT, 10**9).status_code == 404
    assert Segment.objects.count() == 0
