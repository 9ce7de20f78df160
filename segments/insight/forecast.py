"""How many contacts will join a segment in the next days, from how many joined each day. PURE.

The method is a structural time series (Harvey, *Forecasting, Structural Time Series Models and the
Kalman Filter*, 1989, ch. 2 and 4): a day's expected joins are a level times the weekday's habit;
the level's logarithm has a slope, held towards none, and drifts by chance. An extended Kalman
filter follows both through the days. How strongly the level drifts is not chosen but weighed: the
filter runs once for each of several strengths, and each counts by how well it foretold every next
day. Ahead, the slope is damped (Gardner & McKenzie, "Forecasting trends in time series",
*Management Science* 31, 1985): no growth lasts for ever.

Counts of people vary more than a Poisson count does (quasi-Poisson: McCullagh & Nelder,
*Generalized Linear Models*, 2nd ed. 1989, ch. 9); by how much is estimated from Pearson's residuals
within weeks. What is still to come is then a negative binomial count whose variance has both in it,
chance and what is not known of level, slope and drift (Ver Hoef & Boveng, "Quasi-Poisson vs.
negative binomial regression", *Ecology* 88, 2007). Its quantiles are the interval. Simulated series
of known kinds hold it to what it says: `tests/property/test_segments_insight_forecast.py`.

What it can't know: a campaign that starts tomorrow, or an edit of the rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

BASIS_DAYS: Final = 84
"""At most so many days of history are looked at: twelve weeks."""

ENOUGH_DAYS: Final = 21
"""With fewer days there is no forecast: three of each weekday."""

CONFIDENCE: Final = 0.8
_Z: Final = 1.2815515655446004  # the standard normal quantile at (1 + CONFIDENCE) / 2
_HABIT_PRIOR: Final = 5.0  # joins by which a weekday's habit is drawn towards "as any other day"
_LEVEL: Final = 0.5  # how far the first day's level may be from the mean, as a logarithm
_SLOPE: Final = 0.04 / 7  # by how much the level may lean in a day: 4 % in a week
_DAMPING: Final = 0.99  # what is left of the slope with each day ahead
_DRIFTS: Final = tuple((weekly**2) / 7 for weekly in (0.0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32))
_FARTHEST: Final = 4.0  # a level is never thought to be farther from the mean, as a logarithm
_QUIET: Final = 20  # joins in a week below which weeks are not told apart
_EXACT_UP_TO: Final = 1_000  # a mean up to which quantiles are summed up, not approximated

Matrix = tuple[float, float, float]
"""A symmetric two by two matrix: of level and level, level and slope, slope and slope."""


@dataclass(frozen=True, slots=True)
class DayExpected:
    """What one day will bring: the mean, and the interval of `CONFIDENCE`."""

    day: date
    expected: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The joins to come.

    Attributes
    ----------
    enough
        Whether there was history enough; if not, the numbers are 0 and `sentence` says why.
    expected, low, high
        Joins in all the days together, and the interval that holds the truth in `CONFIDENCE` of
        the cases.
    basis
        The days and joins that it rests on.
    """

    enough: bool
    sentence: str
    expected: float = 0.0
    low: int = 0
    high: int = 0
    series: tuple[DayExpected, ...] = ()
    basis: tuple[tuple[date, int], ...] = ()


def forecast(joined: Mapping[date, int], *, today: date, days: int) -> Forecast:
    """Estimate the joins of the days after today.

    Parameters
    ----------
    joined
        Joins by day, zeros too; a day that tells nothing (the segment was built on it) is left
        out. Today's, not over yet, is passed over.
    today
        The day in the workspace's zone; the forecast begins tomorrow.
    days
        How many days to look ahead.

    Examples
    --------
    >>> monday = date(2026, 6, 1)
    >>> past = {monday - timedelta(days=n): 10 for n in range(1, 57)}
    >>> seen = forecast(past, today=monday, days=7)
    >>> seen.enough, round(seen.expected)
    (True, 70)
    >>> forecast({}, today=monday, days=7).enough
    False
    """
    first = today - timedelta(days=BASIS_DAYS)
    basis = tuple(sorted((day, n) for day, n in joined.items() if first <= day < today))
    if len(basis) < ENOUGH_DAYS:
        return Forecast(enough=False, sentence=_too_little(len(basis)), basis=basis)
    model = _fit(basis, today=today)
    ahead = [today + timedelta(days=n) for n in range(1, days + 1)]
    expected, low, high = model.sum_of(ahead, today=today)
    series = tuple(DayExpected(day, *model.sum_of([day], today=today)) for day in ahead)
    return Forecast(
        enough=True,
        sentence=_said(expected, low, high, days=days, basis=len(basis)),
        expected=expected,
        low=low,
        high=high,
        series=series,
        basis=basis,
    )


