"""The forecast of joins holds what it says: four of five series end between its two ends.

Series of known kinds are drawn: steady, uneven by weekday, far more varied than Poisson's, growing,
drifting. Fixed seeds, so that a failure is the same tomorrow.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.insight.forecast import BASIS_DAYS, ENOUGH_DAYS, forecast

TODAY = date(2026, 6, 1)
WEEK = (1.3, 1.2, 1.1, 1.0, 1.0, 0.5, 0.4)
SERIES = 150


@dataclass(frozen=True)
class Kind:
    """How a series is drawn: joins a day, their variance over Poisson's, growth a week, drift."""

    level: float
    dispersion: float = 1.0
    growth: float = 0.0
    drift: float = 0.0
    history: int = BASIS_DAYS
    days: int = 30


def poisson(mean: float, chance: random.Random) -> int:
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    n, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        n += 1
        product *= chance.random()
    return n


def drawn(kind: Kind, chance: random.Random) -> tuple[dict[date, int], int]:
    """Return a history, and how many joined afterwards."""
    past: dict[date, int] = {}
    coming = 0
    level = math.log(kind.level)
    for n in range(-kind.history, kind.days + 1):
        level += kind.growth / 7 + chance.gauss(0, kind.drift)
        day = TODAY + timedelta(days=n)
        mean = math.exp(level) * WEEK[day.weekday()]
        if kind.dispersion > 1:
            extra = kind.dispersion - 1
            mean = chance.gammavariate(mean / extra, extra)
        joined = poisson(mean, chance)
        if n < 0:
            past[day] = joined
        elif n > 0:
            coming += joined
    return past, coming


def covered(kind: Kind) -> float:
    chance = random.Random(20260601)
    hits = 0
    for _ in range(SERIES):
        past, coming = drawn(kind, chance)
        seen = forecast(past, today=TODAY, days=kind.days)
        hits += seen.low <= coming <= seen.high
    return hits / SERIES


@pytest.mark.parametrize(
    "kind",
    [
        Kind(0.3),
        Kind(5),
        Kind(400),
        Kind(2, dispersion=4),
        Kind(30, dispersion=3),
        Kind(300, dispersion=20),
        Kind(20, history=ENOUGH_DAYS),
        Kind(20, dispersion=3, days=1),
        Kind(20, dispersion=3, days=7),
        Kind(20, days=90),
        Kind(50, dispersion=2, growth=0.02),
        Kind(50, dispersion=2, growth=0.05),
        Kind(50, dispersion=2, growth=-0.05),
        Kind(50, dispersion=2, drift=0.01),
    ],
    ids=str,
)
def test_four_of_five_series_end_in_the_interval(kind: Kind) -> None:
    assert covered(kind) >= 0.74


@pytest.mark.parametrize("kind", [Kind(50, drift=0.02), Kind(50, drift=0.05)], ids=str)
def test_most_series_whose_level_wanders_far_do(kind: Kind) -> None:
    assert covered(kind) >= 0.6


@pytest.mark.parametrize("kind", [Kind(50), Kind(400, dispersion=3)], ids=str)
def test_the_interval_is_no_wider_than_it_has_to_be(kind: Kind) -> None:
    past, _ = drawn(kind, random.Random(7))
    seen = forecast(past, today=TODAY, days=kind.days)
    assert seen.high - seen.low < 0.5 * seen.expected
    assert seen.expected == pytest.approx(kind.level * 30 * sum(WEEK) / 7, rel=0.2)


@given(
    st.dictionaries(st.integers(-120, 30), st.integers(0, 10**7), max_size=100),
    st.integers(1, 365),
)
def test_any_history_gives_sound_numbers(history: dict[int, int], days: int) -> None:
    joined = {TODAY + timedelta(days=n): count for n, count in history.items()}
    seen = forecast(joined, today=TODAY, days=days)
    usable = [n for n in history if -BASIS_DAYS <= n < 0]
    assert len(seen.basis) == len(usable)
    assert seen.enough == (len(usable) >= ENOUGH_DAYS)
    assert seen.sentence
    if seen.enough:
        assert 0 <= seen.low <= seen.high
        assert math.isfinite(seen.expected)
        assert seen.low <= seen.expected * 2 + 1
        assert [one.day for one in seen.series] == [
            TODAY + timedelta(days=n) for n in range(1, days + 1)
        ]
        assert all(0 <= one.low <= one.high for one in seen.series)


def test_the_week_has_its_habits() -> None:
    past, _ = drawn(Kind(200), random.Random(3))
    by_weekday = {
        one.day.weekday(): one.expected for one in forecast(past, today=TODAY, days=7).series
    }
    assert by_weekday[0] > 2 * by_weekday[6]


def test_what_was_never_joined_may_still_be() -> None:
    past = {TODAY - timedelta(days=n): 0 for n in range(1, 60)}
    seen = forecast(past, today=TODAY, days=30)
    assert (seen.enough, seen.low, round(seen.expected)) == (True, 0, 0)
