"""What is said of the instant at which time alone turns an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.conditions import FlowCondition
from segments.rules import ContactData, EventData, ScoreData, explain, parse, turning, until
from segments.rules.registry import register

NOW = datetime(2026, 3, 25, 12, 0, tzinfo=UTC)
FIELDS = {"ends": "datetime", "plan": "string"}

register(FlowCondition)

ADA = ContactData(
    id=1,
    fields={"ends": "2026-04-04T00:00:00Z", "plan": "pro", "created_at": NOW},
    field_times={"plan": "2026-03-20T12:00:00.000000Z"},
    events=[
        EventData("Login", NOW - timedelta(days=3), {"until": "2026-03-26T00:00:00Z"}, id=1),
        EventData("Webinar", NOW + timedelta(days=2), id=2),
    ],
    scores=[ScoreData(NOW - timedelta(days=6), 5)],
    others={
        "flow": [
            {"flow": "hello", "state": "completed", "entered_at": NOW - timedelta(days=2),
             "left_at": NOW - timedelta(days=1)},
        ]
    },
)  # fmt: skip


def said(rule: Any, zone: str = "UTC") -> str | None:
    parsed = parse(rule, fields=FIELDS)
    words = explain(parsed, ADA, now=NOW, zone=zone, fields=FIELDS)["until_words"]
    assert words is None or isinstance(words, str)
    return words


LOGIN = {"type": "event", "name": "Login"}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {**LOGIN, "window": {"last": "P7D"}},
            "turns false in 4 days, when Login of 22 March passes 7 days",
        ),
        (
            {**LOGIN, "window": {"older_than": "P3DT1H"}},
            "turns true in 1 hour, when Login of 22 March passes 3 days 1 hour",
        ),
        (
            {"type": "event", "name": "Webinar"},
            "turns true in 2 days, when Webinar of 27 March comes",
        ),
        (
            {**LOGIN, "where": [{"property": "until", "op": "in_next", "value": "P1D"}]},
            "turns false in 12 hours, when until of Login of 22 March (26 March) comes",
        ),
        (
            {**LOGIN, "window": {"calendar": "last_week"}},
            "turns false in 4 days 12 hours, when a new week begins",
        ),
        (
            {"type": "field", "field": "ends", "op": "in_next", "value": "P7D"},
            "turns true in 2 days 12 hours, when ends (4 April) is 7 days away",
        ),
        (
            {"type": "field", "field": "plan", "op": "eq", "value": "pro", "for": "P14D"},
            "turns true in 9 days, when plan has stood for 14 days",
        ),
        (
            {"type": "score_change", "window": {"last": "P7D"}, "op": "gt", "value": 0},
            "turns false in 1 day, when the score change of 19 March passes 7 days",
        ),
        (
            {"type": "flow", "flow": "hello", "op": "completed", "window": {"last": "P2D"}},
            "turns false in 1 day, when what happened in hello on 24 March passes 2 days",
        ),
        ({"type": "field", "field": "plan", "op": "eq", "value": "pro"}, None),
        (LOGIN, None),
    ],
)
def test_it_says_what_passes_which_edge(rule: Any, words: str | None) -> None:
    assert said(rule) == words


def test_midnights_are_those_of_the_zone_through_the_change_of_the_clock() -> None:
    rule = parse({**LOGIN, "window": {"calendar": "last_week"}}, fields={})
    summer = until(rule, ADA, now=NOW, zone="Europe/Berlin", fields={})
    assert summer == datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "29 March: the clocks go forward"


def test_a_group_says_what_turns_it() -> None:
    week = {**LOGIN, "window": {"last": "P7D"}}
    soon = {"type": "field", "field": "ends", "op": "in_next", "value": "P7D"}
    assert said({"type": "all", "rules": [week, soon]}) == (
        "turns true in 2 days 12 hours, when ends (4 April) is 7 days away"
    )
    assert said({"type": "not", "rule": week}) == (
        "turns true in 4 days, when Login of 22 March passes 7 days"
    )


def test_where_there_is_too_much_to_ask_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    many = ContactData(
        id=1, events=[EventData("A", NOW - timedelta(hours=hour), id=hour) for hour in range(9)]
    )
    week = {"type": "event", "name": "A", "window": {"last": "P7D"}}
    never = {"type": "not", "rule": {"type": "everyone"}}
    rule = parse({"type": "any", "rules": [week, never]}, fields={})
    assert until(rule, many, now=NOW, zone="UTC", fields={}) == NOW + timedelta(days=7)
    monkeypatch.setattr(turning, "MOST_MOMENTS", 5)
    assert until(rule, many, now=NOW, zone="UTC", fields={}) is None


def test_what_lies_beyond_twenty_years_is_said_not_to_come() -> None:
    rule = parse({"type": "field", "field": "ends", "op": "older_than", "value": "P36525D"},
                 fields=FIELDS)  # fmt: skip
    assert until(rule, ADA, now=NOW, zone="UTC", fields=FIELDS) is None


def test_a_broken_rule_has_no_until() -> None:
    rule = parse({"type": "field", "field": "ends", "op": "in_next", "value": "P7D"}, fields=FIELDS)
    assert until(rule, ADA, now=NOW, zone="UTC", fields={}) is None
