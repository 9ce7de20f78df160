"""Flows for tests: `build_flow(nodes=…, edges=…)`, and a `Stage` on which contacts act in them.

A stage is the real engine on a virtual clock. What contacts do comes in by the front door, as the
messages of a client library would; what stands afterwards is read from the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.permissions import COMMAND
from common.clock import canonical
from common.durations import parse_duration
from common.lanes import lane_of
from contacts.intake import accept
from contacts.models import Contact
from contacts.services import FieldChange, contact_create, fields_update
from flows.lives import flow_publish
from flows.models import Flow, FlowVersion, Visit
from flows.recount import differences
from flows.selectors import counts_of, paths_of
from flows.services import flow_create, flow_update
from messaging.models import Message, Template
from messaging.rendering import Parts
from messaging.services import template_create
from segments.builds import segment_build
from segments.models import Segment
from segments.selectors import builds_open
from segments.services import segment_create
from tests.builders import NOW
from tests.virtual import VirtualTime

Nodes = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Node id → (type, config)."""

MAIL = ("send_email", {"template": "hello"})
HOUR = ("wait", {"for": "PT1H"})


def on(name: str, **config: Any) -> tuple[str, dict[str, Any]]:
    """A trigger on an event."""
    return ("event", {"name": name, **config})


CART: Nodes = {"cart": on("Product Added"), "hour": HOUR, "remind": MAIL}
CART_EDGES = ["cart next hour", "hour next remind"]
BOUGHT = {"type": "event", "name": "Order Completed"}
IN_VIP = {"type": "field", "field": "plan", "op": "eq", "value": "vip"}
LEAVE_ON_PURCHASE = {"exit_when": [{"type": "event", "name": "Order Completed"}]}
AGAIN = {"reentry": {"type": "after_exit"}}


def build_graph(nodes: Nodes = CART, edges: Sequence[str] = CART_EDGES) -> dict[str, Any]:
    """Draw a graph; an edge is `source branch target`."""
    return {
        "nodes": [
            {"id": key, "type": kind, "config": dict(config)}
            for key, (kind, config) in nodes.items()
        ],
        "edges": [
            dict(zip(("source", "branch", "target"), edge.split(), strict=True)) for edge in edges
        ],
    }


