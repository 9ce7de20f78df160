"""Audiences: several segments together, without others, and every person once.

Two contacts are one person where the workspace's key says so: the same e-mail address in any case,
or the same external id (`workspace.dedupe_key`). The contact that stands for the person is the one
that can be reached, then the one seen last, then the older. Who is excluded is so as a person. Who
has no such key can't be told from others, and is left out; they are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from common.arrays import int_array
from common.errors import Refused
from common.models import Workspace
from common.selectors import workspace
from common.sql import queries
from segments.models import Segment
from segments.rules import compile_rule
from segments.rules.conditions.reachable import ReachableCondition

SQL = queries("segments", "audience")

MOST_SEGMENTS: Final = 100
"""Segments that one audience may be made of."""

_KEYS: Final[Mapping[str, str]] = {
    Workspace.DedupeKey.EMAIL: "folded(nullif(btrim(c.email), ''))",
    Workspace.DedupeKey.EXTERNAL_ID: "nullif(c.external_id, '')",
}


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom several segments hold together, one contact per person.

    Attributes
    ----------
    include, exclude
        Ids of segments.
    key
        What tells persons apart: `email` or `external_id`.
    """

    include: Sequence[int]
    exclude: Sequence[int]
    key: str

    def people(self) -> tuple[str, dict[str, Any]]:
        """Return one statement that yields lane and id of each person's contact, and parameters.

        It can stand in another: `INSERT INTO … SELECT … FROM (<statement>) p`.
        """
        return self._statement("audience_people")

    def counts(self) -> tuple[str, dict[str, Any]]:
        """Return one statement that yields contacts, people, contacts without a key, a sample."""
        return self._statement("audience_counts")

    def _statement(self, query: str) -> tuple[str, dict[str, Any]]:
        reachable = compile_rule(ReachableCondition(type="reachable", channel="email"), fields={})
        text = f"{SQL['audience']} {SQL[query]}"
        for name, piece in (("key", _KEYS[self.key]), ("reachable", reachable.text)):
            text = text.replace(f"{{{name}}}", piece)
        return text, {"include": int_array(self.include), "exclude": int_array(self.exclude)}


@dataclass(frozen=True, slots=True)
class AudienceCounts:
    """What an audience comes to.

    Attributes
    ----------
    contacts
        Contacts that are in one of the included segments, and are no excluded person's.
    people
        Persons among them.
    duplicates
        Contacts that are not the one that stands for its person.
    without_key
        Contacts of whom it is not known who they are; they are no person's.
    sample
        Ids of some of the contacts that stand for a person.
    """

    contacts: int
    people: int
    without_key: int
    sample: Sequence[int]

    @property
    def duplicates(self) -> int:
        """Contacts beyond the one of each person."""
        return self.contacts - self.people - self.without_key


def audience(
    include: Iterable[str], exclude: Iterable[str] = (), *, key: str | None = None
) -> Audience:
    """Return an audience of segments by their keys.

    Parameters
    ----------
    include, exclude
        Keys of segments.
    key
        `email` or `external_id`; None for the workspace's.

    Raises
    ------
    Refused
        If there is no such segment, none is included, or there is no such key.
    """
    wanted, unwanted = list(dict.fromkeys(include)), list(dict.fromkeys(exclude))
    if not wanted:
        raise Refused("choose at least one segment", code="required", attr="include")
    if len(wanted) + len(unwanted) > MOST_SEGMENTS:
        raise Refused(f"choose at most {MOST_SEGMENTS} segments", code="max", attr="include")
    key = workspace().dedupe_key if key is None else key
    if key not in _KEYS:
        raise Refused(f"there is no key “{key}”: choose email or external_id", attr="key")
    ids = dict(
        Segment.objects.filter(key__in=[*wanted, *unwanted]).values_list("key", "id").order_by("id")
    )
    for place, keys in (("include", wanted), ("exclude", unwanted)):
        missing = next((one for one in keys if one not in ids), None)
        if missing is not None:
            raise Refused(f"there is no segment “{missing}”", code="unknown_segment", attr=place)
    return Audience([ids[one] for one in wanted], [ids[one] for one in unwanted], key)


def person_key(person_by: str) -> str:
    """Return what tells persons apart, as SQL over a contact `c`; NULL for who can't be told.

    Parameters
    ----------
    person_by
        `email` or `external_id`, as `Workspace.dedupe_key`.
    """
    return _KEYS[person_by]


def audience_counts(asked: Audience) -> AudienceCounts:
    """Count an audience: one statement."""
    statement, params = asked.counts()
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        contacts, people, without_key, sample = cursor.fetchone() or (0, 0, 0, None)
    return AudienceCounts(contacts, people, without_key, list(sample or ()))


def audience_by_lane(asked: Audience) -> dict[int, list[int]]:
    """Return the ids of the contacts that stand for the persons, by lane: one statement."""
    statement, params = asked.people()
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for lane, contact_id in cursor.fetchall():
            found[lane].append(contact_id)
    return dict(found)