@dataclass(frozen=True, slots=True)
class _Path:
    """Where one strength of drift leads: the level's logarithm over a mean day's, and its slope."""

    weight: float
    drift: float
    level: float
    slope: float
    unsure: Matrix

    def sum_of(self, means: Sequence[float]) -> tuple[float, float]:
        """Return mean and variance of what a mean level's `means` come to, chance left out.

        The variance is that of the sum's linear part (the delta method).
        """
        reach = [(1 - _DAMPING**k) / (1 - _DAMPING) for k in range(1, len(means) + 1)]
        rises = [min(max(self.level + self.slope * far, -_FARTHEST), _FARTHEST) for far in reach]
        ahead = [mean * math.exp(rise) for mean, rise in zip(means, rises, strict=True)]
        total = sum(ahead)
        leaning = sum(far * mean for far, mean in zip(reach, ahead, strict=True))
        a, b, c = self.unsure
        variance = total * total * a + 2 * total * leaning * b + leaning * leaning * c
        still = total
        for mean in ahead:  # each day's drift moves all the days from it on
            variance += self.drift * still * still
            still -= mean
        return total, variance


@dataclass(frozen=True, slots=True)
class _Model:
    """A mean day, the weekdays' habits, and the paths that the level may take."""

    usual: float
    habits: Sequence[float]
    seen: Sequence[float]  # joins by weekday
    dispersion: float
    paths: Sequence[_Path]

    def sum_of(self, days: Sequence[date], *, today: date) -> tuple[float, int, int]:
        """Return the mean of the joins in these days together, and the interval's ends.

        The days are looked at as if there were none between today and the first.
        """
        gap = (days[0] - today).days - 1
        means = [0.0] * gap + [self.usual * self.habits[day.weekday()] for day in days]
        ways = [(path.weight, *path.sum_of(means)) for path in self.paths]
        mean = sum(weight * one for weight, one, _ in ways)
        variance = sum(w * (spread + (one - mean) ** 2) for w, one, spread in ways)
        variance += mean * self.dispersion + self._habits_unknown(days, means[gap:])
        return mean, _quantile(mean, variance, -_Z), _quantile(mean, variance, _Z)

    def _habits_unknown(self, days: Sequence[date], means: Sequence[float]) -> float:
        """What not knowing the weekdays' habits adds: nothing over whole weeks."""
        total, seen = sum(means), sum(self.seen)
        variance = 0.0
        for weekday in range(7):
            here = sum(m for m, day in zip(means, days, strict=True) if day.weekday() == weekday)
            usual = total * self.seen[weekday] / seen if seen else total / 7
            known = self.seen[weekday] + _HABIT_PRIOR
            variance += (here - usual) ** 2 * self.dispersion / known
        return variance


def _fit(basis: Sequence[tuple[date, int]], *, today: date) -> _Model:
    usual = (sum(n for _, n in basis) + 0.5) / len(basis)  # a quiet history has a level, too
    habits, seen = _habits(basis, usual)
    dispersion = _dispersion(basis, habits)
    known = [  # each day with its mean joins at the usual level, and how many there were
        (day, usual * habits[day.weekday()], n) for day, n in basis
    ]
    found = [_follow(known, dispersion, drift=drift, today=today) for drift in _DRIFTS]
    best = max(likelihood for likelihood, _ in found)
    weights = [math.exp(likelihood - best) for likelihood, _ in found]
    paths = [
        replace(path, weight=weight / sum(weights))
        for weight, (_, path) in zip(weights, found, strict=True)
    ]
    return _Model(usual, habits, seen, dispersion, paths)


