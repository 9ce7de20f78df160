"""Copying a past period into a trial's schema: contacts as they stood, and what came to them.

Runs in a process whose `search_path` is the trial's schema alone. Only what concerns the flow is
copied: the contacts who might come in, the events and fields that rules ask for.

What cannot be known is said in `notes`: the values that fields had before their present ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

from common.clock import canonical
from contacts.models import BUILTIN_FIELDS
from flows.trial.schema import SQL, columns_of, sequences_follow
from segments.rules import RuleRefused, mentions, parse

WHOLE: Final = ("lane", "workspace", "field", "topic", "template")
"""Small tables that are copied as they are."""
SET_BY_PRODUCT: Final = frozenset({"created_at", "last_seen_at", "score", "external_id"})
REACH: Final = ("unsubscribed_at", "complained_at", "hard_bounced_at")
MARKETING: Final = "Email Sent"


@dataclass(frozen=True)
class Period:
    """Which contacts, from when to when."""

    source: str
    begins: datetime
    ends: datetime
    segment: str | None = None


@dataclass
class Concern:
    """What concerns a flow: found by what its graph, its settings and its segments' rules name."""

    segments: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    doing: list[str] | None = None
    """The events by which alone contacts come in; None if they come in another way, too."""

    @property
    def events(self) -> list[str] | None:
        """Names of the events to be copied; None: all."""
        names = {key.removeprefix("event:") for key in self.keys if key.startswith("event:")}
        return None if "*" in names or self.last_seen else sorted(names)

    @property
    def last_seen(self) -> bool:
        """Whether anything asks when contacts were last seen."""
        return "field:last_seen_at" in self.keys

    @property
    def scores(self) -> bool:
        """Whether anything asks for scores."""
        return bool({"score:", "field:score"} & self.keys)

    @property
    def fields(self) -> list[str]:
        """The fields that anything asks for."""
        return sorted(key.removeprefix("field:") for key in self.keys if key.startswith("field:"))


def concern_of(
    graph: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    rules: Mapping[str, Any],
    fields: Mapping[str, str],
) -> Concern:
    """Find what concerns a flow.

    Parameters
    ----------
    rules
        The rules of all segments, by key.
    fields
        The workspace's fields with their types.
    """
    concern = Concern()
    texts = set(_texts(graph)) | set(_texts(settings))
    # Whatever a flow names may be an event, a field (Liquid too) or a segment: a name too many
    # costs a little, one too few would be wrong.
    concern.keys |= {f"event:{text}" for text in texts}
    concern.keys |= {f"field:{key}" for key in fields if any(key in text for text in texts)}
    if any(_asks(data, "score_change") for data in (graph, settings)):
        concern.keys.add("score:")
    waiting = {text for text in texts if text in rules}
    while waiting:
        key = waiting.pop()
        concern.segments.add(key)
        try:
            asked = set(mentions(parse(rules[key], fields=fields))) if rules[key] else set()
        except RuleRefused:
            continue
        concern.keys |= asked
        named = {one.removeprefix("segment:") for one in asked if one.startswith("segment:")}
        waiting |= (named & rules.keys()) - concern.segments
    triggers = [node for node in graph.get("nodes", ()) if _is_trigger(str(node.get("type")))]
    if triggers and all(node["type"] == "event" for node in triggers):
        names = {str(node["config"].get("name")) for node in triggers}
        concern.doing = None if "*" in names else sorted(names)
    return concern


def period_copy(period: Period, concern: Concern, *, own: str) -> list[str]:
    """Copy the rows; returns what is to be noted.

    Parameters
    ----------
    own
        The reason under which the flow itself changed scores: that is left out.
    """
    copy = _Copy(period, concern)
    with connection.cursor() as cursor:
        copy.whole(cursor)
        copy.contacts(cursor)
        copy.events(cursor, own)
        return copy.notes


