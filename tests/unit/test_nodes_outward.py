"""The steps that reach out (webhook, Slack, the sales rep), in memory."""

from __future__ import annotations

from typing import Any

from flows.nodes import NODE_TYPES
from flows.nodes.base import CallOut, NotifyOwner
from tests.unit.test_carry import IN, DictWorld, run, walker

HOOK = {"url": "https://crm.example/leads/{{ name }}", "headers": {"X-Name": "{{ name }}"}}
EDGES = ["in next call", "call next good", "call failed bad"]


def hooked(world: DictWorld, config: dict[str, Any], *, waking: bool = False, n: int = 2) -> Any:
    who = [walker(i, "call" if waking else "in") for i in range(1, n + 1)]
    if waking:
        for one in who:
            one.fresh, one.steps = False, 2
    nodes = {
        "in": IN,
        "call": ("webhook", config),
        "good": ("exit", {"reason": "good"}),
        "bad": ("exit", {"reason": "bad"}),
    }
    given = {"waking": who} if waking else {"entering": who}
    return run(nodes, EDGES, world=world, **given)


def test_a_call_is_asked_for_once_and_the_contact_rests_without_end() -> None:
    passage = hooked(DictWorld({1: {"name": "a"}, 2: {"name": "b"}}), HOOK)
    assert [(one.visit_id, until) for one, until in passage.resting] == [(1, None), (2, None)]
    calls = {one.visit_id: (effect, step) for effect, one, step, _node in passage.calls}
    assert calls[1] == (
        CallOut(
            "webhook",
            {
                "method": "POST",
                "url": "https://crm.example/leads/a",
                "headers": {"X-Name": "a"},
                "body": "",
                "timeout": 10.0,
            },
        ),
        1,
    )


def test_without_liquid_nothing_is_rendered() -> None:
    passage = hooked(DictWorld(), {"url": "https://crm.example/"})
    assert len(passage.calls) == 2
    assert passage.failed == []


def test_who_cannot_be_rendered_is_parked_alone() -> None:
    passage = hooked(DictWorld({1: {"name": "a"}}), HOOK)
    assert [one.visit_id for one, _until in passage.resting] == [1]
    assert [(one.visit_id, error) for one, error in passage.failed] == [(2, "no name")]


def test_what_makes_no_request_parks_its_contact_alone() -> None:
    passage = hooked(DictWorld({1: {"name": "a\r\nX: y"}, 2: {"name": "b"}}), HOOK)
    assert [one.visit_id for one, _until in passage.resting] == [2]
    assert [one.visit_id for one, _error in passage.failed] == [1]


def test_each_leaves_by_how_its_call_has_ended_and_the_others_rest_on() -> None:
    world = DictWorld({n: {"name": "x"} for n in range(1, 5)})
    world.calls = {1: "next", 2: "failed", 3: ""}
    passage = hooked(world, HOOK, waking=True, n=4)
    assert sorted((one.visit_id, reason) for one, _how, reason, _by in passage.ended) == [
        (1, "good"),
        (2, "bad"),
    ]
    assert sorted(one.visit_id for one, _until in passage.resting) == [3, 4]
    assert [one.visit_id for _effect, one, _step, _node in passage.calls] == [4], "not yet asked"


def test_slack_and_the_rep_are_told_and_nobody_rests() -> None:
    nodes = {
        "in": IN,
        "slack": ("slack", {"text": "{{ name }} is hot"}),
        "rep": ("notify_owner", {"text": "Call {{ name }}"}),
    }
    world = DictWorld({1: {"name": "Ada"}})
    passage = run(nodes, ["in next slack", "slack next rep"], world=world, entering=[walker(1)])
    assert [effect for effect, *_ in passage.calls] == [CallOut("slack", {"text": "Ada is hot"})]
    assert [effect for effect, *_ in passage.notices] == [NotifyOwner("Call Ada")]
    assert [one.visit_id for one, *_ in passage.ended] == [1]


def test_their_sentences() -> None:
    def said(kind: str, config: dict[str, Any]) -> str:
        node_type = NODE_TYPES[kind]
        return node_type.sentence(node_type.Config.model_validate(config), lambda _k, key: key)

    assert said("webhook", {"url": "https://crm.example/leads?key=s3cret"}) == (
        "Call POST https://crm.example/leads"
    )
    assert said("slack", {"text": "Ada\nis  hot"}) == "Tell Slack “Ada is hot”"
    assert said("notify_owner", {"text": "x" * 100}) == f"Tell the sales rep “{'x' * 59}…”"