def _habits(
    basis: Sequence[tuple[date, int]], usual: float
) -> tuple[Sequence[float], Sequence[float]]:
    """Each weekday's part of a mean day, drawn towards 1 where few joins were seen."""
    seen = [0.0] * 7
    days = [0] * 7
    for day, n in basis:
        seen[day.weekday()] += n
        days[day.weekday()] += 1
    habits = [
        (joins + _HABIT_PRIOR) / (usual * count + _HABIT_PRIOR)
        for joins, count in zip(seen, days, strict=True)
    ]
    return habits, seen


def _dispersion(basis: Sequence[tuple[date, int]], habits: Sequence[float]) -> float:
    """How many times a Poisson count's the variance is, at least 1.

    Pearson's statistic over its degrees of freedom, each week held against its own level, so that a
    drift of the level is not taken for chance; where weeks are too quiet to have a level, all days
    against one. Raised a little, as what is estimated may be more.
    """
    quiet = sum(n for _, n in basis) / len(basis) * 7 < _QUIET
    weeks: dict[int, list[tuple[float, int]]] = {}
    for day, n in basis:
        week = 0 if quiet else (basis[-1][0] - day).days // 7
        weeks.setdefault(week, []).append((habits[day.weekday()], n))
    statistic = 0.0
    for days in weeks.values():
        level = (sum(n for _, n in days) + 0.01) / sum(habit for habit, _ in days)
        statistic += sum((n - level * habit) ** 2 / (level * habit) for habit, n in days)
    freedom = max(len(basis) - len(weeks) - 6, 1)
    return max(statistic / freedom * (1 + 2 / freedom), 1.0)


def _follow(
    known: Sequence[tuple[date, float, int]], dispersion: float, *, drift: float, today: date
) -> tuple[float, _Path]:
    """Run the filter over the days up to today; return its log likelihood and its end."""
    level, slope = 0.0, 0.0
    a, b, c = _LEVEL**2, 0.0, _SLOPE**2
    likelihood = 0.0
    before = known[0][0]
    for day, mean, n in known:
        gap = (day - before).days
        level += gap * slope
        a, b = a + 2 * gap * b + gap * gap * c + gap * drift, b + gap * c
        before = day
        level = min(max(level, -_FARTHEST), _FARTHEST)
        part = math.exp(level)
        spread = part * part * a + dispersion * part / mean
        missed = n / mean - part
        likelihood -= 0.5 * (math.log(spread) + missed * missed / spread)
        gain_level, gain_slope = part * a / spread, part * b / spread
        level, slope = level + gain_level * missed, slope + gain_slope * missed
        a, b, c = a - gain_level * part * a, b - gain_level * part * b, c - gain_slope * part * b
    gap = (today - before).days
    a, b = a + 2 * gap * b + gap * gap * c + gap * drift, b + gap * c
    return likelihood, _Path(1.0, drift, level + gap * slope, slope, (a, b, c))


def _quantile(mean: float, variance: float, z: float) -> int:
    """The count at a normal quantile `z` of a negative binomial of this mean and variance.

    Summed up from 0 where the mean is small; else by Wilson and Hilferty's cube root (1931) of the
    gamma distribution that it then nearly is.
    """
    if mean <= 0:
        return 0
    if mean > _EXACT_UP_TO:
        shape = mean * mean / max(variance, mean)
        root = 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))
        return max(round(mean * max(root, 0.0) ** 3), 0)
    wanted = 0.5 * (1 + math.erf(z / math.sqrt(2)))
    extra = max(variance - mean, mean * 1e-6)
    size = mean * mean / extra
    ratio = mean / (mean + size)
    log_mass = size * math.log(size / (size + mean))
    reached, n = math.exp(log_mass), 0
    most = int(mean + 60 * math.sqrt(max(variance, 1.0))) + 60
    while reached < wanted and n < most:
        log_mass += math.log((size + n) / (n + 1) * ratio)
        n += 1
        reached += math.exp(log_mass)
    return n


def _too_little(days: int) -> str:
    if days == 0:
        return "There is no day of history yet to tell from."
    counted = "one day" if days == 1 else f"{days} days"
    return f"There is too little history to tell: {counted}, where it takes {ENOUGH_DAYS}."


def _said(expected: float, low: int, high: int, *, days: int, basis: int) -> str:
    span = "tomorrow" if days == 1 else f"in the next {days} days"
    return (
        f"About {round(expected):,} contacts will join {span}; in four of five cases between"
        f" {low:,} and {high:,}. Reckoned from the last {basis} days."
    )
