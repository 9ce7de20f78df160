"""The world of the engine: nodes' questions answered by PostgreSQL, one statement per set."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import DataError, connection, transaction

from common.arrays import instant_array, int_array, json_array, text_array
from common.errors import NotFound
from common.sql import queries
from contacts import services as contacts
from contacts.models import Contact
from contacts.selectors import contact_values
from flows.engine.codes import KnownRules
from flows.nodes.base import (
    AdjustScore,
    BrokenError,
    ChangeFlow,
    ChangeSegment,
    Effect,
    RecordEvent,
    SetConsent,
    UpdateFields,
    Walker,
)
from messaging.calls import calls_stand
from messaging.rendering import render_texts
from segments.rules import Compiled, RuleRefused, compile_rule, parse, segments_needed
from segments.services import members_change

SQL = queries("flows")
REPAIRS = queries("flows", "failures")
log = logging.getLogger(__name__)

_BRANCH_OF = {"done": "next", "failed": "failed", "cancelled": "failed"}
"""The branch by which a visit leaves once its call stands so; until then it rests."""


PATIENCE = 100
"""So often one pulse cuts sets of visits in halves of whom a goal cannot be asked."""

Answer = TypeVar("Answer")


class PostgresWorld:
    """Answers and acts at one instant, for the contacts of some locked lanes.

    Parameters
    ----------
    now
        The instant of the pulse (UTC).
    zone
        The workspace's time zone, for calendar windows.
    fields
        The workspace's fields with their types.
    lanes
        The lanes this pulse holds.
    compiled
        Rules compiled earlier by the same worker, by the identity of the rule's JSON.
    flow_keys
        The keys of the flows by their ids: what histories say who did it.
    heard
        Whether anybody follows changes of a field; of what nobody follows, no touch is written.
    segments
        The keys of the segments there are: a rule that asks for another is broken.
    """

    def __init__(
        self,
        *,
        now: datetime,
        zone: str,
        fields: Mapping[str, str],
        lanes: Sequence[int],
        compiled: KnownRules,
        flow_keys: Mapping[int, str],
        heard: Callable[[str], bool] = contacts.heard_always,
        segments: Callable[[], frozenset[str]] | None = None,
    ) -> None:
        self.now = now
        self.zone = zone
        self.fields = fields
        self.lanes = list(lanes)
        self._compiled = compiled
        self._flow_keys = flow_keys
        self._patience = PATIENCE
        self._heard = heard
        self._segments = segments

    def fulfils(self, rule: Any, walkers: Sequence[Walker]) -> set[int]:
        """The visits whose contact fulfils the rule now, by one statement.

        Raises
        ------
        BrokenError
            If the rule cannot be asked of anybody (any more).
        """
        compiled = self._compile(rule)
        if not walkers:
            return set()
        if compiled is None:
            raise BrokenError(self._why_broken(rule))
        rows = self._ask(compiled, "w.visit_id", f"({compiled.text})", compiled.text, walkers)
        return {row[0] for row in rows}

    def next_looks(self, rule: Any, walkers: Sequence[Walker]) -> Mapping[int, datetime]:
        """When time may next change the answer for these visits, by one statement."""
        compiled = self._compile(rule)
        if compiled is None or not compiled.next_edge or not walkers:
            return {}
        edge = compiled.next_edge
        what = f"w.visit_id, {edge} AS look"
        rows = self._ask(compiled, what, "true", edge, walkers)
        return {visit_id: look for visit_id, look in rows if look is not None}

    def changes_by_time(self, rule: Any) -> bool:
        """Whether time alone may ever change a rule's answer."""
        compiled = self._compile(rule)
        return compiled is not None and bool(compiled.next_edge)

    def _ask(
        self, compiled: Compiled, what: str, where: str, text: str, walkers: Sequence[Walker]
    ) -> list[Any]:
        """Ask something of the walkers' contacts `c`; `w` has the columns that `text` names."""
        columns: dict[str, tuple[str, str]] = {
            "visit_id": ("bigint", int_array(walker.visit_id for walker in walkers)),
            "lane": ("smallint", int_array(walker.lane for walker in walkers)),
            "contact_id": ("bigint", int_array(walker.contact_id for walker in walkers)),
        }
        if "w.entry_at" in text:
            entered = instant_array(walker.entry_at for walker in walkers)
            columns["entry_at"] = ("timestamptz", entered)
        if "w.flow" in text:
            flows = text_array(self._flow_keys[walker.flow_id] for walker in walkers)
            columns["flow"] = ("text", flows)
        if "w.entered_at" in text:
            began = instant_array(walker.entered_at for walker in walkers)
            columns["entered_at"] = ("timestamptz", began)
        if "w.step_at" in text:
            arrived = instant_array(walker.step_at() for walker in walkers)
            columns["step_at"] = ("timestamptz", arrived)
        if "w.upto" in text:
            columns["upto"] = ("bigint", int_array(walker.upto for walker in walkers))
        if "w.trigger" in text:
            columns["trigger"] = ("jsonb", json_array(walker.trigger for walker in walkers))
        arrays = ", ".join(f"%(w_{name})s::{kind}[]" for name, (kind, _) in columns.items())
        statement = (
            f"SELECT {what} FROM unnest({arrays}) w ({', '.join(columns)}) "
            # Each looked up for itself: joined freely, the planner would rather read all contacts.
            "CROSS JOIN LATERAL (SELECT * FROM contact k WHERE k.lane = w.lane"
            " AND k.id = w.contact_id OFFSET 0) c "
            f"WHERE w.lane = ANY(%(lanes)s) AND {where}"
        )
        params = {f"w_{name}": values for name, (_, values) in columns.items()}
        with connection.cursor() as cursor:
            bound = compiled.bind(self.now, self.zone)
            cursor.execute(statement, {**params, "lanes": self.lanes, **bound})
            return list(cursor.fetchall())

    def surely(self, rule: Any, walkers: Sequence[Walker]) -> set[int]:
        """As `fulfils`; without those for whom the database cannot work the rule out."""
        return {
            visit_id for found in self._each_half(self.fulfils, rule, walkers) for visit_id in found
        }

    def surely_looks(self, rule: Any, walkers: Sequence[Walker]) -> Mapping[int, datetime]:
        """As `next_looks`; without those for whom the database cannot work the rule out."""
        return {
            visit_id: look
            for found in self._each_half(self.next_looks, rule, walkers)
            for visit_id, look in found.items()
        }

    def _each_half(
        self, ask: Callable[[Any, Sequence[Walker]], Answer], rule: Any, walkers: Sequence[Walker]
    ) -> Iterator[Answer]:
        """Ask in one piece; what cannot be answered is cut in halves, down to the one at fault."""
        try:
            with transaction.atomic():
                answer = ask(rule, walkers)
        except (DataError, BrokenError) as trouble:
            if len(walkers) == 1 or not self._patience or isinstance(trouble, BrokenError):
                log.warning("a goal could not be asked of %s: %s", len(walkers), trouble)
                return
        else:
            yield answer
            return
        self._patience -= 1
        half = len(walkers) // 2
        yield from self._each_half(ask, rule, walkers[:half])
        yield from self._each_half(ask, rule, walkers[half:])

    def _compile(self, rule: Any) -> Compiled | None:
        """The rule as SQL; None for a broken one, which is true for nobody (law 2)."""
        known = self._compiled.get(id(rule))
        if known is None:
            try:
                parsed = parse(rule, fields=self.fields, in_flow=True)
                compiled = compile_rule(parsed, fields=self.fields, in_flow=True)
            except RuleRefused:
                return None  # not kept: a field that comes to be known mends it
            known = self._compiled[id(rule)] = (rule, compiled, segments_needed(parsed))
        return None if self._missing(known[2]) else known[1]

    def _missing(self, asked: frozenset[str]) -> frozenset[str]:
        """Those of some segments that do not exist."""
        return asked - self._segments() if asked and self._segments is not None else frozenset()

    def _why_broken(self, rule: Any) -> str:
        """Why a rule is true for nobody, in a sentence."""
        try:
            asked = segments_needed(parse(rule, fields=self.fields, in_flow=True))
        except RuleRefused as refused:
            said = " ".join(problem.detail for problem in refused.problems[:3])
        else:
            missing = ", ".join(f"“{key}”" for key in sorted(self._missing(asked)))
            said = f"it asks for the segment {missing}, which does not exist."
        return f"The rule of this step can no longer be used: {said}"

    def field_values(
        self, keys: Sequence[str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, Any]]:
        """The present values of some fields, by one statement."""
        wanted = set(keys)
        return {
            contact_id: {key: value for key, value in fields.items() if key in wanted}
            for contact_id, fields in _values_of(walkers).items()
        }

    def render(
        self, texts: Mapping[str, str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, str] | Exception]:
        """Liquid over each contact; the contacts are read by one statement."""
        values = _values_of(walkers)
        return {
            walker.visit_id: render_texts(
                texts,
                fields=values.get(walker.contact_id, {}),
                trigger=walker.trigger,
                known=self.fields,
                now=self.now,
            )
            for walker in walkers
        }

    def calls_of(self, walkers: Sequence[Walker]) -> Mapping[int, str]:
        """How the calls of these visits stand, by one statement."""
        stand = calls_stand(
            [(walker.lane, walker.visit_id, walker.steps - 1) for walker in walkers]
        )
        return {visit_id: _BRANCH_OF.get(status, "") for visit_id, status in stand.items()}

    def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
        """Do what nodes want done to the contacts themselves, one service call per kind."""
        by_kind: dict[type[Any], list[tuple[Any, Sequence[Walker]]]] = defaultdict(list)
        for effect, walkers in effects:
            by_kind[type(effect)].append((effect, walkers))
        apply_kind: dict[type[Any], Callable[[Any], None]] = {
            UpdateFields: self._update_fields,
            AdjustScore: self._adjust_score,
            SetConsent: self._set_consent,
            RecordEvent: self._record_event,
            ChangeSegment: self._change_segment,
            ChangeFlow: self._change_flow,
        }
        for kind, wanted in by_kind.items():
            apply_kind[kind](wanted)

    def _update_fields(self, wanted: Sequence[tuple[UpdateFields, Sequence[Walker]]]) -> None:
        contacts.fields_update(
            [
                contacts.FieldChange(walker.lane, walker.contact_id, effect.set, effect.unset)
                for effect, walkers in wanted
                for walker in walkers
            ],
            now=self.now,
            heard=self._heard,
        )

    def _adjust_score(self, wanted: Sequence[tuple[AdjustScore, Sequence[Walker]]]) -> None:
        contacts.scores_adjust(
            [
                contacts.ScoreDelta(walker.lane, walker.contact_id, effect.by, self._cause(walker))
                for effect, walkers in wanted
                for walker in walkers
            ],
            now=self.now,
        )

    def _set_consent(self, wanted: Sequence[tuple[SetConsent, Sequence[Walker]]]) -> None:
        contacts.consents_set(
            [
                contacts.ConsentChange(walker.lane, walker.contact_id, effect.topic, effect.state)
                for effect, walkers in wanted
                for walker in walkers
            ],
            now=self.now,
        )

    def _record_event(self, wanted: Sequence[tuple[RecordEvent, Sequence[Walker]]]) -> None:
        contacts.events_record(
            [
                contacts.NewEvent(
                    walker.lane, walker.contact_id, effect.name, self.now, effect.properties, False
                )
                for effect, walkers in wanted
                for walker in walkers
            ],
            now=self.now,
        )

    def _change_segment(self, wanted: Sequence[tuple[ChangeSegment, Sequence[Walker]]]) -> None:
        for effect, walkers in wanted:
            members_change(
                effect.segment,
                [walker.contact_id for walker in walkers],
                change=effect.change,
                cause=self._cause(walkers[0]),
                now=self.now,
            )

    def _cause(self, walker: Walker) -> str:
        """What histories and ledgers say who did it; the walkers of an effect are of one flow."""
        return f"flow:{self._flow_keys[walker.flow_id]}"

    def _change_flow(self, wanted: Sequence[tuple[ChangeFlow, Sequence[Walker]]]) -> None:
        with connection.cursor() as cursor:
            for effect, walkers in wanted:
                cursor.execute(REPAIRS["flow_is_there"], {"flow": effect.flow})
                if cursor.fetchone() is None:
                    raise NotFound(f"there is no flow “{effect.flow}”")
                cursor.execute(
                    SQL["touch_flows"],
                    {
                        "contact_lanes": int_array(walker.lane for walker in walkers),
                        "contacts": int_array(walker.contact_id for walker in walkers),
                        "flow": effect.flow,
                        "detail": f'{{"change": "{effect.change}"}}',
                        "now": self.now,
                    },
                )


def _values_of(walkers: Sequence[Walker]) -> dict[int, dict[str, Any]]:
    """The fields of the walkers' contacts, by contact id."""
    rows = Contact.objects.filter(
        id__in={walker.contact_id for walker in walkers},
        lane__in={walker.lane for walker in walkers},
    )
    return {contact.id: contact_values(contact) for contact in rows}
