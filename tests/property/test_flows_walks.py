"""Random small flows and random days: the engine does what an obvious walk of each contact does.

The walk below knows nothing of sets, lanes, touches or versions: it takes one happening after
another and moves one contact after another, as a person with paper and pencil would.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from common.durations import parse_duration
from flows.lives import flow_pause, flow_resume
from flows.models import Visit
from flows.selectors import paths_of
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import Stage, build_flow, everything_adds_up

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob", "cyd")
END = NOW + timedelta(minutes=40)
Drawn = tuple[dict[str, tuple[str, dict[str, Any]]], dict[tuple[str, str], str]]
"""Nodes, and where each branch of each node leads."""


def plan_is(value: str) -> dict[str, Any]:
    return {"type": "field", "field": "plan", "op": "eq", "value": value}


# ── what is drawn ───────────────────────────────────────────────────────────────────────────────

kinds = st.one_of(
    st.builds(lambda n: ("wait", {"for": f"PT{n}M"}), st.integers(1, 4)),
    st.builds(lambda n: ("wait", {"for": f"PT{n}M"}), st.integers(1, 4)),
    st.builds(lambda plan: ("condition", {"rule": plan_is(plan)}), st.sampled_from("ab")),
    st.just(("send_email", {"template": "hello"})),
    st.just(("send_email", {"template": "hello"})),
    st.builds(lambda plan: ("update_fields", {"set": {"plan": plan}}), st.sampled_from("abg")),
    st.sampled_from([("exit", {"reason": "enough"}), ("goal", {})]),
)


@st.composite
def graphs(draw: st.DrawFn) -> Drawn:
    """Draw a flow whose ways lead forward, but for those out of a wait, which may lead back."""
    nodes: dict[str, Any] = {"n0": ("event", {"name": "Go"})}
    nodes |= {f"n{i}": draw(kinds) for i in range(1, draw(st.integers(2, 7)))}
    names = list(nodes)
    ways: dict[tuple[str, str], str] = {}
    for place, name in enumerate(names):
        kind = nodes[name][0]
        branches = {"condition": ["yes", "no"], "exit": [], "goal": []}.get(kind, ["next"])
        for branch in branches:
            targets: list[str | None] = [*names[place + 1 :], *names[place + 1 : place + 3]]
            targets += names[1 : place + 1] if kind == "wait" else []
            target = draw(st.sampled_from([*targets, None]))
            if target is not None:
                ways[name, branch] = target
    reached, asking = {"n0"}, ["n0"]
    while asking:
        here = asking.pop()
        for (source, _branch), target in ways.items():
            if source == here and target not in reached:
                reached.add(target)
                asking.append(target)
    return (
        {name: node for name, node in nodes.items() if name in reached},
        {way: target for way, target in ways.items() if way[0] in reached},
    )


chosen = st.fixed_dictionaries(
    {
        "reentry": st.sampled_from(
            [{"type": "once"}, {"type": "after_exit"}, {"type": "after_exit", "gap": "PT3M"}]
        ),
        "exit_when": st.sampled_from(
            [[], [{"type": "event", "name": "Stop"}], [{"type": "event", "name": "Go"}]]
        ),
        "goal": st.sampled_from([None, plan_is("g")]),
    }
)
happenings = st.one_of(
    st.tuples(st.just("event"), st.sampled_from(NAMES), st.sampled_from(["Go", "Go", "Stop"])),
    st.tuples(st.just("event"), st.sampled_from(NAMES), st.just("Go")),
    st.tuples(st.just("plan"), st.sampled_from(NAMES), st.sampled_from("abg")),
    st.tuples(st.just("toggle"), st.just(""), st.just("")),
)
days = st.lists(
    st.tuples(st.integers(1, 60), happenings), max_size=12, unique_by=lambda one: one[0]
)


# ── the obvious walk ────────────────────────────────────────────────────────────────────────────


@dataclass
class Walk:
    """One contact's way through the flow."""

    path: list[tuple[str, datetime]] = field(default_factory=list)
    mails: list[tuple[str, datetime]] = field(default_factory=list)
    state: str = "inside"
    left_at: datetime | None = None
    due: datetime | None = None
    called_back: bool = False

    def leave(self, state: str, now: datetime, *, called_back: bool = False) -> None:
        self.state, self.left_at, self.due = state, now, None
        self.called_back = called_back


