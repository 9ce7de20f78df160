"""What an edit of a segment would do, before it is saved.

Says what the edit's build will write (`segments.builds`), by the same conditions: who joins, who
leaves, who stays in or out by hand; and what live flows would make of it. Counted in full among few
contacts or where that is asked for; else in some lanes, and multiplied.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from common.arrays import int_array
from common.lanes import LANES
from segments.catalogue import catalogue
from segments.insight.effects import Effect, Moves, effects_of
from segments.models import Segment
from segments.ranking import ranked_select
from segments.rules import Rule, compile_rule
from segments.selectors import SAMPLE, contacts_total, segment_sizes
from segments.services import edit_check, ranked_check
from segments.uses import SQL

CONTACTS_SAMPLED: Final = 32_000
"""About so many contacts are looked at where not all are: in whole lanes, one at least."""


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What would become of a segment's members.

    Attributes
    ----------
    total
        How many contacts there are.
    size
        The members afterwards: `stays` and `joins`.
    held_in
        Of those who stay, how many do so only because they were added by hand.
    held_out
        Whom the new rule chooses, but who were taken out by hand: they stay out.
    sample_joins, sample_leaves
        Ids of some.
    conversion
        What another kind means, in sentences; [] if the kind stays.
    """

    exact: bool
    total: int
    size: int
    joins: int
    leaves: int
    stays: int
    held_in: int
    held_out: int
    sample_joins: Sequence[int]
    sample_leaves: Sequence[int]
    flows: Sequence[Effect]
    conversion: Sequence[str]
    sentence: str


@dataclass(frozen=True, slots=True)
class _Counted:
    joins: int = 0
    leaves: int = 0
    held_in: int = 0
    held_out: int = 0
    joining: Sequence[int] = ()
    leaving: Sequence[int] = ()

    def times(self, factor: float) -> _Counted:
        """Return the counts multiplied; the ids stay what they are."""
        return replace(
            self,
            joins=round(self.joins * factor),
            leaves=round(self.leaves * factor),
            held_in=round(self.held_in * factor),
            held_out=round(self.held_out * factor),
        )


