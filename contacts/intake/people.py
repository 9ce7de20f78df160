"""Who is meant: identities resolved to contacts, and contacts found to be the same joined. PURE.

`People` works on what one set of messages mentions, message by message in order of arrival. New
contacts have negative ids here; those joined into another are followed by `find`. What came of it
is read off at the end: `states`, `claims`, `releases`, `joined`. Imports no Django.

Who is joined with whom:

- A message that names an external id belongs to the contact of that id; if there is none yet, the
  contact of its anonymous id or e-mail address becomes it, unless that one has another external id.
- Contacts that one message names together are joined, unless both have external ids: two known
  contacts are never joined because they share a browser or an address. Only an `alias` from one
  external id to another joins two known contacts, since that is said outright.
- An e-mail address identifies the contact who had it first. Another who has it too keeps it as a
  field, and the sharing is counted as a warning on the field `email`.
- The known one is kept, else the older.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from common.clock import canonical
from contacts.intake.parsing import Parsed
from contacts.state import ContactState

IdentityKey = tuple[str, str]
"""Kind and value of an identity."""


def joinable_groups(
    messages: Iterable[Parsed], owners: Mapping[IdentityKey, int]
) -> list[frozenset[int]]:
    """Return the groups of two or more existing contacts that these messages might join.

    Wider than what will be joined: all whose identities are linked by any chain of messages.

    Examples
    --------
    >>> joinable_groups([], {("email", "a@x.io"): 1})
    []
    """
    parent: dict[IdentityKey, IdentityKey] = {}

    def root(key: IdentityKey) -> IdentityKey:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    first_of: dict[int, IdentityKey] = {}
    for key, contact_id in owners.items():
        parent[root(key)] = root(first_of.setdefault(contact_id, key))
    for message in messages:
        keys = message.identities()
        for key in keys[1:]:
            parent[root(key)] = root(keys[0])
    groups: dict[IdentityKey, set[int]] = {}
    for key, contact_id in owners.items():
        groups.setdefault(root(key), set()).add(contact_id)
    return [frozenset(group) for group in groups.values() if len(group) > 1]


class People:
    """The contacts one set of messages is about."""

    def __init__(self, owners: Mapping[IdentityKey, int], states: Iterable[ContactState]) -> None:
        self.states: dict[int, ContactState] = {state.id: state for state in states}
        self.joined: dict[int, int] = {}
        self.claims: dict[IdentityKey, int] = {}
        self.releases: set[tuple[IdentityKey, int]] = set()
        self._owners: dict[IdentityKey, int] = dict(owners)

    def find(self, contact_id: int) -> int:
        """Follow a contact to the one it has been joined into."""
        while contact_id in self.joined:
            contact_id = self.joined[contact_id]
        return contact_id

    def alive(self) -> Iterator[ContactState]:
        """Yield the contacts that have not been joined into another."""
        return (state for state in self.states.values() if state.id not in self.joined)

    def owner(self, kind: str, value: str | None) -> ContactState | None:
        """Return the contact that an identity leads to."""
        if value is None or (kind, value) not in self._owners:
            return None
        return self.states[self.find(self._owners[kind, value])]

    def contact_of(self, message: Parsed) -> tuple[ContactState, bool]:
        """Return the contact a message is about, made if need be, with all its ids laid to it.

        The second value tells whether the message's e-mail address belongs to somebody else.
        """
        if message.kind == "alias" and message.previous_id is not None:
            return self._aliased(message), False
        lowered = message.email.lower() if message.email else None
        known = self.owner("external_id", message.external_id)
        others = [
            other
            for other in (
                self.owner("anonymous_id", message.anonymous_id),
                self.owner("email", lowered),
            )
            if other is not None
        ]
        chosen = known or self._first_fitting(message, others)
        chosen = chosen or self._make(message.at)
        self._know_as(chosen, message)
        for other in others:
            chosen = self._join(chosen, self.states[self.find(other.id)])
        self._claim("anonymous_id", message.anonymous_id, chosen)
        shared = self._claim("email", lowered, chosen)
        return chosen, shared

    def release_email(self, state: ContactState) -> None:
        """The contact is about to lose its address, which then identifies it no longer."""
        if state.email is None:
            return
        key = ("email", state.email.lower())
        owner = self.owner(*key)
        if owner is None or owner is state:
            self._owners.pop(key, None)
            self.claims.pop(key, None)
            self.releases.add((key, state.id))

    def _first_fitting(
        self, message: Parsed, others: Iterable[ContactState]
    ) -> ContactState | None:
        for other in others:
            if message.external_id is None or other.external_id is None:
                return other
        return None

    def _make(self, at: datetime) -> ContactState:
        state = ContactState.new(-1 - len(self.states), created_at=at)
        self.states[state.id] = state
        return state

    def _know_as(self, state: ContactState, message: Parsed) -> None:
        if message.external_id is None:
            return
        if state.external_id is None:
            state.assign("external_id", message.external_id, canonical(message.at))
        self._claim("external_id", message.external_id, state)

    def _claim(self, kind: str, value: str | None, state: ContactState) -> bool:
        """Lay an identity to a contact if it is nobody's; tell whether it is somebody else's."""
        if value is None:
            return False
        owner = self.owner(kind, value)
        if owner is not None:
            return owner is not state
        self._owners[kind, value] = state.id
        self.claims[kind, value] = state.id
        return False

    def _aliased(self, message: Parsed) -> ContactState:
        by_browser = self.owner("anonymous_id", message.previous_id)
        by_id = None if by_browser else self.owner("external_id", message.previous_id)
        known = self.owner("external_id", message.external_id)
        if known is None and by_browser is not None and by_browser.external_id is None:
            known = by_browser
        state = known or by_id or self._make(message.at)
        self._know_as(state, message)
        if message.external_id is not None and state.external_id != message.external_id:
            state.assign("external_id", message.external_id, canonical(message.at))
        if by_browser is not None:
            state = self._join(state, by_browser)
        elif by_id is None:
            self._claim("anonymous_id", message.previous_id, state)
        elif by_id is not state:
            self._join_into(state, by_id)
        self._claim("anonymous_id", message.anonymous_id, state)
        return state

    def _join(self, one: ContactState, other: ContactState) -> ContactState:
        """Join two contacts unless both are known; return the one that `one` now is."""
        if one is other or (one.external_id is not None and other.external_id is not None):
            return one
        kept, lost = sorted((one, other), key=_rank)
        self._join_into(kept, lost)
        return kept

    def _join_into(self, kept: ContactState, lost: ContactState) -> None:
        kept.absorb(lost)
        kept.dirty = True
        self.joined[lost.id] = kept.id


def _rank(state: ContactState) -> tuple[bool, bool, int]:
    """Sort the one that is kept first: the known one, then the stored one, then the older."""
    return (state.external_id is None, state.id < 0, abs(state.id))
