"""Who else has a flow open, and which step they are at: nothing of it is stored.

Every socket of a flow keeps a roster of its own. A socket makes itself known when its page says
where it is; it says so again from time to time, so that those whose process has died fade out; and
whoever hears of a newcomer answers with where they are themselves. News travels as all live news
does (`common.live`), so it reaches the sockets of every web process.

Must not import Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

PREFIX = "here."
"""What keys of news about people begin with; the rest is the number of their socket."""
AGAIN_EVERY = 20.0
"""Seconds after which a socket says again that it is there."""
GONE_AFTER = 55.0
"""Seconds of silence after which somebody is taken to have gone."""
LONGEST_NODE = 100
MOST_PEOPLE = 50


@dataclass(frozen=True)
class Present:
    """Somebody at a page of the flow; `node` is the step they have chosen, if any."""

    id: str
    name: str
    email: str
    node: str | None = None
    editing: bool = False


@dataclass(frozen=True)
class Heard:
    """What news meant: whether the roster differs now, and whether to greet a newcomer."""

    changed: bool
    greeted: bool


class Roster:
    """Who is at a flow, as one socket has heard of it.

    Examples
    --------
    >>> ours, theirs = Roster("1"), Roster("2")
    >>> ada = Present("1", "Ada", "ada@example.org", node="hour", editing=True)
    >>> theirs.hear(ours.news(ada, greet=True), at=0.0)
    Heard(changed=True, greeted=True)
    >>> [each.name for each in theirs.people()]
    ['Ada']
    >>> theirs.fade(at=100.0), theirs.people()
    (True, [])
    """

    def __init__(self, own: str) -> None:
        self.own = own
        self._people: dict[str, tuple[Present, float]] = {}

    def news(self, person: Present | None, *, greet: bool = False) -> dict[str, Any]:
        """What to make known of this socket's own person; None: they have gone."""
        told = None if person is None else asdict(person) | {"greet": greet}
        return {f"{PREFIX}{self.own}": told}

    def hear(self, payload: Mapping[str, Any], *, at: float) -> Heard:
        """Take news in; what cannot be read is left out."""
        changed = greeted = False
        for key, told in payload.items():
            if not key.startswith(PREFIX):
                continue
            id_ = key.removeprefix(PREFIX)
            if told is None:
                changed = self._people.pop(id_, None) is not None or changed
                continue
            greeted = greeted or (bool(told.get("greet")) and id_ != self.own)
            person = Present(id_, told["name"], told["email"], told["node"], told["editing"])
            before = self._people.get(id_)
            if before is None and len(self._people) >= MOST_PEOPLE:
                continue
            self._people[id_] = (person, at)
            changed = changed or before is None or before[0] != person
        return Heard(changed, greeted)

    def fade(self, *, at: float) -> bool:
        """Let go of whom nothing has been heard for long; says whether that was anybody."""
        silent = [id_ for id_, (_, seen) in self._people.items() if at - seen > GONE_AFTER]
        for id_ in silent:
            del self._people[id_]
        return bool(silent)

    def people(self) -> list[Present]:
        """Who is there, in an order that stays."""
        return sorted((each for each, _ in self._people.values()), key=lambda each: each.id)


def place_read(said: Any) -> tuple[str | None, bool] | None:
    """The place that a page's `{"type": "here", "node": …, "editing": …}` tells, if it is one.

    Examples
    --------
    >>> place_read({"type": "here", "node": "hour", "editing": True})
    ('hour', True)
    >>> place_read({"type": "here", "node": 3}) is None
    True
    """
    if not isinstance(said, dict) or said.get("type") != "here":
        return None
    node, editing = said.get("node"), said.get("editing", False)
    if not isinstance(editing, bool):
        return None
    if node is not None and not (isinstance(node, str) and 0 < len(node) <= LONGEST_NODE):
        return None
    return node, editing
