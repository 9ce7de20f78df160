"""What publishing would do, told before; and the way back to an earlier version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from accounts.permissions import COMMAND
from common.errors import Conflict, NotFound
from flows.lives import FlowHasProblemsError, flow_publish, flow_rollback
from flows.models import Flow
from flows.preview import Preview, publish_preview
from flows.services import flow_update, version_restore
from segments.services import segment_delete
from tests.builders import NOW
from tests.builders_flows import (
    AGAIN,
    BOUGHT,
    CART,
    CART_EDGES,
    HOUR,
    IN_VIP,
    MAIL,
    Nodes,
    Stage,
    build_crowd,
    build_flow,
    build_graph,
    build_segment,
    minutes,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db


# ── preview ─────────────────────────────────────────────────────────────────────────────────────


def _preview(
    *, key: str, nodes: Nodes, edges: Sequence[str] = CART_EDGES, now: datetime, **given: Any
) -> Preview:
    """Draw a flow anew, and ask what publishing would do."""
    flow = Flow.objects.get(key=key)
    flow_update(key, name=flow.name, graph=build_graph(nodes, edges), settings={},
                revision=flow.revision, now=now)  # fmt: skip
    return publish_preview(key, now=now, **{"inside": "move", **given})


def test_a_preview_tells_who_is_inside_and_where_they_would_go(stage: Stage) -> None:
    names = build_crowd(stage, 3)
    without = {"cart": on("Product Added"), "half": ("wait", {"for": "PT30M"}), "remind": MAIL}
    edges = ["cart next half", "half next remind"]
    told = _preview(key="cart", nodes=without, edges=edges, now=stage.now)
    assert told.version == 2
    (row,) = told.inside
    assert (row.version, row.node, row.title, row.count) == (1, "hour", "Wait 1 hour", 3)
    assert (row.exists, row.to) == (False, None)
    assert "At “Wait 1 hour”, which is removed: 3 people leave the flow." in told.words
    told = publish_preview("cart", inside="move", moves={"hour": "half"}, now=stage.now)
    assert told.inside[0].to == "half"
    assert told.due_now == 0
    assert stage.states() == ["inside"] * len(names), "nothing is changed by looking"


def test_a_preview_counts_who_would_enter_by_the_conditions_of_the_gate(stage: Stage) -> None:
    for i in range(6):
        stage.contact(f"c{i}", plan="vip")
    build_segment("vips", IN_VIP)
    build_segment("kept-out", {"type": "field", "field": "external_id", "op": "eq", "value": "c0"})
    stage.settle()
    settings = {"suppress": ["kept-out"], "goal": BOUGHT}
    build_flow("v", {"in": on("A"), "hour": HOUR}, ["in next hour"], settings=settings)
    stage.does("c1", "A")
    stage.does("c2", "Order Completed")
    entered = ("segment_entered", {"segment": "vips", "include_existing": True})
    graph = build_graph({"in": entered, "hour": HOUR}, ["in next hour"])
    flow_update("v", name="V", graph=graph, settings=settings, revision=1, now=stage.now)
    told = publish_preview("v", now=stage.now)
    assert told.enters_now == 3
    flow_publish("v", actor=COMMAND, now=stage.now)
    stage.settle()
    assert len(stage.visits("v")) == 1 + told.enters_now


def test_a_preview_counts_the_people_of_a_one_off_send(stage: Stage) -> None:
    for i in range(4):
        stage.contact(f"c{i}", plan="vip")
    build_segment("vips", IN_VIP)
    stage.settle()
    nodes: Nodes = {"in": ("once", {"segments": ["vips"]}), "hour": HOUR}
    build_flow("v", nodes, ["in next hour"], live=False)
    assert publish_preview("v", now=stage.now).enters_now == 4
    flow_publish("v", actor=COMMAND, now=stage.now)
    stage.settle()
    assert len(stage.visits("v")) == 4
    assert publish_preview("v", now=stage.now).enters_now == 0, "what went out is not sent again"


def test_a_preview_says_how_many_become_due_at_once(stage: Stage) -> None:
    build_crowd(stage, 3)
    stage.jump("PT40M")
    stage.does("late", "Product Added")
    told = _preview(key="cart", nodes={**CART, "hour": ("wait", {"for": "PT30M"})}, now=stage.now)
    assert (told.due_now, told.spread) == (3, None)
    assert told.words == [
        "“Wait 1 hour” is now “Wait 30 minutes”.",
        "4 people inside move to the new version.",
        "3 people become due at once by this edit.",
    ]
    told = publish_preview("cart", inside="stay", now=stage.now)
    assert (told.due_now, told.words[-1]) == (0, "4 people inside stay as they are.")


def test_a_preview_of_very_many_looks_at_some_lanes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.moves.SAMPLE", 64)
    build_crowd(stage, 128)
    stage.jump("PT40M")
    told = _preview(key="cart", nodes={**CART, "hour": ("wait", {"for": "PT30M"})}, now=stage.now)
    assert (told.due_now, told.is_exact) == (128, False)
    assert "About 128 people become due at once by this edit." in told.words


def test_a_preview_of_a_broken_draft_says_what_is_broken(stage: Stage) -> None:
    build_crowd(stage, 2)
    told = _preview(key="cart", nodes={"lost": ("wait", {})}, edges=[], now=stage.now)
    assert {problem.code for problem in told.problems} >= {"no_trigger", "required"}
    assert (told.enters_now, told.due_now) == (0, 0)


def test_a_thousand_at_once_are_no_stampede_and_more_are_spread(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.graph.moving.CALM", 10)
    build_crowd(stage, 25, nodes={**CART, "hour": ("wait", {"for": "P1D"})})
    stage.jump("PT2H")
    told = _preview(key="cart", nodes=CART, now=stage.now)
    assert (told.due_now, told.is_exact) == (25, True)
    assert told.spread is not None
    assert (told.spread.over, told.spread.until) == ("PT3M", stage.now + minutes(3))
    flow_publish("cart", inside="move", actor=COMMAND, now=stage.now)
    latest = max(visit.due_at for visit in stage.visits() if visit.due_at)
    assert stage.now < latest < stage.now + minutes(3)


# ── the way back ────────────────────────────────────────────────────────────────────────────────


def test_a_rollback_publishes_the_earlier_version_anew_and_leaves_the_draft(stage: Stage) -> None:
    build_crowd(stage, 3)
    redraw("cart", {**CART, "hour": ("wait", {"for": "P1D"})}, CART_EDGES, now=stage.now,
           inside="move")  # fmt: skip
    stage.settle()
    back = flow_rollback("cart", version=1, inside="move", actor=COMMAND, now=stage.now)
    stage.settle()
    flow = Flow.objects.get()
    assert (back.number, flow.live_version_id) == (3, back.id)
    assert {visit.due_at for visit in stage.visits()} == {NOW + minutes(60)}
    assert flow.graph["nodes"][1]["config"] == {"for": "P1D"}
    with pytest.raises(Conflict, match="live already"):
        flow_rollback("cart", version=3, actor=COMMAND, now=stage.now)
    with pytest.raises(NotFound):
        flow_rollback("cart", version=9, actor=COMMAND, now=stage.now)


def test_a_rollback_lets_nobody_in_a_second_time(stage: Stage) -> None:
    stage.contact("ada", plan="vip")
    build_segment("vips", IN_VIP)
    stage.settle()
    entered = ("segment_entered", {"segment": "vips", "include_existing": True})
    build_flow("v", {"in": entered, "mail": MAIL}, ["in next mail"], settings=AGAIN)
    stage.settle()
    redraw("v", {"in": on("A"), "mail": MAIL}, ["in next mail"], settings=AGAIN, now=stage.now)
    flow_rollback("v", version=1, actor=COMMAND, now=stage.now)
    stage.settle()
    assert stage.states("v") == ["completed"]


def test_a_rollback_to_what_no_longer_works_is_refused(stage: Stage) -> None:
    build_segment("hot", None, kind="static")
    build_flow("a", {"in": ("segment_entered", {"segment": "hot"}), "hour": HOUR}, ["in next hour"])
    redraw("a", {"in": on("A"), "hour": HOUR}, ["in next hour"], now=stage.now)
    segment_delete("hot")
    with pytest.raises(FlowHasProblemsError):
        flow_rollback("a", version=1, actor=COMMAND, now=stage.now)


def test_a_version_becomes_the_draft_again_unless_somebody_has_saved_meanwhile(
    stage: Stage,
) -> None:
    build_flow()
    redraw("cart", {"cart": on("A"), "hour": HOUR}, ["cart next hour"], now=stage.now)
    flow = version_restore("cart", 1, revision=2, actor=COMMAND, now=stage.now)
    assert (flow.revision, [node["id"] for node in flow.graph["nodes"]]) == (3, list(CART))
    with pytest.raises(Conflict):
        version_restore("cart", 2, revision=2, actor=COMMAND, now=stage.now)
    with pytest.raises(NotFound):
        version_restore("cart", 7, revision=3, actor=COMMAND, now=stage.now)
