"""The graph of a flow: model, checks, compilation to a plan, difference of versions. PURE."""

from flows.graph.checks import Known, Problem, as_digraph, branches_of, problems_of
from flows.graph.difference import Difference, difference
from flows.graph.model import (
    NOTE_WIDTH,
    Edge,
    EventExit,
    Graph,
    Node,
    Note,
    Position,
    SegmentExit,
    Settings,
)
from flows.graph.plan import Plan, PlanNode, PlanRefusedError, compile_plan
from flows.graph.sentences import config_of, sentence_of

__all__ = [
    "NOTE_WIDTH",
    "Difference",
    "Edge",
    "EventExit",
    "Graph",
    "Known",
    "Node",
    "Note",
    "Plan",
    "PlanNode",
    "PlanRefusedError",
    "Position",
    "Problem",
    "SegmentExit",
    "Settings",
    "as_digraph",
    "branches_of",
    "compile_plan",
    "config_of",
    "difference",
    "problems_of",
    "sentence_of",
]
