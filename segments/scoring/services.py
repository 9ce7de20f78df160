"""Writes of scoring: rules are made, changed, paused, resumed and deleted by a person.

What a rule has already given is the person's to decide about whenever they change what it gives
for what, pause it or delete it: it is kept, or taken back. The job that does so is `settling`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify

from accounts.permissions import Actor
from accounts.services import audit
from common.durations import DurationRefused, parse_duration
from common.errors import Conflict, NotFound, Refused
from segments.builds import build_enqueue
from segments.catalogue import SQL as SEGMENTS_SQL
from segments.models import ScoreRule, Segment
from segments.rules import Problem, RuleRefused, parse
from segments.scoring.circles import score_rule_refuse
from segments.scoring.ledger import SQL, of_kind, system_key
from segments.scoring.settling import settle_enqueue
from segments.scoring.terms import term_faults
from segments.services import rule_check

Given = Literal["keep", "take_back"]
"""What becomes of the points that a rule has given."""

RESERVED: Final = frozenset({"preview", "new"})
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


class TermsInvalid(Refused):
    """A score rule can't be put to use; `problems` says where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        super().__init__(first.detail, code=first.code, attr=first.path)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule gives for what.

    Attributes
    ----------
    kind
        `event` or `rule`.
    event, where
        Of an event-kind rule: the event's name (`*`: any activity), and property conditions.
    rule
        Of a rule-kind rule: the rule.
    points
        What is given; negative takes.
    decay_per_week
        What each week takes from what was given, until nothing is left.
    limit
        Of an event-kind rule, how often at most: {"times": 3, "per": "P1D"}.
    """

    kind: str
    points: Decimal
    event: str | None = None
    where: tuple[Mapping[str, Any], ...] = ()
    rule: Any = None
    decay_per_week: Decimal | None = None
    limit: Mapping[str, Any] | None = None


def terms_of(rule: ScoreRule) -> Terms:
    """Return the terms of a rule that is there."""
    return Terms(
        kind=rule.kind,
        points=rule.points,
        event=rule.event,
        where=tuple(rule.conditions),
        rule=rule.rule,
        decay_per_week=rule.decay_per_week,
        limit=rule.limit,
    )


@transaction.atomic
def score_rule_create(
    *,
    name: str,
    terms: Terms,
    actor: Actor,
    now: datetime,
    key: str = "",
    description: str = "",
    active: bool = True,
) -> ScoreRule:
    """Make a score rule. Who fulfils a rule-kind one already is given its points by its build.

    Raises
    ------
    Refused
        If the terms or the key can't be used.
    Conflict
        If there is such a rule.
    """
    _lock_rules()
    terms_check(terms)
    key = key or _free_key(name)
    if key in RESERVED:
        raise Refused(f"“{key}” can't be a key: choose another", code="invalid", attr="key")
    if not _KEY.fullmatch(key):
        raise Refused("a key is made of small letters, digits, - and _", code="invalid", attr="key")
    status = ScoreRule.Status.ACTIVE if active else ScoreRule.Status.PAUSED
    rule = ScoreRule(
        key=key, name=name, description=description, status=status, created_at=now, updated_at=now
    )
    _terms_set(rule, terms)
    try:
        with transaction.atomic():
            rule.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            f"there is already a score rule “{key}”", code="unique", attr="key"
        ) from None
    if rule.kind == ScoreRule.Kind.RULE:
        rule.segment = _segment_make(rule, now=now)
        rule.save(update_fields=["segment"])
    audit(actor, "score_rule.created", f"score_rule:{key}", {"points": str(rule.points)}, now=now)
    return rule


@transaction.atomic
def score_rule_update(
    key: str,
    *,
    actor: Actor,
    now: datetime,
    name: str | None = None,
    description: str | None = None,
    terms: Terms | None = None,
    active: bool | None = None,
    given: Given | None = None,
) -> ScoreRule:
    """Change, pause or resume a score rule.

    Parameters
    ----------
    name, description, terms, active
        None leaves them.
    given
        What becomes of the points given so far, where the terms change or the rule is paused.
        `keep`: contacts keep them for good, and they go on fading as they were given. `take_back`:
        what is left of them goes; a rule-kind rule gives anew by its new terms.

    Raises
    ------
    NotFound
        If there is no such rule.
    Refused
        If the terms can't be used; if points were given and `given` does not say what becomes of
        them.
    Conflict
        If the rule is being deleted.
    """
    _lock_rules()
    rule = _locked(key)
    if rule.status == ScoreRule.Status.LEAVING:
        raise Conflict("this score rule is being deleted")
    was_active = rule.active
    pauses, resumes = active is False and was_active, active is True and not was_active
    changes = terms is not None and terms != terms_of(rule)
    if terms is not None and changes:
        if terms.kind != rule.kind:
            raise Refused("a score rule's kind can't be changed", code="fixed", attr="kind")
        terms_check(terms)
    if changes or pauses:
        _edition_turn(rule, given, changes=changes)
    new_rule = terms is not None and terms.rule != rule.rule
    if terms is not None and changes:
        _terms_set(rule, terms)
    rule.name = rule.name if name is None else name
    rule.description = rule.description if description is None else description
    if active is not None:
        rule.status = ScoreRule.Status.ACTIVE if active else ScoreRule.Status.PAUSED
    rule.updated_at = now
    rule.save()
    if new_rule and rule.segment is not None:
        _segment_edit(rule.segment, rule, now=now)
    takes = rule.void_until == rule.edition - 1 and (changes or pauses)
    if takes or (resumes and rule.kind == ScoreRule.Kind.RULE):
        reason = "paused" if pauses and not changes else "edited"
        settle_enqueue(
            rule, reason=reason, title=f"Settle the points of the rule {rule.name}", now=now
        )
    verb = "paused" if pauses else "resumed" if resumes else "changed"
    audit(actor, f"score_rule.{verb}", f"score_rule:{key}", {"given": given}, now=now)
    return rule


@transaction.atomic
def score_rule_delete(
    key: str, *, actor: Actor, now: datetime, given: Given | None = None
) -> ScoreRule:
    """Delete a score rule, by a job; asked again, a job that was cancelled is done anew.

    Parameters
    ----------
    given
        `keep`: contacts keep what is left of the points for good, and nothing fades any more.
        `take_back`: what is left of them goes.

    Raises
    ------
    NotFound
        If there is no such rule.
    Refused
        If points were given and `given` does not say what becomes of them.
    """
    rule = _locked(key)
    if given is None and has_given(rule):
        raise _say_what_becomes()
    if given == "take_back":
        rule.void_until = rule.edition
    rule.edition += 1
    rule.status = ScoreRule.Status.LEAVING
    rule.updated_at = now
    rule.save()
    settle_enqueue(rule, reason="deleted", title=f"Delete the score rule {rule.name}", now=now)
    audit(actor, "score_rule.deleted", f"score_rule:{key}", {"given": given}, now=now)
    return rule


def has_given(rule: ScoreRule) -> bool:
    """Whether anything that a rule gave still stands."""
    with connection.cursor() as cursor:
        query = SQL["given_by"].replace("{of_kind}", of_kind(rule.kind))
        cursor.execute(query, {"rule": rule.id})
        return bool((cursor.fetchone() or (False,))[0])


# ── checks ──────────────────────────────────────────────────────────────────────────────────────


def terms_check(terms: Terms) -> None:
    """Refuse terms that can't be put to use, with every fault at its place.

    Raises
    ------
    Refused
        As `TermsInvalid`, as a rule that is refused (`segments.services.RuleInvalid`), or because
        points would depend on points.
    """
    problems = []
    limit = None
    if terms.limit is not None:
        try:
            limit = (int(terms.limit["times"]), parse_duration(terms.limit["per"]))
        except DurationRefused as refused:
            problems.append(Problem("limit.per", "duration", str(refused)))
    faults = term_faults(terms.points, terms.decay_per_week, limit)
    problems += [Problem(place, "value", sentence) for place, sentence in faults]
    if terms.kind == ScoreRule.Kind.EVENT:
        problems += _event_problems(terms)
    elif terms.limit is not None:
        problems.append(Problem("limit", "only_for_events", "only events are limited in number"))
    if problems:
        raise TermsInvalid(problems)
    if terms.kind == ScoreRule.Kind.RULE:
        score_rule_refuse(rule_check(terms.rule))


def _event_problems(terms: Terms) -> list[Problem]:
    if not terms.event:
        return [Problem("event", "required", "choose an event")]
    condition = {"type": "event", "name": terms.event, "where": list(terms.where)}
    try:
        parse(condition, fields={})
    except RuleRefused as refused:
        return [
            replace(problem, path="event" if problem.path == "name" else problem.path)
            for problem in refused.problems
        ]
    return []


def _edition_turn(rule: ScoreRule, given: Given | None, *, changes: bool) -> None:
    """Begin a new edition of what a rule gives; decide about what it gave by the last."""
    if given is None:
        if has_given(rule):
            raise _say_what_becomes()
        # What a pulse that is under way gives by the old terms counts as given by the new.
        given = "take_back" if rule.kind == ScoreRule.Kind.RULE and changes else "keep"
    if given == "keep" and not changes:
        return  # paused: what was given stays as it is, and follows the rule when that goes on
    if given == "keep":
        rule.kept_until = rule.edition
    else:
        rule.void_until = rule.edition
    rule.edition += 1


def _say_what_becomes() -> Refused:
    return Refused(
        "say what becomes of the points it has given: “keep” or “take_back”",
        code="required",
        attr="given",
    )


# ── rows ────────────────────────────────────────────────────────────────────────────────────────


def _terms_set(rule: ScoreRule, terms: Terms) -> None:
    rule.kind = terms.kind
    rule.event = terms.event if terms.kind == ScoreRule.Kind.EVENT else None
    rule.conditions = list(terms.where)
    rule.rule = terms.rule if terms.kind == ScoreRule.Kind.RULE else None
    rule.points = terms.points
    rule.decay_per_week = terms.decay_per_week
    limit = terms.limit or {}
    rule.limit_times, rule.limit_per = limit.get("times"), limit.get("per")


def _segment_make(rule: ScoreRule, *, now: datetime) -> Segment:
    """The segment behind a rule-kind rule: its joins and leaves give and take the points."""
    segment = Segment(
        key=system_key(rule.id),
        name=rule.name,
        kind=Segment.Kind.DYNAMIC,
        rule=rule.rule,
        system=True,
        created_at=now,
        updated_at=now,
    )
    segment.save(force_insert=True)
    build_enqueue(segment, now=now)
    return segment


def _segment_edit(segment: Segment, rule: ScoreRule, *, now: datetime) -> None:
    segment.rule, segment.name = rule.rule, rule.name
    segment.edition = uuid.uuid4()
    segment.status = Segment.Status.BUILDING
    segment.updated_at = now
    segment.save()
    build_enqueue(segment, now=now)


def _locked(key: str) -> ScoreRule:
    found = ScoreRule.objects.select_for_update().exclude(status=ScoreRule.Status.DELETED)
    rule = found.filter(key=key).first()
    if rule is None:
        raise NotFound(f"there is no score rule “{key}”")
    return rule


def _free_key(name: str) -> str:
    base = slugify(name)[:90].strip("-_") or "score-rule"
    standing = ScoreRule.objects.exclude(status=ScoreRule.Status.DELETED)
    taken = set(standing.filter(key__startswith=base).values_list("key", flat=True)) | RESERVED
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (base, *numbered) if key not in taken)


def _lock_rules() -> None:
    """One edit of rules at a time, segments' included: two must not close a circle together."""
    with connection.cursor() as cursor:
        cursor.execute(SEGMENTS_SQL["lock_rules"])
