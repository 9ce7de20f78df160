"""Random flows, random days, random edits with people inside: nobody is lost, doubled or stranded.

Whoever is moved stands at a node of the version they walk, waits as that node says, or is out by
the edit; and it comes to the same whether few are moved at once or many lane by lane.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.durations import parse_duration
from flows import rollouts
from flows.models import Flow, Step, Visit
from tests.builders_flows import MAIL, Stage, build_flow, everything_adds_up, on, redraw

pytestmark = pytest.mark.django_db

NAMES = ("ada", "bob", "cyd", "dan")
Drawn = tuple[dict[str, tuple[str, dict[str, Any]]], list[str]]

kinds = st.one_of(
    st.builds(lambda n: ("wait", {"for": f"PT{n}M"}), st.integers(1, 40)),
    st.builds(lambda n: ("wait", {"for": f"PT{n}M"}), st.integers(1, 40)),
    st.just(MAIL),
    st.builds(
        lambda n: (
            "wait_for",
            {"rule": {"type": "event", "name": "Paid"}, "timeout": f"PT{n}M"},
        ),
        st.integers(5, 40),
    ),
    st.just(("adjust_score", {"by": 1})),
)


@st.composite
def chains(draw: st.DrawFn) -> Drawn:
    """Draw a flow that is one way from its start, of some of five steps."""
    chosen = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True))
    nodes = {"in": on("Go"), **{key: draw(kinds) for key in chosen}}
    edges: list[str] = []
    for source, target in zip(("in", *chosen), chosen, strict=False):
        branches = ("matched", "timeout") if nodes[source][0] == "wait_for" else ("next",)
        edges += [f"{source} {branch} {target}" for branch in branches]
    return nodes, edges


@st.composite
def edits(draw: st.DrawFn) -> tuple[Drawn, dict[str, str | None], str, str | None]:
    """Draw another edition, where those at removed steps go, and who is moved."""
    nodes, edges = draw(chains())
    targets = [None, *(key for key in nodes if key != "in")]
    moves = {key: draw(st.sampled_from(targets)) for key in "abcde"}
    inside = draw(st.sampled_from(["move", "move", "stay"]))
    spread = draw(st.sampled_from([None, None, "PT10M"]))
    return (nodes, edges), moves, inside, spread


days = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(NAMES), st.sampled_from(["Go", "Paid"])),
    max_size=6,
)


@given(chains(), st.lists(st.tuples(days, edits()), min_size=1, max_size=3), st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_edits_with_people_inside_lose_nobody(
    first: Drawn,
    story: list[tuple[list[Any], tuple[Drawn, dict[str, str | None], str, str | None]]],
    many: bool,
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        if many:
            patched.setattr(rollouts, "AT_ONCE", 0)
        stage = Stage()
        for name in NAMES:
            stage.contact(name)
        stage.settle()
        build_flow("f", *first)
        for day, ((nodes, edges), moves, inside, spread) in story:
            for minutes, name, event in day:
                stage.run_until(stage.now + timedelta(minutes=minutes))
                stage.does(name, event)
            before = _standing()
            version = redraw("f", nodes, edges, now=stage.now, inside=inside, moves=moves,
                             spread=spread)  # fmt: skip
            published = stage.now
            while rollouts.rollout_step(now=stage.now):
                everything_adds_up()
            if inside == "move":
                _all_moved(
                    before, version.id, nodes=nodes, moves=moves, now=published, spread=spread
                )
            stage.settle()
            everything_adds_up()
            assert Flow.objects.get(key="f").moving_to is None
        stage.run_until(stage.now + timedelta(hours=12))
        everything_adds_up()
        assert not Visit.objects.filter(state__in=["inside", "failed"]).exists()
        for visit in Visit.objects.all():
            numbers = Step.objects.filter(lane=visit.lane, visit_id=visit.id)
            assert sorted(numbers.values_list("number", flat=True)) == list(range(visit.steps))
        transaction.set_rollback(True)


def _standing() -> dict[int, Visit]:
    return {visit.id: visit for visit in Visit.objects.filter(state="inside")}


def _all_moved(
    before: dict[int, Visit],
    version_id: int,
    *,
    nodes: dict[str, tuple[str, dict[str, Any]]],
    moves: dict[str, str | None],
    now: datetime,
    spread: str | None,
) -> None:
    """Each stands where the edit says, and rests as the new node says."""
    for was in before.values():
        visit = Visit.objects.get(id=was.id, lane=was.lane)
        target = was.node if was.node in nodes else moves.get(was.node)
        if target is None:
            assert (visit.state, visit.reason) == ("exited", "removed by edit")
            continue
        assert (visit.state, visit.node, visit.version_id) == ("inside", target, version_id)
        kind, config = nodes[target]
        arrived = was.arrived_at if was.node in nodes else now
        assert visit.arrived_at == arrived
        assert visit.due_at is not None
        if kind == "wait":
            rest_ends = arrived + parse_duration(config["for"])
            if rest_ends > now:
                assert visit.due_at == rest_ends
            else:
                assert rest_ends <= visit.due_at
                assert was.due_at is None or visit.due_at <= max(now, was.due_at)
                latest = now + (parse_duration(spread) if spread else timedelta(0))
                assert visit.due_at <= max(latest, now)
