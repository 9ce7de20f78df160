"""Ranked segments through random lives, beside a slow, obvious ranking of everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.clock import parse_instant
from contacts.merging import delete_rows
from contacts.models import Contact, ScoreChange
from segments.loading import contacts_load
from segments.models import HeldOut, Membership
from segments.ranking import rankings_refresh
from segments.rules import ContactData, evaluate, parse
from segments.selectors import sizes_recounted
from segments.services import members_change
from tests.casebook import contacts_insert, fields_insert
from tests.segment_making import make, members

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
FIELDS = {"seats": "number"}
PEOPLE = 7

numbers = st.sampled_from([0, 1, 2, 2.5, -1, 0.1])
tops = st.fixed_dictionaries(
    {
        "by": st.sampled_from(["score", "seats", {"score_change": "P1D"}]),
        "limit": st.integers(1, PEOPLE),
    }
)
rules = st.sampled_from(
    [
        {"type": "everyone"},
        {"type": "field", "field": "score", "op": "lt", "value": 2},
        {"type": "not", "rule": {"type": "field", "field": "seats", "op": "set"}},
    ]
)
who = st.integers(0, PEOPLE - 1)
deeds = st.one_of(
    st.tuples(st.just("score"), who, numbers),
    st.tuples(st.just("seats"), who, st.none() | numbers),
    st.tuples(st.just("change"), who, numbers),
    st.tuples(st.sampled_from(["add", "remove", "delete"]), who, st.none()),
    st.tuples(st.just("rank"), st.none(), st.none()),
)


class OnPaper:
    """What the segment ought to hold: ranked in Python, with the hands on top."""

    def __init__(self, rule: Any, top: dict[str, Any], kind: str) -> None:
        self.rule, self.top, self.kind = parse(rule, fields=FIELDS), top, kind
        self.members: set[int] = set()
        self.by_hand: set[int] = set()
        self.held_out: set[int] = set()

    def first(self, now: datetime) -> set[int]:
        everybody = contacts_load(Contact.objects.values_list("id", flat=True))
        values = {
            one.id: self.value(one, now)
            for one in everybody.values()
            if evaluate(self.rule, one, now=now, zone="UTC", fields=FIELDS)
        }
        ranked = sorted(
            (-value, parse_instant(everybody[int(one)].fields["created_at"]), int(one))
            for one, value in values.items()
            if value is not None
        )
        return {one for _, _, one in ranked[: self.top["limit"]]}

    def value(self, contact: ContactData, now: datetime) -> Fraction | None:
        if isinstance(self.top["by"], str):
            value = contact.fields.get(self.top["by"])
            return None if value is None else Fraction(str(value))
        counted = [
            Fraction(str(change.delta))
            for change in contact.scores
            if now - timedelta(days=1) < change.at <= now
        ]
        return sum(counted, Fraction(0))

    def ranked(self, now: datetime) -> None:
        first = self.first(now)
        self.held_out &= first
        self.members |= first - self.held_out
        if self.kind == "dynamic":
            self.members -= self.members - first - self.by_hand

    def add(self, one: int) -> None:
        self.members.add(one)
        self.by_hand.add(one)
        self.held_out.discard(one)

    def remove(self, one: int, *, rule_true: bool) -> None:
        if one in self.members and rule_true:
            self.held_out.add(one)
        self.members.discard(one)
        self.by_hand.discard(one)

    def gone(self, one: int) -> None:
        for held in (self.members, self.by_hand, self.held_out):
            held.discard(one)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    rule=rules,
    top=tops,
    kind=st.sampled_from(["dynamic", "growing"]),
    start=st.lists(numbers, min_size=PEOPLE, max_size=PEOPLE),
    life=st.lists(deeds, min_size=3, max_size=14),
)
def test_a_ranked_segment_is_what_a_slow_ranking_says(
    rule: Any, top: dict[str, Any], kind: str, start: list[float], life: list[Any]
) -> None:
    with transaction.atomic():
        fields_insert(FIELDS)
        rows = [{"id": str(n), "fields": {"score": one}} for n, one in enumerate(start)]
        ids = list(contacts_insert(rows, FIELDS).values())
        now = NOW
        make("best", rule, kind=kind, top=top, now=now)
        paper = OnPaper(rule, top, kind)
        paper.ranked(now)
        for deed, index, value in [*life, ("rank", None, None)]:
            now += timedelta(hours=7)
            one = ids[index or 0]
            if deed == "rank":
                rankings_refresh(now=now)
                paper.ranked(now)
            else:
                _do(paper, deed, one, value, now=now)
            assert members("best") == paper.members, (deed, life)
        out = set(HeldOut.objects.values_list("contact_id", flat=True))
        in_by_hand = Membership.objects.filter(by_hand=True).values_list("contact_id", flat=True)
        assert (out, set(in_by_hand)) == (paper.held_out, paper.by_hand)
        assert sizes_recounted() == []
        transaction.set_rollback(True)


def _do(paper: OnPaper, deed: str, one: int, value: Any, *, now: datetime) -> None:
    contact = contacts_load([one]).get(one)
    if contact is None:
        return
    row = Contact.objects.get(id=one)
    if deed == "score":
        row.score = value
        row.save()
    elif deed == "seats":
        row.fields = {} if value is None else {"seats": value}
        row.save()
    elif deed == "change":
        ScoreChange(lane=one % 64, contact_id=one, delta=value, at=now, reason="").save()
    elif deed == "add":
        members_change("best", [one], change="add", cause="manual", now=now)
        paper.add(one)
    elif deed == "remove":
        is_true = evaluate(paper.rule, contact, now=now, zone="UTC", fields=FIELDS)
        members_change("best", [one], change="remove", cause="manual", now=now)
        paper.remove(one, rule_true=is_true)
    else:
        with connection.cursor() as cursor:
            delete_rows(cursor, [one])
        paper.gone(one)
