"""Segments on paper: who ought to be a member, found the slow and obvious way.

Everybody is asked every rule by the in-memory evaluator, whenever the engine is at rest. The paper
knows nothing of touches, lanes, windows' edges or builds; of the database it reads the contacts'
own data (`segments.loading`), and never the memberships it is to be compared with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from contacts.models import Contact
from segments.loading import contacts_load
from segments.models import HeldOut, Membership, MembershipChange, SegmentDay
from segments.rules import ContactData, Rule, evaluate, parse
from segments.rules.values import zone_of
from segments.selectors import fields_known, sizes_recounted


@dataclass(frozen=True)
class Standing:
    """How one contact stands to one segment."""

    member: bool = False
    by_hand: bool = False
    held_out: bool = False


NOWHERE = Standing()
Place = tuple[str, int]
"""Segment key, contact id."""


@dataclass
class Sheet:
    """One segment."""

    kind: str
    rule: Any
    parsed: Rule | None = None


@dataclass
class Paper:
    """All segments, in an order in which each needs only earlier ones."""

    zone: str = "UTC"
    sheets: dict[str, Sheet] = field(default_factory=dict)
    standings: dict[Place, Standing] = field(default_factory=dict)
    days: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    told: dict[Place, bool] = field(default_factory=dict)
    read_upto: int = 0

    def standing(self, key: str, contact_id: int) -> Standing:
        """How a contact stands to a segment."""
        return self.standings.get((key, contact_id), NOWHERE)

    # ── what happens ────────────────────────────────────────────────────────────────────────────

    def write(self, key: str, kind: str, rule: Any) -> None:
        """Write a segment, or write it anew; it is to be built then."""
        parsed = None if rule is None else parse(rule, fields=fields_known())
        self.sheets[key] = Sheet(kind, rule, parsed)

    def build(self, key: str, now: datetime) -> None:
        """Ask a segment's rule about everybody: who fulfils it joins, whatever the kind."""
        sheet = self.sheets[key]
        if sheet.parsed is None:
            return
        for contact_id, contact in self._everybody().items():
            self._ask(key, sheet, contact_id, self._is_true(sheet, contact, now))

    def rest(self, now: datetime) -> dict[Place, bool]:
        """The engine is at rest: every segment that follows its rule is asked of everybody."""
        everybody = self._everybody()
        truths: dict[Place, bool] = {}
        for key, sheet in self.sheets.items():
            for contact_id, contact in everybody.items():
                truth = truths[key, contact_id] = self._is_true(sheet, contact, now)
                if sheet.kind != "static":
                    self._ask(key, sheet, contact_id, truth)
        return truths

    def add(self, key: str, contact_ids: Iterable[int]) -> None:
        """Add by hand: held in from now on."""
        for contact_id in contact_ids:
            self.standings[key, contact_id] = Standing(member=True, by_hand=True)

    def remove(self, key: str, contact_ids: Iterable[int], now: datetime) -> None:
        """Remove by hand: whoever fulfils the rule that put them in is held out."""
        sheet = self.sheets[key]
        for contact_id, contact in self._everybody(contact_ids).items():
            if self.standing(key, contact_id).member:
                follows = sheet.kind != "static"
                held_out = follows and self._is_true(sheet, contact, now)
                self.standings[key, contact_id] = Standing(held_out=held_out)

    def merge(self, kept: int, lost: int) -> None:
        """Two contacts are one: by hand wins over being held out, and that over the rule."""
        for key in self.sheets:
            one, other = self.standing(key, kept), self.standings.pop((key, lost), NOWHERE)
            by_hand = one.by_hand or other.by_hand
            member = by_hand or one.member or (other.member and not one.held_out)
            self.standings[key, kept] = Standing(
                member, by_hand, (one.held_out or other.held_out) and not member
            )
            self.told[key, kept] = member
            self.told.pop((key, lost), None)

    def forget(self, contact_id: int) -> None:
        """A contact was deleted."""
        for key in self.sheets:
            self.standings.pop((key, contact_id), None)
            self.told.pop((key, contact_id), None)

    # ── the rule ────────────────────────────────────────────────────────────────────────────────

    def _ask(self, key: str, sheet: Sheet, contact_id: int, truth: bool) -> None:
        before = self.standing(key, contact_id)
        held_out = before.held_out and truth
        stays = before.member and (truth or before.by_hand or sheet.kind != "dynamic")
        self.standings[key, contact_id] = Standing(
            stays or (truth and not held_out), before.by_hand, held_out
        )

    def _is_true(self, sheet: Sheet, contact: ContactData, now: datetime) -> bool:
        if sheet.parsed is None:
            return False
        assert isinstance(contact.id, int)
        segments = {key for key in self.sheets if self.standing(key, contact.id).member}
        seen = replace(contact, segments=segments)
        return evaluate(sheet.parsed, seen, now=now, zone=self.zone, fields=fields_known())

    def _everybody(self, ids: Iterable[int] | None = None) -> Mapping[int, ContactData]:
        wanted = Contact.objects.values_list("id", flat=True) if ids is None else ids
        return contacts_load(sorted(wanted))

    # ── compared with what is there ─────────────────────────────────────────────────────────────

    def compare(self) -> None:
        """Assert that members, held in and held out are those on paper, and counted right."""
        for key in self.sheets:
            found = {
                one.contact_id: Standing(True, one.by_hand)
                for one in Membership.objects.filter(segment__key=key)
            }
            for one in HeldOut.objects.filter(segment__key=key):
                assert one.contact_id not in found, (key, one.contact_id, "in and held out")
                found[one.contact_id] = Standing(held_out=True)
            wanted = {
                contact_id: standing
                for (name, contact_id), standing in self.standings.items()
                if name == key and standing != NOWHERE
            }
            assert found == wanted, (key, self.sheets[key].kind, self.sheets[key].rule)
        assert sizes_recounted() == []

    def read_history(self, now: datetime) -> None:
        """Read what history tells anew: joins and leaves take turns, and end at who is in.

        In one look nobody both joins and leaves: what nobody could see has not happened.
        """
        looked: set[Place] = set()
        rows = MembershipChange.objects.filter(id__gt=self.read_upto).order_by("id")
        for row in rows.select_related("segment"):
            place = (row.segment.key, row.contact_id)
            assert self.told.get(place, False) == (row.change == "left"), (place, row.change)
            assert place not in looked, (place, "joined and left in one breath")
            assert row.at == now
            looked.add(place)
            self.told[place] = row.change == "entered"
            self.days[row.segment.key, _day(now, self.zone), row.change] += 1
            self.read_upto = row.id
        for place, standing in self.standings.items():
            assert self.told.get(place, False) == standing.member, place

    def compare_days(self) -> None:
        """Assert that the counts per day are those of the changes that were told."""
        counted: Counter[tuple[str, date, str]] = Counter()
        sums = SegmentDay.objects.values("segment__key", "day").annotate(
            entered=Sum("joined"), left=Sum("parted")
        )
        for row in sums:
            for change in ("entered", "left"):
                counted[row["segment__key"], row["day"], change] += row[change]
        assert +counted == +self.days


def _day(now: datetime, zone: str) -> date:
    return now.astimezone(zone_of(zone)).date()
