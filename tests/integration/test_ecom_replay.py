"""Real input: a shop's log replayed in order of its timestamps, on a virtual clock.

"First cart → wait → mail, leave on purchase, once per contact" must send exactly as many mails as
the data hold: one for every contact without a purchase from the first cart until the wait's end,
where the wait ends within the data. The data are `shared/data/ecom-retentioneering` (not part of
the repository); `MILLRACE_DATA` names another folder that holds it.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.permissions import COMMAND
from contacts.intake import accept
from flows.lives import flow_publish
from flows.models import Flow, Visit
from flows.recount import differences
from flows.services import flow_create
from messaging.models import Message
from messaging.rendering import Parts
from messaging.services import template_create
from tests.virtual import VirtualTime

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MILLRACE_DATA", ROOT.parent / "shared" / "data"))
FILE = DATA / "ecom-retentioneering" / "ecom.csv.gz"
EVENTS = {"add_to_cart": "Product Added", "purchase": "Order Completed"}
EXPECTED = {"PT60S": 514, "PT300S": 492, "PT600S": 456, "PT1H": 374, "P1D": 371}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not FILE.exists(),
        reason=f"the data set ecom-retentioneering is not there (looked for {FILE.name}); "
        "set MILLRACE_DATA to the folder that holds it",
    ),
]


def _messages() -> Iterator[tuple[datetime, dict[str, Any]]]:
    with gzip.open(FILE, "rt", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["event"] in EVENTS]
    rows.sort(key=lambda row: row["timestamp"])
    for row in rows:
        at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
        yield (
            at,
            {
                "type": "track",
                "userId": row["user_id"],
                "event": EVENTS[row["event"]],
                "properties": {"platform": row["platform"]},
                "timestamp": at.isoformat(),
            },
        )


def _cart_flow(wait: str) -> dict[str, Any]:
    return {
        "nodes": [
            {"id": "cart", "type": "event", "config": {"name": "Product Added"}},
            {"id": "wait", "type": "wait", "config": {"for": wait}},
            {"id": "mail", "type": "send_email", "config": {"template": "cart"}},
        ],
        "edges": [
            {"source": "cart", "target": "wait"},
            {"source": "wait", "target": "mail"},
        ],
    }


def test_as_many_mails_as_the_data_hold() -> None:
    """All five waits run side by side in one replay, as flows of their own."""
    messages = list(_messages())
    start, end = messages[0][0], messages[-1][0]
    template_create(key="cart", name="Cart", now=start, parts=Parts(subject="Cart", text="Cart"))
    for wait in EXPECTED:
        flow_create(
            key=wait.lower(),
            name=wait,
            graph=_cart_flow(wait),
            settings={"exit_when": [{"type": "event", "name": "Order Completed"}]},
            actor=COMMAND,
            now=start,
        )
        flow_publish(wait.lower(), actor=COMMAND, now=start)
    time = VirtualTime(start)
    place = 0
    while place < len(messages):
        instant = messages[place][0]
        time.run_until(instant, through=False)
        time.now = instant
        batch = []
        while place < len(messages) and messages[place][0] == instant:
            batch.append(messages[place][1])
            place += 1
        accept(None, batch, instant)
        time.settle()
    time.run_until(_last_instant(end))
    carts = Visit.objects.filter(flow__key="pt60s").count()
    sent = {
        wait: Message.objects.filter(flow=wait.lower(), created_at__lte=_last_instant(end)).count()
        for wait in EXPECTED
    }
    assert carts == 522
    assert sent == EXPECTED
    assert Flow.objects.count() == 5
    assert differences() == []


def _last_instant(last_event: datetime) -> datetime:
    """The data end with the last row of the whole file, whatever its event."""
    with gzip.open(FILE, "rt", newline="") as lines:
        last = max(row["timestamp"] for row in csv.DictReader(lines))
    return max(last_event, datetime.fromisoformat(last).replace(tzinfo=UTC))
