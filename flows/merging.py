"""Two contacts turn out to be one: their visits become one person's, nothing lost or doubled.

Where both are inside the same flow, the visit that began first goes on and the other ends as
`exited: merged with another contact`: never two visits of one flow at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from common.sql import queries
from flows.series import counts_add
from messaging.services import messages_cancel

SQL = queries("flows")
TIMES = queries("flows", "times")
EDITIONS = queries("flows", "editions")
REPAIRS = queries("flows", "failures")


def merge_visits(
    cursor: CursorWrapper,
    *,
    kept_lane: int,
    kept_id: int,
    lost_lane: int,
    lost_id: int,
    now: datetime,
) -> None:
    """Move the lost contact's visits; called with both lanes locked."""
    who = {
        "kept_lane": kept_lane,
        "kept_id": kept_id,
        "lost_lane": lost_lane,
        "lost_id": lost_id,
    }
    cursor.execute(SQL["merge_open"], who)
    flows_seen: set[int] = set()
    ending: dict[int, list[int]] = defaultdict(list)
    counts: Counter[tuple[int, str, str]] = Counter()
    for visit_id, lane, _contact_id, flow_id, node, state in cursor.fetchall():
        if flow_id not in flows_seen:
            flows_seen.add(flow_id)
            continue
        ending[lane].append(visit_id)
        counts[flow_id, "", "exited"] += 1
        counts[flow_id, node, "out:"] += 1
        if state == "failed":
            counts[flow_id, "", "failed"] -= 1
            counts[flow_id, node, "failed"] -= 1
    for lane, visits in ending.items():
        cursor.execute(SQL["merge_end"], {"lane": lane, "visits": visits, "now": now})
        where = sorted({kept_lane, lost_lane})
        messages_cancel(
            [(at, visit) for visit in visits for at in where],
            reason="left the flow: merged with another contact",
            now=now,
        )
    cursor.execute(SQL["merge_steps"], who)
    cursor.execute(SQL["merge_visits"], who)
    cursor.execute(EDITIONS["merge_turns"], who)
    cursor.execute(REPAIRS["merge_aside"], who)
    cursor.execute(TIMES["merge_appointments"], who)
    cursor.execute(TIMES["merge_gathered"], who)
    counts_add(counts.items(), lane=kept_lane, at=now)


def forget_visits(cursor: CursorWrapper, *, lane: int, contact_id: int) -> None:
    """Take a contact that is about to be deleted out of the counters; rows go by themselves."""
    cursor.execute(SQL["forget_counts"], {"lane": lane, "contact": contact_id})
