"""Liquid: what a contact reads, what is refused when saved, and what no template can do."""

from datetime import UTC, datetime
from typing import Any

import pytest

from messaging.contexts import contact_values, context_of
from messaging.rendering import (
    MAX_SOURCE,
    Parts,
    RenderingError,
    faults,
    preview,
    render,
    render_text,
    render_texts,
    source_fault,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WAY_OUT = "https://mill.example/u/1.abc/"


def said(contact: dict[str, Any] | None = None, **trigger: Any) -> dict[str, Any]:
    known = ["first_name", "plan", "company.name", "trigger"]
    return context_of(
        contact=contact_values(contact or {}, known=known),
        trigger=trigger,
        workspace={"name": "The Mill", "postal_address": "1 Race Road"},
        unsubscribe_url=WAY_OUT,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hi {{ first_name }}", "Hi Ada"),
        ("Hi {{ contact.first_name }}", "Hi Ada"),
        ("{{ company.name }} {{ contact.company.name }}", "Mill Mill"),
        ("{{ plan }}", ""),
        ("{{ plan | default: 'free' }}", "free"),
        ("{% if nobody_knows_this %}a{% else %}b{% endif %}", "b"),
        ("{{ nobody_knows_this | default: 'x' }}", "x"),
        ("{{ trigger.total }}", "12.5"),
        ("{{ contact.trigger }}", "a field"),
        ("{{ 'now' | date: '%d %B %Y' }}", "01 May 2026"),
        ("{{ 0 | date: '%Y-%m-%d %H' }}", "1970-01-01 00"),
        ("{{ workspace.name }}", "The Mill"),
        ("no liquid at all", "no liquid at all"),
    ],
)
def test_a_text_is_rendered(source: str, expected: str) -> None:
    contact = {"first_name": "Ada", "company.name": "Mill", "trigger": "a field"}
    assert render_text(source, said(contact, total=12.5)) == expected


def test_a_name_that_nothing_is_called_fails_the_message() -> None:
    with pytest.raises(RenderingError, match="Line 2: 'first_nam' is undefined"):
        render(Parts(subject="x", text="Hi\n{{ first_nam }}"), said())


def test_only_html_is_escaped() -> None:
    contact = {"first_name": '<b onclick="x">A & B</b>'}
    made = render(
        Parts(
            subject="{{ first_name }}",
            preheader="{{ first_name }}",
            html="<p>{{ first_name }}</p>",
            text="{{ first_name }}",
        ),
        said(contact),
    )
    assert made.subject == contact["first_name"]
    assert made.text.startswith(contact["first_name"])
    assert "<b onclick" not in made.html
    assert made.html.count("&lt;b onclick") == 2


def test_a_subject_is_one_line() -> None:
    made = render(
        Parts(subject="a\r\nBcc: {{ first_name }}", text="x"), said({"first_name": "\nb"})
    )
    assert made.subject == "a Bcc: b"


@pytest.mark.parametrize(
    "parts",
    [
        Parts(subject="x"),
        Parts(subject=" ", text="x"),
        Parts(subject="x", html="{% if false %}x{% endif %}"),
    ],
)
def test_a_mail_that_says_nothing_is_not_sent(parts: Parts) -> None:
    with pytest.raises(RenderingError):
        render(parts, said())


def test_the_text_is_read_off_the_html() -> None:
    made = render(
        Parts(subject="x", html='<h1>Hi</h1><p>Your <a href="https://a.example/">cart</a></p>'),
        said(),
    )
    assert made.text.startswith("Hi\n\nYour cart (https://a.example/)")


def test_a_mail_without_a_way_out_gets_one() -> None:
    made = render(Parts(subject="x", html="<html><body>Hi</body></html>"), said())
    assert made.html.index("Hi") < made.html.index(WAY_OUT) < made.html.index("</body>")
    assert WAY_OUT in made.text
    assert "1 Race Road" in made.html


def test_a_mail_with_a_way_out_keeps_its_own() -> None:
    made = render(
        Parts(subject="x", html='<a href="{{ unsubscribe_url }}">bye</a>', text="Hi"), said()
    )
    assert made.html.count(WAY_OUT) == 1
    assert made.text.count(WAY_OUT) == 1