class Paper:
    """The flow, and everybody, on paper."""

    def __init__(self, drawn: Drawn, settings: dict[str, Any]) -> None:
        self.nodes, self.ways = drawn
        self.settings = settings
        self.plans = dict.fromkeys(NAMES, "a")
        self.walks: dict[str, list[Walk]] = {name: [] for name in NAMES}
        self.paused = False

    def inside(self, name: str) -> Walk | None:
        last = self.walks[name][-1:]
        return last[0] if last and last[0].state == "inside" else None

    def happen(self, kind: str, name: str, what: str, now: datetime) -> None:
        if kind == "toggle":
            self.paused = not self.paused
        elif kind == "plan":
            self.plans[name] = what
            self.convert(name, now)
        else:
            walk = self.inside(name)
            if walk and any(leave["name"] == what for leave in self.settings["exit_when"]):
                walk.leave("exited", now, called_back=True)
            if what == "Go" and self.may_enter(name, now):
                self.walks[name].append(Walk())
                self.arrive(name, "n0", now)

    def may_enter(self, name: str, now: datetime) -> bool:
        if self.paused or self.inside(name) or self.at_goal(name):
            return False
        reentry = self.settings["reentry"]
        if not self.walks[name]:
            return True
        left_at = self.walks[name][-1].left_at
        assert left_at is not None
        gap = parse_duration(reentry["gap"]) if "gap" in reentry else timedelta(0)
        return reentry["type"] == "after_exit" and left_at + gap <= now

    def at_goal(self, name: str) -> bool:
        return self.settings["goal"] is not None and self.plans[name] == "g"

    def convert(self, name: str, now: datetime) -> None:
        walk = self.inside(name)
        if walk and self.at_goal(name):
            walk.leave("converted", now, called_back=True)

    def arrive(self, name: str, node: str | None, now: datetime) -> None:
        """Walk on from an arrival until the next wait or the end."""
        walk = self.walks[name][-1]
        while node is not None:
            walk.path.append((node, now))
            kind, config = self.nodes[node]
            branch = "next"
            if kind == "wait":
                walk.due = now + parse_duration(config["for"])
                self.convert(name, now)
                return
            if kind in ("exit", "goal"):
                walk.leave("exited" if kind == "exit" else "converted", now)
                return
            if kind == "condition":
                branch = "yes" if self.plans[name] == config["rule"]["value"] else "no"
            elif kind == "send_email":
                walk.mails.append((node, now))
            elif kind == "update_fields":
                self.plans[name] = config["set"]["plan"]
            node = self.ways.get((node, branch))
        walk.leave("completed", now)

    def wake(self, now: datetime) -> None:
        """Those whose wait is over go on, unless the flow is paused."""
        for name in NAMES:
            walk = self.inside(name)
            if walk and walk.due and walk.due <= now and not self.paused:
                self.arrive(name, self.ways.get((walk.path[-1][0], "next")), now)

    def pass_time(self, until: datetime) -> None:
        """From one end of a wait to the next, up to but not including `until`."""
        while not self.paused:
            dues = [walk.due for name in NAMES if (walk := self.inside(name)) and walk.due]
            if not dues or min(dues) >= until:
                return
            self.wake(min(dues))


def on_paper(drawn: Drawn, settings: dict[str, Any], day: list[Any]) -> Paper:
    """Walk through a day."""
    paper = Paper(drawn, settings)
    for half_minutes, (kind, name, what) in sorted(day):
        now = NOW + half_minutes * timedelta(seconds=30)
        paper.pass_time(now)
        paper.happen(kind, name, what, now)
        paper.wake(now)
    paper.pass_time(END)
    paper.wake(END)
    return paper


# ── the engine ──────────────────────────────────────────────────────────────────────────────────


def by_the_engine(drawn: Drawn, settings: dict[str, Any], day: list[Any]) -> Stage:
    """The same day, by the product."""
    nodes, ways = drawn
    stage = Stage()
    for name in NAMES:
        stage.contact(name, plan="a")
    stage.settle()
    edges = [f"{source} {branch} {target}" for (source, branch), target in ways.items()]
    build_flow("flow", nodes, edges, settings=settings)
    paused = False
    for half_minutes, (kind, name, what) in sorted(day):
        now = NOW + half_minutes * timedelta(seconds=30)
        stage.run_until(now, through=False)
        stage.now = now
        if kind == "event":
            stage.does(name, what)
        elif kind == "plan":
            stage.sets(name, plan=what)
        else:
            (flow_resume if paused else flow_pause)("flow", actor=COMMAND, now=now)
            paused = not paused
            stage.settle()
    stage.run_until(END)
    return stage


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(graphs(), chosen, days)
def test_the_engine_walks_as_paper_and_pencil_do(
    drawn: Drawn, settings: dict[str, Any], day: list[Any]
) -> None:
    paper = on_paper(drawn, settings, day)
    with transaction.atomic():
        stage = by_the_engine(drawn, settings, day)
        everything_adds_up()
        names = {contact_id: name for name, contact_id in stage.ids.items()}
        visits = list(Visit.objects.order_by("id"))
        paths = paths_of(visits)
        messages = list(Message.objects.values_list("contact_id", "node", "created_at", "status"))
        transaction.set_rollback(True)
    for name in NAMES:
        assert [
            ([(step["node"], step["at"]) for step in paths[visit.id]], visit.state, visit.left_at)
            for visit in visits
            if names[visit.contact_id] == name
        ] == [(walk.path, walk.state, walk.left_at) for walk in paper.walks[name]]
    assert Counter((names[who], *rest) for who, *rest in messages) == Counter(
        (name, node, at, "cancelled" if walk.called_back else "queued")
        for name in NAMES
        for walk in paper.walks[name]
        for node, at in walk.mails
    )
