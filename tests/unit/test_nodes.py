"""Every node type alone, in a world of plain dicts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from flows.nodes import NODE_TYPES
from flows.nodes.base import NEXT, Outcome, plain_names
from tests.unit.test_carry import NOW, DictWorld, walker

PRO = {"type": "field", "field": "plan", "op": "eq", "value": "pro"}
FREE = {"type": "field", "field": "plan", "op": "eq", "value": "free"}

COMPLETE: dict[str, dict[str, Any]] = {
    "segment_entered": {"segment": "cart"},
    "segment_left": {"segment": "cart"},
    "event": {"name": "Paid"},
    "field_changed": {"field": "plan", "to": "pro"},
    "date": {"field": "ends", "offset": "-P3D", "repeat": "yearly"},
    "once": {"segments": ["cart", "vip"], "exclude": ["press"], "at": "2026-06-01T09:00:00Z"},
    "manual": {},
    "wait": {"for": "PT1H"},
    "wait_until": {"time": "09:00"},
    "wait_date": {"field": "ends"},
    "wait_for": {"rule": PRO, "timeout": "P1D"},
    "condition": {"rule": PRO},
    "switch": {"cases": [{"branch": "pro", "rule": PRO}, {"branch": "free", "rule": FREE}]},
    "split": {"branches": [{"branch": "a", "weight": 30}, {"branch": "b", "weight": 70}]},
    "send_email": {"template": "hello"},
    "update_fields": {"set": {"plan": "pro"}},
    "adjust_score": {"by": 5},
    "set_consent": {"topic": "news"},
    "record_event": {"name": "Seen"},
    "add_to_segment": {"segment": "cart"},
    "remove_from_segment": {"segment": "cart"},
    "add_to_flow": {"flow": "other"},
    "remove_from_flow": {"flow": "other"},
    "webhook": {"url": "https://example.org/hook"},
    "slack": {"text": "A hot lead"},
    "notify_owner": {"text": "A hot lead"},
    "goal": {},
    "exit": {"reason": "done"},
}
"""A complete config of each type."""


def run(kind: str, config: dict[str, Any], world: DictWorld, *numbers: int) -> Outcome:
    node_type = NODE_TYPES[kind]
    walkers = [walker(number, "n") for number in numbers]
    return node_type.run(node_type.Config.model_validate(config), walkers, world)


def left(outcome: Outcome) -> dict[str, list[int]]:
    """Who left by each branch that anybody left by."""
    return {
        branch: sorted(one.visit_id for one in walkers)
        for branch, walkers in outcome.leave.items()
        if walkers
    }


def test_every_type_has_a_complete_config_here() -> None:
    assert COMPLETE.keys() == NODE_TYPES.keys()


@pytest.mark.parametrize("kind", COMPLETE)
def test_a_complete_config_has_no_fault_and_reads_as_a_sentence(kind: str) -> None:
    node_type = NODE_TYPES[kind]
    config = node_type.Config.model_validate(COMPLETE[kind])
    assert list(node_type.faults(config)) == []
    sentence = node_type.sentence(config, plain_names)
    assert sentence[:1].isupper()
    assert "{" not in sentence
    assert node_type.type == kind


@pytest.mark.parametrize("kind", COMPLETE)
def test_everybody_ends_in_exactly_one_place(kind: str) -> None:
    world = DictWorld({1: {"plan": "pro"}, 2: {"plan": "free"}})
    outcome = run(kind, COMPLETE[kind], world, 1, 2, 3)
    places = [one.visit_id for walkers in outcome.leave.values() for one in walkers]
    places += [one.visit_id for one, _ in outcome.rest]
    places += [one.visit_id for one, _ in outcome.failed]
    places += [one.visit_id for one, _, _ in outcome.end]
    assert sorted(places) == [1, 2, 3]
    node_type = NODE_TYPES[kind]
    branches = node_type.branches(node_type.Config.model_validate(COMPLETE[kind]))
    assert set(left(outcome)) <= set(branches)


@pytest.mark.parametrize("kind", COMPLETE)
def test_an_unknown_key_in_a_config_is_refused(kind: str) -> None:
    with pytest.raises(ValidationError):
        NODE_TYPES[kind].Config.model_validate({**COMPLETE[kind], "colour": "red"})


def test_a_wait_rests_until_its_end_and_not_a_moment_longer() -> None:
    world = DictWorld()
    assert [until for _, until in run("wait", {"for": "PT1H"}, world, 1).rest] == [
        NOW + timedelta(hours=1)
    ]
    world.now = NOW + timedelta(hours=1) - timedelta(microseconds=1)
    assert left(run("wait", {"for": "PT1H"}, world, 1)) == {}
    world.now += timedelta(microseconds=1)
    assert left(run("wait", {"for": "PT1H"}, world, 1)) == {NEXT: [1]}


@pytest.mark.parametrize("text", ["", "soon", "PT0S", "-PT1H", "P1M", "P1Y", "1 hour", None, 60])
def test_a_wait_of_no_time_or_of_unclear_length_is_refused(text: Any) -> None:
    with pytest.raises(ValidationError):
        NODE_TYPES["wait"].Config.model_validate({"for": text})


def test_waiting_for_a_rule_ends_when_it_is_true_or_time_is_up() -> None:
    config = {"rule": PRO, "timeout": "PT1H"}
    world = DictWorld({1: {"plan": "pro"}})
    outcome = run("wait_for", config, world, 1, 2)
    assert left(outcome) == {"matched": [1]}
    assert [(one.visit_id, until) for one, until in outcome.rest] == [(2, NOW + timedelta(hours=1))]
    world.now = NOW + timedelta(hours=1)
    assert left(run("wait_for", config, world, 1, 2)) == {"matched": [1], "timeout": [2]}


def test_a_condition_has_two_ways_and_asks_once() -> None:
    world = DictWorld({1: {"plan": "pro"}, 3: {"plan": "pro"}})
    assert left(run("condition", {"rule": PRO}, world, 1, 2, 3)) == {"yes": [1, 3], "no": [2]}
    assert world.asked == 1


def test_a_switch_goes_by_the_first_rule_that_is_true() -> None:
    world = DictWorld({1: {"plan": "pro"}, 2: {"plan": "free"}})
    cases = [
        {"branch": "pro", "rule": PRO},
        {"branch": "pro again", "rule": PRO},
        {"branch": "free", "rule": FREE},
    ]
    found = left(run("switch", {"cases": cases}, world, 1, 2, 3))
    assert found == {"pro": [1], "free": [2], "else": [3]}


def test_a_split_is_the_same_each_time_and_about_as_large_as_it_says() -> None:
    numbers = range(1, 4001)
    first = left(run("split", COMPLETE["split"], DictWorld(), *numbers))
    assert first == left(run("split", COMPLETE["split"], DictWorld(), *numbers))
    assert 1080 < len(first["a"]) < 1320


def test_a_split_of_nothing_and_all_sends_all_one_way() -> None:
    shares = [{"branch": "a", "weight": 0}, {"branch": "b", "weight": 100}]
    assert left(run("split", {"branches": shares}, DictWorld(), *range(1, 500))).keys() == {"b"}


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("split", {"branches": [{"branch": "a", "weight": 30}] * 2}, "branches"),
        ("switch", {"cases": [{"branch": "else", "rule": PRO}]}, "cases"),
        ("update_fields", {}, "set"),
        ("update_fields", {"set": {" ": 1}}, "set"),
        ("wait_until", {}, "time"),
        ("wait_until", {"time": "09:00", "between": ["09:00", "10:00"]}, "time"),
        ("wait_until", {"time": "09:00", "weekdays": []}, "weekdays"),
        ("event", {"name": "A", "where": [{"property": "x", "op": "no_such"}]}, "where"),
    ],
)
def test_what_the_shape_allows_and_cannot_work_is_a_fault(
    kind: str, config: dict[str, Any], field: str
) -> None:
    node_type = NODE_TYPES[kind]
    faults = list(node_type.faults(node_type.Config.model_validate(config)))
    assert {where for where, _, _ in faults} == {field}


def test_an_exit_says_why_even_if_nobody_has_said() -> None:
    assert [(how, why) for _, how, why in run("exit", {}, DictWorld(), 1).end] == [
        ("exited", "came to an exit")
    ]
    assert [how for _, how, _ in run("goal", {}, DictWorld(), 1).end] == ["converted"]


def test_a_wait_for_something_is_looked_at_when_time_may_change_the_answer() -> None:
    world = DictWorld({1: {"plan": "free"}, 2: {"plan": "free"}, 3: {"plan": "free"}})
    soon = NOW + timedelta(hours=1)
    world.looks = {1: soon, 3: NOW + timedelta(days=9)}
    outcome = run("wait_for", {"rule": PRO, "timeout": "P1D"}, world, 1, 2, 3)
    end = NOW + timedelta(days=1)
    assert {one.visit_id: until for one, until in outcome.rest} == {1: soon, 2: end, 3: end}


@pytest.mark.parametrize("kind", ["field_changed", "date", "once"])
def test_triggers_hand_everybody_on(kind: str) -> None:
    assert left(run(kind, COMPLETE[kind], DictWorld(), 1, 2)) == {NEXT: [1, 2]}


@pytest.mark.parametrize(
    ("kind", "config", "sentence"),
    [
        ("field_changed", {"field": "plan"}, "Plan changes"),
        ("field_changed", {"field": "paid", "to": True}, "Paid changes to yes"),
        ("date", {"field": "ends"}, "Reaches ends"),
        ("date", {"field": "ends", "offset": "-P3D"}, "Reaches 3 days before ends"),
        ("date", {"field": "born", "repeat": "yearly"}, "Reaches born, every year"),
        ("once", {"segments": ["a"]}, "Is in a, once, at publishing"),
        (
            "once",
            {"segments": ["a", "b"], "exclude": ["c"], "at": "2026-06-01T09:00:00+02:00"},
            "Is in a or b but not in c, once, on 1 June 2026 at 07:00 UTC",
        ),
    ],
)
def test_triggers_by_field_and_clock_say_what_they_wait_for(
    kind: str, config: dict[str, Any], sentence: str
) -> None:
    node_type = NODE_TYPES[kind]
    assert node_type.sentence(node_type.Config.model_validate(config), plain_names) == sentence


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"time": "09:00"}, "Wait until 09:00"),
        ({"time": "09:00", "weekdays": ["sat"]}, "Wait until 09:00 on Saturday"),
        (
            {"between": ["22:00", "06:00"], "weekdays": ["wed", "mon", "tue"]},
            "Wait until it is between 22:00 and 06:00 on Monday, Tuesday or Wednesday",
        ),
        (
            {"time": "09:00", "weekdays": ["mon", "tue", "wed", "thu", "fri"]},
            "Wait until 09:00, Monday to Friday",
        ),
        (
            {"time": "09:00", "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
            "Wait until 09:00",
        ),
    ],
)
def test_when_a_wait_ends_is_said_as_people_say_it(config: dict[str, Any], said: str) -> None:
    node_type = NODE_TYPES["wait_until"]
    assert node_type.sentence(node_type.Config.model_validate(config), lambda _, key: key) == said
