"""The flow templates: each can be read, is filled in without a fault, and is drawn tidily."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations
from typing import Any

import pytest

from common.yamltext import TextRefused
from flows.gallery.answers import AnswersRefused, Span, Surroundings, answers_check, asks_of, fill
from flows.gallery.drawing import drawn
from flows.gallery.files import GROUPS, FlowTemplate, flow_templates, template_of
from flows.gallery.filling import Filled, filled, renamed
from flows.graph import Graph, problems_of
from flows.graph.checks import Known
from flows.nodes import NODE_TYPES
from messaging.contexts import contact_values, context_of
from messaging.rendering import faults, render
from segments.rules import BUILTIN_FIELDS, parse

TEMPLATES = list(flow_templates().values())
PROMISED = {
    "abandon-cart", "trial-onboarding", "trial-ending", "freemium-loop", "re-engagement",
    "hot-lead", "welcome", "win-back", "birthday", "review-request", "topic-interest",
    "list-cleaning",
}  # fmt: skip
each = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)


def around(**other: Any) -> Surroundings:
    """A workspace in which nothing has happened but that its address is known."""
    given: dict[str, Any] = {
        "events": [], "fields": dict(BUILTIN_FIELDS), "site": "https://shop.example.com",
        "from_email": "shop@example.com", "segments": frozenset(),
    }  # fmt: skip
    return Surroundings(**{**given, **other})


@pytest.fixture(autouse=True)
def _no_convention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.gallery.answers.name_allow", lambda name: None)


def usual(template: FlowTemplate, settings: Collection[str] = ()) -> Filled:
    """A template with the answers of such a workspace."""
    return filled(template, answers_check(template, {}, around()), settings=settings)


def known(brought: Filled, **other: Any) -> Known:
    """What the workspace has once the template has been used."""
    return Known(
        segments={one["segment"] for one in brought.segments},
        templates={mail.key for mail in brought.mails},
        topics={one["topic"] for one in brought.topics},
        fields={**BUILTIN_FIELDS, **brought.fields},
        **other,
    )


def test_all_that_are_promised_are_there() -> None:
    assert {template.key for template in TEMPLATES} == PROMISED
    groups = [template.head.group for template in TEMPLATES]
    assert groups == sorted(groups, key=GROUPS.index)


@each
@pytest.mark.parametrize("settings", [set(), {"slack_webhook"}], ids=["bare", "with Slack"])
def test_a_template_has_no_fault(template: FlowTemplate, settings: set[str]) -> None:
    brought = usual(template, settings)
    assert problems_of(brought.graph, brought.settings, known(brought, settings=settings)) == []
    for segment in brought.segments:
        if segment.get("rule") is not None:
            assert parse(segment["rule"], fields={**BUILTIN_FIELDS, **brought.fields})


@each
def test_every_mail_reads_well_to_somebody_of_whom_nothing_is_known(
    template: FlowTemplate,
) -> None:
    brought = usual(template)
    context = context_of(
        contact=contact_values({}, known=BUILTIN_FIELDS),
        trigger=None,
        now=None,
        workspace={"name": "The shop", "postal_address": "1 Mill Street"},
        unsubscribe_url="https://mill.example.com/u/x",
    )
    sent = {node.config["template"] for node in brought.graph.nodes if node.type == "send_email"}
    assert sent == {mail.key for mail in brought.mails}
    for mail in brought.mails:
        assert faults(mail.parts) == []
        said = render(mail.parts, context)
        assert said.subject
        assert "$(" not in f"{said.subject}{said.html}{said.text}"
        assert "https://mill.example.com/u/x" in said.html
        assert "https://mill.example.com/u/x" in said.text
        assert "1 Mill Street" in said.html


@each
def test_its_questions_are_few_and_answered(template: FlowTemplate) -> None:
    assert sum(ask.required for ask in template.head.asks) <= 4
    for ask, default in asks_of(template, around()):
        assert default is not None or not ask.required


@each
def test_no_card_lies_upon_another(template: FlowTemplate) -> None:
    places = [(node.position.x, node.position.y) for node in usual(template).graph.nodes]
    for (x, y), (other_x, other_y) in combinations(places, 2):
        assert abs(x - other_x) >= 260 or abs(y - other_y) >= 130


@each
def test_every_branch_leads_somewhere(template: FlowTemplate) -> None:
    graph = usual(template).graph
    ways = {(edge.source, edge.branch) for edge in graph.edges}
    for node in graph.nodes:
        node_type = NODE_TYPES[node.type]
        config = node_type.Config.model_validate(node.config)
        assert all((node.id, branch) in ways for branch in node_type.branches(config))


def test_without_slack_the_way_goes_past_it() -> None:
    hot = flow_templates()["hot-lead"]
    bare, full = usual(hot).graph, usual(hot, {"slack_webhook"}).graph
    assert {node.id for node in full.nodes} - {node.id for node in bare.nodes} == {"slack"}
    assert ("tell", "day") in {(edge.source, edge.target) for edge in bare.edges}


def test_answers_are_chosen_from_what_the_workspace_has() -> None:
    template = flow_templates()["trial-ending"]
    there = around(
        events=["Page Viewed", "subscription_created", "Order Completed"],
        fields={**BUILTIN_FIELDS, "trial_end": "datetime", "trial_ends_at": "string"},
    )
    chosen = {ask.key: default for ask, default in asks_of(template, there)}
    assert chosen == {
        "ends": "trial_end",
        "before": "P3D",
        "subscribed": "subscription_created",
        "plans": "https://shop.example.com/plans",
    }


@pytest.mark.parametrize(
    ("asked", "answers", "bad"),
    [
        ("abandon-cart", {"pause": "an hour"}, "pause"),
        ("abandon-cart", {"pause": ["PT1H"]}, "pause"),
        ("abandon-cart", {"purchase": ""}, "purchase"),
        ("abandon-cart", {"purchase": "x" * 201}, "purchase"),
        ("abandon-cart", {"cart": "javascript:alert(1)"}, "cart"),
        ("abandon-cart", {"cart": "/cart"}, "cart"),
        ("abandon-cart", {"colour": "red"}, "colour"),
        ("win-back", {"code": "{{ secret }}"}, "code"),
        ("win-back", {"code": "two\nlines"}, "code"),
        ("hot-lead", {"score": "80"}, "score"),
        ("hot-lead", {"score": True}, "score"),
        ("hot-lead", {"score": float("nan")}, "score"),
        ("hot-lead", {"rep": "nobody"}, "rep"),
        ("birthday", {"date": "city"}, "date"),
        ("birthday", {"date": "a b"}, "date"),
    ],
)
def test_a_bad_answer_is_refused_at_its_question(
    asked: str, answers: dict[str, Any], bad: str
) -> None:
    with pytest.raises(AnswersRefused) as refused:
        answers_check(flow_templates()[asked], answers, around())
    assert list(refused.value.problems) == [bad]
    assert refused.value.attr == f"answers.{bad}"


def test_an_answer_is_put_into_a_mail_as_text() -> None:
    template = flow_templates()["win-back"]
    answers = answers_check(template, {"code": "<b>10 %</b>"}, around())
    offer = next(
        mail for mail in filled(template, answers, settings=()).mails if mail.key == "back-offer"
    )
    assert "&lt;b&gt;10 %&lt;/b&gt;" in offer.parts.html
    assert "<b>10 %" not in offer.parts.html


def test_what_asks_for_an_answer_that_is_not_given_falls_away() -> None:
    rules = [{"field": "city"}, {"field": "$(plan)", "value": "$(status)"}]
    assert fill(rules, {"plan": "plan", "status": None}) == [{"field": "city"}]
    assert fill({"from": "$(sender)", "to": 1}, {"sender": None}) == {"to": 1}
    assert fill("Within $(span)", {"span": Span("PT90M")}) == "Within 1 hour 30 minutes"


def test_keys_of_things_are_put_in_wherever_they_are_named() -> None:
    keys = {("segment", "a"): "a-2", ("template", "a"): "a-3", ("topic", "a"): "a-4"}
    said = {"segments": ["a", "b"], "template": "a", "where": [{"value": "a", "topic": "a"}]}
    assert renamed(said, keys) == {
        "segments": ["a-2", "b"], "template": "a-3", "where": [{"value": "a", "topic": "a-4"}],
    }  # fmt: skip


def test_branches_stand_side_by_side_and_meet_below() -> None:
    ways = ["in ask", "ask left", "ask right", "left both", "right both", "both in-again"]
    graph = Graph.model_validate(
        {
            "nodes": [
                {"id": name, "type": "manual"}
                for name in ("in", "ask", "left", "right", "both", "in-again")
            ],
            "edges": [
                dict(zip(("source", "target", "branch"), (*way.split(), f"b{n}"), strict=True))
                for n, way in enumerate(ways)
            ],
        }
    )
    places = {node.id: node.position for node in drawn(graph).nodes}
    assert places["in"].x == places["ask"].x == places["both"].x == places["in-again"].x
    assert places["left"].x < places["ask"].x < places["right"].x
    assert places["left"].y == places["right"].y < places["both"].y < places["in-again"].y


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("template: x\nname: X\n", "is missing"),
        ("template: x\ncolour: red\n", "colour"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_line(text: str, says: str) -> None:
    with pytest.raises(TextRefused, match=says):
        template_of(text, "x.yaml")
