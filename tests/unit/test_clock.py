"""Instants: one canonical text that sorts as they do, and what is read as an instant."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from common.clock import canonical, parse_instant, utcnow

instants = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001  # hypothesis adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)


@given(instants)
def test_an_instant_survives_its_canonical_text(instant: datetime) -> None:
    assert parse_instant(canonical(instant)) == instant


@given(instants, instants)
def test_canonical_texts_sort_as_the_instants_do(one: datetime, other: datetime) -> None:
    assert (canonical(one) < canonical(other)) == (one < other)
    assert len(canonical(one)) == len("2026-05-01T12:30:00.000000Z")


@time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False)
def test_the_present_is_aware_and_in_utc() -> None:
    assert utcnow() == datetime(2026, 5, 1, tzinfo=UTC)
    assert utcnow().tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01", "2026-05-01T00:00:00.000000Z"),
        ("2026-05-01T12:30", "2026-05-01T12:30:00.000000Z"),
        (" 2026-05-01 12:30:00Z ", "2026-05-01T12:30:00.000000Z"),
        ("2026-05-01T12:30:00.123456789Z", "2026-05-01T12:30:00.123456Z"),
        ("2026-05-01T00:30:00+02:00", "2026-04-30T22:30:00.000000Z"),
        (datetime(2026, 5, 1, 12, tzinfo=UTC).replace(tzinfo=None), "2026-05-01T12:00:00.000000Z"),
    ],
)
def test_reads(text: object, expected: str) -> None:
    assert canonical(parse_instant(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "20260501", "2026-W18", "2026-13-01", "2026-05-01Tnoon", "12:30", None, 5, [],
     "0001-01-01T00:00+02:00", "2026-05-01T12:30:00Z; DROP TABLE contact", "٢٠٢٦-٠٥-٠١Tx"],
)  # fmt: skip
def test_refuses_what_is_no_instant(text: object) -> None:
    with pytest.raises(ValueError, match="is not a date and time"):
        parse_instant(text)


def test_a_refusal_does_not_repeat_a_long_text() -> None:
    with pytest.raises(ValueError, match="is not a date") as refusal:
        parse_instant("x" * 10_000)
    assert len(str(refusal.value)) < 150
