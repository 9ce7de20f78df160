"""What answers mean for calls and for hosts, in memory."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.addresses import AddressRefusedError, address_checked, header_fault
from messaging.circuits import (
    FIRST_OPEN,
    LONGEST_OPEN,
    MAX_TRIES,
    OPENS_AFTER,
    Answer,
    Circuit,
    pause_after,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
BAD, GOOD = Answer(code=503), Answer(code=200)


@pytest.mark.parametrize(
    ("answer", "outcome", "is_well"),
    [
        (Answer(code=200), "done", True),
        (Answer(code=299), "done", True),
        (Answer(code=302), "failed", True),
        (Answer(code=404), "failed", True),
        (Answer(code=408), "later", False),
        (Answer(code=409), "later", True),
        (Answer(code=425), "later", False),
        (Answer(code=429), "later", False),
        (Answer(code=500), "later", False),
        (Answer(code=599), "later", False),
        (Answer(error="No connection"), "later", False),
        (Answer(refused=True), "failed", None),
    ],
)
def test_an_answer_speaks_of_its_call_and_of_its_host(
    answer: Answer, outcome: str, is_well: bool | None
) -> None:
    assert (answer.outcome, answer.host_is_well) == (outcome, is_well)


def test_pauses_grow_to_about_a_day_and_differ_between_calls() -> None:
    pauses = [pause_after(BAD, tries=n, key="a") for n in range(1, MAX_TRIES)]
    assert pauses == sorted(pauses)
    assert pauses == [pause_after(BAD, tries=n, key="a") for n in range(1, MAX_TRIES)]
    assert len({pause_after(BAD, tries=1, key=str(n)) for n in range(100)}) > 90
    for n in range(100):
        total = sum(
            (pause_after(BAD, tries=t, key=str(n)) for t in range(1, MAX_TRIES)), timedelta()
        )
        assert timedelta(hours=16) < total < timedelta(hours=30)


@pytest.mark.parametrize("asked", [-5.0, 0.0, 1.0, 60.0, 1e9, 1e300])
def test_a_server_is_obeyed_within_bounds(asked: float) -> None:
    pause = pause_after(Answer(code=429, retry_after=asked), tries=1, key="a")
    assert timedelta(seconds=1) <= pause <= timedelta(hours=6)


def test_one_success_in_between_keeps_a_circuit_closed() -> None:
    stands = Circuit()
    for _ in range(20):
        stands = stands.after([BAD] * (OPENS_AFTER - 1), probed=False, now=NOON)
        assert stands.opened_at is None
        stands = stands.after([GOOD], probed=False, now=NOON)
    assert stands == Circuit()


def test_stragglers_do_not_lengthen_the_pause_but_failed_probes_do() -> None:
    stands = Circuit().after([BAD] * OPENS_AFTER, probed=False, now=NOON)
    assert stands.retry_at == NOON + FIRST_OPEN
    later = stands.after([BAD] * 8, probed=False, now=NOON + timedelta(seconds=20))
    assert later.retry_at == NOON + FIRST_OPEN
    pauses = []
    at = NOON
    for _ in range(8):
        at = later.retry_at or at
        later = later.after([BAD], probed=True, now=at)
        assert later.opened_at == NOON
        assert later.retry_at is not None
        pauses.append(later.retry_at - at)
    assert pauses == sorted(pauses)
    assert pauses[0] > FIRST_OPEN
    assert pauses[-1] == LONGEST_OPEN


def test_a_probe_that_told_nothing_is_followed_by_another() -> None:
    stands = Circuit().after([BAD] * OPENS_AFTER, probed=False, now=NOON)
    stands = stands.after([Answer(refused=True)], probed=True, now=NOON)
    assert stands.opened_at is not None
    assert stands.retry_at == NOON


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example",
        "http://crm.example:8080/a/b?c={{ d }}#e",
        "HTTPS://CRM.example/",
        "https://[2001:db8::1]/x",
        "https://münchen.example/",
    ],
)
def test_addresses_that_can_be_called(url: str) -> None:
    address_checked(url, may_hold_liquid=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.example",
        "//crm.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://?x",
        "https://a@b.example",
        "https://a b.example/",
        "https://a.example\\@b.example/",
        "https://a.example:0/",
        "https://a.example:x/",
        "https://[::1/",
        "https://a.example/\r\nX: y",
        "https://" + "a" * 3000,
    ],
)
def test_addresses_that_cannot(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        address_checked(url, may_hold_liquid=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("", "x"), ("A:", "x"), ("webhook-id", "x"), ("X", "a\nb"), ("X", "я"), ("X", "a" * 5000)],
)
def test_headers_that_cannot_be_sent(name: str, value: str) -> None:
    assert header_fault(name, value)
