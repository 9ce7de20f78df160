"""Writes of the room `segments`: segments themselves, members by hand, builds.

Each is atomic. Rules are checked when they are saved, against the fields and segments there are;
circles are refused. A new rule is built by a job (`segments.builds`).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import EllipsisType
from typing import Any, Final, Literal

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify

from accounts.models import User
from common.arrays import int_array
from common.errors import Conflict, NotFound, Refused
from common.lanes import LANES, lane_of
from common.models import Job
from segments.builds import build_enqueue, edges_forget
from segments.catalogue import SQL, catalogue, circle_closed_by
from segments.conventions import name_allow
from segments.edges import not_before_the_look
from segments.models import Segment
from segments.refresh import Change, changes_write, lanes_lock
from segments.rules import Rule, RuleRefused, parse, segments_needed
from segments.scoring.circles import score_circle_refuse
from segments.selectors import fields_known
from segments.sweeping import sweep_enqueue
from segments.top import top_check
from segments.uses import uses_of

MOST_BY_HAND: Final = 10_000
"""Contacts in one request by hand; an import takes more."""

RESERVED: Final = frozenset(
    {"preview", "describe", "rule-schema", "new", "naming", "audience", "explain"}
)
"""Addresses of their own under `/api/segments/`, and in the browser."""
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


class RuleInvalid(Refused):
    """A segment's rule can't be put to use; `problems` says where and why."""

    def __init__(self, refused: RuleRefused) -> None:
        first = refused.problems[0]
        super().__init__(
            first.detail, code=first.code, attr=".".join(filter(None, ("rule", first.path)))
        )
        self.problems = refused.problems


# ── segments ────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def segment_create(
    *,
    name: str,
    kind: str,
    rule: Any,
    now: datetime,
    key: str = "",
    description: str = "",
    owner: int | None = None,
    top: Any = None,
) -> Segment:
    """Make a segment and enqueue its build.

    Parameters
    ----------
    rule
        The rule as JSON; None for a segment that is filled by hand alone (not a dynamic one).
    key
        A slug; made from the name if not given.
    owner
        The id of the user who looks after it.
    top
        What makes it a ranked segment (`segments.top`), as JSON; None for one that is not.

    Raises
    ------
    Refused
        If the rule, the key, the name, the owner or `top` can't be used; if points would come to
        depend on points by it.
    Conflict
        If there is such a segment.
    """
    _lock_rules()
    name_allow(name)
    key = key or _free_key(name)
    if key in RESERVED:
        raise Refused(f"“{key}” can't be a key: choose another", code="invalid", attr="key")
    if not _KEY.fullmatch(key):
        raise Refused("a key is made of small letters, digits, - and _", code="invalid", attr="key")
    parsed = edit_check(key, kind, rule)
    segment = Segment(
        key=key, name=name, kind=kind, rule=rule, description=description, created_at=now
    )
    segment.owner = _owner(owner)
    segment.top = ranked_check(top, rule)
    if parsed is not None:
        score_circle_refuse(key, parsed, top=segment.top)
    segment.updated_at = now
    if parsed is None:
        segment.status = Segment.Status.READY
    try:
        with transaction.atomic():
            segment.save(force_insert=True)
    except IntegrityError:
        raise Conflict(f"there is already a segment “{key}”", code="unique", attr="key") from None
    if parsed is not None:
        build_enqueue(segment, now=now)
    return segment


@transaction.atomic
def segment_update(
    key: str,
    *,
    now: datetime,
    name: str | None = None,
    description: str | None = None,
    kind: str | None = None,
    rule: Any = ...,
    owner: int | EllipsisType | None = ...,
    top: Any = ...,
) -> Segment:
    """Change a segment. A new rule, kind or ranking is built anew, as a job.

    Parameters
    ----------
    name, description, kind
        None leaves them.
    rule, owner, top
        `...` leaves it.

    Raises
    ------
    NotFound, Refused
        If there is no such segment; if the rule, a new name or the owner can't be used.
    """
    _lock_rules()
    segment = segment_locked(key)
    if name is not None and name != segment.name:
        name_allow(name)
        segment.name = name
    if owner is not ...:
        segment.owner = _owner(owner)
    segment.description = segment.description if description is None else description
    new_kind = segment.kind if kind is None else kind
    new_rule = segment.rule if rule is ... else rule
    segment.updated_at = now
    new_top = ranked_check(segment.top if top is ... else top, new_rule)
    changed = (new_kind, new_rule, new_top) != (segment.kind, segment.rule, segment.top)
    if changed:
        parsed = edit_check(key, new_kind, new_rule)
        if parsed is not None:
            score_circle_refuse(key, parsed, top=new_top)
        segment.kind, segment.rule, segment.top = new_kind, new_rule, new_top
        segment.edition = uuid.uuid4()
        segment.status = Segment.Status.BUILDING if parsed else Segment.Status.READY
    segment.save()
    if changed and segment.status == Segment.Status.BUILDING:
        build_enqueue(segment, now=now)
    elif changed:
        edges_forget(segment.id)
    return segment


@transaction.atomic
def segment_delete(key: str) -> None:
    """Delete a segment. Nobody sees its members and history any more; a job takes them away.

    Raises
    ------
    NotFound
        If there is no such segment.
    Conflict
        If another segment or a flow needs it.
    """
    _lock_rules()
    lanes_lock(range(LANES))  # so that no pulse is under way that still knows it
    segment = segment_locked(key)
    needing = list(dict.fromkeys(map(str, uses_of([key]).get(key, ()))))
    if needing:
        raise Conflict(f"this segment is used by {', '.join(needing[:5])}", code="in_use")
    Segment.objects.filter(id=segment.id).delete()
    sweep_enqueue()


def segment_locked(key: str) -> Segment:
    """Return a segment, locked for this transaction.

    Raises
    ------
    NotFound
        If there is no such segment.
    """
    segment = Segment.objects.select_for_update().filter(key=key).first()
    if segment is None:
        raise NotFound(f"there is no segment “{key}”")
    return segment


# ── members by hand ─────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def members_change(
    key: str,
    contact_ids: Iterable[int],
    *,
    change: Literal["add", "remove"],
    cause: str,
    now: datetime,
) -> list[Change]:
    """Add contacts to a segment, or remove them, by hand (or by a flow's action, or an import).

    Who is added is held in: the rule does not take them out. Who is removed while the rule is true
    is held out until it has turned false. The engine is told by touches.

    Parameters
    ----------
    contact_ids
        Any number; contacts that do not exist are passed over.
    cause
        `manual`, `import`, `flow:<key>`.

    Returns
    -------
    list of Change
        The joins and leaves that were written.

    Raises
    ------
    NotFound
        If there is no such segment.
    """
    book = catalogue()
    segment = book.by_key(key)
    if segment is None:
        raise NotFound(f"there is no segment “{key}”")
    ids = sorted(set(contact_ids))
    if not ids:
        return []
    lanes_lock({lane_of(contact_id) for contact_id in ids})
    now = not_before_the_look(now, map(lane_of, ids))
    params: dict[str, Any] = {
        "segment": segment.id,
        "t_lanes": int_array(map(lane_of, ids)),
        "t_contacts": int_array(ids),
        "touching": True,
        "cause": cause,
        "now": now,
    }
    if change == "add":
        return changes_write(book, SQL["members_add"], params)
    params |= {"holds_out": segment.holds_out, **segment.compiled.bind(now, book.zone)}
    return changes_write(book, SQL["members_remove"], params, rule=segment.compiled.text)


@transaction.atomic
def segment_rebuild(key: str, *, now: datetime) -> Job:
    """Enqueue a build of a segment from its present rule.

    Raises
    ------
    NotFound
        If there is no such segment.
    Conflict
        If it has no rule.
    """
    segment = segment_locked(key)
    if segment.rule is None:
        raise Conflict("this segment has no rule: its members are added by hand")
    Segment.objects.filter(id=segment.id).update(status=Segment.Status.BUILDING)
    return build_enqueue(segment, now=now)


# ── checks ──────────────────────────────────────────────────────────────────────────────────────


def rule_check(rule: Any, *, key: str = "") -> Rule:
    """Return a rule as it may be put to use in the segment `key`.

    Raises
    ------
    RuleInvalid
        If its shape, its fields or its values are wrong.
    Refused
        If it needs a segment that does not exist, or itself through others.
    """
    fields = fields_known()
    try:
        parsed = parse(rule, fields=fields)
    except RuleRefused as refused:
        raise RuleInvalid(refused) from None
    needed = segments_needed(parsed)
    if needed:
        others = _rules_parsed(fields)
        missing = sorted(needed - others.keys() - {key})
        if missing:
            raise Refused(
                f"there is no segment “{missing[0]}”", code="unknown_segment", attr="rule"
            )
        circle = circle_closed_by(key, parsed, {k: r for k, r in others.items() if r is not None})
        if circle:
            raise Refused(
                f"segments would need one another in a circle: {' → '.join([*circle, circle[0]])}",
                code="circle",
                attr="rule",
            )
    return parsed


def edit_check(key: str, kind: str, rule: Any) -> Rule | None:
    """Return the rule of a segment as it may be saved; None if it has none.

    Raises
    ------
    RuleInvalid, Refused
        As `rule_check`; if there is no such kind, or it needs a rule.
    """
    if kind not in Segment.Kind.values:
        raise Refused(f"there is no kind “{kind}” of segment", code="invalid_choice", attr="kind")
    if rule is None:
        if kind == Segment.Kind.DYNAMIC:
            raise Refused("a dynamic segment needs a rule", code="required", attr="rule")
        return None
    return rule_check(rule, key=key)


def ranked_check(top: Any, rule: Any) -> dict[str, Any] | None:
    """Return what makes a segment with this rule a ranked one, as it may be saved.

    Raises
    ------
    Refused
        If it can't be ranked so.
    """
    checked = top_check(top, fields_known()) if top is not None else None
    if checked and rule is None:
        raise Refused("a ranked segment needs a rule to choose from", code="required", attr="top")
    return checked


def _rules_parsed(fields: Mapping[str, str]) -> dict[str, Rule | None]:
    parsed: dict[str, Rule | None] = {}
    for key, rule in Segment.objects.values_list("key", "rule"):
        try:
            parsed[key] = None if rule is None else parse(rule, fields=fields)
        except RuleRefused:
            parsed[key] = None
    return parsed


def _owner(user_id: int | None) -> User | None:
    if user_id is None:
        return None
    owner = User.objects.filter(id=user_id).first()
    if owner is None:
        raise Refused("there is no such person", code="does_not_exist", attr="owner")
    return owner


def _free_key(name: str) -> str:
    base = slugify(name)[:90].strip("-_") or "segment"
    taken = set(Segment.objects.filter(key__startswith=base).values_list("key", flat=True))
    taken |= RESERVED
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (base, *numbered) if key not in taken)


def _lock_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock_rules"])
