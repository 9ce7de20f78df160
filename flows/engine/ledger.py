"""The ledger: what a pass did, written in a handful of statements for thousands of visits."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection

from common.arrays import instant_array, int_array, text_array
from common.binary import (
    bigint_field,
    each_once,
    instant_field,
    json_field,
    rows_of,
    text_field,
)
from common.sql import queries
from flows.engine.book import BookFlow
from flows.engine.carry import Passage, Post, Steps
from flows.engine.posting import calls_post, notices_post
from flows.failures import failures_note
from flows.nodes.base import Walker
from flows.series import counts_add
from messaging.services import NewMessage, messages_cancel, messages_queue

SQL = queries("flows")


class Ledger:
    """Writes passages and endings of one pulse, and keeps its counts until the end.

    Parameters
    ----------
    lanes
        The lanes this pulse holds; counts are written to the first one's rows.
    now
        The instant of the pulse.
    watched
        Keys of the flows that segments' rules ask for: who enters or leaves one is touched.
    """

    def __init__(
        self, *, lanes: Sequence[int], now: datetime, watched: frozenset[str] = frozenset()
    ) -> None:
        self.lanes = list(lanes)
        self.now = now
        self.watched = watched
        self.counts: Counter[tuple[int, str, str]] = Counter()
        self.changed: dict[int, str] = {}

    def write_passage(self, flow: BookFlow, version_id: int, passage: Passage) -> None:
        """Store a pass: new visits, where the others are now, steps, messages, counts."""
        rows = _standing(passage, self.now)
        fresh = [row for row in rows if row[0].fresh]
        known = [row for row in rows if not row[0].fresh]
        with connection.cursor() as cursor:
            if fresh:
                with cursor.copy(SQL["insert_visits"]) as copy:
                    copy.write(_new_visits(flow.id, version_id, fresh))
            if known:
                cursor.execute(SQL["update_visits"], {**_columns(known), "lanes": self.lanes})
            if passage.steps.numbers:
                with cursor.copy(SQL["insert_steps"]) as copy:
                    copy.write(_new_steps(flow.id, passage.steps, self.now))
        failures_note(passage.failed, lanes=self.lanes, now=self.now)
        for walker, *_rest in fresh:
            walker.fresh = False
        stopped = [*(one[0] for one in passage.ended), *(one[0] for one in passage.failed)]
        self._touch(flow, [row[0] for row in fresh] + stopped)
        passage.post_by(self.post_of(flow, version_id))
        calls_post(flow.key, passage, now=self.now)
        self._count(flow, passage, entered=len(fresh))

    def write_endings(self, endings: Sequence[tuple[BookFlow, Walker, str, str]]) -> None:
        """Take visits out where they rest: (flow, visit, state, reason).

        What they still have in the outbox is called back.
        """
        if not endings:
            return
        rows = [
            (walker, state, None, self.now, "", reason, "")
            for _flow, walker, state, reason in endings
        ]
        with connection.cursor() as cursor:
            cursor.execute(SQL["update_visits"], {**_columns(rows), "lanes": self.lanes})
        by_reason: dict[str, list[tuple[int, int]]] = {}
        left: dict[int, tuple[BookFlow, list[Walker]]] = {}
        for flow, walker, state, reason in endings:
            by_reason.setdefault(reason, []).append((walker.lane, walker.visit_id))
            self.counts[flow.id, "", state] += 1
            self.counts[flow.id, walker.node, "out:"] += 1
            if walker.parked:
                self.counts[flow.id, "", "failed"] -= 1
                self.counts[flow.id, walker.node, "failed"] -= 1
            self.changed[flow.id] = flow.key
            left.setdefault(flow.id, (flow, []))[1].append(walker)
        for flow, walkers in left.values():
            self._touch(flow, walkers)
        for reason, visits in by_reason.items():
            messages_cancel(visits, reason=f"left the flow: {reason}", now=self.now)

    def write_counts(self) -> None:
        """Add the pulse's counts to the live counters, and to their slot of time."""
        counts_add(self.counts.items(), lane=self.lanes[0], at=self.now)
        self.counts.clear()

    def _touch(self, flow: BookFlow, walkers: Sequence[Walker]) -> None:
        """Who has entered or left a flow that a segment asks for is looked at again."""
        if flow.key not in self.watched or not walkers:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["touch_flows"],
                {
                    "contact_lanes": int_array(walker.lane for walker in walkers),
                    "contacts": int_array(walker.contact_id for walker in walkers),
                    "flow": flow.key,
                    "detail": '{"change": "moved"}',
                    "now": self.now,
                },
            )

    def post_of(self, flow: BookFlow, version_id: int) -> Post:
        """What decides about the mail of one version's passes, as contacts stand when called."""
        return partial(self._send, flow, version_id)

    def _send(self, flow: BookFlow, version_id: int, passage: Passage) -> None:
        messages_queue(
            [
                NewMessage(
                    lane=walker.lane,
                    contact_id=walker.contact_id,
                    flow=flow.key,
                    visit_id=walker.visit_id,
                    step=step,
                    node=node,
                    template=effect.template,
                    topic=effect.topic,
                    from_email=effect.from_email,
                    subject=effect.subject,
                    trigger=walker.trigger,
                )
                for effect, walker, step, node in passage.messages
            ],
            now=self.now,
            terms=flow.versions[version_id].settings.terms(),
        )
        notices_post(flow.key, passage, now=self.now)

    def _count(self, flow: BookFlow, passage: Passage, *, entered: int) -> None:
        counts = self.counts
        if entered:
            counts[flow.id, "", "entered"] += entered
        for (node, what), n in passage.counts.items():
            counts[flow.id, node, what] += n
        for _walker, ending, _reason, _branch in passage.ended:
            counts[flow.id, "", ending] += 1
        if passage.failed:
            counts[flow.id, "", "failed"] += len(passage.failed)
        self.changed[flow.id] = flow.key


