"""People act on the people in a flow while engines carry them: everything once, nothing lost."""

from __future__ import annotations

import random
import threading
import time

import pytest

from accounts.permissions import COMMAND
from flows.chosen import Chosen
from flows.engine.worker import Engine
from flows.failures import failures_retry, failures_skip
from flows.models import Step, Visit
from flows.people import people_act
from flows.services import contacts_add
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import MAIL, Nodes, build_contacts, build_flow, everything_adds_up
from tests.integration.test_flows_races import in_threads

ALL = Chosen(everybody=True)
NODES: Nodes = {
    "in": ("manual", {}),
    "odd": ("update_fields", {"set": {"city": "{{ 1 | divided_by: score }}"}}),
    "day": ("wait", {"for": "P1D"}),
    "mail": MAIL,
}
EDGES = ["in next odd", "odd next day", "day next mail"]


def carrying(over: threading.Event) -> None:
    """An engine, until it is over."""
    engine = Engine(clock=lambda: NOW)
    while not over.is_set():
        if not engine.turn():
            time.sleep(0.005)


def mending(ids: list[int], seed: int) -> None:
    """A person who acts on people at random."""
    chance = random.Random(seed)
    for _ in range(25):
        some = Chosen(contacts=tuple(chance.sample(ids, 60)))
        match chance.randrange(4):
            case 0:
                failures_retry("odd", chance.choice([some, ALL]), actor=COMMAND, now=NOW)
            case 1:
                failures_skip("odd", some, actor=COMMAND, now=NOW)
            case 2:
                people_act("odd", "move", some, {"to": "day"}, actor=COMMAND, now=NOW)
            case _:
                people_act("odd", "go_on", some, {}, actor=COMMAND, now=NOW)


def ending(over: threading.Event) -> None:
    """Skip and send on until everybody is through."""
    deadline = time.monotonic() + 60
    while Visit.objects.filter(state__in=["inside", "failed"]).exists():
        assert time.monotonic() < deadline
        failures_skip("odd", ALL, actor=COMMAND, now=NOW)
        people_act("odd", "go_on", Chosen(node="day"), {}, actor=COMMAND, now=NOW)
        time.sleep(0.05)
    over.set()


@pytest.mark.django_db(transaction=True)
def test_retries_skips_and_moves_race_with_two_engines_and_everything_is_done_once() -> None:
    """Everybody fails at first, and for ever; three people see to it at the same time."""
    ids = build_contacts(300)
    build_flow("odd", NODES, EDGES)
    contacts_add("odd", ids, actor=COMMAND, now=NOW)
    over = threading.Event()
    mended = threading.Barrier(4)

    def mend(seed: int) -> None:
        mending(ids, seed)
        mended.wait(100)

    def end() -> None:
        mended.wait(100)
        ending(over)

    in_threads(
        lambda: carrying(over),
        lambda: carrying(over),
        lambda: mend(1),
        lambda: mend(2),
        lambda: mend(3),
        end,
    )
    assert list(Visit.objects.values_list("state").distinct()) == [("completed",)]
    assert Visit.objects.count() == 300
    everything_adds_up()
    came = {(one.visit_id, one.number): one for one in Step.objects.all()}
    for visit in Visit.objects.all():
        assert all((visit.id, number) in came for number in range(visit.steps))
    assert len(came) == sum(Visit.objects.values_list("steps", flat=True))
    # who is moved away in the instant between arriving at the mail and its pulse gets none
    wanted = {
        place
        for place, step in came.items()
        if step.node == "mail"
        and ((after := came.get((place[0], place[1] + 1))) is None or after.came_by != "moved")
    }
    sent = list(Message.objects.values_list("visit_id", "step"))
    assert len(sent) == len(set(sent))
    assert wanted <= set(sent) <= {place for place, step in came.items() if step.node == "mail"}
