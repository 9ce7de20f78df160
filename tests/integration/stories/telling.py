"""A story told to the product from outside: programs send data in, a marketer uses the API.

Data come by `/v1/…` with a write key, everything else by `/api/…` with an API key; nothing reaches
into the product but for the clock and the engine, which works whenever something has happened.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from accounts.permissions import COMMAND
from accounts.services import key_create
from common.clock import canonical
from contacts.services import source_create
from segments.ranking import rankings_refresh
from segments.selectors import sizes_recounted
from tests.builders_flows import build_graph
from tests.builders_scoring import work
from tests.virtual import VirtualTime

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def field(name: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """A condition on a field."""
    given = {} if value is None else {"value": value}
    return {"type": "field", "field": name, "op": op, **given, **more}


def event(name: Any, **more: Any) -> dict[str, Any]:
    """A condition on events."""
    return {"type": "event", "name": name, **more}


def never(name: Any, **more: Any) -> dict[str, Any]:
    """No such event."""
    return event(name, op="eq", value=0, **more)


def every(*rules: Any) -> dict[str, Any]:
    """All of these."""
    return {"type": "all", "rules": list(rules)}


def some(*rules: Any) -> dict[str, Any]:
    """At least one of these."""
    return {"type": "any", "rules": list(rules)}


def inside(key: str) -> dict[str, Any]:
    """Is a member of a segment."""
    return {"type": "segment", "segment": key, "op": "in"}


class Story:
    """The product from outside, on a clock of the story's own."""

    def __init__(self) -> None:
        self.time = VirtualTime(START)
        _, write_key = source_create("Web shop", now=START)
        _, api_key = key_create(COMMAND, name="stories", role="admin", now=START)
        basic = base64.b64encode(f"{write_key}:".encode()).decode()
        self._door = Client(headers={"Authorization": f"Basic {basic}"}, enforce_csrf_checks=True)
        self._api = Client(headers={"Authorization": f"Bearer {api_key}"}, enforce_csrf_checks=True)
        self._sent = 0

    @property
    def now(self) -> datetime:
        """The story's instant."""
        return self.time.now

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def at(self, instant: datetime) -> None:
        """Time passes until an instant."""
        self.time.run_until(instant)

    def after(self, **span: float) -> None:
        """Time passes."""
        self.at(self.now + timedelta(**span))

    def settle(self) -> None:
        """Jobs and engine do what there is to do now."""
        work(self.now)
        self.time.settle()
        assert sizes_recounted() == []

    def rank(self) -> None:
        """Ranked segments are ranked anew, as they are every few minutes."""
        rankings_refresh(now=self.now)
        self.settle()

    # ── data in ─────────────────────────────────────────────────────────────────────────────────

    def send(self, call: str, body: Mapping[str, Any]) -> None:
        """Send one message to the tracking API, and let what follows from it happen."""
        self.accept(call, body)
        self.settle()

    def accept(self, call: str, body: Mapping[str, Any]) -> None:
        """Send one message to the tracking API, and let nothing follow from it yet."""
        self._sent += 1
        message = {"messageId": f"m{self._sent}", "timestamp": canonical(self.now), **body}
        with time_machine.travel(self.now, tick=False):
            answer = self._door.post(f"/v1/{call}", json.dumps(message), "application/json")
        assert (answer.status_code, answer.json()) == (200, {"success": True})

    def track(self, who: str, name: str, *, at: datetime | None = None, **properties: Any) -> None:
        """A contact did something, now or at an earlier instant."""
        when = {} if at is None else {"timestamp": canonical(at)}
        self.send("track", {"userId": who, "event": name, "properties": properties, **when})

    def page(self, who: str, path: str, **properties: Any) -> None:
        """A contact opened a page."""
        self.send("page", {"userId": who, "properties": {"path": path, **properties}})

    def identify(self, who: str, traits: Mapping[str, Any] | None = None, **more: Any) -> None:
        """A program says something about a contact."""
        self.send("identify", {"userId": who, "traits": {**(traits or {}), **more}})

    # ── the API ─────────────────────────────────────────────────────────────────────────────────

    def call(self, method: str, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """Ask the API; what it answers must be fine, or the status expected."""
        given = () if body is None else (json.dumps(body), "application/json")
        with time_machine.travel(self.now, tick=False):
            answer = getattr(self._api, method)(f"/api/{path}", *given)
        said = answer.json() if answer.content else None
        fine = answer.status_code < 300 if status is None else answer.status_code == status
        assert fine, (answer.status_code, said)
        return said

    def get(self, path: str) -> Any:
        """Read something."""
        return self.call("get", path)

    def segment(self, key: str, rule: Any, kind: str = "dynamic", **more: Any) -> Any:
        """Make a segment and wait until it is built."""
        body = {"key": key, "name": key.title(), "kind": kind, "rule": rule, **more}
        made = self.call("post", "segments/", body, status=201)
        self.settle()
        shown = self.get(f"segments/{key}/")
        assert shown["status"] == "ready"
        assert shown["size"] == len(self.members(key))
        return made

    def contact(self, who: str) -> Any:
        """A contact by external id."""
        (found,) = self.get(f"contacts/?external_id={who}")["results"]
        return found

    def by_hand(self, key: str, change: str, *who: str) -> None:
        """Somebody adds or removes contacts by hand."""
        ids = [self.contact(one)["id"] for one in who]
        self.call("post", f"segments/{key}/{change}/", {"contacts": ids})
        self.settle()

    def members(self, key: str) -> set[str]:
        """Who is in a segment now."""
        return {row["contact"]["external_id"] for row in self._rows(f"segments/{key}/members/")}

    def held_in(self, key: str) -> set[str]:
        """Who is in a segment by hand."""
        rows = self._rows(f"segments/{key}/members/?by_hand=true")
        return {row["contact"]["external_id"] for row in rows}

    def held_out(self, key: str) -> set[str]:
        """Who is kept out of a segment by hand."""
        return {row["contact"]["external_id"] for row in self._rows(f"segments/{key}/held-out/")}

    def history(self, key: str, who: str | None = None) -> list[tuple[Any, ...]]:
        """Joins and leaves with their instants and causes, the first first."""
        rows = [
            (
                row["contact"]["external_id"],
                row["change"],
                datetime.fromisoformat(row["at"]).astimezone(UTC),
                row["cause"],
            )
            for row in reversed(self._rows(f"segments/{key}/history/"))
        ]
        return rows if who is None else [row[1:] for row in rows if row[0] == who]

    def explained(self, key: str, who: str) -> Any:
        """Why a contact is, or is not, in a segment."""
        return self.get(f"segments/{key}/explain/?contact={self.contact(who)['id']}")

    def mails(self, who: str) -> list[str]:
        """The subjects of the messages a contact was sent, or will be."""
        found = self.get(f"messages/?contact={self.contact(who)['id']}")["results"]
        return [one["subject"] for one in found if one["status"] in ("queued", "sent")]

    def flow(
        self,
        key: str,
        nodes: Mapping[str, tuple[str, Mapping[str, Any]]],
        edges: Sequence[str],
        **settings: Any,
    ) -> None:
        """Draw a flow and publish it; an edge is `source branch target`."""
        body = {"key": key, "name": key, "graph": build_graph(nodes, edges), "settings": settings}
        self.call("post", "flows/", body, status=201)
        self.call("post", f"flows/{key}/publish/", {"inside": "stay"})
        self.settle()

    def template(self, key: str, subject: str) -> None:
        """Write a template."""
        body = {"key": key, "name": key, "subject": subject, "text": subject}
        self.call("post", "templates/", body, status=201)

    def mail_on_entering(self, key: str, subject: str) -> None:
        """Whoever enters a segment from now on is sent a message."""
        self.template(key, subject)
        nodes = {
            "in": ("segment_entered", {"segment": key}),
            "mail": ("send_email", {"template": key}),
        }
        self.flow(key, nodes, ["in next mail"])

    def _rows(self, path: str) -> list[Any]:
        rows: list[Any] = []
        address: str | None = path
        while address:
            page = self.get(address)
            rows += page["results"]
            address = page["next"] and page["next"].split("/api/")[1]
        return rows
