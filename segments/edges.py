"""Time edges: whom the passing of time alone concerns, so that nobody else is looked at again.

For each window of each live rule, the end that has moved since the last look has passed a slice of
an index (`edges_passed`, `activity_passed`). What no index tells has a next edge per contact
(`time_edge`), kept whenever the rule is asked (`segments.refresh`). The cost follows what the edges
pass, never how many contacts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from common.arrays import instant_array, int_array, text_array
from common.lanes import LANES
from common.sql import queries
from segments.catalogue import Catalogue
from segments.rules import Slice
from segments.rules.values import zone_of

SQL = queries("segments", "edges")

MOST: Final = 20_000
"""Rows that edges may pass in one look; beyond, fewer lanes are looked at at once."""

ASKED_AT_ONCE: Final = 500_000
"""About so many times a rule is asked when lanes are looked at as a whole."""

STALE: Final = timedelta(minutes=1)
"""A look that found nothing is remembered once it is so much later than the last that is."""

Contact = tuple[int, int]
"""Lane and id."""
_Span = tuple[str, str | None, datetime, datetime]
_Row = tuple[str, int, str, int, int]


@dataclass(slots=True)
class Passed:
    """What edges have passed.

    Attributes
    ----------
    lanes
        The lanes that this tells of; `more` says whether others are left.
    concerned
        By segment id, whom to ask about again.
    whole
        Lanes that are to be asked about as a whole: never looked at before, or too much at once.
    stale
        Whether to remember the look even if nothing was found.
    found_in
        The lanes in which edges have passed anything.
    """

    lanes: Sequence[int]
    concerned: dict[int, set[Contact]] = field(default_factory=lambda: defaultdict(set))
    whole: Sequence[int] = ()
    more: bool = False
    stale: bool = False
    found_in: set[int] = field(default_factory=set)

    @property
    def found(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.found_in or self.whole or self.more)


def edges_passed(book: Catalogue, *, lanes: Sequence[int], now: datetime) -> Passed:
    """Return what the edges of all live rules have passed in these lanes since the last look.

    Parameters
    ----------
    book
        The catalogue.
    lanes
        Lanes that the caller holds, or only wonders about.
    now
        Up to when.
    """
    timed = book.moved_by_time()
    ticks = _ticks(lanes)
    unknown = [lane for lane in lanes if timed and ticks.get(lane, (now, ""))[1] != book.zone]
    if unknown:
        some = unknown[: _lanes_at_once(len(timed))]
        return _whole(book, some, now=now, more=len(some) < len(lanes))
    by_instant: dict[datetime, list[int]] = defaultdict(list)
    for lane in lanes:
        before = ticks[lane][0] if lane in ticks else now
        by_instant[min(before, now)].append(lane)
    passed = Passed(list(lanes), stale=any(before <= now - STALE for before in by_instant))
    for before, group in by_instant.items():
        if not _add(passed, book, group, before=before, now=now):
            return _fewer(book, group, before=before, now=now, many=len(lanes) > 1)
    return passed


def lanes_passed(book: Catalogue, *, lanes: Sequence[int], now: datetime) -> list[int]:
    """Return the lanes in which the edges have passed anything: those worth holding.

    Nothing is locked: what is found is asked for again by whoever holds the lanes.
    """
    passed = edges_passed(book, lanes=lanes, now=now)
    if passed.more or passed.stale:
        return list(lanes)
    return sorted(passed.found_in.union(passed.whole))


def look_remember(book: Catalogue, passed: Passed, *, now: datetime) -> None:
    """Remember up to when time has been looked at, if there was anything to see."""
    if not (passed.found or passed.stale):
        return
    lanes_tick(book, passed.lanes, now=now)
    with connection.cursor() as cursor:
        lanes = int_array(passed.lanes)
        cursor.execute(SQL["forget_early"], {"lanes": lanes, "now": now})
        timed = int_array(one.id for one in book.moved_by_time())
        cursor.execute(SQL["forget_edges"], {"lanes": lanes, "now": now, "segments": timed})


def lanes_tick(book: Catalogue, lanes: Sequence[int], *, now: datetime) -> None:
    """Take time as looked at up to now in these lanes, which the caller holds."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["tick"], {"lanes": int_array(lanes), "now": now, "zone": book.zone})


