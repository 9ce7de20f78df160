"""Whatever is done to the people in a flow, in any order: nothing is lost, doubled, miscounted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from common.errors import Refused
from flows.chosen import Chosen
from flows.lives import flow_pause, flow_resume
from flows.models import Flow, Step, Visit
from flows.people import people_act
from messaging.models import Message
from tests.builders_flows import (
    BOUGHT,
    HOUR,
    MAIL,
    Nodes,
    Stage,
    build_flow,
    everything_adds_up,
    on,
)

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob", "cyd")
NODES: Nodes = {
    "come": on("Come"),
    "text": ("update_fields", {"set": {"city": "{{ 1 | divided_by: trigger.n }}"}}),
    "mail": MAIL,
    "hour": HOUR,
    "ask": ("condition", {"rule": {"type": "field", "field": "city", "op": "set"}}),
    "more": ("update_fields", {"set": {"country": "{{ 1 | divided_by: trigger.m }}"}}),
    "last": ("send_email", {"template": "hello"}),
}
EDGES = [
    "come next text",
    "text next mail",
    "mail next hour",
    "hour next ask",
    "ask yes more",
    "ask no last",
    "more next last",
]
AGAIN = {"reentry": {"type": "after_exit"}, "exit_when": [BOUGHT]}

names = st.sampled_from(NAMES)
whom = st.one_of(
    st.just(Chosen(everybody=True)),
    st.builds(lambda node: Chosen(node=node), st.sampled_from(list(NODES))),
    st.builds(lambda name: Chosen(search=name), names),
)
doings = st.one_of(
    st.tuples(st.just("come"), names, st.integers(0, 1), st.integers(0, 1)),
    st.tuples(st.just("come"), names, st.integers(0, 1), st.integers(0, 1)),
    st.tuples(st.just("buy"), names),
    st.tuples(st.just("act"), st.just("retry"), whom, st.just({})),
    st.tuples(st.just("act"), st.just("skip"), whom, st.just({})),
    st.tuples(st.just("act"), st.just("go_on"), whom, st.just({})),
    st.tuples(st.just("act"), st.just("remove"), whom, st.just({})),
    st.tuples(
        st.just("act"),
        st.just("move"),
        whom,
        st.builds(lambda to: {"to": to}, st.sampled_from(list(NODES)[1:])),
    ),
    st.tuples(st.just("mend")),
    st.tuples(st.just("wait"), st.sampled_from(["PT30M", "PT2H"])),
    st.tuples(st.just("toggle")),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.lists(st.tuples(doings, st.booleans()), min_size=3, max_size=14))
def test_whatever_is_done_to_people_adds_up(day: list[tuple[Any, bool]]) -> None:
    with transaction.atomic():
        stage = Stage()
        build_flow("loop", nodes=NODES, edges=EDGES, settings=AGAIN)
        for name in NAMES:
            stage.contact(name)
        for doing, settles in day:
            do(stage, doing)
            if settles:
                stage.settle()
            everything_adds_up()
        if Flow.objects.get(key="loop").status == "paused":
            flow_resume("loop", actor=COMMAND, now=stage.now)
        stage.after("P1D")
        everything_adds_up()
        no_step_is_lost_or_doubled()
        transaction.set_rollback(True)


def do(stage: Stage, doing: tuple[Any, ...]) -> None:
    """One thing that happens or is done."""
    match doing:
        case ("come", name, n, m):
            stage.accepts(name, "Come", n=n, m=m)
        case ("buy", name):
            stage.accepts(name, "Order Completed")
        case ("act", action, chosen, given_):
            try:
                people_act("loop", action, chosen, given_, actor=COMMAND, now=stage.now)
            except Refused:
                assert action in ("skip", "go_on")
        case ("mend",):
            Visit.objects.update(trigger={"n": 1, "m": 1})
        case ("wait", span):
            stage.after(span)
        case _:
            flow = Flow.objects.get(key="loop")
            toggle = flow_resume if flow.status == "paused" else flow_pause
            toggle("loop", actor=COMMAND, now=stage.now)


def no_step_is_lost_or_doubled() -> None:
    """Each visit's steps are numbered through; each mail belongs to a step that sends one."""
    numbers: dict[int, list[int]] = {}
    nodes: dict[tuple[int, int], str] = {}
    for step in Step.objects.order_by("visit_id", "number"):
        numbers.setdefault(step.visit_id, []).append(step.number)
        nodes[step.visit_id, step.number] = step.node
    for visit in Visit.objects.all():
        assert numbers[visit.id] == list(range(visit.steps))
        assert nodes[visit.id, visit.steps - 1] == visit.node
        assert (visit.state == "failed") == bool(visit.error)
        assert visit.state != "inside" or visit.due_at is not None, "nobody is stranded"
    places = Counter((one.visit_id, one.step) for one in Message.objects.all())
    assert all(n == 1 for n in places.values())
    for visit_id, number in places:
        assert visit_id is not None
        assert number is not None
        assert nodes[visit_id, number] in ("mail", "last")
