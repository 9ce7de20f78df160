"""What a node does, in one sentence. PURE: no Django, no IO."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from flows.graph.model import Node
from flows.nodes import NODE_TYPES
from flows.nodes.base import Names


def sentence_of(node: Node, names: Names) -> str:
    """What a node does, in one sentence; its type's title while its config is not complete.

    Examples
    --------
    >>> from flows.nodes.base import plain_names
    >>> sentence_of(Node(id="hour", type="wait", config={"for": "PT1H"}), plain_names)
    'Wait 1 hour'
    """
    node_type = NODE_TYPES.get(node.type)
    if node_type is None:
        return node.type
    try:
        return node_type.sentence(node_type.Config.model_validate(node.config), names)
    except (ValidationError, ValueError, KeyError, TypeError):
        return node_type.title


def config_of(node: Node) -> dict[str, Any]:
    """The config as it works: without what is not chosen, so that two ways to say nothing agree.

    Examples
    --------
    >>> config_of(Node(id="d", type="wait_date", config={"field": "trial_end", "offset": None}))
    {'field': 'trial_end'}
    """
    node_type = NODE_TYPES.get(node.type)
    if node_type is not None:
        try:
            config = node_type.Config.model_validate(node.config)
            chosen: dict[str, Any] = config.model_dump(
                mode="json", by_alias=True, exclude_defaults=True
            )
            return chosen
        except (ValidationError, ValueError, TypeError):
            pass
    return {key: value for key, value in node.config.items() if value is not None}
