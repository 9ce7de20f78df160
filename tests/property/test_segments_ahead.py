"""What time alone will do to memberships, against living through every instant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.ahead import contact_ahead
from segments.catalogue import Catalogue, LiveSegment
from segments.rules import NOBODY, ContactData, evaluate, parse
from tests.rule_instants import instants_to_ask
from tests.rule_strategies import FIELDS, NOW, contacts, rules

KEYS = ("vip", "press", "last")
hands = st.sampled_from(["none", "in", "out"])
kinds = st.sampled_from(["dynamic", "dynamic", "growing", "static"])


@dataclass
class Life:
    """One contact in some segments, each of which needs only earlier ones."""

    contact: ContactData
    rules: dict[str, Any]
    kinds: dict[str, str]
    members: set[str]
    by_hand: set[str]
    held_out: set[str]

    def live(self, now: datetime) -> None:
        for key, rule in self.rules.items():
            if self.kinds[key] == "static":
                continue
            known = replace(self.contact, segments=set(self.members))
            is_true = evaluate(rule, known, now=now, zone="UTC", fields=FIELDS)
            if is_true and key not in self.held_out:
                self.members.add(key)
            if not is_true:
                self.held_out.discard(key)
                if self.kinds[key] == "dynamic" and key not in self.by_hand:
                    self.members.discard(key)


def needing(key: str, asked: Any) -> Any:
    """A rule that also asks for an earlier segment."""
    earlier = {"vip": "press", "press": "vip", "last": "press"}[key]
    inner = {"type": "segment", "segment": earlier, "op": "in"}
    return {"type": "any", "rules": [asked, inner]} if key != "vip" else asked


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    contact=contacts(),
    asked=st.tuples(rules, rules, rules),
    kinds_of=st.tuples(kinds, kinds, kinds),
    held=st.tuples(hands, hands, hands),
)
def test_joins_and_leaves_ahead_are_those_that_come(
    contact: ContactData, asked: Any, kinds_of: Any, held: Any
) -> None:
    without = [_without_segments(one) for one in asked]
    parsed = {
        key: parse(needing(key, one), fields=FIELDS) for key, one in zip(KEYS, without, strict=True)
    }
    kind = dict(zip(KEYS, kinds_of, strict=True))
    by_hand = {key for key, how in zip(KEYS, held, strict=True) if how == "in"}
    life = Life(contact, parsed, kind, set(by_hand), by_hand, set())
    life.live(NOW)
    # Who is held out was taken out while the rule was true.
    for key, how in zip(KEYS, held, strict=True):
        if how == "out" and key in life.members and kind[key] != "static":
            life.members.discard(key)
            life.held_out.add(key)
    life.live(NOW)
    at_first = set(life.members)

    book = Catalogue(
        fields=FIELDS,
        segments={n: LiveSegment(n, key, "", kind[key], NOBODY) for n, key in enumerate(KEYS)},
    )
    known = contact_ahead(
        replace(contact, segments=at_first), parsed,
        by_hand=by_hand, held_out=set(life.held_out), book=book, now=NOW,
    )  # fmt: skip

    came: dict[str, list[tuple[datetime, bool]]] = {key: [] for key in KEYS}
    for at in instants_to_ask(contact):
        before = set(life.members)
        life.live(at)
        for key in before ^ life.members:
            came[key].append((at, key in life.members))
    for key in KEYS:
        said = [(at, joins) for at, joins, _ in known.ahead.get(key, ())]
        assert said == came[key], key


def _without_segments(rule: Any) -> Any:
    """The random rule with nothing in it about segments: `needing` adds those that there are."""
    if rule["type"] == "segment":
        return {"type": "everyone"}
    if "rules" in rule:
        return {**rule, "rules": [_without_segments(one) for one in rule["rules"]]}
    return {**rule, "rule": _without_segments(rule["rule"])} if "rule" in rule else rule