def test_style_sheets_are_written_into_the_elements() -> None:
    made = render(Parts(subject="x", html="<style>p { color: red }</style><p>Hi</p>"), said())
    assert '<p style="color: red;">' in made.html


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{% if %}", 1),
        ("a\n{{ a | }}", 2),
        ("a\n\n{% for x in %}", 3),
        ("{% include 'other' %}", 1),
        ("{% render 'other' %}", 1),
        ("a\n{{ a", 2),
        ("{% nothing %}", 1),
        ("a\n{% if a %}b", 2),
        ("{% if a %}{% for x in y %}{% endfor %}\n", 1),
        ("a\n{{ a | shout }}", 2),
        ("{{ a | safe }}", 1),
        ("{% case x %}\n{% when 1 %}{{ a | }}{% endcase %}", 2),
    ],
)
def test_liquid_that_cannot_be_read_is_refused_with_its_line(source: str, line: int) -> None:
    fault = source_fault(source)
    assert fault is not None
    assert fault.line == line
    assert fault.sentence.startswith(f"Line {line}: ")


def test_each_part_has_its_fault() -> None:
    found = faults(Parts(subject="{{", html="{% if %}", text="fine"))
    assert [fault.part for fault in found] == ["subject", "html"]


def test_a_template_has_a_largest_length() -> None:
    fault = source_fault("x" * (MAX_SOURCE["html"] + 1), part="html")
    assert fault is not None
    assert fault.code == "too_long"


HOSTILE = [
    "{% for i in (1..1000000000) %}x{% endfor %}",
    "{{ (1..100000000) | join: '' }}",
    "{{ (1..100000000) | reverse }}",
    "{{ 'aaaaaaaaaa' }}" + "{{ 'aaaaaaaaaa'" + " | replace: 'a', 'aaaaaaaaaa'" * 9 + "}}",
    "{% assign x = 9999999999 %}{% for i in (1..1000) %}{% assign x = x | times: x %}{% endfor %}",
    "{% assign x = 'aaaaaa' %}{% for i in (1..100) %}{% assign x = x | append: x %}{% endfor %}",
    "{% capture x %}{% for i in (1..4000) %}" + "y" * 200 + "{% endfor %}{% endcapture %}",
    "{% for i in (1..4000) %}" + "y" * 200 + "{% endfor %}",
    "{% assign l = (1..1500) %}{% for i in (1..4000) %}{{ l | join | size }}{% endfor %}",
    "{{ '99999999999999999' | date: '%Y' }}",
    "{{ 1 | divided_by: 0 }}",
    "{% if trigger.n > 'a' %}{% endif %}",
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_no_template_takes_much_time_or_room(source: str) -> None:
    with pytest.raises(RenderingError):
        render_text(source, said(n=1))


@pytest.mark.parametrize("source", ["{% if a %}" * 5000, "{{ " + "(" * 5000, "{{" * 10_000])
def test_deep_and_broken_sources_are_refused(source: str) -> None:
    assert source_fault(source) is not None


def test_a_preview_shows_what_it_can_and_lists_what_would_fail() -> None:
    made, problems = preview(
        Parts(subject="Hi {{ first_nam }}", html="<p>{{ first_name }}</p>", text="{% if %}"),
        said({"first_name": "Ada"}),
    )
    assert made.subject == "Hi 'first_nam' is undefined"
    assert "<p>Ada</p>" in made.html
    assert [(problem.part, problem.line) for problem in problems] == [("subject", 1), ("text", 1)]


def test_a_preview_of_nothing_says_so() -> None:
    _, problems = preview(Parts(), said())
    assert {problem.code for problem in problems} == {"empty"}


def test_the_texts_of_a_step_are_rendered_or_the_error_returned() -> None:
    texts = {"a": "{{ first_name }}", "b": "{{ plan }}{{ trigger.total }}"}
    fields = {"first_name": "Ada"}
    assert render_texts(texts, fields=fields, trigger={"total": 3}, known=["plan"]) == {
        "a": "Ada",
        "b": "3",
    }
    assert isinstance(render_texts(texts, fields=fields, trigger=None), RenderingError)
