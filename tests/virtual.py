"""A virtual clock: the real engine, driven from due moment to due moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Model

from common.clock import parse_instant
from common.durations import parse_duration
from flows.engine.worker import Engine
from flows.models import Appointment, FlowTimer, Visit

_CLOCKED: Sequence[tuple[type[Model], str]] = (
    (Visit, "due_at"),
    (Visit, "goal_at"),
    (Appointment, "at"),
    (FlowTimer, "begins_at"),
)
"""What falls due by the clock, and the column that says when."""

_DURATION = re.compile(r"^-?P[0-9TWDHMS]+$")
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")


class VirtualTime:
    """The clock of one test. `engine` ticks at every instant it is brought to."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self.engine = Engine(clock=lambda: self.now, look=timedelta(microseconds=1))

    def settle(self) -> None:
        """Work until there is nothing to do at this instant."""
        self.engine.until_idle()

    def at(self, instant: datetime) -> None:
        """Go to an instant and work until idle."""
        self.now = instant
        self.settle()

    def run_until(
        self, end: datetime, *, moments: Iterable[datetime] = (), through: bool = True
    ) -> None:
        """Go from due moment to due moment, and through `moments`, up to `end`.

        What happens at `end` itself comes before what falls due at it: with `through=False` the
        clock stops at the last moment before it.
        """
        waiting = sorted(moment for moment in moments if self.now < moment < end)
        while True:
            waiting = [moment for moment in waiting if moment > self.now]
            following = waiting[:1] + _dues(self.now, end)
            if not following:
                break
            self.at(min(following))
        if through:
            self.at(end)


def _dues(now: datetime, end: datetime) -> list[datetime]:
    """When visits, goals, dates and one-off sends fall due next, between two instants."""
    found = [
        model._default_manager.filter(**{f"{column}__gt": now, f"{column}__lt": end}).aggregate(
            due=Min(column)
        )["due"]
        for model, column in _CLOCKED
    ]
    return [due for due in found if due is not None]


def durations_in(data: Any) -> set[timedelta]:
    """Every duration that is written anywhere in some JSON."""
    found: set[timedelta] = set()
    for text in _texts(data):
        if _DURATION.match(text):
            found.add(parse_duration(text.lstrip("-")))
    return found


def instants_in(data: Any) -> set[datetime]:
    """Every instant that is written anywhere in some JSON."""
    return {parse_instant(text) for text in _texts(data) if _INSTANT.match(text)}


def edges(instants: Iterable[datetime], spans: Iterable[timedelta]) -> set[datetime]:
    """The instants at which a window of one of these lengths passes one of these instants."""
    return {
        moment
        for instant in instants
        for span in (timedelta(0), *spans)
        for moment in (instant + span, instant - span)
    }


def _texts(data: Any) -> Iterable[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, Sequence):
        for value in data:
            yield from _texts(value)
