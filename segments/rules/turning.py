"""When time alone turns an answer: the instants, and in words what passes then. Pure.

Every condition is a function of the instant that keeps its answer between *moments*: an event's
instant moved by the length of a window, a midnight, a field's instant. Moments are few and known,
so the next turn is found by asking at each of them in order; it is exact, to the microsecond.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from common.durations import describe_duration, parse_duration
from segments.rules.instants import shifted
from segments.rules.values import View

FARTHEST: Final = timedelta(days=20 * 365)
"""How far ahead is looked: what turns later is said not to turn."""

MOST_MOMENTS: Final = 5_000
"""How many moments of one condition are asked before it is left unsaid."""

Datum = TypeVar("Datum")


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant at which time alone may change an answer.

    Attributes
    ----------
    at
        The first instant of what is new.
    said
        What happens then, as the end of a sentence with "when": "Login of 14 May passes 7 days".
    """

    at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class Turn:
    """An instant from which on an answer is another; `is_true` is None where no more is known."""

    at: datetime
    is_true: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class Passing:
    """One datum of a condition, with its moments.

    Attributes
    ----------
    number
        What it counts for in a sum or an average; None for no number.
    moments
        When whether it matches may change, apart from what all have in common.
    matches
        Whether it matches at an instant.
    """

    number: Fraction | None
    moments: Sequence[Moment]
    matches: Callable[[View], bool]


def turns_asked(
    holds: Callable[[View], bool], moments: Iterable[Moment], view: View
) -> Iterator[Turn]:
    """Yield every turn after now of what can be asked at any instant, in order."""
    is_true = holds(view)
    for at, there in _upcoming(moments, view.now):
        if there is None:
            yield Turn(at, None, "")
            return
        if holds(replace(view, now=at)) is not is_true:
            is_true = not is_true
            yield Turn(at, is_true, there[0].said)


def turns_tallied(
    figure: str,
    data: Sequence[Passing],
    *,
    shared: Sequence[Moment] = (),
    holds: Callable[[Fraction | None], bool],
    view: View,
) -> Iterator[Turn]:
    """Yield every turn after now of a figure over many data, without asking all at each moment.

    Parameters
    ----------
    figure
        `count`, `sum`, `min`, `max` or `avg`.
    data
        What may count, each with its own moments.
    shared
        Moments at which all of them are asked anew.
    holds
        Whether the figure, None for "no value", fulfils the condition.
    """
    tally = Tally(figure)
    there = [one.matches(view) for one in data]
    for one, counts in zip(data, there, strict=True):
        if counts:
            tally.add(one.number)
    whose: dict[datetime, set[int]] = {}
    for index, one in enumerate(data):
        for moment in one.moments:
            whose.setdefault(moment.at, set()).add(index)
    everybody = {moment.at for moment in shared}
    is_true = holds(tally.value)
    every = [*(moment for one in data for moment in one.moments), *shared]
    for at, moments in _upcoming(every, view.now):
        if moments is None:
            yield Turn(at, None, "")
            return
        then = replace(view, now=at)
        for index in range(len(data)) if at in everybody else whose[at]:
            counts = data[index].matches(then)
            if counts is not there[index]:
                there[index] = counts
                (tally.add if counts else tally.drop)(data[index].number)
        if holds(tally.value) is not is_true:
            is_true = not is_true
            yield Turn(at, is_true, moments[0].said)


def _upcoming(
    moments: Iterable[Moment], now: datetime
) -> Iterator[tuple[datetime, list[Moment] | None]]:
    """Yield the moments after now by their instants; None for the first that is too many."""
    last = shifted(now, FARTHEST)
    later = sorted((one for one in moments if now < one.at <= last), key=attrgetter("at"))
    for count, (at, there) in enumerate(groupby(later, key=attrgetter("at"))):
        if count == MOST_MOMENTS:
            yield at, None
            return
        yield at, list(there)


def relative_moments(op: str, span: str, at: datetime, datum: str) -> Iterator[Moment]:
    """Yield when an operator that is relative to now changes its answer about an instant.

    Parameters
    ----------
    op
        `in_last`, `older_than`, `in_next` or `beyond`.
    span
        Its duration.
    at
        The instant that it looks at.
    datum
        What that is, in words: "ends (14 May)".
    """
    length = parse_duration(span)
    if op in ("in_last", "in_next"):
        yield Moment(at, f"{datum} comes")
    if op in ("in_last", "older_than"):
        yield Moment(shifted(at, length), f"{datum} passes {describe_duration(length)}")
    else:
        yield Moment(shifted(at, -length), f"{datum} is {describe_duration(length)} away")


class Tally:
    """A figure over numbers that come and go: exact, and quick for thousands of them."""

    def __init__(self, figure: str) -> None:
        self._figure = figure
        self._count = 0
        self._sum = Fraction(0)
        self._sorted: list[Fraction] = []

    def add(self, number: Fraction | None) -> None:
        """Count one more; a `count` needs no number, and all else passes over what is none."""
        self._step(number, 1)
        if number is not None and self._figure in ("min", "max"):
            insort(self._sorted, number)

    def drop(self, number: Fraction | None) -> None:
        """Count out one that was added."""
        self._step(number, -1)
        if number is not None and self._figure in ("min", "max"):
            del self._sorted[bisect_left(self._sorted, number)]

    def _step(self, number: Fraction | None, by: int) -> None:
        if self._figure == "count":
            self._count += by
        elif number is not None:
            self._count += by
            self._sum += number * by

    @property
    def value(self) -> Fraction | None:
        """The figure; None if there is nothing to take it of."""
        if self._figure == "count":
            return Fraction(self._count)
        if self._figure == "sum":
            return self._sum
        if not self._count:
            return None
        if self._figure == "avg":
            return self._sum / self._count
        return self._sorted[0 if self._figure == "min" else -1]


# ── in words ────────────────────────────────────────────────────────────────────────────────────


def day_said(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Say a day, with its year where that is not this one.

    Examples
    --------
    >>> from datetime import UTC
    >>> at, now = datetime(2026, 5, 14, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    >>> day_said(at, now=now, zone=ZoneInfo("UTC"))
    '14 May'
    """
    try:
        day, today = at.astimezone(zone), now.astimezone(zone)
    except OverflowError:
        day, today = at, now
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B} {day.year}"


def wait_said(wait: timedelta) -> str:
    """Say how long it is until something, in its two largest units.

    Examples
    --------
    >>> wait_said(timedelta(days=2, hours=4, minutes=31, seconds=5))
    '2 days 4 hours'
    >>> wait_said(timedelta(microseconds=5))
    'less than a second'
    """
    for unit, least in ((3_600, 86_400), (60, 3_600), (1, 1)):
        if wait >= timedelta(seconds=least):
            return describe_duration(wait // timedelta(seconds=unit) * timedelta(seconds=unit))
    return "less than a second"


def turn_said(turn: Turn, verb: str, *, now: datetime) -> str:
    """Say a turn as a sentence that begins with its verb.

    Examples
    --------
    >>> from datetime import UTC
    >>> now = datetime(2026, 5, 18, 20, tzinfo=UTC)
    >>> turn = Turn(datetime(2026, 5, 21, tzinfo=UTC), False, "Login of 14 May passes 7 days")
    >>> turn_said(turn, "leaves", now=now)
    'leaves in 2 days 4 hours, when Login of 14 May passes 7 days'
    """
    return f"{verb} in {wait_said(turn.at - now)}, when {turn.said}"
