"""A flow template with its answers put in: what it would bring. Writes nothing."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path as FilePath
from typing import Any, Final

from flows.code.files import flow_of
from flows.gallery.answers import fill, name_key
from flows.gallery.drawing import drawn
from flows.gallery.files import FlowTemplate, MailInFile
from flows.graph import Edge, Graph, Node, Settings
from flows.nodes import NODE_TYPES
from messaging.rendering import Parts

_LAYOUT: Final = FilePath(__file__).parent / "mail.html"
_BODY: Final = "<!-- body -->"
_NAMED_BY: Final[Mapping[str, str]] = {
    "segment": "segment", "segments": "segment", "exclude": "segment", "suppress": "segment",
    "template": "template", "topic": "topic",
}  # fmt: skip
"""Under which names graphs, settings and rules say the keys of other things."""

Keys = Mapping[tuple[str, str], str]
"""Kind and key in the template → key in the workspace."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to become a template of the product."""

    key: str
    name: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class Filled:
    """What a flow template brings, with its own keys still."""

    topics: Sequence[Mapping[str, Any]]
    fields: Mapping[str, str]
    """Fields that the answers name, with the types they need."""
    segments: Sequence[Mapping[str, Any]]
    mails: Sequence[Mail]
    name: str
    graph: Graph
    settings: Settings

    def under(self, keys: Keys) -> Filled:
        """The same, naming things by their keys in the workspace."""
        nodes = [
            node.model_copy(update={"config": renamed(node.config, keys)})
            for node in self.graph.nodes
        ]
        settings = renamed(self.settings.model_dump(by_alias=True, exclude_none=True), keys)
        return replace(
            self,
            graph=self.graph.model_copy(update={"nodes": nodes}),
            settings=Settings.model_validate(settings),
        )


def filled(
    template: FlowTemplate, answers: Mapping[str, Any], *, settings: Collection[str]
) -> Filled:
    """A template with its answers put in.

    Parameters
    ----------
    settings
        Which settings of the workspace are set, of those that steps need: where one is not, the
        step that needs it is left out.
    """
    document = template.document
    flow = flow_of(replace(document, data=fill(document.data, answers)))
    return Filled(
        topics=fill(template.topics, answers),
        fields={
            str(answers[ask.key]): ask.field_type
            for ask in template.head.asks
            if ask.field_type and answers.get(ask.key)
        },
        segments=[_segment(one, answers) for one in template.segments],
        mails=[_mail(one, answers) for one in template.mails],
        name=flow.name,
        graph=drawn(_without_needing(flow.graph, settings)),
        settings=flow.settings,
    )


def _segment(said: Mapping[str, Any], answers: Mapping[str, Any]) -> Mapping[str, Any]:
    segment = dict(fill(said, answers))
    asked = answers.get(name_key(said["segment"]))
    return {**segment, "name": asked or segment["name"]}


def _mail(said: Mapping[str, Any], answers: Mapping[str, Any]) -> Mail:
    mail = MailInFile.model_validate(said)
    body = str(fill(mail.body, answers, markup=True)).strip()
    if mail.button:
        words = html.escape(str(fill(mail.button.words, answers)))
        to = fill(mail.button.to, answers, markup=True)
        body += f'\n<p><a class="go" href="{to}">{words}</a></p>'
    parts = Parts(
        subject=fill(mail.subject, answers),
        preheader=fill(mail.preheader, answers),
        html=_layout().replace(_BODY, body),
    )
    return Mail(mail.mail, fill(mail.name, answers), parts)


@cache
def _layout() -> str:
    return _LAYOUT.read_text("utf-8")


def _without_needing(graph: Graph, settings: Collection[str]) -> Graph:
    """The graph without the steps that need a setting nobody has set; the way goes past them."""
    for node in graph.nodes:
        if _needs(node) - set(settings):
            graph = _without(graph, node.id)
    return graph


def _needs(node: Node) -> set[str]:
    node_type = NODE_TYPES[node.type]
    config = node_type.Config.model_validate(node.config)
    return {one.key for one in node_type.references(config) if one.kind == "setting"}


def _without(graph: Graph, node: str) -> Graph:
    after = next((edge.target for edge in graph.edges if edge.source == node), None)
    edges: list[Edge] = []
    for edge in graph.edges:
        if node not in (edge.source, edge.target):
            edges.append(edge)
        elif edge.target == node and after is not None:
            edges.append(edge.model_copy(update={"target": after}))
    nodes = [one for one in graph.nodes if one.id != node]
    return graph.model_copy(update={"nodes": nodes, "edges": edges})


def renamed(part: Any, keys: Keys) -> Any:
    """A part of a flow or a rule with the keys of other things put in their place.

    Examples
    --------
    >>> renamed({"suppress": ["vip", "new"]}, {("segment", "vip"): "vip-2"})
    {'suppress': ['vip-2', 'new']}
    """
    if isinstance(part, Mapping):
        return {key: _renamed_at(key, value, keys) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [renamed(one, keys) for one in part]
    return part


def _renamed_at(name: str, value: Any, keys: Keys) -> Any:
    kind = _NAMED_BY.get(name)
    if kind is None:
        return renamed(value, keys)
    if isinstance(value, str):
        return keys.get((kind, value), value)
    if isinstance(value, list):
        return [keys.get((kind, one), one) if isinstance(one, str) else one for one in value]
    return renamed(value, keys)
