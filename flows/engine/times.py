"""Triggers that go by the clock: dates that come, and what goes out once to many.

An *appointment* says when a timer lets a contact in. A `date` has one per contact, made of the
dates there are when it is published (in pieces, lane by lane) and moved whenever a date changes. A
`once` first *gathers* the members of its segments, each in the lane of who they are; when every
lane has, it *chooses* one contact per person, whose appointment is now. Each piece is part of a
pulse and remembers in the same transaction how far it has come: whatever dies, the next pulse goes
on there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from common.arrays import instant_array, int_array, text_array
from common.lanes import lane_of
from common.sql import queries
from flows.engine.book import Book, BookTimer
from flows.engine.codes import Entry, Taken, json_value
from segments.audience import person_key
from segments.models import Segment
from segments.rules import BUILTIN_FIELDS, compile_rule, parse

SQL = queries("flows", "times")

PIECE = 20_000
"""About so many contacts are looked at by the work of timers in one pulse."""
ENTRIES = 10_000
"""So many contacts timers let in, in one pulse: what happens meanwhile goes before the next."""
UPTO_NOW: Final = 2**63 - 1
NOBODY: Final = "00000000-0000-0000-0000-000000000000"

Lanes = Sequence[int]
Progress = dict[int, tuple[str, str]]
"""Lane → phase, and up to where."""


def lanes_waiting(book: Book, lanes: Lanes, *, now: datetime) -> list[int]:
    """Return the lanes in which a timer has something to do by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["timers_waiting"],
            {
                "lanes": int_array(lanes),
                "working": int_array(one.id for one in book.timers.values() if one.works(now)),
                "firing": int_array(one.id for one in book.timers.values() if one.flow.live),
                "now": now,
            },
        )
        return [row[0] for row in cursor.fetchall()]


