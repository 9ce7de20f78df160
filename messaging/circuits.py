"""What an answer means: for its call (done, later, failed) and for its host. PURE.

A host that keeps failing is left alone for a while: after `OPENS_AFTER` failures in a row its
circuit opens, and its calls wait, without using up tries. When the pause is over one call is let
through as a probe; if that succeeds the circuit closes, else the next pause is longer.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

MAX_TRIES = 8
"""Tries of one call; with the pauses below these are spread over about a day."""
FIRST_PAUSE = timedelta(seconds=75)
GROWTH = 3
JITTER = 0.25
LONGEST_ASKED = timedelta(hours=6)
"""How long a server may ask to be left alone (`Retry-After`)."""

OPENS_AFTER = 5
"""Failures in a row after which a host's circuit opens."""
FIRST_OPEN = timedelta(minutes=1)
LONGEST_OPEN = timedelta(minutes=15)

_LATER = frozenset({408, 409, 425, 429})
"""Refusals that are for now alone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try.

    Attributes
    ----------
    code
        The HTTP status, if there was an answer at all.
    refused
        It was not even tried, and never will be: the address or a header is at fault.
    retry_after
        Seconds after which the server wants to be asked again.
    """

    code: int | None = None
    body: str = ""
    error: str = ""
    retry_after: float | None = None
    refused: bool = False
    ms: int = 0

    def timed(self, ms: int) -> "Answer":
        """Return the same with the time it took."""
        return replace(self, ms=ms)

    @property
    def outcome(self) -> Literal["done", "later", "failed"]:
        """What it means for the call: redirects and refusals are for good, trouble is for now."""
        if self.refused:
            return "failed"
        if self.code is None or self.code >= 500 or self.code in _LATER:
            return "later"
        return "done" if 200 <= self.code < 300 else "failed"

    @property
    def host_is_well(self) -> bool | None:
        """What it means for the host; None: nothing."""
        if self.refused:
            return None
        return self.code is not None and self.code < 500 and self.code not in (408, 425, 429)

    @property
    def sentence(self) -> str:
        """What went wrong, in words; empty if nothing did."""
        if self.error or self.outcome == "done":
            return self.error
        if self.code is not None and 300 <= self.code < 400:
            return f"The server answered {self.code}; redirects are not followed."
        return f"The server answered {self.code}."

    def as_dict(self) -> dict[str, Any]:
        """The answer as it is kept in the log."""
        return {"code": self.code, "body": self.body, "error": self.sentence, "ms": self.ms}


def pause_after(answer: Answer, *, tries: int, key: str) -> timedelta:
    """How long a call waits for its next try: longer each time, and not all at the same instant.

    Examples
    --------
    >>> pause_after(Answer(retry_after=120), tries=1, key="msg_1")
    datetime.timedelta(seconds=120)
    >>> 0.75 <= pause_after(Answer(), tries=2, key="msg_1") / (3 * FIRST_PAUSE) <= 1.25
    True
    """
    if answer.retry_after is not None:
        asked = max(answer.retry_after, 1.0)
        return min(timedelta(seconds=min(asked, 1e6)), LONGEST_ASKED)
    digest = hashlib.blake2b(f"{key}/{tries}".encode(), digest_size=4).digest()
    spread = int.from_bytes(digest, "big") / 0xFFFFFFFF
    factor: float = GROWTH ** (tries - 1) * (1 - JITTER + 2 * JITTER * spread)
    return FIRST_PAUSE * factor


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a host stands: `failures` in a row; open since `opened_at`, probed at `retry_at`."""

    failures: int = 0
    openings: int = 0
    opened_at: datetime | None = None
    retry_at: datetime | None = None
    error: str = ""

    def after(self, answers: Iterable[Answer], *, probed: bool, now: datetime) -> "Circuit":
        """How it stands after some answers, in the order in which they came.

        Parameters
        ----------
        probed
            Whether the one call let through an open circuit is among them. Other failures of an
            open circuit are calls that were under way when it opened, and change nothing.

        Examples
        --------
        >>> noon = datetime(2026, 1, 1, 12)
        >>> circuit = Circuit().after([Answer(code=503)] * OPENS_AFTER, probed=False, now=noon)
        >>> str(circuit.retry_at)
        '2026-01-01 12:01:00'
        >>> circuit.after([Answer(code=200)], probed=True, now=noon)
        Circuit(failures=0, openings=0, opened_at=None, retry_at=None, error='')
        """
        stands = self
        for answer in answers:
            if answer.host_is_well is None:
                if probed and stands.opened_at is not None:
                    stands = replace(stands, retry_at=now)  # it told nothing: let another probe
            elif answer.host_is_well:
                stands = Circuit()
            else:
                stands = stands._failed(answer, probed=probed, now=now)
        return stands

    def _failed(self, answer: Answer, *, probed: bool, now: datetime) -> "Circuit":
        failures = self.failures + 1
        is_open = self.opened_at is not None
        if (is_open and not probed) or (not is_open and failures < OPENS_AFTER):
            return replace(self, failures=failures, error=answer.sentence)
        openings = self.openings + 1
        pause = min(FIRST_OPEN * 2 ** min(openings - 1, 10), LONGEST_OPEN)
        return Circuit(failures, openings, self.opened_at or now, now + pause, answer.sentence)
