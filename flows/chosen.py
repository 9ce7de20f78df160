"""Whom a person means, of those in a flow, and what is to be done to them.

Read by `flows.people`, which counts and shares out the work, and `flows.acts`, which does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from common.arrays import int_array, text_array
from common.errors import Refused
from common.lanes import LANES, lane_of
from common.sql import queries
from contacts.selectors import contacts_search
from flows.models import Flow
from flows.ways import Ways

SQL = queries("flows", "failures")

MOST_NAMED: Final = 10_000
"""So many visits or contacts can be named one by one, or be found by a search."""
ALL_LANES: Final = list(range(LANES))
NAMED: Final = ("visits", "contacts")

_STATES: Final[Mapping[str, str]] = {
    "retry": "v.state = 'failed'",
    "skip": "v.state = 'failed'",
    "go_on": "v.state = 'inside'",
    "move": "v.state IN ('inside', 'failed')",
    "remove": "v.state IN ('inside', 'failed')",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a person means, of those in one flow: all that is given must hold.

    Attributes
    ----------
    visits, contacts
        These, by their ids.
    node
        Those at this step.
    kind
        Those whose failure is of this kind.
    search
        Those whom a search for contacts finds.
    everybody
        Said in so many words, where nothing else narrows it.
    failed
        Those who are parked with an error; those who are not.
    """

    visits: tuple[int, ...] | None = None
    contacts: tuple[int, ...] | None = None
    node: str | None = None
    kind: str | None = None
    search: str | None = None
    everybody: bool = False
    failed: bool | None = None

    def checked(self) -> Chosen:
        """The same, with the search's contacts.

        Raises
        ------
        Refused
            If it says nobody in particular: that must never mean everybody.
        """
        named = (self.visits, self.contacts, self.node, self.kind, self.search or None)
        if not self.everybody and all(one is None for one in named):
            raise Refused("Say whom you mean, or “all”.", code="required", attr="all")
        for attr, ids in (("visits", self.visits), ("contacts", self.contacts)):
            if ids is not None and len(ids) > MOST_NAMED:
                raise Refused(f"Name no more than {MOST_NAMED} at once.", attr=attr)
        if not self.search:
            return replace(self, search=None)
        rows = contacts_search(search=self.search).values_list("id", flat=True)
        found = set(rows[: MOST_NAMED + 1])
        if len(found) > MOST_NAMED:
            raise Refused("That search finds too many: narrow it.", attr="search")
        if self.contacts is not None:
            found &= set(self.contacts)
        return replace(self, search=None, contacts=tuple(sorted(found)))

    @classmethod
    def kept(cls, data: Mapping[str, Any]) -> Chosen:
        """As it was kept with a job."""
        kept: dict[str, Any] = dict(data)
        for name in NAMED:
            kept[name] = None if kept[name] is None else tuple(kept[name])
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done in one flow, to whom, on whose word."""

    flow: Flow
    action: str
    chosen: Chosen
    given: Mapping[str, Any]
    by: str
    asked_at: datetime
    ways: Ways = field(repr=False)

    def params(self, lanes: Sequence[int]) -> dict[str, Any]:
        """Whom it means, for the statements that hold `{chosen}`."""
        chosen = self.chosen
        return {
            "flow": self.flow.id,
            "lanes": list(lanes),
            "asked_at": self.asked_at,
            "visits": None if chosen.visits is None else int_array(chosen.visits),
            "contacts": None if chosen.contacts is None else int_array(chosen.contacts),
            "nodes": None if chosen.node is None else text_array([chosen.node]),
            "kind": chosen.kind,
            "but": self.given.get("to") if self.action == "move" else None,
        }

    def statement(self, name: str) -> str:
        """A statement about whom it means."""
        states = _STATES[self.action]
        if self.chosen.failed is not None:
            states += f" AND v.state {'=' if self.chosen.failed else '<>'} 'failed'"
        whom = SQL["chosen"].replace("{states}", states)
        return SQL[name].replace("{chosen}", whom)

    def possible_lanes(self) -> list[int]:
        """The lanes in which anybody can be whom it means."""
        contacts = self.chosen.contacts
        return ALL_LANES if contacts is None else sorted(set(map(lane_of, contacts)))
