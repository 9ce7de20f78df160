"""Using flow templates: what is made, what is used again, what is refused."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEntry
from contacts.models import Field, Topic
from contacts.services import topic_create
from flows.gallery.files import flow_templates
from flows.models import Flow
from messaging.models import Template
from segments.models import Segment
from segments.services import segment_create
from tests.builders import NOW
from tests.builders_flows import Stage
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
SITE = {"cart": "https://shop.example.com/cart"}


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def use(client: Client, key: str, status: int = 201, **body: Any) -> Any:
    answer = client.post(f"/api/gallery/{key}/use/", body, "application/json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def everything() -> list[int]:
    """How many there are of all that a template makes."""
    return [model.objects.count() for model in (Flow, Segment, Template, Topic, Field)]


def test_the_gallery_shows_every_template_filled_for_this_workspace(editor: Client) -> None:
    stage = Stage()
    stage.does("ada", "order_completed")
    stage.does("ada", "Page Viewed", url="https://mill.example.com/a/b?c=d")
    shown = {one["key"]: one for one in editor.get("/api/gallery/").json()}
    assert list(shown) == list(flow_templates())
    cart = shown["abandon-cart"]
    defaults = {ask["key"]: ask["default"] for ask in cart["asks"]}
    assert defaults == {
        "added": "Product Added",
        "purchase": "order_completed",
        "pause": "PT1H",
        "cart": "https://mill.example.com/cart",
    }
    assert "order_completed" in cart["brings"]["segments"][0]["sentence"]
    assert cart["brings"]["templates"][0]["subject"] == "Ada, you left something behind"
    assert {node["id"] for node in cart["graph"]["nodes"]} == set(cart["steps"])
    assert cart["steps"]["first-day"] == {
        "group": "wait", "title": "Wait", "sentence": "Wait 1 day",
    }  # fmt: skip
    assert cart["steps"]["remind"]["sentence"] == "Send “You left something behind”"
    assert shown["birthday"]["brings"]["fields"] == [{"key": "birthday", "type": "datetime"}]


def test_reading_the_gallery_costs_the_same_however_many_templates(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40):
        assert editor.get("/api/gallery/").status_code == 200


def test_using_twice_makes_the_parts_once_and_two_flows(editor: Client) -> None:
    first = use(editor, "abandon-cart", answers=SITE)
    second = use(editor, "abandon-cart", answers=SITE, name="Carts of the summer")
    assert first["flow"] == "abandon-cart"
    assert first["made"] == {
        "segments": ["abandoned-cart", "bought-7-days"],
        "templates": ["cart-left-behind", "cart-second-look", "cart-questions", "cart-last-call"],
        "topics": ["offers"],
        "fields": [],
    }
    assert second["flow"] == "carts-of-the-summer"
    assert second["reused"] == first["made"]
    assert second["made"] == first["reused"]
    assert Flow.objects.get(key="carts-of-the-summer").name == "Carts of the summer"
    assert AuditEntry.objects.filter(action="flow.made_from_template").count() == 2


def test_what_is_there_and_says_otherwise_is_left_alone(editor: Client) -> None:
    rule = {"type": "event", "name": "Cart Left"}
    segment_create(key="abandoned-cart", name="Ours", kind="dynamic", rule=rule, now=NOW)
    topic_create(key="offers", name="Only if asked", opt_in=True)
    used = use(editor, "abandon-cart", answers=SITE)
    assert used["made"]["segments"] == ["abandoned-cart-2", "bought-7-days"]
    assert used["made"]["topics"] == ["offers-2"]
    assert Segment.objects.get(key="abandoned-cart").rule == rule
    graph = Flow.objects.get(key=used["flow"]).graph
    configs = {node["id"]: node["config"] for node in graph["nodes"]}
    assert configs["entered"]["segment"] == "abandoned-cart-2"
    assert configs["remind"]["topic"] == "offers-2"
    again = use(editor, "abandon-cart", answers=SITE)
    assert again["reused"]["segments"] == ["abandoned-cart-2", "bought-7-days"]
    assert again["reused"]["topics"] == ["offers-2"]


def test_other_answers_make_other_parts(editor: Client) -> None:
    use(editor, "abandon-cart", answers=SITE)
    used = use(editor, "abandon-cart", answers={**SITE, "purchase": "Paid"})
    assert used["made"]["segments"] == ["abandoned-cart-2", "bought-7-days-2"]
    assert used["made"]["templates"] == []
    settings = Flow.objects.get(key=used["flow"]).settings
    assert settings["suppress"] == ["bought-7-days-2"]
    assert settings["exit_when"] == [{"type": "segment_entered", "segment": "bought-7-days-2"}]
    assert settings["goal"]["name"] == "Paid"


def test_bad_answers_are_told_at_their_questions_and_nothing_is_made(editor: Client) -> None:
    before = everything()
    answers = {"pause": "soon", "cart": "nowhere", "colour": "red", "purchase": ""}
    refused = use(editor, "abandon-cart", 400, answers=answers)
    assert {error["attr"] for error in refused["errors"]} == {
        "answers.pause", "answers.cart", "answers.colour", "answers.purchase",
    }  # fmt: skip
    assert everything() == before


def test_what_nobody_can_guess_has_to_be_said(editor: Client) -> None:
    before = everything()
    refused = use(editor, "abandon-cart", 400)
    assert [(error["attr"], error["detail"]) for error in refused["errors"]] == [
        ("answers.cart", "This is needed.")
    ]
    assert everything() == before


def test_a_template_that_there_is_not_is_not_found(editor: Client) -> None:
    use(editor, "nothing-of-the-kind", 404)


@pytest.mark.parametrize("body", [{"answers": []}, {"answers": "x"}, {"name": "x" * 201}])
def test_a_body_of_another_shape_is_refused(editor: Client, body: dict[str, Any]) -> None:
    use(editor, "abandon-cart", 400, **body)


def test_a_viewer_looks_and_makes_nothing() -> None:
    viewer = signed_in("viewer")
    assert viewer.get("/api/gallery/").status_code == 200
    use(viewer, "abandon-cart", 403, answers=SITE)
    assert Flow.objects.count() == 0


def test_where_segments_are_named_by_a_convention_their_names_are_asked_for() -> None:
    admin = signed_in("admin")
    parts = [{"key": "team", "label": "Team", "kind": "choice", "choices": ["Shop"]},
             {"key": "what", "label": "What", "kind": "text"}]  # fmt: skip
    agreed = {"parts": parts, "separator": " · ", "enforce": "refuse"}
    assert admin.put("/api/segments/naming/", agreed, "application/json").status_code == 200
    asks = {one["key"]: one["asks"] for one in admin.get("/api/gallery/").json()}["abandon-cart"]
    names = [ask["key"] for ask in asks if ask["key"].startswith("name_of_")]
    assert names == ["name_of_abandoned_cart", "name_of_bought_7_days"]
    refused = use(admin, "abandon-cart", 400, answers={**SITE, names[0]: "Carts"})
    assert {error["attr"] for error in refused["errors"]} == {f"answers.{name}" for name in names}
    said = {names[0]: "Shop · Carts", names[1]: "Shop · Bought"}
    use(admin, "abandon-cart", answers={**SITE, **said})
    assert {*Segment.objects.values_list("name", flat=True)} == {*said.values()}


@pytest.mark.parametrize("key", list(flow_templates()))
def test_every_template_can_be_used_twice_over(editor: Client, key: str) -> None:
    urls = {
        ask.key: "https://shop.example.com/x"
        for ask in flow_templates()[key].head.asks
        if ask.type == "url"
    }
    given = {**urls, **({"rep": "rep@example.com"} if key == "hot-lead" else {})}
    first, second = (use(editor, key, answers=given) for _ in range(2))
    assert second["reused"] == first["made"]
    for used in (first, second):
        assert editor.get(f"/api/flows/{used['flow']}/").json()["problems"] == []


def told(*args: str) -> str:
    out = StringIO()
    call_command("flow", *args, stdout=out)
    return out.getvalue()


def test_the_command_lists_and_uses_templates() -> None:
    assert "abandon-cart: Reminds people" in told("templates")
    said = told("use", "hot-lead", "--set", "score=90", "--set", "rep=rep@example.com")
    assert "made flow hot-lead-to-sales (a draft)" in said
    assert "made segment hot-leads" in said
    assert Segment.objects.filter(key="hot-leads", rule__value=90).exists()
    with pytest.raises(CommandError, match="e-mail address"):
        told("use", "hot-lead", "--set", "rep=nobody")
    with pytest.raises(CommandError, match="no flow template"):
        told("use", "nothing")
