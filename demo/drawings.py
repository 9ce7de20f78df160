"""The flows of the demo shop, as they are drawn. PURE.

Waits are short and say so: a minute stands for an hour. Nodes stand on a grid: one column for a
straight way, two beside it where the way forks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

ROW: Final = 132
COLUMN: Final = 170
"""Distances on the canvas in pixels; a card is 240 wide and 92 high, a line of its title 17."""
HURRY: Final = "Demo: 1 min stands for 1 h"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One flow. Only what is `live` is published."""

    key: str
    name: str
    graph: Json
    settings: Json = field(default_factory=dict)
    live: bool = True


def _node(
    node_id: str,
    node_type: str,
    config: Mapping[str, Any],
    *,
    row: float,
    column: int = 0,
    note: str = "",
) -> Json:
    return {
        "id": node_id,
        "type": node_type,
        "config": dict(config),
        "position": {"x": column * COLUMN, "y": round(row * ROW)},
        "note": note,
    }


def _wait(node_id: str, duration: str, *, row: float, column: int = 0, note: str = HURRY) -> Json:
    return _node(node_id, "wait", {"for": duration}, row=row, column=column, note=note)


def _mail(
    node_id: str, template: str, topic: str | None = None, *, row: float, column: int = 0
) -> Json:
    config = {"template": template} | ({"topic": topic} if topic else {})
    return _node(node_id, "send_email", config, row=row, column=column)


def _ask(node_id: str, rule: Json, *, row: float, column: int = 0, note: str = "") -> Json:
    return _node(node_id, "condition", {"rule": rule}, row=row, column=column, note=note)


def _edges(*ways: str) -> list[Json]:
    """Read ways such as `a > b > c` and `ask:yes > d` into edges."""
    edges = []
    for way in ways:
        stops = [stop.strip() for stop in way.split(">")]
        for start, end in pairwise(stops):
            source, _, branch = start.partition(":")
            edges.append(
                {"source": source, "target": end.partition(":")[0], "branch": branch or "next"}
            )
    return edges


def _clicked(node: str) -> Json:
    return {"type": "flow_email", "node": node, "op": "clicked"}


def _since_entry(event: str) -> Json:
    return {"type": "event", "name": event, "window": {"since": "entry"}}


_AGAIN: Final = {"type": "after_exit", "gap": "PT5M"}

ABANDON_CART: Final = Drawing(
    "abandon-cart",
    "Abandon cart",
    {
        "nodes": [
            _node(
                "entered",
                "segment_entered",
                {"segment": "abandoned-cart"},
                row=0,
            ),
            _wait("first-wait", "PT60S", row=1),
            _mail("remind", "cart-reminder", "offers", row=2),
            _wait("second-wait", "PT90S", row=3),
            _ask("clicked", _clicked("remind"), row=4),
            _wait("no-click-wait", "PT40S", row=5.2, column=-1),
            _mail("discount", "cart-discount", "offers", row=6.2, column=-1),
            _wait("last-wait", "PT90S", row=7.2, column=-1),
            _node("lost", "exit", {"reason": "did not buy"}, row=8.2, column=-1),
            _node(
                "warm",
                "update_fields",
                {"set": {"lead_stage": "warm"}},
                row=5.2,
                column=1,
                note="They came back to look.",
            ),
            _mail("help", "cart-help", "offers", row=6.2, column=1),
            _wait("help-wait", "PT90S", row=7.2, column=1),
            _node("undecided", "exit", {"reason": "still undecided"}, row=8.2, column=1),
        ],
        "edges": _edges(
            "entered > first-wait > remind > second-wait > clicked",
            "clicked:no > no-click-wait > discount > last-wait > lost",
            "clicked:yes > warm > help > help-wait > undecided",
        ),
    },
    {
        "reentry": {"type": "after_exit", "gap": "PT2M"},
        "exit_when": [
            {"type": "event", "name": "Order Completed"},
            {"type": "segment_entered", "segment": "bought-7-days"},
        ],
        "goal": _since_entry("Order Completed"),
    },
)