def edit_preview(
    segment: Segment,
    *,
    now: datetime,
    kind: str | None = None,
    rule: Any = ...,
    top: Any = ...,
    exact: bool = False,
) -> EditPreview:
    """Say what saving an edit would do.

    Parameters
    ----------
    kind
        None leaves it.
    rule, top
        `...` leaves it.
    exact
        Count everybody, however long it takes.

    Raises
    ------
    RuleInvalid, Refused
        As saving it would be refused.
    """
    new_kind = segment.kind if kind is None else kind
    new_rule = segment.rule if rule is ... else rule
    parsed = edit_check(segment.key, new_kind, new_rule)
    new_top = ranked_check(segment.top if top is ... else top, new_rule)
    edited = (new_kind, new_rule, new_top) != (segment.kind, segment.rule, segment.top)
    total, few = contacts_total()
    in_full = exact or few or not edited or parsed is None
    size = segment_sizes([segment.id]).get(segment.id, 0)
    named = range(LANES if few else max(LANES * CONTACTS_SAMPLED // total, 1))
    counted = _Counted()
    if parsed is not None and edited:
        lanes = range(LANES) if in_full else named
        counted = _count(segment, _matched(parsed, new_top, lanes, now=now), lanes, named)
        if new_kind != Segment.Kind.DYNAMIC:
            counted = replace(counted, leaves=0, held_in=0, leaving=())
        counted = counted.times(LANES / len(lanes))
    moves = Moves(segment.key, counted.joining, counted.leaving, now)
    effects = [
        replace(one, contacts=round(one.contacts * LANES / len(named))) for one in effects_of(moves)
    ]
    stays = max(size - counted.leaves, 0)
    preview = EditPreview(
        exact=in_full,
        total=total,
        size=stays + counted.joins,
        joins=counted.joins,
        leaves=counted.leaves,
        stays=stays,
        held_in=counted.held_in,
        held_out=counted.held_out,
        sample_joins=sorted(counted.joining, reverse=True)[:SAMPLE],
        sample_leaves=sorted(counted.leaving, reverse=True)[:SAMPLE],
        flows=effects,
        conversion=conversion(segment.kind, new_kind, has_rule=new_rule is not None),
        sentence="",
    )
    return replace(preview, sentence=_said(preview))


def _matched(
    rule: Rule, top: dict[str, Any] | None, lanes: Sequence[int], *, now: datetime
) -> tuple[str, dict[str, Any]]:
    """A SELECT of whom the new rule chooses in some lanes, and its parameters.

    Of a ranked segment's, so many are chosen in some lanes as would be if they were like the rest.
    """
    book = catalogue()
    compiled = compile_rule(rule, fields=book.fields)
    if top is None:
        which = compiled.whole
        if len(lanes) < LANES:
            which = f"c.lane = ANY(%(lanes)s::smallint[]) AND {compiled.text}"
        text = f"SELECT c.lane, c.id AS contact_id FROM contact c WHERE {which}"
        return text, dict(compiled.bind(now, book.zone))
    some = None if len(lanes) == LANES else lanes
    ranked, params = ranked_select(
        compiled, top, fields=book.fields, now=now, zone=book.zone, lanes=some
    )
    params["top_limit"] = math.ceil(params["top_limit"] * len(lanes) / LANES)
    return f"SELECT r.lane, r.contact_id FROM ({ranked}) r WHERE r.rank <= %(top_limit)s", params


def _count(
    segment: Segment,
    matched: tuple[str, dict[str, Any]],
    lanes: Sequence[int],
    named: Sequence[int],
) -> _Counted:
    select, params = matched
    given = {
        **params,
        "segment": segment.id,
        "lanes": int_array(lanes),
        "named": int_array(named),
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["edit_preview"].replace("{matched}", select), given)
        row = cursor.fetchone()
    assert row is not None
    joins, leaves, held_in, held_out, joining, leaving = row
    return _Counted(joins, leaves, held_in, held_out, joining or (), leaving or ())


_JOINING: Final = {
    Segment.Kind.STATIC: "Nobody joins by the rule any more, but for who fulfils it now.",
    Segment.Kind.GROWING: "Whoever fulfils the rule joins, at once and from now on.",
    Segment.Kind.DYNAMIC: "Whoever fulfils the rule joins, at once and from now on.",
}
_LEAVING: Final = {
    Segment.Kind.STATIC: "Nobody leaves by the rule any more: members leave by hand alone.",
    Segment.Kind.GROWING: "Nobody leaves by the rule any more: members leave by hand alone.",
    Segment.Kind.DYNAMIC: (
        "Members who do not fulfil the rule leave, but for those who were added by hand."
    ),
}


def conversion(before: str, after: str, *, has_rule: bool) -> list[str]:
    """Say what another kind of segment means; [] if the kind stays.

    Examples
    --------
    >>> conversion("growing", "dynamic", has_rule=True)
    ['Members who do not fulfil the rule leave, but for those who were added by hand.']
    """
    if before == after:
        return []
    if not has_rule:
        return ["There is no rule: members come and go by hand alone, as before."]
    old, new = Segment.Kind(before), Segment.Kind(after)
    said: list[str] = []
    if _JOINING[old] != _JOINING[new]:
        said.append(_JOINING[new])
    if _LEAVING[old] != _LEAVING[new]:
        said.append(_LEAVING[new])
    if new == Segment.Kind.STATIC:
        said.append("Who is taken out by hand stays out: nobody is let in again by the rule.")
    return said


def _said(seen: EditPreview) -> str:
    about = "" if seen.exact else "About "
    if not seen.joins and not seen.leaves:
        about = ""
        said = f"Nobody joins or leaves: {_stay(seen.stays)}."
    else:
        said = (
            f"{_contacts(seen.joins)} would join and {_contacts(seen.leaves)} would leave;"
            f" {seen.size:,} would be in it."
        )
    if seen.held_in:
        said += f" {_stay(seen.held_in)} only because added by hand."
    if seen.held_out:
        said += f" {_stay(seen.held_out)} out because taken out by hand."
    return about + said


def _contacts(n: int) -> str:
    return "1 contact" if n == 1 else f"{n:,} contacts"


def _stay(n: int) -> str:
    return f"{_contacts(n)} {'stays' if n == 1 else 'stay'}"
