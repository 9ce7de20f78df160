"""What a ranked segment is ranked by, and where it is cut (`top`): read, checked, as SQL. No IO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from common.durations import describe_duration, parse_duration
from common.errors import Refused
from segments.rules.instants import shifted
from segments.rules.values import field_type

REFRESH_EVERY: Final = "PT5M"
"""How often a ranked segment is ranked anew, unless it says otherwise."""

OFTENEST, RAREST = timedelta(minutes=1), timedelta(days=31)
MOST: Final = 100_000
"""The highest limit."""

_KEYS: Final = frozenset({"by", "limit", "refresh_every"})


@dataclass(frozen=True, slots=True)
class Top:
    """By what a segment is ranked, and where it is cut.

    Attributes
    ----------
    field
        The key of a number field; "" where it is ranked by changes of the score.
    window
        How far back changes of the score count.
    """

    field: str
    window: timedelta | None
    limit: int
    refresh_every: timedelta

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Top:
        """Return what `top_check` has let through."""
        by = data["by"]
        return cls(
            field=by if isinstance(by, str) else "",
            window=None if isinstance(by, str) else parse_duration(by["score_change"]),
            limit=data["limit"],
            refresh_every=parse_duration(data.get("refresh_every", REFRESH_EVERY)),
        )

    def sentence(self, rule: str) -> str:
        """Return whom a ranked segment holds, given its rule in words."""
        if self.limit == 1:
            return f"{rule}; of these the first by {self.words()}"
        return f"{rule}; of these the first {self.limit:,} by {self.words()}"

    def words(self) -> str:
        """Return what is ranked by, in words."""
        if self.window is None:
            return self.field
        return f"change of score in the last {describe_duration(self.window)}"

    def sql(self, fields: Mapping[str, str], *, now: datetime) -> tuple[str, str, dict[str, Any]]:
        """Return the value over `c` (NULL for none), what it has to be joined with, and parameters.

        No changes of the score are a change of 0, as in rules.
        """
        if self.window is not None:
            joined = (
                "LEFT JOIN (SELECT g.lane, g.contact_id, sum(g.delta::numeric) AS total "
                "FROM score_change g WHERE g.at > %(top_after)s AND g.at <= %(top_now)s "
                "GROUP BY g.lane, g.contact_id) top_g "
                "ON top_g.lane = c.lane AND top_g.contact_id = c.id"
            )
            after = shifted(now, -self.window)
            return "coalesce(top_g.total, 0)", joined, {"top_after": after, "top_now": now}
        if field_type(self.field, fields) != "number":
            return "NULL::numeric", "", {}
        if self.field == "score":
            return "c.score", "", {}
        value = "(c.fields->%(top_field)s::text)"
        number = f"(CASE WHEN jsonb_typeof({value}) = 'number' THEN {value}::numeric END)"
        return number, "", {"top_field": self.field}


# ── checks ──────────────────────────────────────────────────────────────────────────────────────


def top_check(top: Any, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """Return `top` as it is kept, with all that it leaves out; None stays None.

    Raises
    ------
    Refused
        With the place (`top.by`, `top.limit`, …) and a sentence.
    """
    if top is None:
        return None
    if not isinstance(top, Mapping) or not {"by", "limit"} <= top.keys() <= _KEYS:
        _refuse("", "say what to rank by (`by`) and how many to keep (`limit`)")
    _by_check(top["by"], fields)
    limit = top["limit"]
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        _refuse("limit", f"give a whole number from 1 to {MOST:,}")
    every = top.get("refresh_every")
    every = REFRESH_EVERY if every is None else every
    if not OFTENEST <= _duration(every, "refresh_every") <= RAREST:
        _refuse(
            "refresh_every", "rank anew every minute (PT1M) at the most, every 31 days at least"
        )
    return {"by": top["by"], "limit": limit, "refresh_every": every}


def _by_check(by: Any, fields: Mapping[str, str]) -> None:
    if isinstance(by, Mapping):
        if by.keys() != {"score_change"}:
            _refuse("by", 'rank by a number field, or by {"score_change": "P30D"}')
        _duration(by["score_change"], "by.score_change")
        return
    if not isinstance(by, str):
        _refuse("by", "rank by a number field, or by the change of the score")
    kind = field_type(by, fields)
    if kind is None:
        _refuse("by", f"there is no field “{by[:80]}”")
    if kind != "number":
        _refuse("by", f"“{by}” is no number: only numbers can be ranked by")


def _duration(text: Any, place: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as refused:
        _refuse(place, str(refused))


def _refuse(place: str, detail: str) -> NoReturn:
    raise Refused(detail, code="top", attr=".".join(filter(None, ("top", place))))
