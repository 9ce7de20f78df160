"""Reads of scoring: rules, what they stand for, a contact's ledger, previews."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from common.arrays import int_array
from common.durations import parse_duration
from common.lanes import LANES, lane_of
from common.models import Job
from common.selectors import workspace
from contacts.models import Contact
from segments.builds import KIND as BUILD
from segments.models import ScoreEntry, ScoreRule
from segments.rules import describe, parse
from segments.rules.base import ANY_ACTIVITY
from segments.rules.compiling import Bound, SqlWriter
from segments.rules.conditions.event import EventCondition
from segments.rules.properties import where_sql, where_words
from segments.scoring.ledger import SQL, of_kind, system_key
from segments.scoring.services import Terms, terms_check, terms_of
from segments.scoring.settling import KIND as SETTLE
from segments.scoring.terms import terms_words
from segments.selectors import LANES_SAMPLED, SAMPLE, contacts_named, contacts_total, rule_preview

PREVIEWED: Final = timedelta(days=30)
SPREAD: Final = ((1, 1), (2, 2), (3, 4), (5, 9), (10, None))
"""How often contacts would be given the points: from so many times to so many."""

_EARLY, _LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
_UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class ScorePreview:
    """To whom a rule would give how much.

    Attributes
    ----------
    days
        Over how many days gone by events were counted; None for a rule-kind rule.
    contacts, times, points
        How many contacts would be given points, how often, how many in all.
    left
        What decay would have left of them by now.
    spread
        How many contacts would be given them how often: (from, to, contacts).
    sample
        Contacts with what each would be given, those who get most first.
    exact
        Whether all were counted, and not a few lanes.
    """

    days: int | None
    contacts: int
    times: int
    points: Decimal
    left: Decimal
    spread: Sequence[tuple[int, int | None, int]]
    sample: Sequence[tuple[Contact, Decimal]]
    exact: bool
    total: int
    ms: float


def score_rules() -> QuerySet[ScoreRule]:
    """Return the rules there are, those too that are being deleted."""
    return ScoreRule.objects.exclude(status=ScoreRule.Status.DELETED)


def score_rule_sentence(rule: ScoreRule) -> str:
    """Say a rule: what it gives for what."""
    return terms_sentence(terms_of(rule))


def terms_sentence(terms: Terms) -> str:
    """Say terms that have been checked.

    Examples
    --------
    >>> terms_sentence(Terms("event", Decimal(5), event="Login"))
    '+5 points for each Login'
    """
    limit = None
    if terms.limit is not None:
        limit = (int(terms.limit["times"]), parse_duration(terms.limit["per"]))
    given, *rest = terms_words(terms.points, terms.decay_per_week, limit)
    if terms.kind == ScoreRule.Kind.EVENT:
        name = "event, whichever" if terms.event == ANY_ACTIVITY else terms.event
        for_what = f"for each {name}{where_words(_event(terms).where)}"
    else:
        for_what = f"while {describe(terms.rule)}"
    return ", ".join([f"{given} {for_what}", *rest])


def jobs_of(rules: Iterable[ScoreRule]) -> dict[int, str]:
    """Return the ids of the open jobs of rules, builds and settlings, by the rules' ids."""
    wanted = {rule.id: rule for rule in rules}
    open_jobs = Job.objects.filter(status__in=(Job.Status.QUEUED, Job.Status.RUNNING))
    settling = open_jobs.filter(kind=SETTLE, detail__rule__in=list(wanted))
    keys = {system_key(rule_id): rule_id for rule_id in wanted}
    building = open_jobs.filter(kind=BUILD, detail__segment__in=list(keys))
    found = {keys[job.detail["segment"]]: str(job.id) for job in building.order_by("created_at")}
    return found | {job.detail["rule"]: str(job.id) for job in settling.order_by("created_at")}


def standing(rule: ScoreRule) -> tuple[int, Decimal]:
    """Return to how many contacts a rule has given what still stands, and how much."""
    with connection.cursor() as cursor:
        query = SQL["standing"].replace("{of_kind}", of_kind(rule.kind))
        cursor.execute(query, {"rule": rule.id})
        contacts, points = cursor.fetchone() or (0, Decimal(0))
        return int(contacts), points


def ledger_of(contact_id: int) -> QuerySet[ScoreEntry]:
    """Return a contact's ledger with the rules. Index: score_change_of_contact."""
    return ScoreEntry.objects.filter(
        lane=lane_of(contact_id), contact_id=contact_id
    ).select_related("rule")


