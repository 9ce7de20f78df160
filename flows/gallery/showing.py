"""The gallery as it is shown: each template with the answers that fit this workspace put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from common.models import Workspace
from common.selectors import workspace
from flows.gallery.answers import Surroundings, asks_of, surroundings_now
from flows.gallery.files import Ask, FlowTemplate, flow_templates
from flows.gallery.filling import Filled, filled
from flows.graph import sentence_of
from flows.nodes import NODE_TYPES
from flows.selectors import known_now
from flows.services import plain
from messaging.rendering import Parts, preview
from segments.rules import describe

_PENDING: Final[Mapping[str, Any]] = {
    "text": "…", "event": "…", "email": "you@example.com", "url": "https://www.example.com/",
}  # fmt: skip
"""What stands in the place of an answer that only a person can give."""


def gallery() -> list[dict[str, Any]]:
    """Every template, group by group."""
    around, settings, ours = surroundings_now(), known_now().settings, workspace()
    return [_shown(template, around, set(settings), ours) for template in flow_templates().values()]


def _shown(
    template: FlowTemplate, around: Surroundings, settings: set[str], ours: Workspace
) -> dict[str, Any]:
    asks = asks_of(template, around)
    answers = {
        ask.key: _PENDING.get(ask.type) if default is None and ask.required else default
        for ask, default in asks
    }
    brought = filled(template, answers, settings=settings)
    head = template.head
    return {
        "key": template.key,
        "name": head.name,
        "flow_name": template.flow["name"],
        "group": head.group,
        "summary": head.summary,
        "description": head.description,
        "enters_words": head.enters,
        "stops_words": head.stops,
        "goal_words": head.goal,
        "hint": head.hint,
        "asks": [_asked(ask, default) for ask, default in asks],
        "brings": _brings(brought, ours),
        "graph": plain(brought.graph),
        "steps": _steps(brought),
    }


def _asked(ask: Ask, default: Any) -> dict[str, Any]:
    said = ("key", "label", "help", "type", "required", "values_of", "field_type")
    return {**{name: getattr(ask, name) for name in said}, "default": default}


def _brings(brought: Filled, ours: Workspace) -> dict[str, Any]:
    return {
        "segments": [
            {
                "key": one["segment"],
                "name": one["name"],
                "kind": one["kind"],
                "sentence": describe(one["rule"]) if one.get("rule") else "Filled by this flow",
            }
            for one in brought.segments
        ],
        "templates": [
            {"key": mail.key, "name": mail.name, "subject": _subject(mail.parts, ours)}
            for mail in brought.mails
        ],
        "topics": [{"key": one["topic"], "name": one["name"]} for one in brought.topics],
        "fields": [{"key": key, "type": kind} for key, kind in brought.fields.items()],
    }


def _subject(parts: Parts, ours: Workspace) -> str:
    """How a mail's subject reads to somebody called Ada."""
    context = {"first_name": "Ada", "workspace": {"name": ours.name}, "trigger": {}}
    shown, _faults = preview(Parts(subject=parts.subject, text="Hello"), context)
    return shown.subject


def _steps(brought: Filled) -> dict[str, dict[str, str]]:
    """What each node is and does, by its id."""
    named = {("segment", str(one["segment"])): str(one["name"]) for one in brought.segments}
    named |= {("template", mail.key): mail.name for mail in brought.mails}
    named |= {("topic", str(one["topic"])): str(one["name"]) for one in brought.topics}

    def names(kind: str, key: str) -> str:
        return named.get((kind, key), key)

    return {
        node.id: {
            "group": NODE_TYPES[node.type].group,
            "title": NODE_TYPES[node.type].title,
            "sentence": sentence_of(node, names),
        }
        for node in brought.graph.nodes
    }