HOT_LEAD: Final = Drawing(
    "hot-lead",
    "Hot lead",
    {
        "nodes": [
            _node(
                "entered",
                "segment_entered",
                {"segment": "hot-leads"},
                row=0,
                note="Score above 80",
            ),
            _node(
                "mark",
                "update_fields",
                {"set": {"lead_stage": "hot", "owner": "noor@example.com"}},
                row=1,
            ),
            _wait("pause", "PT40S", row=2.2),
            _node(
                "hello",
                "send_email",
                {"template": "lead-hello", "from": "noor@example.com"},
                row=3.2,
            ),
            _wait("answer-wait", "PT80S", row=4.2),
            _ask("answered", _clicked("hello"), row=5.2),
            _node("talk", "goal", {}, row=6.4, column=1),
            _node(
                "cool",
                "update_fields",
                {"set": {"lead_stage": "warm"}, "unset": ["owner"]},
                row=6.4,
                column=-1,
            ),
            _node("not-now", "exit", {"reason": "not now"}, row=7.4, column=-1),
        ],
        "edges": _edges(
            "entered > mark > pause > hello > answer-wait > answered",
            "answered:yes > talk",
            "answered:no > cool > not-now",
        ),
    },
    {"reentry": _AGAIN},
)

TRIAL_ONBOARDING: Final = Drawing(
    "trial-onboarding",
    "Trial onboarding",
    {
        "nodes": [
            _node("started", "event", {"name": "Trial Started"}, row=0),
            _mail("begin", "trial-start", row=1),
            _wait("settle", "PT60S", row=2),
            _ask(
                "connected",
                _since_entry("Payment Account Connected"),
                row=3,
            ),
            _mail("connect", "trial-connect", row=4.2, column=-1),
            _wait("connect-wait", "PT90S", row=5.2, column=-1),
            _wait("use-wait", "PT90S", row=4.2, column=1),
            _mail("last-day", "trial-last-day", row=6.6),
            _wait("end-wait", "PT2M", row=7.6),
            _node("over", "exit", {"reason": "trial is over"}, row=8.6),
        ],
        "edges": _edges(
            "started > begin > settle > connected",
            "connected:no > connect > connect-wait > last-day",
            "connected:yes > use-wait > last-day > end-wait > over",
        ),
    },
    {
        "reentry": _AGAIN,
        "goal": {"type": "field", "field": "plan", "op": "eq", "value": "paid"},
        "exit_when": [{"type": "segment_left", "segment": "trial-users"}],
    },
)

WELCOME: Final = Drawing(
    "welcome",
    "Welcome",
    {
        "nodes": [
            _node("signed-up", "event", {"name": "Signed Up"}, row=0),
            _wait("breath", "PT30S", row=1),
            _mail("hello", "welcome", row=2),
            _wait("day", "PT75S", row=3),
            _ask(
                "reads",
                {"type": "segment", "segment": "newsletter", "op": "in"},
                row=4,
            ),
            _mail("letter", "news-hello", "news", row=5.1, column=1),
            _node(
                "reader",
                "update_fields",
                {"set": {"welcomed_as": "reader"}},
                row=6.1,
                column=1,
            ),
            _node(
                "guest",
                "update_fields",
                {"set": {"welcomed_as": "guest"}},
                row=5.1,
                column=-1,
            ),
        ],
        "edges": _edges(
            "signed-up > breath > hello > day > reads",
            "reads:yes > letter > reader",
            "reads:no > guest",
        ),
    },
)

WIN_BACK: Final = Drawing(
    "win-back",
    "Win back",
    {
        "nodes": [
            _node(
                "entered",
                "segment_entered",
                {"segment": "inactive-14-days", "include_existing": True},
                row=0,
                note="A draft: publish it",
            ),
            _wait("pause", "PT20S", row=1),
            _mail("miss", "win-back", "offers", row=2),
            _wait("answer-wait", "PT60S", row=3),
            _ask("opened", {"type": "flow_email", "node": "miss", "op": "opened"}, row=4),
            _node("back", "goal", {}, row=5.1, column=1),
            _node("gone", "exit", {"reason": "did not answer"}, row=5.1, column=-1),
        ],
        "edges": _edges(
            "entered > pause > miss > answer-wait > opened",
            "opened:yes > back",
            "opened:no > gone",
        ),
    },
    {"reentry": {"type": "once"}},
    live=False,
)

DRAWINGS: Final = (WIN_BACK, WELCOME, TRIAL_ONBOARDING, HOT_LEAD, ABANDON_CART)
"""In the order in which they are made, so that the list shows Abandon cart first."""
