"""Values and settings of a flow in words, as the sentences of a difference hold them.

PURE: no Django, no IO. What a step says is a sentence of its own (`flows.graph.sentences`).
"""

from __future__ import annotations

from typing import Any

from common.durations import DurationRefused, describe_duration, parse_duration, parse_offset
from flows.nodes.base import Names
from messaging.terms import CONTACT, clock_time
from segments.rules import describe
from segments.rules.describing import UNFINISHED

_INNER = str.maketrans("“”", "‘’")
LONGEST_SHOWN = 80
"""Characters of one value in a sentence."""


def quoted(sentence: str) -> str:
    """A sentence within another: what it quotes itself has the inner marks."""
    return f"“{sentence.translate(_INNER)}”"


def quoted_text(text: str) -> str:
    """A note's text within a sentence."""
    return quoted(shortened(text))


def in_words(value: Any) -> str:
    """A value of a config or a setting as a person reads it.

    Examples
    --------
    >>> in_words("PT90M"), in_words({"type": "segment", "segment": "vip", "op": "in"})
    ('1 hour 30 minutes', 'is in segment vip')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        rule = describe(value) if "type" in value else UNFINISHED
        if rule != UNFINISHED:
            return shortened(rule)
        return shortened(
            ", ".join(f"{key}: {in_words(inner)}" for key, inner in value.items()) or "{}"
        )
    if isinstance(value, list):
        return shortened(", ".join(in_words(inner) for inner in value) or "nothing")
    return "nothing" if value is None else str(value)


def _text(value: str) -> str:
    for read, before in ((parse_duration, ""), (parse_offset, "minus ")):
        try:
            return before + describe_duration(abs(read(value)))
        except (DurationRefused, ValueError):
            continue
    return f"“{shortened(value)}”"


def shortened(text: str) -> str:
    """A text on one line, as much of it as a sentence has room for."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def setting_words(key: str, old: Any, new: Any, names: Names) -> str:
    """How one setting differs, in a sentence; `old` and `new` are all settings of the editions."""
    was, now = old.get(key), new.get(key)
    if key == "reentry":
        return f"Coming again: {_reentry(now)} (was: {_reentry(was)})."
    if key == "goal":
        if now is None:
            return f"There is no goal any more (was: {shortened(describe(was))})."
        was_words = f" (was: {shortened(describe(was))})" if was is not None else ""
        return f"The goal is now: {shortened(describe(now))}{was_words}."
    if key == "exit_when":
        return _lists("Takes out who", [_leave(one, names) for one in was or ()],
                      [_leave(one, names) for one in now or ()])  # fmt: skip
    if key == "suppress":
        return _lists("Keeps out the members of", [names("segment", one) for one in was or ()],
                      [names("segment", one) for one in now or ()])  # fmt: skip
    title = key.replace("_", " ").capitalize()
    said = {"quiet_hours": _quiet, "email_limit": _limit}.get(key, in_words)
    if now is None:
        return f"{title}: no longer {said(was)}."
    return f"{title}: {said(now)}{f' (was: {said(was)})' if was is not None else ''}."


def _quiet(value: Any) -> str:
    zone = value.get("timezone", CONTACT)
    whose = "the contact's time zone" if zone == CONTACT else f"the time of {zone}"
    return f"{_clock(value['from'])}–{_clock(value['to'])} in {whose}"


def _clock(value: str) -> str:
    """A time of day as it is read: 22:00, whatever was typed."""
    try:
        return f"{clock_time(value):%H:%M}"
    except ValueError:
        return shortened(value)


def _limit(value: Any) -> str:
    n = value["count"]
    mails = "1 e-mail" if n == 1 else f"{n:,} e-mails"
    return f"{mails} per contact in {in_words(value['per'])}"


def _reentry(value: Any) -> str:
    if not value or value.get("type") == "once":
        return "never"
    gap = value.get("gap")
    return f"after leaving, {in_words(gap)} later" if gap else "after leaving, at once"


def _leave(value: Any, names: Names) -> str:
    if value.get("type") == "event":
        return describe({"type": "event", "name": value["name"], "where": value.get("where") or []})
    verb = "enters" if value.get("type") == "segment_entered" else "leaves"
    return f"{verb} {names('segment', value.get('segment', ''))}"


def _lists(start: str, was: list[str], now: list[str]) -> str:
    more = [one for one in now if one not in was]
    less = [one for one in was if one not in now]
    parts = [f"now also {', '.join(more)}"] if more else []
    parts += [f"no longer {', '.join(less)}"] if less else []
    return f"{start}: {'; '.join(parts) or 'the same in another order'}."