def not_before_the_look(now: datetime, lanes: Iterable[int]) -> datetime:
    """Return now, or the instant of the last look at time in these lanes if that is later.

    The watermark may fall behind an instant at which time was looked at. A rule asked as of then
    would miss the edges in between, which are not looked at again.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL["latest_tick"], {"lanes": int_array(lanes)})
        (latest,) = cursor.fetchone() or (None,)
    return now if latest is None else max(now, latest)


def put_off(touches: Iterable[tuple[int, int, str, datetime]]) -> None:
    """Keep touches (lane, contact id, key, instant) of a later instant until it has come."""
    rows = list(touches)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["put_off"],
            {
                "lanes": int_array(row[0] for row in rows),
                "contacts": int_array(row[1] for row in rows),
                "keys": text_array(row[2] for row in rows),
                "due": instant_array(row[3] for row in rows),
            },
        )


def _fewer(
    book: Catalogue, lanes: Sequence[int], *, before: datetime, now: datetime, many: bool
) -> Passed:
    """Too much at once, as when the clock has jumped: fewer lanes, or one as a whole."""
    some = lanes
    while len(some) > 1:
        some = some[: max(1, len(some) // 4)]
        passed = Passed(some, more=True)
        if _add(passed, book, some, before=before, now=now):
            return passed
    return _whole(book, some, now=now, more=many)


def _whole(book: Catalogue, lanes: Sequence[int], *, now: datetime, more: bool) -> Passed:
    passed = Passed(lanes, whole=lanes, more=more)
    _sort(passed, book, _rows("early_due", {"lanes": int_array(lanes), "now": now}))
    return passed


def _add(
    passed: Passed, book: Catalogue, lanes: Sequence[int], *, before: datetime, now: datetime
) -> bool:
    """Add what has been passed in some lanes; false if that is too much at once."""
    spans = _spans(book, before=before, now=now)
    asked = list(enumerate(spans))
    params: dict[str, Any] = {"lanes": int_array(lanes), "now": now, "limit": MOST + 1}
    named = [(n, one) for n, one in asked if one[0] == "event" and one[1] is not None]
    scores = [(n, one) for n, one in asked if one[0] == "score"]
    activity = [(n, one) for n, one in asked if one[0] == "event" and one[1] is None]
    rows = _rows("edges_passed", {**params, **_arrays("event", named), **_arrays("score", scores)})
    if activity:
        rows += _rows("activity_passed", {**params, **_arrays("event", activity)})
    if len(rows) > MOST:
        return False
    _sort(passed, book, rows, list(spans.values()))
    return True


def _sort(
    passed: Passed,
    book: Catalogue,
    rows: Iterable[_Row],
    segments_of: Sequence[Sequence[int]] = (),
) -> None:
    """By the segments that they concern."""
    for kind, n, key, lane, contact_id in rows:
        ids = segments_of[n] if kind == "s" else [n] if kind == "e" else book.concerned(key)
        for segment_id in ids:
            passed.concerned[segment_id].add((lane, contact_id))
        passed.found_in.add(lane)


def _rows(query: str, params: Mapping[str, Any]) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[query], params)
        return list(cursor.fetchall())


def _spans(book: Catalogue, *, before: datetime, now: datetime) -> dict[_Span, list[int]]:
    """The slices that have been passed, each once, with the segments that have such a window."""
    zone = zone_of(book.zone)
    spans: dict[_Span, list[int]] = {}
    if before >= now:
        return spans
    for segment in book.moved_by_time():
        for one in segment.compiled.slices:
            passed = one.between(before, now, zone)
            if passed is not None:
                spans.setdefault(_span(one, passed), []).append(segment.id)
    return spans


def _span(one: Slice, passed: tuple[datetime, datetime]) -> _Span:
    return (one.source, one.name, *passed)


def _arrays(source: str, spans: Sequence[tuple[int, _Span]]) -> dict[str, Any]:
    return {
        f"{source}_n": int_array(n for n, _ in spans),
        f"{source}_names": text_array(span[1] or "" for _, span in spans),
        f"{source}_lows": instant_array(span[2] for _, span in spans),
        f"{source}_highs": instant_array(span[3] for _, span in spans),
    }


def _ticks(lanes: Sequence[int]) -> dict[int, tuple[datetime, str]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["ticks"], {"lanes": int_array(lanes)})
        return {lane: (ticked_at, zone) for lane, ticked_at, zone in cursor.fetchall()}


def _lanes_at_once(segments: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'contact'::regclass")
        (contacts,) = cursor.fetchone() or (0,)
    return max(1, ASKED_AT_ONCE * LANES // max(1, int(contacts) * segments))
