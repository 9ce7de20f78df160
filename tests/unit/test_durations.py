"""Durations: what is taken, what is refused and why, and how they are said."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.durations import (
    LONGEST,
    DurationRefused,
    describe_duration,
    parse_duration,
    parse_offset,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P7D", timedelta(days=7)),
        ("P2W", timedelta(weeks=2)),
        ("PT90M", timedelta(minutes=90)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("P1W2DT3H4M5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("PT0,5S", timedelta(milliseconds=500)),
        ("P36525D", LONGEST),
    ],
)
def test_reads(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("P1M", "months and years"),
        ("P1Y", "months and years"),
        ("P1Y2M3D", "months and years"),
        ("P2W1M", "months and years"),
        ("PT0S", "longer than zero"),
        ("P0D", "longer than zero"),
        ("PT0.0000001S", "is not a duration"),
        ("-P3D", "is not a duration"),
        ("P", "is not a duration"),
        ("PT", "is not a duration"),
        ("P1DT", "is not a duration"),
        ("p7d", "is not a duration"),
        ("P1.5D", "is not a duration"),
        ("PT1H\n", "is not a duration"),
        ("P١D", "is not a duration"),
        ("", "is not a duration"),
        ("P36526D", "a hundred years"),
        ("P999999999W", "a hundred years"),
        (3600, "a duration is text"),
        (None, "a duration is text"),
        (True, "a duration is text"),
    ],
)
def test_refuses_with_a_reason(text: object, why: str) -> None:
    with pytest.raises(DurationRefused, match=why):
        parse_duration(text)


def test_an_offset_may_lead_back_or_be_nothing() -> None:
    assert parse_offset("-P3D") == timedelta(days=-3)
    assert parse_offset("P3D") == timedelta(days=3)
    assert parse_offset("PT0S") == timedelta(0)


@pytest.mark.parametrize("text", ["--P3D", "-", "-P1M", "- P3D", None, "-PT0S"])
def test_a_bad_offset_is_refused(text: object) -> None:
    with pytest.raises(DurationRefused):
        parse_offset(text)


@given(st.integers(1, 36524), st.integers(0, 86_399))
def test_what_is_written_is_read_back(days: int, seconds: int) -> None:
    text = f"P{days}DT{seconds}S" if seconds else f"P{days}D"
    assert parse_duration(text) == timedelta(days=days, seconds=seconds)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=14), "14 days"),
        (timedelta(days=1, hours=12, minutes=1, seconds=2), "1 day 12 hours 1 minute 2 seconds"),
        (timedelta(milliseconds=500), "0.5 seconds"),
        (timedelta(days=-3), "minus 3 days"),
        (timedelta(0), "0 seconds"),
    ],
)
def test_says(duration: timedelta, words: str) -> None:
    assert describe_duration(duration) == words
