"""The engine and the paper, side by side: what is done to the one is done to the other.

For tests: each doing is done by the product's services (or comes in by its front door) and told to
`tests.flows_on_paper`; after every turn of a worker, what stands in the tables can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pytest
from django.db import connection, transaction

from accounts.permissions import COMMAND
from common.clock import canonical
from common.lanes import lane_of
from contacts import services as contacts
from contacts.intake import accept, take
from contacts.models import Contact, Inbox, Topic, Touch
from flows import rollouts
from flows.engine.book import Book
from flows.engine.pulse import pulse
from flows.lives import flow_publish
from flows.models import Flow as FlowRow
from flows.models import Visit
from flows.selectors import paths_of
from flows.services import flow_create, flow_update
from messaging.delivery import deliver_due
from messaging.models import Message
from messaging.transports import OutboxOnly
from segments.models import Membership, MembershipChange
from tests import flow_lives_on_paper as lives
from tests import mails_on_paper
from tests.builders_flows import build_graph, build_template
from tests.casebook import fields_insert
from tests.flow_strategies import FIELDS, SEGMENTS, Drawing
from tests.flows_on_paper import Paper
from tests.people_on_paper import Flow, Person, Version

START = datetime(2026, 3, 28, 23, 56, tzinfo=UTC)
"""Four minutes before midnight, in the night in which Europe puts its clocks forward."""
MINUTE = timedelta(minutes=1)
Doing = tuple[str, int, int]
"""An event, its `n`, and how many minutes late it is told."""


class Worker:
    """One engine worker: it holds some of the lanes, and may take few messages at a time."""

    def __init__(self, lanes: list[int], *, limit: int = 5000, careful: bool = False) -> None:
        self.lanes = lanes
        self.limit = limit
        self.careful = careful
        self.book: Book | None = None


class SideBySide:
    """The engine and the paper, and some workers."""

    def __init__(self) -> None:
        super().__init__()
        self.block = ExitStack()
        self.now = START
        self.paper = Paper(fields=FIELDS)
        self.ids: dict[str, int] = {}
        self.waiting: list[tuple[datetime, str, str, dict[str, Any], datetime]] = []
        self.joined: set[int] = set()
        self.first_change = 0
        self.workers = [
            Worker(list(range(0, 64, 2))),
            Worker(list(range(1, 64, 2)), limit=2, careful=True),
            Worker(list(range(16, 64)), limit=1),
        ]

    def open(self) -> None:
        """Begin a transaction that is never committed; make what every test needs."""
        # Not when it is made: a machine that is only looked at is never torn down.
        self.block.enter_context(transaction.atomic())
        self.block.callback(transaction.set_rollback, True)
        fields_insert(FIELDS)
        build_template()
        # Mails are about news; flows choose about offers: whether a mail is wanted is asked when
        # the pass is over, so a later step of the same pass could still change it.
        for topic in ("news", "offers"):
            if not Topic.objects.filter(key=topic).exists():
                contacts.topic_create(key=topic, name=topic, opt_in=False)

    def close(self) -> None:
        """Forget everything."""
        self.block.close()

    @classmethod
    @contextmanager
    def opened(cls, names: Sequence[str], *flows: tuple[str, Drawing]) -> Iterator[Self]:
        """Both with these people and flows, while the block lasts."""
        both = cls()
        both.open()
        try:
            both.people_come(names)
            both.flows_are_made([key for key, _drawing in flows])
            for key, drawing in flows:
                both.publish(key, drawing, None)
            both.settle()
            yield both
        finally:
            both.close()

    # ── what is done ────────────────────────────────────────────────────────────────────────────

    def people_come(self, names: Iterable[str], **fields: Any) -> None:
        """Make contacts; all that follows from that happens."""
        for name in names:
            email = f"{name}@example.org"
            made = contacts.contact_create(
                now=self.now, external_id=name, email=email, fields=fields
            )
            self.ids[name] = made
            self.paper.person(made, self.now, external_id=name, email=email, **fields)
        self.all_turn()

    def flows_are_made(self, keys: Iterable[str]) -> None:
        """Make flows that nobody has drawn yet."""
        for key in keys:
            row = flow_create(
                key=key, name=key, graph=None, settings=None, actor=COMMAND, now=self.now
            )
            self.paper.flows[key] = Flow(row.id, key)

    def happens(self, name: str, done: Iterable[Doing]) -> None:
        """Events are accepted, and not looked at yet."""
        for event, n, late in done:
            at = self.now - late * MINUTE
            message = {
                "type": "track",
                "userId": name,
                "event": event,
                "properties": {"n": n},
                "timestamp": canonical(at),
            }
            accept(None, [message], self.now)
            self.waiting.append((self.now, name, event, {"n": n}, at))

    def person_of(self, number: int) -> Person:
        people = sorted(self.paper.people)
        return self.paper.people[people[number % len(people)]]

    def set_fields(self, number: int, values: dict[str, Any]) -> None:
        """Fields of somebody change; None erases."""
        person = self.person_of(number)
        erased = [key for key, value in values.items() if value is None]
        given = {key: value for key, value in values.items() if value is not None}
        change = contacts.FieldChange(lane_of(person.id), person.id, given, erased)
        contacts.fields_update([change], now=self.now)
        self.paper.set_fields(person, values, now=self.now)

    def publish(
        self,
        key: str,
        drawing: Drawing,
        moves: dict[str, str | None] | None,
        *,
        many: bool = False,
    ) -> None:
        """Publish a drawing; as if there were many, those inside are moved lane by lane."""
        row, flow = FlowRow.objects.get(key=key), self.paper.flows[key]
        flow_update(
            key,
            name=key,
            graph=build_graph(drawing.nodes, drawing.edges),
            settings=drawing.settings,
            revision=row.revision,
            now=self.now,
        )
        inside = "stay" if moves is None else "move"
        with pytest.MonkeyPatch.context() as patched:
            if many:
                patched.setattr(rollouts, "AT_ONCE", -1)
            flow_publish(key, inside=inside, moves=moves, actor=COMMAND, now=self.now)
        number = len(flow.versions) + 1
        version = Version(number, drawing.nodes, drawing.ways, drawing.settings)
        lives.publish(self.paper, flow, version, moves=moves, now=self.now, many=many)

    def some_are_moved(self, key: str) -> bool:
        """A worker moves the people of some lanes, if any are still to be moved."""
        flow = self.paper.flows[key]
        if flow.move is None:
            return False
        before = _lanes_left()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(rollouts, "ROWS_PER_STEP", 1)
            rollouts.rollout_step(now=self.now)
        moved = before - _lanes_left()
        lives.bring(
            self.paper, flow, {one for one in self.paper.people if lane_of(one) in moved}, self.now
        )
        if not flow.move.left and moved == before:
            flow.move = None
        return True

    def delivered(self) -> None:
        """The mails that may go by now are sent."""
        deliver_due(clock=lambda: self.now, transport=OutboxOnly())
        mails_on_paper.deliver(self.paper, self.now)

    # ── time, and the workers ───────────────────────────────────────────────────────────────────

    def minutes_pass(self, minutes: int) -> None:
        """Time passes, and all work at every minute."""
        for _ in range(minutes):
            self.now += MINUTE
            self.settle()

    def settle(self) -> None:
        """All work until nothing is left to do."""
        self.all_turn()
        self.compare()
        assert not Inbox.objects.exists()
        assert not Touch.objects.exists()
        live = Visit.objects.filter(flow__status="live")
        assert not live.filter(due_at__lte=self.now).exists(), "a lane was skipped"

    def all_turn(self) -> None:
        busy = True
        while busy:
            busy = False
            for worker in self.workers:
                busy |= self.works(worker)

    def works(self, worker: Worker) -> bool:
        """Turn until idle; the paper does the same. Returns whether anything was done."""
        for turns in range(300):
            if not self._turns(worker):
                return turns > 0
        raise AssertionError("the worker does not come to rest")

    def _turns(self, worker: Worker) -> bool:
        taken = take(self.now, limit=worker.limit)
        for _received, name, event, properties, at in self.waiting[:taken]:
            self.paper.happen(self._known(name), event, properties, at=at)
        del self.waiting[:taken]
        tally, _changed, worker.book = pulse(
            worker.book, now=self.now, lanes=worker.lanes, careful=worker.careful
        )
        upto = min([self.now, *(one[0] for one in self.waiting[:1])])
        for person in self.paper.people.values():
            if lane_of(person.id) in worker.lanes:
                self.paper.look(person, upto)
        return bool(taken) or not tally.idle

    def _known(self, name: str) -> Person:
        """Whom a message is about: somebody new, if nobody is known by that name."""
        if name not in self.ids:
            contact = Contact.objects.get(external_id=name)
            self.ids[name] = contact.id
            self.paper.person(contact.id, contact.created_at, external_id=name)
        return self.paper.people[self.ids[name]]

    # ── compared ────────────────────────────────────────────────────────────────────────────────

    def compare(self) -> None:
        alive = {*Contact.objects.values_list("id", flat=True)}
        assert alive == self.paper.people.keys()
        visits = list(Visit.objects.select_related("flow").order_by("id"))
        paths = paths_of(visits)
        mails = list(
            Message.objects.order_by("created_at", "id").values_list(
                "contact_id", "flow", "node", "created_at", "status", "send_at"
            )
        )
        members = set(Membership.objects.values_list("contact_id", "segment__key"))
        rows = {contact.id: contact for contact in Contact.objects.all()}
        for person in self.paper.people.values():
            for flow in self.paper.flows.values():
                found = [
                    (
                        [(step["node"], step["at"]) for step in paths[visit.id]],
                        visit.state,
                        visit.left_at,
                        visit.reason,
                        visit.failure,
                    )
                    for visit in visits
                    if (visit.contact_id, visit.flow_id) == (person.id, flow.id)
                ]
                wanted = [
                    (way.path, way.state, way.left_at, way.reason, way.failure)
                    for way in person.of_flow(flow)
                ]
                assert sorted(found, key=str) == sorted(wanted, key=str), (person.id, flow.key)
            sent = [
                (*mail[1:5], mail[5] if mail[4] == "queued" else None)
                for mail in mails
                if mail[0] == person.id
            ]
            noted = [
                (
                    *(way.flow.key, mail.node, mail.at, mail.status),
                    mail.waits_until if mail.status == "queued" else None,
                )
                for way in person.ways
                for mail in way.mails
            ]
            assert sorted(sent, key=str) == sorted(noted, key=str), person.id
            there = {key for key, stand in person.stands.items() if stand.member}
            assert {key for one, key in members if one == person.id} == there, person.id
            row = rows[person.id]
            assert row.score == person.fields["score"]
            assert row.fields.get("plan") == person.fields.get("plan")
        self._compare_history()

    def _compare_history(self) -> None:
        found: dict[tuple[int, str], list[tuple[datetime, str]]] = {}
        changes = MembershipChange.objects.filter(id__gt=self.first_change).order_by("id")
        for one, key, at, change in changes.values_list(
            "contact_id", "segment__key", "at", "change"
        ):
            found.setdefault((one, key), []).append((at, change))
        for person in self.paper.people.values():
            for key in SEGMENTS if person.id not in self.joined else ():
                wanted = person.changes.get(key, [])
                assert found.get((person.id, key), []) == wanted, (person.id, key)


def _lanes_left() -> set[int]:
    """The lanes in which a rollout is still to be done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lane FROM rollout_lane")
        return {row[0] for row in cursor.fetchall()}
