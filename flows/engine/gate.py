"""The gate: who of those that a trigger let through may really enter.

Decided for a whole set by a few statements: never two visits of one flow at once, `reentry`,
suppression, and nobody who fulfils the goal already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from common.arrays import int_array
from common.sql import queries
from flows.engine.book import Book, BookFlow
from flows.engine.codes import Entry
from flows.engine.world import PostgresWorld
from flows.lives import flows_stop
from flows.nodes.base import Walker

SQL = queries("flows")

MOST_A_DAY = 100
"""So often one contact may enter one flow in a day; more, and flows are setting each other off."""


def admit(
    book: Book, entries: Sequence[Entry], *, world: PostgresWorld, stopped: set[int]
) -> list[tuple[BookFlow, Walker]]:
    """New walkers for those who may enter; a contact's first entry into a flow counts.

    Parameters
    ----------
    entries
        Candidates, in order of arrival.
    world
        Answers the goals; its `now` is the instant of entering.
    stopped
        Flows that this pulse has paused, because a contact came to them too often; added to.
    """
    first: dict[tuple[int, int], Entry] = {}
    for entry in entries:
        if entry.flow_id not in stopped:
            first.setdefault((entry.flow_id, entry.contact_id), entry)
    wanted = _living(list(first.values()))
    wanted = _allowed_again(book, wanted, world)
    wanted = _not_in_circles(book, wanted, world, stopped)
    wanted = _not_suppressed(book, wanted)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(SQL["take_visit_ids"], {"n": len(wanted)})
        ids = [row[0] for row in cursor.fetchall()]
    walkers = [
        (book.flows[entry.flow_id], _walker(visit_id, entry, book, world))
        for visit_id, entry in zip(ids, wanted, strict=True)
    ]
    return _not_there_yet(walkers, world)


def _walker(visit_id: int, entry: Entry, book: Book, world: PostgresWorld) -> Walker:
    return Walker(
        visit_id=visit_id,
        lane=entry.lane,
        contact_id=entry.contact_id,
        entry_at=entry.entry_at,
        entered_at=world.now,
        arrived_at=world.now,
        node=entry.node,
        trigger=entry.trigger,
        upto=entry.upto,
        fresh=True,
        version_id=book.flows[entry.flow_id].version.id,
        flow_id=entry.flow_id,
    )


def _of_contacts(entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        "contact_lanes": int_array(entry.lane for entry in entries),
        "contacts": int_array(entry.contact_id for entry in entries),
    }


def _living(entries: list[Entry]) -> list[Entry]:
    """Without those who were deleted or merged away since they were touched."""
    if not entries:
        return entries
    with connection.cursor() as cursor:
        cursor.execute(SQL["living_contacts"], _of_contacts(entries))
        living = {row[0] for row in cursor.fetchall()}
    return [entry for entry in entries if entry.contact_id in living]


def _allowed_again(book: Book, entries: list[Entry], world: PostgresWorld) -> list[Entry]:
    """Without those who are inside, and those whose last visit is not long enough ago."""
    if not entries:
        return entries
    params = {**_of_contacts(entries), "flows": int_array(entry.flow_id for entry in entries)}
    with connection.cursor() as cursor:
        cursor.execute(SQL["last_visits"], params)
        last = {row[0] - 1: (row[1], row[2]) for row in cursor.fetchall()}
    allowed: list[Entry] = []
    for place, entry in enumerate(entries):
        if place in last:
            state, left_at = last[place]
            gap = book.flows[entry.flow_id].gap_seconds
            if state in ("inside", "failed") or gap is None:
                continue
            if left_at is not None and left_at + timedelta(seconds=gap) > world.now:
                continue
        allowed.append(entry)
    return allowed


def _not_in_circles(
    book: Book, entries: list[Entry], world: PostgresWorld, stopped: set[int]
) -> list[Entry]:
    """Without the flows that a contact has entered too often today: those are paused."""
    asking = [entry for entry in entries if book.flows[entry.flow_id].gap_seconds is not None]
    if not asking:
        return entries
    params = {
        **_of_contacts(asking),
        "flows": int_array(entry.flow_id for entry in asking),
        "most": MOST_A_DAY,
        "since": world.now - timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["entered_too_often"], params)
        spinning = {asking[row[0] - 1].flow_id for row in cursor.fetchall()}
    if not spinning:
        return entries
    stopped |= spinning
    flows_stop(
        spinning,
        alert=f"Paused: one contact entered this flow {MOST_A_DAY} times within a day, so flows or "
        "segments seem to set each other off. Mend that, then resume.",
        now=world.now,
    )
    return [entry for entry in entries if entry.flow_id not in spinning]


def _not_suppressed(book: Book, entries: list[Entry]) -> list[Entry]:
    by_segments: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    free: list[Entry] = []
    for entry in entries:
        suppress = tuple(book.flows[entry.flow_id].version.settings.suppress)
        if suppress:
            by_segments[suppress].append(entry)
        else:
            free.append(entry)
    for segments, asking in by_segments.items():
        with connection.cursor() as cursor:
            cursor.execute(SQL["members_of"], {**_of_contacts(asking), "segments": list(segments)})
            members = {row[0] for row in cursor.fetchall()}
        free += [entry for entry in asking if entry.contact_id not in members]
    return free


def _not_there_yet(
    walkers: list[tuple[BookFlow, Walker]], world: PostgresWorld
) -> list[tuple[BookFlow, Walker]]:
    """Without those who fulfil the flow's goal already."""
    asking: dict[int, list[Walker]] = defaultdict(list)
    for flow, walker in walkers:
        if flow.version.settings.goal is not None:
            asking[flow.id].append(walker)
    there: set[int] = set()
    for flow, _walker in walkers:
        if flow.id in asking:
            there |= world.surely(flow.version.settings.goal, asking.pop(flow.id))
    return [(flow, walker) for flow, walker in walkers if walker.visit_id not in there]