def feed_make(period: Period, concern: Concern) -> None:
    """Set contacts back to the start, and keep what changed later to come in its time.

    Called once the tables have their indexes.
    """
    begins, ends = canonical(period.begins), canonical(period.ends)
    at: dict[str, Any] = {
        "begins": period.begins,
        "ends": period.ends,
        "begins_text": begins,
        "ends_text": ends,
        "keys": [key for key in concern.fields if key not in BUILTIN_FIELDS],
    }
    with connection.cursor() as cursor:
        for name in ("late_make", "feed_make", "feed_comers", "feed_fields", "unset_fields"):
            cursor.execute(SQL[name], at)
        cursor.execute(SQL["unset_comers_fields"], at)
        for column in concern.fields:
            if column in BUILTIN_FIELDS and column not in SET_BY_PRODUCT:
                cursor.execute(SQL["feed_column"].format(column=column), at)
                cursor.execute(SQL["unset_column"].format(column=column), at)
        for column in REACH:
            cursor.execute(SQL["feed_reach"].format(column=column), at)
            cursor.execute(SQL["unset_reach"].format(column=column), at)
        cursor.execute(SQL["feed_consents"].format(source=period.source), at)
        cursor.execute(SQL["feed_members"].format(source=period.source), at)
        if concern.scores:
            cursor.execute(SQL["scores_at_start"], at)
            cursor.execute(SQL["feed_scores"], at)
        if concern.last_seen:
            cursor.execute(SQL["seen_before"], at)
        cursor.execute(SQL["feed_index"])
        cursor.execute(SQL["events_index"].format(begins=instant_said(period.begins)))
        cursor.execute("ANALYZE trial_feed")


def instant_said(at: datetime) -> str:
    """An instant as a literal: partial indexes are used only where it stands in the statement."""
    return f"'{canonical(at)}'::timestamptz"


class _Copy:
    def __init__(self, period: Period, concern: Concern) -> None:
        self.period = period
        self.concern = concern
        self.notes: list[str] = []
        self.at = {"begins": period.begins, "ends": period.ends}

    def whole(self, cursor: Any) -> None:
        """The small tables, and the segments that concern the flow."""
        source = self.period.source
        for table in WHOLE:
            names = ", ".join(f'"{name}"' for name in columns_of(table))
            cursor.execute(
                f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE "
                f"SELECT {names} FROM {source}.{table}"
            )
        names = ", ".join(f'"{name}"' for name in columns_of("segment"))
        cursor.execute(
            f"INSERT INTO segment ({names}) OVERRIDING SYSTEM VALUE "
            f"SELECT {names} FROM {source}.segment WHERE key = ANY(%s)",
            [sorted(self.concern.segments)],
        )
        cursor.execute("UPDATE segment SET status = 'ready'")

    def contacts(self, cursor: Any) -> None:
        """The contacts, and how they stand to segments and topics."""
        source = self.period.source
        cursor.execute(
            SQL["who"].format(source=source),
            {**self.at, "segment": self.period.segment, "doing": self.concern.doing},
        )
        cursor.execute("ANALYZE trial_contact")
        cursor.execute("CREATE UNLOGGED TABLE trial_comer (LIKE contact)")
        self._copied(cursor, "copy_contacts", "contact", "c")
        self._copied(cursor, "copy_comers", "contact", "c")
        self._copied(cursor, "copy_consents", "consent", "k")
        self._copied(cursor, "copy_held_out", "held_out", "h")
        self._copied(cursor, "copy_members", "membership", "m")
        cursor.execute("SELECT EXISTS (SELECT FROM segment WHERE top IS NOT NULL)")
        if cursor.fetchone()[0]:
            self.notes.append("Ranked segments stay as they stand now.")

    def events(self, cursor: Any, own: str) -> None:
        """What they did, and their points."""
        names = self.concern.events
        self._copied(cursor, "copy_events", "event", "e", places={"id": "place"}, names=names)
        if self.concern.scores:
            self._copied(cursor, "copy_scores", "score_change", "s", own=own)
        sequences_follow(["event", "score_change", "consent"])

    def _copied(
        self,
        cursor: Any,
        query: str,
        table: str,
        alias: str,
        *,
        places: Mapping[str, str] | None = None,
        **params: Any,
    ) -> None:
        columns = columns_of(table)
        read = [(places or {}).get(name, name) for name in columns]
        statement = SQL[query].format(
            source=self.period.source,
            columns=", ".join(f'"{name}"' for name in columns),
            **{f"columns_{alias}": ", ".join(f'{alias}."{name}"' for name in read)},
        )
        cursor.execute(statement, {**self.at, **params})


def _texts(data: Any) -> Iterable[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, Sequence):
        for value in data:
            yield from _texts(value)


def _asks(data: Any, condition: str) -> bool:
    return condition in set(_texts(data))


def _is_trigger(kind: str) -> bool:
    from flows.nodes import NODE_TYPES

    return kind in NODE_TYPES and NODE_TYPES[kind].group == "trigger"
