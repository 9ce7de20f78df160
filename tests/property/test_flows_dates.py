"""When dates let in, against the slow and obvious way: look at every day of the years around."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from common.clock import canonical
from flows.dates import Repeat, next_instant

FIRST = datetime(1996, 1, 1, tzinfo=UTC)
LEAP_DAYS = st.sampled_from(range(1996, 2033, 4)).map(
    lambda year: datetime(year, 2, 29, 8, tzinfo=UTC)
)
DAYS = st.one_of(
    st.integers(0, 37 * 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds)),
    LEAP_DAYS,
)
OFFSETS = st.integers(-400, 400).map(lambda days: timedelta(days=days, hours=days % 24))


def obvious(date: datetime, offset: timedelta, repeat: Repeat, after: datetime) -> datetime | None:
    """Every occurrence there may be, and the first that is later."""
    years = range(date.year, 2040) if repeat == "yearly" else [date.year]
    found = []
    for year in years:
        leap_day = (date.month, date.day) == (2, 29)
        try:
            day = date.replace(year=year)
        except ValueError:
            assert leap_day
            day = date.replace(year=year, day=28)
        found.append(day + offset)
    return min((at for at in found if at > after), default=None)


@given(DAYS, OFFSETS, st.sampled_from(["never", "yearly"]), DAYS)
def test_the_next_instant_is_the_first_later_one(
    date: datetime, offset: timedelta, repeat: Repeat, after: datetime
) -> None:
    found = next_instant(canonical(date), offset=offset, repeat=repeat, after=after)
    assert found == obvious(date, offset, repeat, after)


@given(DAYS, OFFSETS, DAYS)
def test_walking_from_one_instant_to_the_next_comes_once_a_year(
    date: datetime, offset: timedelta, after: datetime
) -> None:
    at, seen = after, []
    for _ in range(5):
        following = next_instant(date, offset=offset, repeat="yearly", after=at)
        assert following is not None
        seen.append(following)
        at = following
    assert len({(one - offset).year for one in seen}) == len(seen)


@given(st.datetimes(timezones=st.just(UTC)), OFFSETS, st.datetimes(timezones=st.just(UTC)))
def test_the_ends_of_the_calendar_do_no_harm(
    date: datetime, offset: timedelta, after: datetime
) -> None:
    repeats: tuple[Repeat, ...] = ("never", "yearly")
    for repeat in repeats:
        at = next_instant(date, offset=offset, repeat=repeat, after=after)
        assert at is None or at > after
    assert next_instant("nonsense", offset=offset, repeat="never", after=after) is None
    assert next_instant(None, offset=offset, repeat="never", after=after) is None
