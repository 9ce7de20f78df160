"""Where those inside would stand in another edition of the flow, and how they are spread in time.

PURE: no Django, no IO. It speaks of places (an edition's node), not of contacts: the same answer
serves the preview and the move itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flows.graph.model import Graph, Node
from flows.graph.sentences import config_of
from flows.nodes import NODE_TYPES

Fate = Literal["stays", "thinks_anew", "goes", "leaves"]
"""What becomes of those at a place.

`stays`: they rest on, as they are. `thinks_anew`: the node says something else, so how long they
rest is worked out again, from their arrival. `goes`: to another node, where they arrive now.
`leaves`: out of the flow.
"""

CALM = 1_000
"""So many that become due at once are no stampede; and so many go on in each minute of a spread."""
LONGEST_SPREAD = timedelta(hours=24)

_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_64 = 2**64


@dataclass(frozen=True, slots=True)
class Landing:
    """Where those at one place stand afterwards; `node` is None for `leaves`."""

    fate: Fate
    node: str | None


def landing(was: Node | None, new: Graph, key: str, moves: Mapping[str, str | None]) -> Landing:
    """What becomes of those at a node.

    Parameters
    ----------
    was
        The node in the edition they walk; None where that edition can't be read.
    new
        The edition they are moved to.
    key
        The id of the node.
    moves
        Where those at a removed node go; None (or nothing) means out of the flow.

    Examples
    --------
    >>> hour = Node(id="w", type="wait", config={"for": "PT1H"})
    >>> day = Node(id="w", type="wait", config={"for": "P1D"})
    >>> landing(hour, Graph(nodes=[day]), "w", {}).fate
    'thinks_anew'
    >>> landing(hour, Graph(), "w", {}).fate
    'leaves'
    """
    now = next((node for node in new.nodes if node.id == key), None)
    if now is None:
        target = moves.get(key)
        return Landing("leaves", None) if target is None else Landing("goes", target)
    if was is None or was.type != now.type:
        return Landing("thinks_anew", key)
    is_same = not is_wait(now) or config_of(was) == config_of(now)
    return Landing("stays" if is_same else "thinks_anew", key)


def is_wait(node: Node) -> bool:
    """Whether time passes at a node."""
    node_type = NODE_TYPES.get(node.type)
    return node_type is not None and node_type.group == "wait"


def waits_for_data(node: Node) -> bool:
    """Whether data may end the rest of those at a node."""
    node_type = NODE_TYPES.get(node.type)
    if node_type is None or not (node_type.group == "wait" or node_type.awaits_call):
        return False
    config = node_type.Config.model_validate(node.config)
    asks = bool(node_type.asks_fields(config)) or node_type.awaits_call
    return asks or node_type.listens_to_rule(config) is not None


def default_spread(n: int) -> timedelta:
    """Over how long those are spread who become due at once: a thousand a minute, a day at most.

    Examples
    --------
    >>> default_spread(1_000), default_spread(19_001)
    (datetime.timedelta(0), datetime.timedelta(seconds=1200))
    """
    if n <= CALM:
        return timedelta(0)
    return min(timedelta(minutes=math.ceil(n / CALM)), LONGEST_SPREAD)


def spread_due(
    visit_id: int, now: datetime, *, began: datetime, over: timedelta, old: datetime | None
) -> datetime:
    """When a visit goes on whose rest is over by an edit: at its own place in the spread.

    Never before `now`, and not later than the old deadline, if there was one. The place is a hash
    of the visit, so the answer is the same however often it is asked.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> hour = timedelta(hours=1)
    >>> noon <= spread_due(7, noon, began=noon, over=hour, old=None) < noon + hour
    True
    >>> spread_due(7, noon, began=noon, over=hour, old=noon) == noon
    True
    """
    due = max(now, began + over * _share(visit_id))
    return due if old is None else max(now, min(due, old))


def _share(visit_id: int) -> float:
    """A number from 0 to 1 that neighbours do not share (splitmix64)."""
    mixed = (visit_id + 0x9E3779B97F4A7C15) % _64
    mixed = (mixed ^ (mixed >> 30)) * _MIX[0] % _64
    mixed = (mixed ^ (mixed >> 27)) * _MIX[1] % _64
    return (mixed ^ (mixed >> 31)) / _64
