"""What deleted segments and contacts leave: nothing, though no foreign key takes it along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from contacts.models import Event
from contacts.services import NewEvent, contact_create, contact_delete, events_record
from segments import sweeping
from segments.models import Membership, MembershipChange, Segment, SegmentDay, SegmentSize
from segments.services import members_change, segment_create, segment_delete
from tests.virtual import VirtualTime

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
FRESH = {"type": "field", "field": "created_at", "op": "in_last", "value": "P7D"}


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime(START)


def rows(table: str, **where: int) -> int:
    asked = " AND ".join(f"{name} = %s" for name in where) or "true"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {asked}", list(where.values()))
        [n] = cursor.fetchone()
    return int(n)


def test_a_deleted_segment_is_swept_away_and_others_stay(
    time: VirtualTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BITE", 2)
    people = [contact_create(email=f"p{n}@x.io", now=START) for n in range(7)]
    for key in ("gone", "kept"):
        segment_create(key=key, name=key, kind="static", rule=None, now=START)
        members_change(key, people, change="add", cause="manual", now=START)
    gone = Segment.objects.get(key="gone").id
    segment_delete("gone")
    again = segment_create(key="gone", name="Gone", kind="static", rule=None, now=START)
    assert not Membership.objects.filter(segment=again).exists()
    sizes = len({who % 64 for who in people})
    assert sweeping.sweep() == 7 + 7 + sizes + sizes  # members, history, sizes and days by lane
    for table in sweeping.TABLES:
        assert rows(table, segment_id=gone) == 0
    assert Membership.objects.count() == MembershipChange.objects.count() == 7
    assert SegmentSize.objects.exists()
    assert SegmentDay.objects.exists()
    assert sweeping.sweep() == 0
    time.settle()


def test_a_deleted_contact_takes_its_rows_along(time: VirtualTime) -> None:
    segment_create(key="hand", name="By hand", kind="static", rule=None, now=START)
    segment_create(key="fresh", name="Fresh", kind="dynamic", rule=FRESH, now=START)
    time.settle()
    one, other = (contact_create(email=f"{n}@x.io", now=START) for n in "ab")
    time.settle()
    members_change("hand", [one, other], change="add", cause="manual", now=START)
    events_record(
        [NewEvent(who % 64, who, "Seen", START + timedelta(hours=1), {}) for who in (one, other)],
        now=START,
    )
    tables = ("membership", "membership_change", "time_edge", "event")
    assert all(rows(table, contact_id=one) for table in tables)
    before = {table: rows(table, contact_id=other) for table in tables}
    contact_delete(one)
    assert not any(rows(table, contact_id=one) for table in tables)
    assert before == {table: rows(table, contact_id=other) for table in tables}
    assert Event.objects.count() == 1
