"""Reads of the room `segments`: fields for rules, sizes, members, previews."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from common.arrays import int_array
from common.errors import NotFound
from common.lanes import LANES, lane_of
from common.models import Job
from contacts.models import Contact
from contacts.selectors import contacts_search
from contacts.selectors import fields_known as contact_fields
from segments.catalogue import SQL, catalogue
from segments.models import HeldOut, Membership, MembershipChange, Segment
from segments.ranking import ranking_head
from segments.rules import Compiled, compile_rule, parse
from segments.top import top_check

EXACT_UP_TO: Final = 200_000
"""Contacts among which a preview counts exactly; above, it counts a few lanes and multiplies."""

LANES_SAMPLED: Final = 4
SAMPLE: Final = 10


def fields_known() -> dict[str, str]:
    """Return every field's type by its key: what rules are parsed and compiled against."""
    return contact_fields()


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a rule would choose now.

    Attributes
    ----------
    count
        How many contacts; where not `exact`, about how many.
    matches
        For how many the rule is true, before `top` cuts them to the first.
    sample
        Ids of some of them; the first, where they are ranked.
    total
        Of how many contacts.
    ms
        How long the counting took, in milliseconds.
    """

    count: int
    matches: int
    exact: bool
    sample: Sequence[int]
    total: int
    ms: float


def rule_preview(
    rule: Any, *, now: datetime, zone: str | None = None, exact: bool = False, top: Any = None
) -> Preview:
    """Count the contacts for whom a rule is true now, and name a few.

    Parameters
    ----------
    top
        What they are ranked by, and where they are cut (`segments.top`), as JSON.

    Raises
    ------
    RuleRefused, Refused
        If the rule can't be put to use; if `top` can't.
    """
    fields = fields_known()
    compiled = compile_rule(parse(rule, fields=fields), fields=fields)
    ranking = top_check(top, fields)
    begun = time.monotonic()
    total, is_count = contacts_total()
    in_full = exact or is_count
    lanes = range(LANES) if in_full else range(LANES_SAMPLED)
    place = zone or catalogue().zone
    if ranking is None:
        count, sample = _matching(compiled, lanes, now=now, zone=place)
    else:
        head = ranking_head(
            compiled, ranking, fields=fields, now=now, zone=place, many=SAMPLE,
            lanes=None if in_full else lanes,
        )  # fmt: skip
        count, sample = head.matches, list(head.first)
    matches = count if in_full else count * LANES // LANES_SAMPLED
    ms = round((time.monotonic() - begun) * 1000, 1)
    return Preview(
        count=matches if ranking is None else min(matches, ranking["limit"]),
        matches=matches,
        exact=in_full,
        sample=sample,
        total=total,
        ms=ms,
    )


def contacts_total() -> tuple[int, bool]:
    """Return how many contacts there are: counted if few (true), else as last reckoned (false)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'contact'::regclass")
        (reckoned,) = cursor.fetchone() or (0,)
        if reckoned > EXACT_UP_TO:
            return int(reckoned), False
        cursor.execute("SELECT count(*) FROM contact")
        (counted,) = cursor.fetchone() or (0,)
        return int(counted), True


def _matching(
    compiled: Compiled, lanes: Iterable[int], *, now: datetime, zone: str
) -> tuple[int, list[int]]:
    wanted = list(lanes)
    which = compiled.whole
    if len(wanted) < LANES:
        which = f"c.lane = ANY(%(lanes)s::smallint[]) AND {compiled.text}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (array_agg(m.id ORDER BY m.id DESC))[1:{SAMPLE}] "
            f"FROM (SELECT c.id FROM contact c WHERE {which}) m",
            {**compiled.bind(now, zone), "lanes": int_array(wanted)},
        )
        count, sample = cursor.fetchone() or (0, None)
        return int(count), list(sample or ())


def segment_get(key: str) -> Segment | None:
    """Return a segment, or None."""
    return Segment.objects.filter(key=key).first()


def segment_sizes(segments: Iterable[int]) -> dict[int, int]:
    """Return how many members segments have, by id: one statement for all."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["sizes"], {"segments": int_array(segments)})
        return {segment_id: int(n) for segment_id, n in cursor.fetchall()}


def sizes_recounted() -> list[dict[str, Any]]:
    """Return where counted sizes differ from the members there are; [] if all is well."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["sizes_recounted"])
        names = ("segment", "lane", "counted", "members")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def members_of(
    segment: Segment, *, search: str = "", by_hand: bool | None = None
) -> QuerySet[Membership]:
    """Return a segment's members with their contacts.

    Parameters
    ----------
    search
        The beginning of a name, an e-mail address or an external id.
    by_hand
        Whether held in.

    Indexes: membership_of_segment; contact_*_prefix for a search.
    """
    found = Membership.objects.filter(segment=segment).prefetch_related("contact")
    if by_hand is not None:
        found = found.filter(by_hand=by_hand)
    if search.strip():
        found = found.filter(contact_id__in=contacts_search(search=search).values("id"))
    return found


def contacts_in(contacts: QuerySet[Contact], key: str) -> QuerySet[Contact]:
    """Return those of some contacts who are members of a segment. Index: membership_of_segment.

    Raises
    ------
    NotFound
        If there is no such segment.
    """
    segment = segment_get(key)
    if segment is None:
        raise NotFound(f"there is no segment “{key}”", attr="segment")
    members = Membership.objects.filter(segment=segment, contact_id=OuterRef("id"))
    return contacts.filter(Exists(members.filter(lane=OuterRef("lane"))))


def held_out_of(segment: Segment) -> QuerySet[HeldOut]:
    """Return who is held out of a segment. Index: held_out_of_segment."""
    return HeldOut.objects.filter(segment=segment).prefetch_related("contact")


def history_of(
    segment: Segment, *, change: str = "", cause: str = ""
) -> QuerySet[MembershipChange]:
    """Return a segment's joins and leaves, of one kind and cause if that is asked for.

    Index: membership_change_of_segment.
    """
    found = MembershipChange.objects.filter(segment=segment).prefetch_related("contact")
    if change:
        found = found.filter(change=change)
    return found.filter(cause=cause) if cause else found


def memberships_of(contact_id: int) -> QuerySet[Membership]:
    """Return a contact's memberships with their segments. Index: membership_of_contact."""
    return (
        Membership.objects.filter(lane=lane_of(contact_id), contact_id=contact_id)
        .filter(segment__system=False)
        .select_related("segment")
        .order_by("segment__name")
    )


def builds_open(keys: Iterable[str]) -> Mapping[str, str]:
    """Return the ids of the open build jobs by segment key."""
    jobs = Job.objects.filter(
        kind="segment_build",
        status__in=(Job.Status.QUEUED, Job.Status.RUNNING),
        detail__segment__in=list(keys),
    ).order_by("created_at")
    return {job.detail["segment"]: str(job.id) for job in jobs}


def contacts_named(contact_ids: Sequence[int]) -> list[Contact]:
    """Return contacts in the order of the ids asked for."""
    found = Contact.objects.filter(
        lane__in={lane_of(one) for one in contact_ids}, id__in=contact_ids
    )
    by_id = {contact.id: contact for contact in found}
    return [by_id[one] for one in contact_ids if one in by_id]
