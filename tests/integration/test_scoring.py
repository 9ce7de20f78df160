"""Points: given once for events and true rules, limited, fading, taken back, moved with contacts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.errors import Conflict, Refused
from contacts.models import Contact
from contacts.services import (
    FieldChange,
    NewEvent,
    contact_create,
    contact_delete,
    contacts_merge,
    events_record,
    fields_update,
)
from common.lanes import lane_of
from common.models import Job
from segments.models import Membership, ScoreAward, ScoreEntry, ScoreRule, Segment
from segments.builds import segment_build
from segments.scoring.services import (
    Terms,
    score_rule_create,
    score_rule_delete,
    score_rule_update,
    terms_of,
)
from segments.scoring.settling import rule_settle
from segments.services import segment_create, segment_delete
from tests.virtual import VirtualTime

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
BOUGHT = "Order Completed"
TRIAL = {"type": "field", "field": "plan", "op": "eq", "value": "trial"}


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime(START)


def event_rule(points: Any = 5, event: str = BOUGHT, **terms: Any) -> ScoreRule:
    return score_rule_create(
        name=f"For {event}",
        terms=Terms("event", Decimal(points), event=event, **terms),
        actor=COMMAND,
        now=START,
    )


def true_rule(rule: Any = TRIAL, points: Any = 10, **terms: Any) -> ScoreRule:
    made = score_rule_create(
        name="While it is true",
        terms=Terms("rule", Decimal(points), rule=rule, **terms),
        actor=COMMAND,
        now=START,
    )
    work(START)
    return made


def work(now: datetime) -> None:
    """Do the open builds and settlings, as the job worker would."""
    for job in Job.objects.filter(status__in=("queued", "running")).order_by("created_at"):
        if job.kind == "score_settle":
            rule_settle(job.id, job.detail["rule"], clock=lambda: now)
        else:
            segment = Segment.every.get(key=job.detail["segment"])
            segment_build(job.id, segment.id, clock=lambda: now)


def person(name: str = "a", **fields: Any) -> int:
    return contact_create(now=START, external_id=name, fields=fields)


def did(contact_id: int, *ats: datetime, name: str = BOUGHT, now: datetime | None = None, **properties: Any) -> None:
    events_record(
        [NewEvent(lane_of(contact_id), contact_id, name, at, properties) for at in ats],
        now=now or max(ats),
    )


def set_plan(contact_id: int, plan: str, now: datetime) -> None:
    fields_update([FieldChange(lane_of(contact_id), contact_id, {"plan": plan})], now=now)


def score(contact_id: int) -> float:
    return Contact.objects.get(id=contact_id).score


def ledger(contact_id: int) -> list[tuple[float, float, str]]:
    """Days after the start, change and reason of each entry, in order."""
    return [
        ((entry.at - START) / DAY, entry.delta, entry.reason)
        for entry in ScoreEntry.objects.filter(contact_id=contact_id).order_by("at", "id")
    ]


def test_an_event_gives_its_points_once(time: VirtualTime) -> None:
    event_rule(5)
    one, other = person("a"), person("b")
    did(one, START, START)
    did(other, START, name="Login")
    time.settle()
    time.at(START + DAY)
    assert (score(one), score(other)) == (10, 0)
    assert ledger(one) == [(0, 5, f"event:{BOUGHT}")] * 2


def test_a_true_rule_gives_and_a_false_one_takes(time: VirtualTime) -> None:
    one, other = person("a", plan="trial"), person("b", plan="free")
    time.settle()
    true_rule()
    time.settle()
    assert (score(one), score(other)) == (10, 0)
    set_plan(one, "paid", START)
    set_plan(other, "trial", START)
    time.settle()
    assert (score(one), score(other)) == (0, 10)
    assert ledger(one) == [(0, 10, "rule"), (0, -10, "rule:false")]
