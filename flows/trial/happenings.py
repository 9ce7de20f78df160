"""The timeline of a simulation, read and checked. No IO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from common.clock import parse_instant
from common.durations import parse_duration
from flows.trial import mailbox
from flows.trial.answers import answer_of
from flows.trial.shapes import TrialRefused

KINDS: Final = (
    "answers",
    "event",
    "mail",
    "fields",
    "unset",
    "consents",
    "score",
    "add_to_segment",
    "remove_from_segment",
    "add_to_flow",
    "remove_from_flow",
)
BESIDES: Final = {"at", "contact", "properties", "message_of", "touch", "link"}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to the contact; `value` is read by its kind."""

    at: datetime
    kind: str
    value: Any


def happenings_of(
    timeline: Sequence[Mapping[str, Any]], *, start: datetime, end: datetime, most: int
) -> list[Happening]:
    """Return the happenings in order of time; those of one instant in the order given.

    Parameters
    ----------
    timeline
        As `flows.trial.shapes` says. A happening may hold several kinds: they happen in the order
        of `KINDS`.
    start, end
        What lies outside is refused.
    most
        How many there may be.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 6, 1, tzinfo=UTC)
    >>> line = [{"at": "PT1H", "fields": {"plan": "pro"}}]
    >>> [str(one.at) for one in happenings_of(line, start=at, end=at.replace(day=2), most=9)]
    ['2026-06-01 01:00:00+00:00']
    """
    if len(timeline) > most:
        raise TrialRefused(
            f"A timeline holds at most {most:,} happenings.", attr="timeline", code="too_long"
        )
    found: list[Happening] = []
    for number, row in enumerate(timeline):
        where = f"timeline.{number}"
        at = _instant(row.get("at"), start, where)
        if not start <= at <= end:
            raise TrialRefused(
                f"The happening {number + 1} lies outside the time that is simulated.", attr=where
            )
        unknown = row.keys() - set(KINDS) - BESIDES
        kinds = [kind for kind in KINDS if row.get(kind) is not None]
        if unknown or not kinds:
            what = f"“{min(unknown)}”" if unknown else "nothing"
            raise TrialRefused(
                f"The happening {number + 1} says {what}; it can say {', '.join(KINDS)}.",
                attr=where,
            )
        found += [Happening(at, kind, _value(kind, row, where)) for kind in kinds]
    return sorted(found, key=lambda one: one.at)


def _instant(text: Any, start: datetime, where: str) -> datetime:
    if isinstance(text, datetime):
        return text
    try:
        if isinstance(text, str) and text.startswith("P"):
            return start + parse_duration(text)
        return parse_instant(str(text))
    except (ValueError, OverflowError) as trouble:
        raise TrialRefused(f"“{text}” is no instant: {trouble}", attr=f"{where}.at") from None


def _value(kind: str, row: Mapping[str, Any], where: str) -> Any:
    value: Any = row[kind]
    given = value
    shapes: dict[str, type | tuple[type, ...]] = {
        "fields": Mapping,
        "unset": Sequence,
        "consents": Mapping,
        "answers": Mapping,
        "score": (int, float),
    }
    if not isinstance(given, shapes.get(kind, str)) or isinstance(given, bool):
        raise TrialRefused(f"{kind} has a value of another shape.", attr=f"{where}.{kind}")
    if kind == "consents" and not set(value.values()) <= {"subscribed", "unsubscribed"}:
        raise TrialRefused("A consent is subscribed or unsubscribed.", attr=f"{where}.consents")
    if kind == "fields" and "score" in value and not _is_number(value["score"]):
        raise TrialRefused("A score is a number.", attr=f"{where}.fields.score")
    if kind == "mail":
        return mailbox.happening_of(row, where)
    if kind == "answers":
        return {node: answer_of(said, f"{where}.answers") for node, said in value.items()}
    if kind != "event":
        return value
    properties = row.get("properties") or {}
    if not isinstance(properties, Mapping) or not value.strip():
        raise TrialRefused("An event has a name, and properties by name.", attr=where)
    return {
        "name": value,
        "properties": properties,
        "message_of": row.get("message_of"),
        "touch": bool(row.get("touch", False)),
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