class Times:
    """The timers of the book, in the lanes that one pulse holds."""

    def __init__(self, book: Book, lanes: Lanes) -> None:
        self.book = book
        self.lanes = list(lanes)

    # ── dates that change ───────────────────────────────────────────────────────────────────────

    def follow(self, touches: Sequence[Taken]) -> None:
        """Move the appointments of whose dates have changed."""
        if not self.book.dates:
            return
        touched: dict[str, dict[int, datetime]] = defaultdict(dict)
        for touch in touches:
            for field in self.book.dates:
                if touch.touched_at is not None and touch.changes(field):
                    touched[field][touch.contact_id] = touch.touched_at
        for field, contacts in touched.items():
            self._move(self.book.dates[field], contacts)

    def _move(self, timers: Sequence[BookTimer], contacts: Mapping[int, datetime]) -> None:
        dates = values_of(timers[0].field, contacts)
        who = _who(contacts)
        with connection.cursor() as cursor:
            ids = int_array(one.id for one in timers)
            cursor.execute(SQL["appointments_done"], {**who, "timers": ids})
            done = {(contact_id, timer_id): at for contact_id, timer_id, at in cursor.fetchall()}
            rows = [
                (contact_id, timer.id, timer.next(date, after=max(after)))
                for timer in timers
                for contact_id, date in dates.items()
                for after in [
                    (
                        contacts[contact_id],
                        timer.begins_at,
                        done.get((contact_id, timer.id), timer.begins_at),
                    )
                ]
            ]
            cursor.execute(
                SQL["appointments_move"],
                {
                    **_who(row[0] for row in rows),
                    "timers": int_array(row[1] for row in rows),
                    "ats": instant_array(row[2] for row in rows),
                },
            )

    # ── appointments that have come ─────────────────────────────────────────────────────────────

    def due(
        self, *, now: datetime, stopped: set[int], most: int = ENTRIES
    ) -> tuple[list[Entry], bool]:
        """Take the appointments that have come, so many at most; tell whether there may be more."""
        most = min(most, ENTRIES)
        timers = {
            one.id: one
            for one in self.book.timers.values()
            if one.flow.live and one.flow.id not in stopped
        }
        if not timers:
            return [], False
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["appointments_due"],
                {
                    "lanes": int_array(self.lanes),
                    "timers": int_array(timers),
                    "until": now,
                    "per_lane": max(1, most // len(self.lanes)),
                    "limit": most,
                },
            )
            rows = cursor.fetchall()
        self._keep([row for row in rows if timers[row[2]].kind == "date"], timers, now=now)
        over = [row for row in rows if timers[row[2]].kind == "once"]
        if over:
            with connection.cursor() as cursor:
                cursor.execute(SQL["appointments_over"], _keys(over))
        entries = [
            Entry(timer.flow.id, lane, contact_id, timer.node, at, None, UPTO_NOW)
            for lane, contact_id, timer_id, at in sorted(rows, key=lambda row: (row[3], row[1]))
            for timer in [timers[timer_id]]
        ]
        return entries, bool(rows)

    def _keep(self, rows: Sequence[Any], timers: Mapping[int, BookTimer], *, now: datetime) -> None:
        """Write that these dates have come, and when they do so next."""
        if not rows:
            return
        yearly = defaultdict(set)
        for _lane, contact_id, timer_id, _at in rows:
            if timers[timer_id].is_yearly:
                yearly[timers[timer_id].field].add(contact_id)
        dates = {field: values_of(field, contacts) for field, contacts in yearly.items()}
        after = [
            timers[timer_id].next(dates[timers[timer_id].field].get(contact_id), after=max(now, at))
            if timers[timer_id].is_yearly
            else None
            for _lane, contact_id, timer_id, at in rows
        ]
        with connection.cursor() as cursor:
            done = instant_array(row[3] for row in rows)
            cursor.execute(
                SQL["appointments_kept"], {**_keys(rows), "done": done, "ats": instant_array(after)}
            )

    # ── work in pieces ──────────────────────────────────────────────────────────────────────────

    def work(self, *, now: datetime, most: int = PIECE) -> bool:
        """Do a piece of what timers have to do, so large at most; tell whether any was done."""
        piece = min(most, PIECE)
        working = {one.id: one for one in self.book.timers.values() if one.works(now)}
        with connection.cursor() as cursor:
            params = {"lanes": int_array(self.lanes), "working": int_array(working)}
            cursor.execute(SQL["timers_work"], params)
            rows = cursor.fetchall()
        todo: dict[tuple[int, str], dict[int, str]] = defaultdict(dict)
        for timer_id, phase, lane, upto in rows:
            todo[timer_id, phase][lane] = upto
        for (timer_id, phase), uptos in todo.items():
            self._advance(timer_id, self._piece(timer_id, phase, uptos, working, piece=piece))
            break  # one piece a pulse: what happens meanwhile goes before the next
        return bool(todo)

    def _piece(
        self,
        timer_id: int,
        phase: str,
        uptos: Mapping[int, str],
        working: Mapping[int, BookTimer],
        *,
        piece: int,
    ) -> Progress:
        params = {
            "timer": timer_id,
            "timer_lanes": int_array(uptos),
            "per_lane": max(1, piece // len(uptos)),
        }
        if phase == "sweep":
            return _sweep(uptos, params)
        if phase == "fill":
            return _fill(working[timer_id], uptos, params)
        if phase == "gather":
            return _gather(working[timer_id], uptos, params)
        return _choose(working[timer_id], uptos, params)

    def _advance(self, timer_id: int, progress: Progress) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["timers_advance"],
                {
                    "timer": timer_id,
                    "timer_lanes": int_array(progress),
                    "phases": text_array(phase for phase, _ in progress.values()),
                    "uptos": text_array(upto for _, upto in progress.values()),
                },
            )


def values_of(field: str, contacts: Iterable[int]) -> dict[int, Any]:
    """Return a field of some contacts, as JSON: one statement. Who does not exist is left out."""
    value = _value_sql(field)
    with connection.cursor() as cursor:
        statement = SQL["values_there"].replace("{value}", f"to_jsonb({value})")
        cursor.execute(statement, {**_who(contacts), "field": field})
        return {contact_id: json_value(found) for contact_id, found in cursor.fetchall()}


def _value_sql(field: str) -> str:
    """A field of `c` as SQL; built-in ones are columns by these very names."""
    return f"c.{field}" if field in BUILTIN_FIELDS else "c.fields->%(field)s"


def _fill(timer: BookTimer, uptos: Mapping[int, str], params: Mapping[str, Any]) -> Progress:
    """Make first appointments of the dates there are, contact by contact in order of their ids."""
    statement = SQL["dates_there"].replace("{value}", _value_sql(timer.field))
    with connection.cursor() as cursor:
        given = {**params, "uptos": _numbers(uptos), "field": timer.field}
        cursor.execute(statement, given)
        rows = cursor.fetchall()
        ahead = [
            (contact_id, at)
            for _lane, contact_id, value in rows
            for at in [timer.next(json_value(value), after=timer.begins_at)]
            if at is not None
        ]
        if ahead:
            ats = instant_array(at for _, at in ahead)
            who = _who(contact_id for contact_id, _ in ahead)
            cursor.execute(SQL["appointments_fill"], {**who, "timer": timer.id, "ats": ats})
    found = _last_of(((lane, contact_id) for lane, contact_id, _ in rows), uptos)
    return _progress(found, params["per_lane"], phase="fill", then="done")