def ledger_by_rule(contact_id: int) -> list[dict[str, Any]]:
    """Return what each rule has come to for a contact, the most first; None: by no rule."""
    with connection.cursor() as cursor:
        params = {"lane": lane_of(contact_id), "contact": contact_id}
        cursor.execute(SQL["ledger_by_rule"], params)
        rows = cursor.fetchall()
    rules = ScoreRule.objects.in_bulk([row[0] for row in rows if row[0] is not None])
    found = [
        {"rule": rules.get(rule_id), "points": points, "last_at": last_at}
        for rule_id, points, last_at in rows
    ]
    return sorted(found, key=lambda one: (-abs(one["points"]), one["last_at"]))


# ── previews ────────────────────────────────────────────────────────────────────────────────────


def score_preview(terms: Terms, *, now: datetime, exact: bool = False) -> ScorePreview:
    """Count to whom a rule would give how much: now, or by the events of the last 30 days.

    Raises
    ------
    Refused
        If the terms can't be used.
    """
    terms_check(terms)
    if terms.kind == ScoreRule.Kind.EVENT:
        return _events_preview(terms, now=now, exact=exact)
    found = rule_preview(terms.rule, now=now, exact=exact)
    given = terms.points * found.count
    return ScorePreview(
        days=None,
        contacts=found.count,
        times=found.count,
        points=given,
        left=given,
        spread=[(1, 1, found.count)],
        sample=[(contact, terms.points) for contact in contacts_named(found.sample)],
        exact=found.exact,
        total=found.total,
        ms=found.ms,
    )


def _events_preview(terms: Terms, *, now: datetime, exact: bool) -> ScorePreview:
    begun = time.monotonic()
    total, is_count = contacts_total()
    in_full = exact or is_count
    lanes = range(LANES if in_full else LANES_SAMPLED)
    scale = 1 if in_full else LANES // LANES_SAMPLED
    to = _AtTheEvent(fields={}, in_flow=False, prefix="r")
    condition = _event(terms)
    named = f"e.name = {to.value(condition.name, 'text')}"
    if condition.name == ANY_ACTIVITY:
        named = "NOT e.touch"
    where = where_sql(condition.where, "e.properties", to)
    limit = terms.limit or {"times": None, "per": "P36525D"}
    params = {
        "lanes": int_array(lanes),
        "since": now - PREVIEWED,
        "now": now,
        "zone": workspace().timezone,
        "per": parse_duration(limit["per"]).total_seconds(),
        "most": limit["times"],
        "points": terms.points,
        "decay": terms.decay_per_week,
        "sample": SAMPLE,
        **to.values,
    }
    with connection.cursor() as cursor:
        query = SQL["preview_events"].replace("{named}", named).replace("{where}", where)
        cursor.execute(query, params)
        row: Any = cursor.fetchone()
    contacts, times, left, counts, ids, often = row
    sample = dict(zip(ids or (), often or (), strict=True))
    return ScorePreview(
        days=PREVIEWED.days,
        contacts=contacts * scale,
        times=times * scale,
        points=terms.points * times * scale,
        left=left * scale * (1 if terms.points > 0 else -1),
        spread=[
            (low, high, count * scale)
            for (low, high), count in zip(SPREAD, counts, strict=True)
            if count
        ],
        sample=[(one, terms.points * sample[one.id]) for one in contacts_named(list(sample))],
        exact=in_full,
        total=total,
        ms=round((time.monotonic() - begun) * 1000, 1),
    )


class _AtTheEvent(SqlWriter):
    """Writes conditions as they stand when the event happens: now is its own instant."""

    @property
    def values(self) -> Mapping[str, Any]:
        """The parameters; none depends on the instant."""
        return self._fixed

    def edge(self, edge: Bound, cast: str = "timestamptz") -> str:
        """Return the instant relative to the event's, or a fixed one."""
        first, second = edge(_EARLY, _UTC), edge(_LATER, _UTC)
        if first == second:
            return self.value(first, cast)
        return f"(e.at + {self.value(first - _EARLY, 'interval')})"

    def now(self) -> str:
        """Return the event's instant."""
        return "e.at"


def _event(terms: Terms) -> EventCondition:
    where: list[Mapping[str, Any]] = list(terms.where)
    condition = parse({"type": "event", "name": terms.event, "where": where}, fields={})
    assert isinstance(condition, EventCondition)
    return condition
