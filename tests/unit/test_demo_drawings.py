"""The demo's flows, segments and mails: without a fault, and drawn tidily."""

from itertools import combinations

import pytest
from django.conf import settings

from demo.audience import AUDIENCES, Audience
from demo.drawings import DRAWINGS, Drawing
from demo.filling import TOPICS
from demo.mails import MAILS, Mail
from flows.graph import Graph, Settings, problems_of
from flows.graph.checks import Known
from messaging.contexts import contact_values, context_of
from messaging.rendering import Parts, faults, render
from segments.rules import BUILTIN_FIELDS, parse

FIELDS = {**BUILTIN_FIELDS, "plan": "string", "trial_ends_at": "datetime"}
KNOWN = Known(
    segments={audience.key for audience in AUDIENCES},
    templates={mail.key for mail in MAILS},
    topics={key for key, _name, _opt_in in TOPICS},
    flows={drawing.key for drawing in DRAWINGS},
    fields=FIELDS,
)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.key)
def test_a_flow_can_be_published(drawing: Drawing) -> None:
    graph = Graph.model_validate(drawing.graph)
    assert problems_of(graph, Settings.model_validate(drawing.settings), KNOWN) == []


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.key)
def test_no_card_lies_upon_another(drawing: Drawing) -> None:
    places = [(node["position"]["x"], node["position"]["y"]) for node in drawing.graph["nodes"]]
    for (x, y), (other_x, other_y) in combinations(places, 2):
        assert abs(x - other_x) >= 260 or abs(y - other_y) >= 130


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.key)
def test_a_note_fits_its_card_and_every_wait_says_that_it_is_short(drawing: Drawing) -> None:
    for node in drawing.graph["nodes"]:
        assert len(node["note"]) <= 28
        assert node["type"] != "wait" or "1 min stands for 1 h" in node["note"]


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.key)
def test_every_edge_leads_downwards(drawing: Drawing) -> None:
    rows = {node["id"]: node["position"]["y"] for node in drawing.graph["nodes"]}
    for edge in drawing.graph["edges"]:
        assert rows[edge["target"]] > rows[edge["source"]]


@pytest.mark.parametrize("audience", AUDIENCES, ids=lambda audience: audience.key)
def test_a_segment_has_a_rule_that_can_be_put_to_use(audience: Audience) -> None:
    assert parse(audience.rule, fields=FIELDS)


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.key)
@pytest.mark.parametrize("values", [{}, {"first_name": "Ada", "city": "Lagos"}], ids=["who", "ada"])
def test_a_mail_can_be_read_by_anybody(mail: Mail, values: dict[str, str]) -> None:
    parts = Parts(subject=mail.subject, preheader=mail.preheader, html=mail.html)
    assert faults(parts) == []
    said = context_of(
        contact=contact_values(values, known=FIELDS),
        trigger=None,
        now=None,
        workspace={"name": "The Demo Outfitter", "postal_address": "1 Example Street"},
        unsubscribe_url=f"{settings.PUBLIC_URL}/u/preview/",
    )
    shown = render(parts, said)
    assert "{" not in shown.subject
    assert "{{" not in shown.html
    assert "/u/preview/" in shown.html
    assert ("Ada" in shown.html) == bool(values)