def _gather(timer: BookTimer, uptos: Mapping[int, str], params: Mapping[str, Any]) -> Progress:
    """Gather the next members; where a segment is gone, nobody (law 2)."""
    config = timer.config
    ids = dict(
        Segment.objects.filter(key__in=[*config.segments, *config.exclude]).values_list("key", "id")
    )
    if not {*config.segments, *config.exclude} <= ids.keys():
        return dict.fromkeys(uptos, ("done", ""))
    reachable = compile_rule(parse({"type": "reachable", "channel": "email"}, fields={}), fields={})
    statement = SQL["members_gather"].replace("{reachable}", reachable.text)
    statement = statement.replace("{key}", person_key(timer.person_by))
    exclude = [ids[key] for key in config.exclude]
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                **params,
                "uptos": _numbers(uptos),
                "segments": int_array({*(ids[key] for key in config.segments), *exclude}),
                "exclude": int_array(exclude),
            },
        )
        rows = {lane: (n, str(last)) for lane, n, last in cursor.fetchall()}
    found = {lane: rows.get(lane, (0, "")) for lane in uptos}
    return _progress(found, params["per_lane"], phase="gather", then="choose")


def _choose(timer: BookTimer, uptos: Mapping[int, str], params: Mapping[str, Any]) -> Progress:
    """Give one contact of each of the next persons an appointment."""
    with connection.cursor() as cursor:
        given = {**params, "uptos": text_array(upto or NOBODY for upto in uptos.values())}
        cursor.execute(SQL["persons_choose"], given)
        rows = cursor.fetchall()
        chosen = [contact_id for _lane, _person, contact_id in rows if contact_id is not None]
        if chosen:
            ats = instant_array(timer.begins_at for _ in chosen)
            given = {**_who(chosen), "timer": timer.id, "ats": ats}
            cursor.execute(SQL["appointments_fill"], given)
        found = _last_of(((lane, person) for lane, person, _ in rows), uptos)
        progress = _progress(found, params["per_lane"], phase="choose", then="done")
        whole = "ffffffff-ffff-ffff-ffff-ffffffffffff"
        cleared = [whole if phase == "done" else upto for phase, upto in progress.values()]
        cursor.execute(SQL["gathered_drop"], {**params, "uptos": text_array(cleared)})
    return progress


def _sweep(uptos: Mapping[int, str], params: Mapping[str, Any]) -> Progress:
    """Delete what is left of a timer that is out of use."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["sweep_gathered"], params)
        cursor.execute(SQL["sweep_appointments"], {**params, "uptos": _numbers(uptos)})
        rows = {lane: (n, str(last)) for lane, n, last in cursor.fetchall()}
    found = {lane: rows.get(lane, (0, "")) for lane in uptos}
    return _progress(found, params["per_lane"], phase="sweep", then="swept")


def _progress(
    found: Mapping[int, tuple[int, str]], per_lane: int, *, phase: str, then: str
) -> Progress:
    """A lane of which fewer were found than asked for has come to its end."""
    return {
        lane: (phase, last) if n >= per_lane else (then, "") for lane, (n, last) in found.items()
    }


def _last_of(rows: Iterable[tuple[int, Any]], lanes: Iterable[int]) -> dict[int, tuple[int, str]]:
    """How many rows each lane has, and the last of them."""
    found: dict[int, tuple[int, str]] = dict.fromkeys(lanes, (0, ""))
    for lane, key in rows:
        found[lane] = (found[lane][0] + 1, str(key))
    return found


def _numbers(uptos: Mapping[int, str]) -> str:
    return int_array(int(upto or 0) for upto in uptos.values())


def _who(contacts: Iterable[int]) -> dict[str, str]:
    ids = list(contacts)
    return {
        "contact_lanes": int_array(lane_of(contact_id) for contact_id in ids),
        "contacts": int_array(ids),
    }


def _keys(rows: Sequence[Any]) -> dict[str, str]:
    return {
        "contact_lanes": int_array(row[0] for row in rows),
        "contacts": int_array(row[1] for row in rows),
        "timers": int_array(row[2] for row in rows),
    }
