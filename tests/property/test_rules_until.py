"""When time alone changes an answer: what `until` says, against asking again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.rules import ContactData, EventData, VisitData, evaluate, explain, parse, until
from tests.rule_instants import instants_to_ask
from tests.rule_strategies import FIELDS, NOW, ZONES, contacts, flow_rules, rules

SOME = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def found_by_asking(
    rule: Any, contact: ContactData, *, zone: str, visit: VisitData | None = None
) -> datetime | None:
    def answer(now: datetime) -> bool:
        return evaluate(rule, contact, now=now, zone=zone, fields=FIELDS, visit=visit)

    at_first = answer(NOW)
    return next((at for at in instants_to_ask(contact) if answer(at) is not at_first), None)


groups = st.fixed_dictionaries(
    {"type": st.sampled_from(["all", "any"]), "rules": st.lists(rules, min_size=2, max_size=3)}
)


@SOME
@given(contact=contacts(), asked=rules | groups, zone=st.sampled_from(ZONES))
def test_until_is_the_first_instant_of_another_answer(
    contact: ContactData, asked: Any, zone: str
) -> None:
    rule = parse(asked, fields=FIELDS)
    found = until(rule, contact, now=NOW, zone=zone, fields=FIELDS)
    assert found == found_by_asking(rule, contact, zone=zone), asked


@SOME
@given(
    contact=contacts(),
    asked=flow_rules,
    visit=st.builds(
        VisitData,
        entry_at=st.just(NOW - timedelta(days=1)),
        step_at=st.just(NOW),
        trigger=st.none() | st.just({"x": "2026-03-29T11:00:00Z"}),
        upto=st.integers(0, 5),
    ),
)
def test_until_in_a_flow(contact: ContactData, asked: Any, visit: VisitData) -> None:
    rule = parse(asked, fields=FIELDS, in_flow=True)
    found = until(rule, contact, now=NOW, zone="UTC", fields=FIELDS, visit=visit)
    trigger = EventData("trigger", NOW, visit.trigger or {}, id=99)
    known = replace(contact, events=[*contact.events, trigger])
    at_first = evaluate(rule, contact, now=NOW, zone="UTC", fields=FIELDS, visit=visit)
    turned = (
        at
        for at in instants_to_ask(known)
        if evaluate(rule, contact, now=at, zone="UTC", fields=FIELDS, visit=visit) is not at_first
    )
    assert found == next(turned, None), asked


@SOME
@given(contact=contacts(), asked=rules, zone=st.sampled_from(ZONES))
def test_every_part_of_an_explanation_says_until_when(
    contact: ContactData, asked: Any, zone: str
) -> None:
    rule = parse(asked, fields=FIELDS)
    tree = explain(rule, contact, now=NOW, zone=zone, fields=FIELDS)

    def compare(node: dict[str, Any], part: Any) -> None:
        found = until(part, contact, now=NOW, zone=zone, fields=FIELDS)
        said = node["until"] and datetime.fromisoformat(node["until"]).astimezone(UTC)
        assert said == found
        assert (node["until_words"] is None) is (found is None)
        inner = [node["rule"]] if "rule" in node else node.get("rules", [])
        for below, (_, one) in zip(inner, part.parts(), strict=True):
            compare(below, one)

    compare(tree, rule)
