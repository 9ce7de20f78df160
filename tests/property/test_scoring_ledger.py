"""Whatever the order of batches and however the clock goes, the ledger comes out the same.

Events of few contacts arrive late, out of order and in sets of any size; contacts are joined; the
clock jumps. The score is always the sum of the ledger, and in the end both are what plain Python
makes of the events alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from common.lanes import lane_of
from contacts.models import Contact
from contacts.services import (
    FieldChange,
    NewEvent,
    contact_create,
    contacts_merge,
    events_record,
    fields_update,
)
from segments.loading import contacts_load
from segments.models import Membership, ScoreAward, ScoreEntry, ScoreRule
from segments.rules import evaluate, matches_where, parse
from segments.scoring.services import Terms, score_rule_create, score_rule_update, terms_of
from segments.scoring.terms import WEEK
from tests.builders_scoring import work
from tests.virtual import VirtualTime

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 1, tzinfo=UTC)
END = START + timedelta(days=60)
NAMES = ("Login", "Order Completed")


@dataclass(frozen=True)
class Happening:
    """An event of one of three contacts, so many hours after the start."""

    who: int
    name: str
    hour: int
    total: int

    @property
    def at(self) -> datetime:
        return START + timedelta(hours=self.hour)

    @property
    def properties(self) -> dict[str, Any]:
        return {"total": self.total}


@dataclass(frozen=True)
class Journey:
    """In what order and sets events arrive, how the clock goes, when two contacts are joined."""

    order: Any
    cuts: Sequence[int]
    hours: Sequence[int]
    join_after: int


_journeys = st.builds(
    Journey,
    st.randoms(use_true_random=False),
    st.lists(st.integers(1, 4), max_size=14),
    st.lists(st.integers(0, 400), max_size=14),
    st.integers(0, 14),
)
_happenings = st.lists(
    st.builds(
        Happening,
        st.integers(0, 2),
        st.sampled_from(NAMES),
        # few hours, so that limits and ties are met
        st.integers(0, 30).map(lambda n: n * 7),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=14,
)
_points = st.sampled_from([Decimal(5), Decimal("0.1"), Decimal(-3), Decimal("2.75")])
_terms = st.lists(
    st.builds(
        lambda event, points, fades, limit, where: Terms(
            "event",
            points,
            event=event,
            where=where,
            decay_per_week=abs(points) * fades if fades else None,
            limit=limit,
        ),
        st.sampled_from([*NAMES, "*"]),
        _points,
        st.sampled_from([None, Decimal("0.4"), Decimal(1)]),
        st.sampled_from([None, {"times": 1, "per": "P1D"}, {"times": 2, "per": "P7D"}]),
        st.sampled_from([(), ({"property": "total", "op": "gte", "value": 2},)]),
    ),
    min_size=1,
    max_size=3,
)


def rounded(terms: Terms) -> Terms:
    """Decay as it is kept: with two decimals."""
    if terms.decay_per_week is None:
        return terms
    decay = max(terms.decay_per_week.quantize(Decimal("0.01")), Decimal("0.01"))
    return Terms(terms.kind, terms.points, terms.event, terms.where, None, decay, terms.limit)


Entries = list[tuple[datetime, Decimal]]


def on_paper(terms: Terms, events: Sequence[tuple[datetime, int, Happening]]) -> Entries:
    """The entries of one contact by one rule, from all its events: (at, id, event)."""
    entries: Entries = []
    counted: dict[int, int] = defaultdict(int)
    for at, _, event in sorted(events, key=lambda one: one[:2]):
        if terms.event not in (event.name, "*") or not matches_where(terms.where, event.properties):
            continue
        if terms.limit is not None:
            # from the Monday that the start is: days and weeks of UTC
            span = (at - START) // timedelta(days=1 if terms.limit["per"] == "P1D" else 7)
            counted[span] += 1
            if counted[span] > terms.limit["times"]:
                continue
        entries.append((at, terms.points))
        left, due = terms.points, at + WEEK
        while terms.decay_per_week and left and due <= END:
            step = min(abs(left), terms.decay_per_week) * (-1 if left > 0 else 1)
            entries.append((due, step))
            left, due = left + step, due + WEEK
    return entries


def sums_are_scores() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.score, coalesce(sum(s.delta::numeric), 0) FROM contact c"
            " LEFT JOIN score_change s ON s.lane = c.lane AND s.contact_id = c.id"
            " GROUP BY c.id, c.score HAVING c.score::numeric <> coalesce(sum(s.delta::numeric), 0)"
        )
        assert cursor.fetchall() == []


def ledger(contact_id: int) -> Entries:
    entries = ScoreEntry.objects.filter(contact_id=contact_id)
    return sorted((entry.at, Decimal(str(entry.delta))) for entry in entries)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=_terms, happenings=_happenings, journey=_journeys)
def test_the_ledger_is_what_the_events_make_of_it(
    rules: list[Terms], happenings: list[Happening], journey: Journey
) -> None:
    with transaction.atomic():
        terms = [rounded(one) for one in rules]
        for number, one in enumerate(terms):
            score_rule_create(name=f"Rule {number}", terms=one, actor=COMMAND, now=START)
        people = [contact_create(now=START, external_id=str(n)) for n in range(3)]
        waiting = list(happenings)
        journey.order.shuffle(waiting)
        time = VirtualTime(START + timedelta(hours=30 * 7))
        recorded: dict[int, list[tuple[datetime, int, Happening]]] = defaultdict(list)
        sizes, jumps = iter(journey.cuts), iter(journey.hours)
        while waiting:
            size = next(sizes, len(waiting))
            batch, waiting = waiting[:size], waiting[size:]
            made = [
                NewEvent(
                    lane_of(people[one.who]), people[one.who], one.name, one.at, one.properties
                )
                for one in batch
            ]
            ids = events_record(made, now=time.now)
            for happening, event_id in zip(batch, ids, strict=True):
                recorded[people[happening.who]].append((happening.at, event_id, happening))
            if len(waiting) <= journey.join_after and people[0] != people[1]:
                contacts_merge(kept_id=people[0], lost_id=people[1], now=time.now)
                recorded[people[0]] += recorded.pop(people[1], [])
                people[1] = people[0]
            time.at(min(time.now + timedelta(hours=next(jumps, 0)), END))
            sums_are_scores()
        time.at(END)
        sums_are_scores()
        for contact_id in set(people):
            expected = sorted(
                entry for one in terms for entry in on_paper(one, recorded[contact_id])
            )
            assert ledger(contact_id) == expected
            total = sum((delta for _, delta in expected), Decimal(0))
            assert Decimal(str(round(Contact.objects.get(id=contact_id).score, 9))) == total
        assert not ScoreAward.objects.filter(surplus=True).exists()
        transaction.set_rollback(True)


TRIAL = {"type": "field", "field": "plan", "op": "eq", "value": "trial"}
RECENT = {"type": "event", "name": "Login", "window": {"last": "P2D"}}
_deeds = st.lists(
    st.one_of(
        st.tuples(st.just("plan"), st.integers(0, 2), st.sampled_from(["trial", "paid"])),
        st.tuples(st.just("login"), st.integers(0, 2), st.integers(0, 60)),
        st.tuples(st.just("wait"), st.integers(1, 80), st.none()),
        st.tuples(st.just("join"), st.integers(1, 2), st.none()),
        st.tuples(st.just("edit"), st.sampled_from([4, 7]), st.none()),
        st.tuples(st.just("pause"), st.sampled_from(["keep", "take_back"]), st.none()),
        st.tuples(st.just("resume"), st.none(), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=_deeds)
def test_whoever_fulfils_an_active_rule_has_its_points_and_nobody_else(
    deeds: list[tuple[str, Any, Any]],
) -> None:
    with transaction.atomic():
        time = VirtualTime(START)
        people = [
            contact_create(now=START, external_id=str(n), fields={"plan": "paid"}) for n in range(3)
        ]
        rule = score_rule_create(
            name="Trial or recent",
            terms=Terms("rule", Decimal(4), rule={"type": "any", "rules": [TRIAL, RECENT]}),
            actor=COMMAND,
            now=START,
        )
        for deed in deeds:
            do(time, rule.key, people, deed)
            work(time.now)
            time.settle()
            sums_are_scores()
        if not ScoreRule.objects.get().active:
            do(time, rule.key, people, ("resume", None, None))
            work(time.now)
            time.settle()
        points = ScoreRule.objects.get().points
        true_of = set(Membership.objects.values_list("contact_id", flat=True))
        found = contacts_load(people)
        for contact_id, contact in found.items():
            parsed = parse({"type": "any", "rules": [TRIAL, RECENT]}, fields={"plan": "string"})
            holds = evaluate(parsed, contact, now=time.now, zone="UTC", fields={"plan": "string"})
            assert holds is (contact_id in true_of)
            assert Contact.objects.get(id=contact_id).score == (float(points) if holds else 0)
        transaction.set_rollback(True)


def do(time: VirtualTime, key: str, people: list[int], deed: tuple[str, Any, Any]) -> None:
    """Do one deed."""
    what, one, other = deed
    if what == "plan":
        contact_id = people[one]
        fields_update([FieldChange(lane_of(contact_id), contact_id, {"plan": other})], now=time.now)
    elif what == "login":
        contact_id = people[one]
        at = time.now - timedelta(hours=other)
        events_record([NewEvent(lane_of(contact_id), contact_id, "Login", at)], now=time.now)
    elif what == "wait":
        time.at(time.now + timedelta(hours=one))
    elif what == "join" and people[0] != people[one]:
        contacts_merge(kept_id=people[0], lost_id=people[one], now=time.now)
        people[:] = [people[0] if each == people[one] else each for each in people]
    elif what == "edit":
        terms = replace(terms_of(ScoreRule.objects.get()), points=Decimal(one))
        score_rule_update(key, terms=terms, given="take_back", actor=COMMAND, now=time.now)
    elif what in ("pause", "resume"):
        score_rule_update(key, active=what == "resume", given=one, actor=COMMAND, now=time.now)
