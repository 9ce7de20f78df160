"""Every shared rule case as a segment: built, followed by touches, and followed by time alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from common.clock import parse_instant
from contacts.models import Event, Touch
from segments.models import Membership
from segments.rules import parse, segments_needed
from segments.selectors import sizes_recounted
from segments.services import segment_create
from tests.builders_segments import build
from tests.casebook import RuleCase, contacts_insert, fields_insert, rule_cases, segments_insert
from tests.virtual import VirtualTime

pytestmark = pytest.mark.django_db

NAMED = [case for case in rule_cases() if not case.name.startswith("random")]
RANDOM = [case for case in rule_cases() if case.name.startswith("random")]
named = pytest.mark.parametrize("case", NAMED, ids=lambda case: case.name)

Ids = Mapping[str, int]


class Told:
    """Some cases over the same contacts, each a segment, on a virtual clock."""

    def __init__(self, cases: Sequence[RuleCase]) -> None:
        self.cases = cases
        self.keys = {case.name: f"case-{number}" for number, case in enumerate(cases)}
        self.time = VirtualTime(cases[0].now)
        fields_insert(cases[0].fields)
        for case in cases:
            segments_insert(segments_needed(parse(case.rule, fields=case.fields)))

    def make(self) -> None:
        for case in self.cases:
            key = self.keys[case.name]
            segment_create(key=key, name=key, kind="dynamic", rule=case.rule, now=self.time.now)
            build(key, clock=lambda: self.time.now)

    def come(self) -> Ids:
        """The contacts come, and the engine is told of each and of each event."""
        ids = contacts_insert(self.cases[0].contacts, self.cases[0].fields)
        Touch.objects.bulk_create(
            [
                *(
                    Touch(lane=one % 64, contact_id=one, kind="new", at=self.time.now)
                    for one in ids.values()
                ),
                *(
                    Touch(
                        lane=event.lane, contact_id=event.contact_id, kind="event",
                        name=event.name, event_id=event.id, at=self.time.now,
                    )
                    for event in Event.objects.all()
                ),
            ]
        )  # fmt: skip
        self.time.settle()
        return ids

    def check(self, ids: Ids) -> None:
        for case in self.cases:
            found = Membership.objects.filter(segment__key=self.keys[case.name])
            members = set(found.values_list("contact_id", flat=True))
            assert members == {ids[one] for one in case.expect}, (case.name, case.rule)
        wrong = {row["segment"] for row in sizes_recounted()}
        assert not wrong & set(self.keys.values())


def a_while_before(cases: Sequence[RuleCase]) -> timedelta:
    """How long before its instant a case can begin: nobody is given points in advance."""
    now = cases[0].now
    given = [
        parse_instant(score["at"])
        for contact in cases[0].contacts
        for score in contact.get("scores", ())
    ]
    return now - max(min(now, one) for one in (now - timedelta(days=20), *given))


@named
def test_a_build_finds_whom_the_case_expects(case: RuleCase) -> None:
    told = Told([case])
    ids = contacts_insert(case.contacts, case.fields)
    told.make()
    told.check(ids)


@named
def test_touches_bring_in_whom_the_case_expects(case: RuleCase) -> None:
    told = Told([case])
    told.make()
    told.check(told.come())


@named
def test_time_alone_brings_in_and_takes_out_until_it_is_as_the_case_expects(
    case: RuleCase,
) -> None:
    told = Told([case])
    told.time.now -= a_while_before([case])
    told.make()
    ids = told.come()
    told.time.at(case.now)
    told.check(ids)


@pytest.mark.slow
def test_all_the_random_cases_at_once_by_touches_and_by_time() -> None:
    told = Told(RANDOM)
    told.time.now -= a_while_before(RANDOM)
    told.make()
    ids = told.come()
    told.time.at(RANDOM[0].now - a_while_before(RANDOM) / 2)
    told.time.at(RANDOM[0].now)
    told.check(ids)
