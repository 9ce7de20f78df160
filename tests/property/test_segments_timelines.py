"""Random segments, random contacts, random time: whoever is a member is whom the rule is true of.

The real engine works on a virtual clock; what happens comes in by the doors through which it comes
in the product. Whenever the engine is at rest, everybody is asked every rule in memory
(`tests.segments_on_paper`), and that is who must be in, held in and held out, whatever the engine
knew to look at again.

`HYPOTHESIS_PROFILE=explore` runs it long.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.clock import canonical, parse_instant
from common.lanes import lane_of
from common.models import Workspace
from contacts.intake import accept
from contacts.models import Contact, Event, Identity, Inbox, ScoreChange, Touch
from contacts.services import (
    ConsentChange,
    FieldChange,
    NewEvent,
    ScoreDelta,
    consents_set,
    contact_delete,
    contacts_merge,
    events_record,
    fields_update,
    scores_adjust,
)
from segments import builds
from segments.rules.values import zone_of
from segments.services import members_change, segment_create, segment_rebuild, segment_update
from tests.builders_segments import build
from tests.casebook import fields_insert
from tests.segments_on_paper import Paper
from tests.timelines import FIELDS, SPANS, STARTS, ZONES, rules, segments, timelines
from tests.virtual import VirtualTime, edges

pytestmark = pytest.mark.django_db

EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
EXAMPLES = settings.default.max_examples if EXPLORING and settings.default else 60


class Timeline(VirtualTime):
    """The engine, and beside it the paper; `happen` lets one step happen to both."""

    def __init__(self, start: datetime, zone: str) -> None:
        super().__init__(start)
        self.paper = Paper(zone)
        Workspace.objects.update(timezone=zone)
        with connection.cursor() as cursor:  # the random sample of a rule is made of ids
            cursor.execute("SELECT setval(pg_get_serial_sequence('contact', 'id'), 1)")

    def make(self, kind: str, rule: Any) -> None:
        """Make a segment and build it."""
        key = f"s{len(self.paper.sheets)}"
        segment_create(key=key, name=key, kind=kind, rule=rule, now=self.now)
        self._built(key, kind, rule)

    def happen(self, what: str, *given: Any) -> None:
        """Let one thing happen; only `rest` has the engine look at it."""
        act: Callable[..., None] = getattr(self, f"_{what}")
        act(*given)

    # ── by the front door ───────────────────────────────────────────────────────────────────────

    def _track(
        self, ids: Any, name: str, properties: Any, late: timedelta, skew: timedelta
    ) -> None:
        body = {"event": name, "properties": self._dated(properties)}
        self._accept({"type": "track", **ids, **body}, late, skew)

    def _identify(self, ids: Any, traits: Any, late: timedelta, skew: timedelta) -> None:
        self._accept({"type": "identify", **ids, "traits": self._dated(traits)}, late, skew)

    def _mail(self, ids: Any, event: tuple[str, Any]) -> None:
        name, properties = event
        self._accept({"type": "track", **ids, "event": name, "properties": properties})

    def _alias(self, ids: Any, previous: Any) -> None:
        if "userId" in ids:
            known_as = previous.get("userId") or previous["anonymousId"]
            self._accept({"type": "alias", "userId": ids["userId"], "previousId": known_as})

    def _accept(
        self, message: Any, late: timedelta = timedelta(0), skew: timedelta = timedelta(0)
    ) -> None:
        at = self.now + skew - late
        accept(None, [{**message, "timestamp": canonical(at)}], self.now + skew)

    def _dated(self, values: Any) -> Any:
        return {
            key: canonical(self.now + value) if isinstance(value, timedelta) else value
            for key, value in values.items()
        }

    # ── by the other doors ──────────────────────────────────────────────────────────────────────

    def _someone(self, whom: int) -> list[int]:
        ids = list(Contact.objects.order_by("id").values_list("id", flat=True))
        return [ids[whom % len(ids)]] if ids else []

    def _merge(self, kept: int, lost: int) -> None:
        pair = {*self._someone(kept), *self._someone(lost)}
        if len(pair) == 2:
            (kept_id,) = self._someone(kept)
            (lost_id,) = pair - {kept_id}
            contacts_merge(kept_id=kept_id, lost_id=lost_id, now=self.now)
            self.paper.merge(kept_id, lost_id)

    def _delete(self, whom: int) -> None:
        for one in self._someone(whom):
            contact_delete(one)
            self.paper.forget(one)

    def _consent(self, whom: int, state: str) -> None:
        changes = [ConsentChange(lane_of(one), one, "news", state) for one in self._someone(whom)]
        consents_set(changes, now=self.now)

    def _score(self, whom: int, delta: int) -> None:
        deltas = [ScoreDelta(lane_of(one), one, delta) for one in self._someone(whom)]
        scores_adjust(deltas, now=self.now)

    def _touch(self, whom: int, name: str, late: timedelta) -> None:
        at = self.now - late
        events = [NewEvent(lane_of(one), one, name, at, touch=True) for one in self._someone(whom)]
        events_record(events, now=self.now)

    def _erase(self, whom: int, key: str) -> None:
        changes = [FieldChange(lane_of(one), one, unset=[key]) for one in self._someone(whom)]
        fields_update(changes, now=self.now)

    # ── segments ────────────────────────────────────────────────────────────────────────────────

    def _hand(self, change: Any, which: int, whom: int) -> None:
        key, ids = f"s{which % len(self.paper.sheets)}", self._someone(whom)
        if change == "remove":
            self.paper.remove(key, ids, self.now)
        else:
            self.paper.add(key, ids)
        members_change(key, ids, change=change, cause="manual", now=self.now)
        self._looked()

    def _rebuild(self, which: int) -> None:
        key = f"s{which % len(self.paper.sheets)}"
        sheet = self.paper.sheets[key]
        segment_rebuild(key, now=self.now)
        self._built(key, sheet.kind, sheet.rule)

    def _edit(self, which: int, kind: str, rule: Any) -> None:
        key = f"s{which}"
        before = self.paper.sheets[key]
        segment_update(key, kind=kind, rule=rule, now=self.now)
        if (before.kind, before.rule) != (kind, rule):
            self._built(key, kind, rule)

    def _built(self, key: str, kind: str, rule: Any) -> None:
        self.paper.write(key, kind, rule)
        self.paper.build(key, self.now)
        build(key, clock=lambda: self.now)
        self._looked()

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def _zone(self, zone: str) -> None:
        Workspace.objects.update(timezone=zone)
        self.paper.zone = zone

    def _pass(self, by: timedelta) -> None:
        self.now += by

    def _edge(self, place: int, nudge: timedelta) -> None:
        """Go to one of the next instants at which a window may pass something, or beside it."""
        midnight = self.now.astimezone(zone_of(self.paper.zone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        days = {midnight + timedelta(days=1), midnight + timedelta(days=2)}
        found = {*days, *edges(self._instants(), SPANS)}
        ahead = sorted(one for one in found if one + nudge > self.now)
        self.now = ahead[min(place, len(ahead) - 1)] + nudge

    def _instants(self) -> set[datetime]:
        found = {*Event.objects.values_list("at", flat=True)}
        found |= {*ScoreChange.objects.values_list("at", flat=True)}
        for contact in Contact.objects.all():
            found |= {contact.created_at, *map(parse_instant, contact.field_times.values())}
            if "ends" in contact.fields:
                found.add(parse_instant(contact.fields["ends"]))
        for properties in Event.objects.values_list("properties", flat=True):
            if "when" in properties:
                found.add(parse_instant(properties["when"]))
        return found

    def _rest(self) -> None:
        """Work until idle; then the paper says who ought to be in."""
        before = dict(Identity.objects.values_list("value", "contact_id"))
        self.settle()
        assert not Touch.objects.exists()
        assert not Inbox.objects.exists()
        for kept, lost in self._joined(before):
            self.paper.merge(kept, lost)
        self.paper.rest(self.now)
        self._looked()

    def _joined(self, before: dict[str, int]) -> list[tuple[int, int]]:
        """Who was joined into whom, told by who owns their identities now."""
        alive = {*Contact.objects.values_list("id", flat=True)}
        owners = dict(Identity.objects.values_list("value", "contact_id"))
        lost_into = {
            lost: owners[value]
            for value, lost in before.items()
            if lost not in alive and value in owners
        }
        return [(kept, lost) for lost, kept in sorted(lost_into.items())]

    def _looked(self) -> None:
        self.paper.compare()
        self.paper.read_history(self.now)
        self.paper.compare_days()


class SlowBuilds(Timeline):
    """Builds take their time: between any two of their pieces something else may happen."""

    def __init__(self, start: datetime, zone: str, meanwhile: list[tuple[Any, ...]]) -> None:
        super().__init__(start, zone)
        self.meanwhile = list(meanwhile)

    def built_slowly(self, key: str, rule: Any) -> None:
        """Edit a segment, and let happen what happens while it is built."""
        segment_update(key, rule=rule, now=self.now)
        self.paper.write(key, "dynamic", rule)
        build(key, clock=self._clock)
        while self.meanwhile:
            self._clock()

    def _clock(self) -> datetime:
        for step in self.meanwhile[:2]:
            self.happen(*step)
        del self.meanwhile[:2]
        return self.now

    def _looked(self) -> None:
        """Nothing is compared before the build is done."""

    def compare(self) -> None:
        """Nobody was moved by hand: members are just those of whom the rules are true."""
        self.settle()
        self.paper.standings.clear()
        self.paper.rest(self.now)
        self.paper.compare()


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.sampled_from(STARTS),
    st.sampled_from(ZONES),
    segments().flatmap(lambda made: st.tuples(st.just(made), timelines(places=len(made)))),
)
def test_at_rest_the_members_are_those_of_whom_the_rule_is_true(
    start: datetime, zone: str, drawn: tuple[list[tuple[str, Any]], list[tuple[Any, ...]]]
) -> None:
    made, happenings = drawn
    with transaction.atomic():
        fields_insert(FIELDS)
        timeline = Timeline(start, zone)
        for kind, rule in made:
            timeline.make(kind, rule)
        for step in [*happenings, ("rest",)]:
            timeline.happen(*step)
        transaction.set_rollback(True)


NOT_WHILE_BUILDING = {"hand", "edit", "rebuild"}


@settings(
    max_examples=EXAMPLES // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(STARTS), st.sampled_from(ZONES), segments(), st.data())
def test_what_happens_between_the_pieces_of_a_build_is_not_missed(
    start: datetime, zone: str, made: list[tuple[str, Any]], data: st.DataObject
) -> None:
    steps = [
        step for step in data.draw(timelines(places=len(made))) if step[0] not in NOT_WHILE_BUILDING
    ]
    before = data.draw(st.integers(0, len(steps)))
    edited = data.draw(st.integers(0, len(made) - 1))
    rule = data.draw(rules([f"s{earlier}" for earlier in range(edited)]))
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(builds, "CONTACTS_PER_LOOK", 2)
        patched.setattr(builds, "ROWS_PER_PIECE", 1)
        fields_insert(FIELDS)
        timeline = SlowBuilds(start, zone, steps[before:])
        for _, first_rule in made:
            timeline.make("dynamic", first_rule)
        for step in steps[:before]:
            timeline.happen(*step)
        timeline.built_slowly(f"s{edited}", rule)
        timeline.compare()
        transaction.set_rollback(True)