def build_contacts(n: int) -> list[int]:
    """Make many contacts at once, by one statement, and return their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact (id, lane, external_id, email, created_at)"
            " SELECT i, i %% 64, 'c' || i, 'c' || i || '@example.org', %(now)s"
            " FROM generate_series(1000001, 1000000 + %(n)s) i RETURNING id",
            {"now": NOW, "n": n},
        )
        return [row[0] for row in cursor.fetchall()]


def build_template(key: str = "hello") -> None:
    """Make a template, once."""
    if not Template.objects.filter(key=key).exists():
        template_create(key=key, name=key, now=NOW, parts=Parts(subject="Hello", text="Hello"))


def build_flow(
    key: str = "cart",
    nodes: Nodes = CART,
    edges: Sequence[str] = CART_EDGES,
    *,
    settings: Mapping[str, Any] | None = None,
    live: bool = True,
    now: datetime = NOW,
) -> Flow:
    """Make a flow and publish it; by default the cart flow."""
    build_template()
    graph = build_graph(nodes, edges)
    flow = flow_create(
        key=key, name=key.title(), graph=graph, settings=settings, actor=COMMAND, now=now
    )
    if live:
        flow_publish(key, actor=COMMAND, now=now)
        flow.refresh_from_db()
    return flow


def redraw(
    key: str,
    nodes: Nodes,
    edges: Sequence[str],
    *,
    settings: Mapping[str, Any] | None = None,
    now: datetime,
    **publishing: Any,
) -> FlowVersion:
    """Draw a flow anew and publish that as its next version."""
    flow = Flow.objects.get(key=key)
    flow_update(
        key,
        name=flow.name,
        graph=build_graph(nodes, edges),
        settings=settings,
        revision=flow.revision,
        now=now,
    )
    return flow_publish(key, actor=COMMAND, now=now, **publishing)


def build_segment(key: str, rule: Mapping[str, Any] | None, *, kind: str = "dynamic") -> Segment:
    """Make a segment and build it."""
    segment = segment_create(key=key, name=key, kind=kind, rule=rule, now=NOW)
    if rule is not None:
        segment_build(builds_open([key])[key], segment.id, clock=lambda: NOW)
    return segment


class Stage(VirtualTime):
    """The engine, the clock, and contacts known by their external ids."""

    def __init__(self, start: datetime = NOW) -> None:
        super().__init__(start)
        self.ids: dict[str, int] = {}

    def contact(self, name: str, **fields: Any) -> int:
        """Make a contact."""
        self.ids[name] = contact_create(
            now=self.now, external_id=name, email=f"{name}@example.org", fields=fields
        )
        return self.ids[name]

    def id_of(self, name: str) -> int:
        """The id of a contact, whoever made it."""
        if name not in self.ids:
            self.ids[name] = Contact.objects.get(external_id=name).id
        return self.ids[name]

    def accepts(
        self, name: str, event: str, *, at: datetime | None = None, **properties: Any
    ) -> None:
        """An event is accepted now, and not yet taken in; `at` is when it says it was."""
        if name not in self.ids and not Contact.objects.filter(external_id=name).exists():
            self.contact(name)
        message = {
            "type": "track",
            "userId": name,
            "event": event,
            "properties": properties,
            "timestamp": canonical(at or self.now),
        }
        accept(None, [message], self.now)

    def does(self, name: str, event: str, **given: Any) -> None:
        """An event is accepted and everything that follows from it happens."""
        self.accepts(name, event, **given)
        self.settle()

    def sets(self, name: str, **fields: Any) -> None:
        """Fields change, and everything that follows happens."""
        contact_id = self.id_of(name)
        change = FieldChange(lane_of(contact_id), contact_id, fields)
        fields_update([change], now=self.now)
        self.settle()

    def after(self, duration: str) -> None:
        """Let time pass, going through every due moment on the way."""
        self.run_until(self.now + parse_duration(duration))

    def jump(self, duration: str) -> None:
        """Let time pass while the engine stands still."""
        self.now += parse_duration(duration)

    def visits(self, key: str = "cart", name: str | None = None) -> list[Visit]:
        """The visits of a flow in order, all or those of one contact."""
        visits = Visit.objects.filter(flow__key=key).order_by("id")
        return list(visits if name is None else visits.filter(contact_id=self.id_of(name)))

    def states(self, key: str = "cart", name: str | None = None) -> list[str]:
        """How these visits stand."""
        return [visit.state for visit in self.visits(key, name)]

    def visit(self, name: str, key: str = "cart") -> Visit:
        """The one visit of a contact."""
        (visit,) = self.visits(key, name)
        return visit

    def path(self, name: str, key: str = "cart") -> list[str]:
        """The nodes of a contact's one visit."""
        visit = self.visit(name, key)
        return [step["node"] for step in paths_of([visit])[visit.id]]

    def mails(self, status: str = "queued") -> Counter[str]:
        """How many messages each contact has in this status."""
        names = dict(Contact.objects.values_list("id", "external_id"))
        found = Message.objects.filter(status=status).values_list("contact_id", flat=True)
        return Counter(str(names[contact_id]) for contact_id in found)


def build_crowd(stage: Stage, n: int = 9, **given: Any) -> list[str]:
    """Have some contacts enter the cart flow at once; returns their names."""
    names = [f"c{i}" for i in range(n)]
    build_flow(**given)
    for name in names:
        stage.accepts(name, "Product Added")
    stage.settle()
    return names


def totals_of(key: str) -> dict[str, int]:
    """The live totals of a flow."""
    flow = Flow.objects.get(key=key)
    return counts_of([flow.id])[flow.id].totals


def everything_adds_up() -> None:
    """Assert that the live counters are what the rows say, and that nobody is lost or doubled."""
    assert differences() == []
    for flow_id, counts in counts_of(list(Flow.objects.values_list("id", flat=True))).items():
        stand = Counter(Visit.objects.filter(flow_id=flow_id).values_list("state", flat=True))
        for what, n in counts.totals.items():
            assert n == (stand.total() if what == "entered" else stand[what]), (flow_id, what)
        for node, one in counts.nodes.items():
            assert one.here >= 0, (node, one)
            assert (
                one.here == Visit.objects.filter(flow_id=flow_id, node=node, state="inside").count()
            )


def minutes(n: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=n)
