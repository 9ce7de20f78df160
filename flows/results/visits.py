"""One visit: the path with its reasons, where it is, and where it will be next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from common.durations import describe_duration
from common.errors import NotFound
from contacts.models import Contact
from flows.graph import Graph, Node, sentence_of
from flows.models import Flow, Step, Visit
from flows.nodes import NODE_TYPES
from flows.nodes.base import NEXT, Names
from flows.selectors import names_now
from messaging.models import Message
from segments.rules import describe, parse
from segments.selectors import fields_known

LARGEST_ID: Final = 2**63 - 1


def visit_shown(visit_id: int) -> dict[str, Any]:
    """One visit as the API gives it.

    Raises
    ------
    NotFound
        If there is no such visit.
    """
    visit = None
    if visit_id <= LARGEST_ID:
        found = Visit.objects.filter(id=visit_id).select_related("flow", "version")
        visit = found.first()
    if visit is None:
        raise NotFound("There is no such visit.")
    steps = Step.objects.filter(lane=visit.lane, visit_id=visit.id).order_by("number")
    drawing = _Drawing(Graph.model_validate(visit.version.graph))
    path = _path(visit, list(steps), drawing)
    if path and not path[0]["reason"]:
        path[0]["reason"] = _came_with(visit)
    _tell_mails(visit, path)
    is_open = visit.state in (Visit.State.INSIDE, Visit.State.FAILED)
    return {
        "id": visit.id,
        "flow": visit.flow.key,
        "flow_name": visit.flow.name,
        "version": visit.version.number,
        "contact": _whose(visit.contact_id),
        "entered_at": visit.entered_at,
        "left_at": visit.left_at,
        "outcome": visit.state,
        "reason": visit.reason,
        "error": visit.error,
        "path": path,
        "here": _here(visit, drawing) if is_open else None,
        "next": _next(visit, drawing) if is_open else [],
        "visits": _others(visit),
    }


MOST_VISITS: Final = 50
"""So many visits of one contact in one flow are told, the latest of them."""


def _others(visit: Visit) -> list[dict[str, Any]]:
    """All visits of this contact in this flow, oldest first; this one among them."""
    found = Visit.objects.filter(
        lane=visit.lane, contact_id=visit.contact_id, flow_id=visit.flow_id
    )
    rows = found.order_by("-id").values_list("id", "entered_at", "state")[:MOST_VISITS]
    told = [{"id": row[0], "entered_at": row[1], "outcome": row[2]} for row in rows]
    return told[::-1]


MOST_PROPERTIES: Final = 3


def _came_with(visit: Visit) -> str:
    """What the event that let the visit in said, at its first step."""
    if not visit.trigger:
        return ""
    plain = [
        f"{name} {value}"
        for name, value in visit.trigger.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
    ]
    return f"Came with {', '.join(plain[:MOST_PROPERTIES])}" if plain else ""


_MAILS: Final = {
    "queued": "The e-mail waits to be sent",
    "sending": "The e-mail is being sent",
    "sent": "The e-mail was sent",
    "withheld": "The e-mail was withheld",
    "held_back": "The e-mail was held back",
    "cancelled": "The e-mail was cancelled",
    "failed": "The e-mail failed",
}


def _tell_mails(visit: Visit, path: list[dict[str, Any]]) -> None:
    """Add to each step what became of its e-mail, and why: one statement for the whole path."""
    mails = Message.objects.filter(lane=visit.lane, visit_id=visit.id, step__isnull=False)
    told = {
        step: f"{_MAILS.get(status, status)}{': ' if why else ''}{why}"
        for step, status, why in (
            (step, status, reason or (error.splitlines() or [""])[0])
            for step, status, reason, error in mails.values_list(
                "step", "status", "reason", "error"
            )
        )
    }
    for step in path:
        if mail := told.get(step["seq"]):
            step["reason"] = f"{mail}. {step['reason']}" if step["reason"] else mail


def _whose(contact_id: int) -> dict[str, Any] | None:
    contact = Contact.objects.filter(id=contact_id).first()
    if contact is None:
        return None
    names = (contact.first_name, contact.last_name)
    return {
        "id": contact.id,
        "external_id": contact.external_id,
        "email": contact.email,
        "name": " ".join(name for name in names if name),
    }


class _Drawing:
    """A version's graph in words."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = {node.id: node for node in graph.nodes}
        self.targets = {(edge.source, edge.branch): edge.target for edge in graph.edges}
        self.fields = fields_known()
        self.names: Names = names_now()

    def said(self, node_id: str) -> tuple[str, str]:
        """Title and sentence of a node; of one that is not in this version, its id."""
        node = self.nodes.get(node_id)
        node_type = NODE_TYPES.get(node.type) if node else None
        if node is None or node_type is None:
            return node_id, "A step of another version"
        return node_type.title, sentence_of(node, self.names)

    def group(self, node_id: str) -> str:
        """Of what group a node is."""
        node = self.nodes.get(node_id)
        return NODE_TYPES[node.type].group if node and node.type in NODE_TYPES else ""

    def branches(self, node: Node) -> tuple[str, ...]:
        """Its ways out."""
        node_type = NODE_TYPES[node.type]
        return tuple(node_type.branches(node_type.Config.model_validate(node.config)))

    def rule_of(self, node_id: str, branch: str) -> str:
        """The rule by which a way is taken, in words; "" where none decides."""
        node = self.nodes.get(node_id)
        if node is None:
            return ""
        rules = [node.config["rule"]] if node.config.get("rule") else []
        for case in node.config.get("cases", ()):
            if case.get("branch") == branch:
                rules = [case.get("rule")]
        return describe(parse(rules[0], fields=self.fields, in_flow=True)) if rules else ""


