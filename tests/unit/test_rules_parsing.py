"""Rules as they are sent: what is refused, where, in which words; and what is told of a rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest

from segments.rules import (
    Condition,
    RuleRefused,
    compile_rule,
    depends_on_time,
    describe,
    mentions,
    parse,
    rule_schema,
)
from segments.rules.registry import RegistryError, register, types
from segments.rules.windows import calendar_span

FIELDS = {
    "plan": "string",
    "seats": "number",
    "beta": "boolean",
    "ends": "datetime",
    "tags": "list",
}


def refusals(rule: Any, *, in_flow: bool = False) -> dict[str, str]:
    with pytest.raises(RuleRefused) as refused:
        parse(rule, fields=FIELDS, in_flow=in_flow)
    return {problem.path: problem.code for problem in refused.value.problems}


def field(key: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"type": "field", "field": key, "op": op, "value": value}


def event(**more: Any) -> dict[str, Any]:
    return {"type": "event", "name": "A", **more}


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (field("plann", "eq", "x"), "field"),
        (field("plan", "gt", "x"), "op"),
        (field("plan", "eq", 5), "value"),
        (field("plan", "in", "trial"), "value"),
        (field("plan", "in", []), "value"),
        (field("plan", "in", ["a", 1]), "value"),
        (field("seats", "eq", "5"), "value"),
        (field("seats", "eq", True), "value"),
        (field("seats", "gt", 10**40), "value"),
        (field("seats", "between", [5]), "value"),
        (field("seats", "between", [9, 5]), "value"),
        (field("beta", "eq", 1), "value"),
        (field("ends", "before", "tomorrow"), "value"),
        (field("ends", "in_last", "P1M"), "value"),
        (field("ends", "in_last", "PT0S"), "value"),
        (field("ends", "older_than", "-P1D"), "value"),
        (field("tags", "contains", ["vip"]), "value"),
        (field("plan", "eq", "x" * 1_001), "value"),
        (field("plan", "eq", "\ud800"), "value"),
        ({**field("plan", "set"), "for": "P1Y"}, "for"),
        ({**field("plan", "set"), "colour": "red"}, "colour"),
        (event(name=""), "name"),
        (event(name=["A", "*"]), "name"),
        (event(window={"last": "P1M"}), "window.last"),
        (event(window={"since": "entry"}), "window.since"),
        (event(window={"calendar": "next_week"}), "window.calendar"),
        (event(window={"from": "2026-02-01", "to": "2026-01-01"}), "window.to"),
        (event(measure={"sum": "a", "max": "b"}), "measure"),
        (event(measure={"sum": None}), "measure"),
        (event(op="between"), "op"),
        (event(value="5"), "value"),
        (event(value=float("inf")), "value"),
        (event(where=[{"property": "a..b", "op": "set"}]), "where.0.property"),
        (event(where=[{"property": "a", "op": "gt", "value": "x"}]), "where.0.value"),
        (event(not_followed_by={"name": "B", "within": "P1M"}), "not_followed_by.within"),
        ({"type": "segment", "segment": "vip"}, "op"),
        ({"type": "consent", "topic": "news", "op": "maybe"}, "op"),
        ({"type": "reachable", "channel": "pigeon"}, "channel"),
        ({"type": "sample", "percent": 0}, "percent"),
        ({"type": "trigger", "property": "a", "op": "set"}, ""),
        ({"type": "nothing"}, "type"),
        ({"type": None}, "type"),
        ({}, "type"),
        (None, ""),
    ],
)
def test_a_fault_is_refused_at_its_place(rule: Any, path: str) -> None:
    assert list(refusals(rule)) == [path]


def test_every_fault_is_told_at_once() -> None:
    rule = {"type": "any", "rules": [field("x", "set"), {"type": "not", "rule": event(op="x")}]}
    assert list(refusals(rule)) == ["rules.1.rule.op"]
    rule["rules"][1] = {"type": "not", "rule": field("plan", "gt", 1)}  # type: ignore[index]
    assert list(refusals(rule)) == ["rules.0.field", "rules.1.rule.op"]


def test_what_is_hostile_is_refused_before_it_is_walked() -> None:
    deep: Any = field("plan", "set")
    for _ in range(100_000):
        deep = {"type": "not", "rule": deep}
    assert list(refusals(deep).values()) == ["too_deep"]
    wide = {"type": "all", "rules": [field("plan", "set")] * 100_000}
    assert list(refusals(wide).values()) == ["too_many"]
    nothings: list[Any] = [[], {}, None, "x"]
    for empty in nothings:
        assert refusals({"type": "any", "rules": empty}) == {"": "empty_group"}


def test_no_value_is_ever_part_of_the_sql() -> None:
    nasty = "'; DROP TABLE contact; -- %s %(x)s \\"
    rule = {
        "type": "all",
        "rules": [
            field("plan", "eq", nasty),
            event(name=nasty, where=[{"property": nasty, "op": "contains", "value": nasty}]),
            {"type": "segment", "segment": nasty, "op": "in"},
            {"type": "consent", "topic": nasty, "op": "unknown"},
            {"type": "sample", "percent": 5, "salt": nasty},
        ],
    }
    compiled = compile_rule(parse(rule, fields=FIELDS), fields=FIELDS)
    assert "DROP" not in compiled.text
    names = set(compiled.bind(datetime(2026, 1, 1, tzinfo=UTC), "UTC"))
    assert compiled.text.count("%(") == sum(compiled.text.count(f"%({name})s") for name in names)


def test_every_subquery_names_the_lane() -> None:
    rule = {
        "type": "all",
        "rules": [
            event(followed_by={"name": "B"}),
            {"type": "segment", "segment": "vip", "op": "in"},
            {"type": "consent", "topic": "news", "op": "subscribed"},
            {"type": "score_change", "op": "gte", "value": 5},
        ],
    }
    text = compile_rule(parse(rule, fields={}), fields={}).text
    assert (text.count(".lane = c.lane"), text.count(".lane = e1.lane")) == (4, 1)


def test_a_rule_that_time_has_broken_is_true_of_nobody() -> None:
    rule = parse({"type": "not", "rule": field("plan", "eq", "x")}, fields=FIELDS)
    assert compile_rule(rule, fields={}).text == "false"
    assert compile_rule(rule, fields={"plan": "number"}).text == "false"


def test_what_a_rule_mentions_and_whether_time_matters() -> None:
    rule = parse(
        {
            "type": "all",
            "rules": [
                event(name=["A", "B"], not_followed_by={"name": "*"}),
                field("score", "gt", 1),
                {"type": "reachable", "channel": "email"},
                {"type": "not", "rule": {"type": "segment", "segment": "vip", "op": "in"}},
                {"type": "consent", "topic": "news", "op": "unknown"},
            ],
        },
        fields=FIELDS,
    )
    assert mentions(rule) == {
        "event:A", "event:B", "event:*", "field:score", "score:", "reach:", "field:email",
        "segment:vip", "consent:news",
    }  # fmt: skip
    assert not depends_on_time(rule)
    for timed in (
        event(window={"last": "P7D"}),
        event(window={"calendar": "today"}),
        event(where=[{"property": "at", "op": "in_last", "value": "P1D"}]),
        field("ends", "in_next", "P3D"),
        {**field("plan", "set"), "for": "P14D"},
        {"type": "score_change", "window": {"older_than": "P1D"}, "op": "gt", "value": 1},
    ):
        assert depends_on_time(parse({"type": "not", "rule": timed}, fields=FIELDS))


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"type": "everyone"}, "is anyone"),
        (event(op="eq", value=0, window={"last": "P30D"}), "did not do A in the last 30 days"),
        (
            event(value=5, window={"since": "entry"}),
            "did A at least 5 times since entering the flow",
        ),
        (
            event(measure={"sum": "total"}, value=99.5),
            "has at least 99.5 as sum total of A",
        ),
        (
            {"type": "all", "rules": [{"type": "any", "rules": [event(), event()]}, event()]},
            "(did A or did A) and did A",
        ),
        (field("tags", "contains_any", ["vip", "press"]), "tags contains any of “vip” or “press”"),
        ({"type": "all", "rules": []}, "an unfinished rule"),
        (field("seats", "between", None), "an unfinished rule"),
        ("nonsense", "an unfinished rule"),
    ],
)
def test_a_rule_is_said_in_words(rule: Any, sentence: str) -> None:
    assert describe(rule) == sentence


def test_days_of_the_calendar_follow_the_zone_through_daylight_saving() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = calendar_span("today", datetime(2026, 3, 29, 12, tzinfo=UTC), berlin)
    assert (start, end) == (
        datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC),
    )  # fmt: skip
    assert calendar_span("last_month", datetime(2026, 1, 1, tzinfo=UTC), berlin) == (
        datetime(2025, 11, 30, 23, tzinfo=UTC),
        datetime(2025, 12, 31, 23, tzinfo=UTC),
    )


def test_the_schema_knows_every_type() -> None:
    schema = rule_schema()
    assert set(schema["$defs"]["Rule"]["discriminator"]["mapping"]) == set(types())
    assert schema["$defs"]["All"]["properties"]["rules"]["items"] == {"$ref": "#/$defs/Rule"}


def test_a_type_is_registered_once() -> None:
    class Everybody(Condition):
        type: Literal["everyone"]

    class Nameless(Condition):
        pass

    for wrong in (Everybody, Nameless):
        with pytest.raises(RegistryError):
            register(wrong)
