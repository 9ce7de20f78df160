"""Refresh: who joins and who leaves, after data or time has touched contacts.

Works inside the caller's transaction, which holds the lanes. A handful of statements for any number
of contacts: one that reads the state of the catalogue, and one per generation of segments that is
concerned (segments that need one another come later).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from django.db import connection

from common.arrays import int_array
from segments.catalogue import SQL, Catalogue, LiveSegment, catalogue
from segments.edges import Contact, edges_passed, look_remember, not_before_the_look, put_off
from segments.rules.values import zone_of

Joining = Literal["entered", "left"]


@dataclass(frozen=True, slots=True)
class Touched:
    """Something about a contact changed: `event:Login`, `field:plan`, `new:` and so on.

    Attributes
    ----------
    at
        The instant that what touched bears, if that may be later than now: it is looked at again
        then.
    """

    lane: int
    contact_id: int
    key: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A join or a leave that was written."""

    segment_id: int
    key: str
    lane: int
    contact_id: int
    change: Joining


def refresh(touches: Sequence[Touched], *, now: datetime) -> list[Change]:
    """Look again at the segments whose rules mention what was touched, for the contacts touched.

    Parameters
    ----------
    touches
        What changed, in any order.
    now
        The instant at which the rules are asked, and of the joins and leaves.

    Returns
    -------
    list of Change
        What was written, with segments before those that need them.
    """
    if not touches:
        return []
    book = catalogue()
    if book.moved_by_time():
        now = not_before_the_look(now, {touch.lane for touch in touches})
    by_key: dict[str, set[Contact]] = defaultdict(set)
    for touch in touches:
        by_key[touch.key].add((touch.lane, touch.contact_id))
    concerned: dict[int, set[Contact]] = defaultdict(set)
    for key, contacts in by_key.items():
        for segment_id in book.concerned(key):
            concerned[segment_id] |= contacts
    put_off(
        (touch.lane, touch.contact_id, touch.key, touch.at)
        for touch in touches
        if touch.at is not None and touch.at > now and book.concerned(touch.key)
    )
    return _follow(book, concerned, now=now) if concerned else []


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at time came to.

    Attributes
    ----------
    changes
        The joins and leaves that were written.
    more
        Whether some of the lanes have not been looked at yet: look again before resting.
    """

    changes: Sequence[Change] = ()
    more: bool = False


def refresh_time(*, now: datetime, lanes: Sequence[int]) -> Looked:
    """Look again at whom the passing of time concerns, in these lanes.

    Parameters
    ----------
    now
        The instant at which the rules are asked, and of the joins and leaves.
    lanes
        The lanes that the caller holds.
    """
    if not lanes:
        return Looked()
    book = catalogue()
    passed = edges_passed(book, lanes=lanes, now=now)
    whole = {one.id for one in book.moved_by_time()} if passed.whole else set()
    changes: list[Change] = []
    if passed.concerned or whole:
        at = not_before_the_look(now, passed.lanes)
        changes = _follow(book, passed.concerned, now=at, in_full=whole, lanes=passed.whole)
    look_remember(book, passed, now=now)
    return Looked(changes, passed.more)


def _follow(
    book: Catalogue,
    concerned: dict[int, set[Contact]],
    *,
    now: datetime,
    in_full: Iterable[int] = (),
    lanes: Sequence[int] = (),
) -> list[Change]:
    """Generation by generation; what changes in one is looked at in those that need it."""
    whole = frozenset(in_full)
    changes: list[Change] = []
    for generation in book.generations:
        written: list[Change] = []
        for segment_id in generation:
            if segment_id in whole:
                segment = book.segments[segment_id]
                written += lanes_refresh(book, segment, lanes=lanes, now=now)
        asked = {
            book.segments[segment_id]: concerned[segment_id]
            for segment_id in generation
            if segment_id not in whole and concerned.get(segment_id)
        }
        if asked:
            written += _ask(book, asked, now=now)
        for change in written:
            for segment_id in book.by_mention.get(f"segment:{change.key}", ()):
                concerned[segment_id].add((change.lane, change.contact_id))
        changes += written
    return changes


def _ask(
    book: Catalogue, asked: Mapping[LiveSegment, set[Contact]], *, now: datetime
) -> list[Change]:
    """One statement for all these segments and contacts."""
    params: dict[str, Any] = {
        **_sets(asked),
        "dynamic": int_array(segment.id for segment in asked if segment.leaves),
        "touching": False,
        "cause": "rule",
        "now": now,
    }
    for segment in asked:
        params |= segment.compiled.bind(now, book.zone)
    edged = [segment for segment in asked if segment.compiled.next_edge]
    building = [segment.id for segment in asked if segment.building]
    writes = SQL["write_edges"] if edged else ""
    if building:
        params["building"] = int_array(building)
        writes += SQL["write_judged"]
    due = _cases((one.id, one.compiled.next_edge) for one in edged) + " END" if edged else "NULL"
    return changes_write(
        book,
        SQL["refresh_touched"],
        params,
        cases=_cases((segment.id, segment.compiled.text) for segment in asked) + " ELSE false END",
        edges=due,
        writes=writes,
    )


def _sets(asked: Mapping[LiveSegment, set[Contact]]) -> dict[str, str]:
    """The contacts, each with the number of the set of segments to ask about it."""
    of_contact: dict[Contact, list[int]] = defaultdict(list)
    for segment, contacts in asked.items():
        for contact in contacts:
            of_contact[contact].append(segment.id)
    numbers: dict[tuple[int, ...], int] = {}
    sets = [numbers.setdefault(tuple(ids), len(numbers)) for ids in of_contact.values()]
    pairs = [(number, one) for ids, number in numbers.items() for one in ids]
    return {
        "k_lanes": int_array(lane for lane, _ in of_contact),
        "k_contacts": int_array(contact_id for _, contact_id in of_contact),
        "k_sets": int_array(sets),
        "t_sets": int_array(number for number, _ in pairs),
        "t_segments": int_array(segment_id for _, segment_id in pairs),
        "lanes": int_array(sorted({lane for lane, _ in of_contact})),
    }


def _cases(texts: Iterable[tuple[int, str]]) -> str:
    return "CASE t.segment_id " + " ".join(f"WHEN {one} THEN {text}" for one, text in texts)


def lanes_refresh(
    book: Catalogue,
    segment: LiveSegment,
    *,
    lanes: Sequence[int],
    now: datetime,
) -> list[Change]:
    """Ask a segment's rule about everybody in some lanes, and write who joins and leaves."""
    params = {
        "segment": segment.id,
        "lanes": int_array(lanes),
        "leaves": segment.leaves,
        "touching": False,
        "cause": "rule",
        "now": now,
        **segment.compiled.bind(now, book.zone),
    }
    if segment.building:
        with connection.cursor() as cursor:
            cursor.execute(SQL["judge_lanes"], params)
    edges = segment.compiled.next_edge
    return changes_write(
        book,
        SQL["refresh_lanes"],
        params,
        writes=SQL["judge_edges"] + SQL["write_edges"] if edges else "",
        rule=segment.compiled.whole,
        edges=edges,
    )


def changes_write(
    book: Catalogue, query: str, params: Mapping[str, Any], **pieces: str
) -> list[Change]:
    """Run one of the statements that end in `write_changes`, and return what it wrote."""
    statement = query.replace("{write_changes}", SQL["write_changes"])
    for name, text in pieces.items():
        statement = statement.replace(f"{{{name}}}", text)
    with connection.cursor() as cursor:
        day = params["now"].astimezone(zone_of(book.zone)).date()
        cursor.execute(statement, {**params, "day": day})
        return [
            Change(
                segment_id,
                book.segments[segment_id].key,
                lane,
                contact_id,
                cast("Joining", change),
            )
            for segment_id, lane, contact_id, change in cursor.fetchall()
        ]


def lanes_lock(lanes: Iterable[int]) -> None:
    """Hold lanes against the engine until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock_lanes"], {"lanes": int_array(sorted(set(lanes)))})