def _path(visit: Visit, steps: list[Step], drawing: _Drawing) -> list[dict[str, Any]]:
    path = []
    for i, step in enumerate(steps):
        after = steps[i + 1] if i + 1 < len(steps) else None
        branch = (after.came_by if after else visit.left_by) or None
        title, sentence = drawing.said(step.node)
        left_at = after.at if after else visit.left_at
        path.append(
            {
                "seq": step.number,
                "node": step.node,
                "at": step.at,
                "branch": branch,
                "reason": _reason(visit, step, branch, left_at, is_last=not after, drawing=drawing),
                "title": title,
                "sentence": sentence,
            }
        )
    return path


def _reason(
    visit: Visit,
    step: Step,
    branch: str | None,
    left_at: datetime | None,
    *,
    is_last: bool,
    drawing: _Drawing,
) -> str:
    """Why it went on as it did: the answer, how long it took, or how it ended."""
    if is_last and visit.state == Visit.State.FAILED:
        return f"Failed: {visit.error.splitlines()[0]}" if visit.error else "Failed"
    if is_last and visit.left_at is not None and visit.reason:
        return visit.reason
    if branch is None:
        return ""
    rule = drawing.rule_of(step.node, branch)
    waited = ""
    if left_at is not None and left_at > step.at:
        seconds = round((left_at - step.at).total_seconds())
        waited = f" after {describe_duration(timedelta(seconds=seconds))}" if seconds else ""
    if branch == "moved":
        return f"Moved to another step{waited}"
    if branch in ("no", "timeout") and rule:
        return f"{_ANSWERS[branch]}{waited}, not: {rule}"
    if rule:
        return f"{_ANSWERS.get(branch, branch)}{waited}: {rule}"
    if branch == NEXT:
        return f"Went on{waited}" if waited else ""
    return f"{_ANSWERS.get(branch, branch)}{waited}"


_ANSWERS: Final = {"yes": "Yes", "no": "No", "matched": "It came true", "timeout": "Time was up"}


def _here(visit: Visit, drawing: _Drawing) -> dict[str, Any]:
    until = visit.due_at or visit.held_due_at
    return {
        "node": visit.node,
        "since": visit.arrived_at,
        "until": until,
        "next": _awaited(visit, drawing),
    }


def _awaited(visit: Visit, drawing: _Drawing) -> str:
    """What must happen before the visit goes on."""
    if visit.state == Visit.State.FAILED:
        return "The step failed: it is tried again or skipped when somebody says so."
    if visit.flow.status == Flow.Status.PAUSED:
        return "The flow is paused: goes on when it is resumed."
    node = drawing.nodes.get(visit.node)
    if node is None:
        return "This version does not have the step any more."
    if node.type == "wait_for":
        rule = drawing.rule_of(visit.node, "matched")
        return f"Goes on as soon as this is true: {rule}; else when time is up."
    if NODE_TYPES[node.type].awaits_call:
        return "Goes on when the call has been answered."
    if visit.due_at is not None:
        return "Goes on when time is up."
    return "Waits for data that says until when."


def _next(visit: Visit, drawing: _Drawing) -> list[dict[str, Any]]:
    """The ways on from here; `at` where time alone decides."""
    node = drawing.nodes.get(visit.node)
    if node is None or node.type not in NODE_TYPES:
        return []
    branches = drawing.branches(node)
    timed = _timed(visit, node)
    found = []
    for branch in branches:
        target = drawing.targets.get((visit.node, branch))
        where = drawing.said(target)[1] if target else "The visit is completed"
        at = visit.due_at if branch == timed else None
        rule = drawing.rule_of(visit.node, branch)
        if branch == "matched" and rule:
            words = f"As soon as this is true: {rule}. Then: {where}"
        elif branch == "timeout":
            words = f"When time is up. Then: {where}"
        elif len(branches) > 1:
            words = f"By {branch}. Then: {where}"
        else:
            words = where
        found.append({"node": target, "branch": branch, "at": at, "words": words})
    return found


def _timed(visit: Visit, node: Node) -> str:
    """The branch that time alone takes at `due_at`, if that is what it is waiting for."""
    if visit.state != Visit.State.INSIDE or NODE_TYPES[node.type].group != "wait":
        return ""
    return "" if node.type == "wait_for" else NEXT