Standing = tuple[Walker, str, datetime | None, datetime | None, str, str, str]
"""Walker, state, due_at, left_at, left_by, reason, error."""


def _standing(passage: Passage, now: datetime) -> list[Standing]:
    rows: list[Standing] = []
    rows += [(walker, "inside", until, None, "", "", "") for walker, until in passage.resting]
    rows += [
        (walker, ending, None, now, branch, reason, "")
        for walker, ending, reason, branch in passage.ended
    ]
    rows += [
        (walker, "failed", None, None, "", "", _storable(error)) for walker, error in passage.failed
    ]
    return rows


def _storable(error: str) -> str:
    """An error as it is kept with a visit: never empty, and no text that PostgreSQL refuses."""
    return error[:2000].replace("\0", "").encode("utf-8", "replace").decode() or "it failed"


def _columns(rows: Sequence[Standing]) -> dict[str, Any]:
    return {
        "ids": int_array(row[0].visit_id for row in rows),
        "visit_lanes": int_array(row[0].lane for row in rows),
        "states": text_array(row[1] for row in rows),
        "nodes": text_array(row[0].node for row in rows),
        "arrived": instant_array(row[0].arrived_at for row in rows),
        "due": instant_array(row[2] for row in rows),
        "left": instant_array(row[3] for row in rows),
        "left_by": text_array(row[4] for row in rows),
        "reasons": text_array(row[5] for row in rows),
        "errors": text_array(row[6] for row in rows),
        "steps": int_array(row[0].steps for row in rows),
    }


def _new_steps(flow_id: int, steps: Steps, now: datetime) -> bytes:
    """Steps as rows for COPY; all but who and which number is made once per way."""
    ways = set(zip(steps.nodes, steps.came_by, strict=True))
    rest = {
        way: bigint_field(flow_id) + text_field(way[0]) + instant_field(now) + text_field(way[1])
        for way in ways
    }
    pack = struct.Struct("!hihiqii").pack
    return rows_of(
        [
            pack(7, 2, walker.lane, 8, walker.visit_id, 4, number) + rest[way]
            for walker, number, way in zip(
                steps.walkers,
                steps.numbers,
                zip(steps.nodes, steps.came_by, strict=True),
                strict=True,
            )
        ]
    )


def _new_visits(flow_id: int, version_id: int, rows: Sequence[Standing]) -> bytes:
    """New visits as rows for COPY, in the order of the columns of `insert_visits`."""
    instants = each_once(
        instant_field,
        (
            instant
            for walker, _state, due, left, *_rest in rows
            for instant in (walker.arrived_at, due, left, walker.entered_at, walker.entry_at)
        ),
    )
    texts = each_once(
        text_field,
        (text for row in rows for text in (row[1], row[0].node, row[4], row[5], row[6])),
    )
    pack = struct.Struct("!hiqihiqiqiqii").pack
    return rows_of(
        [
            pack(
                *(17, 8, walker.visit_id, 2, walker.lane, 8, flow_id, 8, version_id),
                *(8, walker.contact_id, 4, walker.steps),
            )
            + texts[state]
            + texts[walker.node]
            + instants[walker.arrived_at]
            + instants[due]
            + instants[walker.entered_at]
            + instants[walker.entry_at]
            + instants[left]
            + texts[left_by]
            + texts[reason]
            + texts[error]
            + json_field(walker.trigger)
            for walker, state, due, left, left_by, reason, error in rows
        ]
    )
