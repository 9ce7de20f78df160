"""Templates and the outbox over HTTP, and the page behind a mail's way out."""

from typing import Any

import pytest
from django.test import Client

from contacts.models import Consent, Contact, Event
from contacts.services import topic_create
from messaging.delivery import deliver_due
from messaging.models import Message, Template
from messaging.transports import OutboxOnly
from messaging.unsubscribing import message_id_of, token_of
from tests.builders import NOW
from tests.doors import signed_in
from tests.messaging import build_contacts, build_template, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def post(client: Client, path: str, data: Any) -> Any:
    return client.post(path, data, content_type="application/json")


def put(client: Client, path: str, data: Any) -> Any:
    return client.put(path, data, content_type="application/json")


def test_a_template_is_made_changed_and_removed(editor: Client) -> None:
    said = {"key": "hello", "name": "Hello", "subject": "Hi {{ first_name }}", "html": "<p>x</p>"}
    made = post(editor, "/api/templates/", said)
    assert made.status_code == 201
    assert made.json()["key"] == "hello"
    changed = put(editor, "/api/templates/hello/", {**said, "subject": "Bye"})
    assert changed.json()["subject"] == "Bye"
    patched = editor.patch(
        "/api/templates/hello/", {"text": " x "}, content_type="application/json"
    )
    assert patched.json()["text"] == " x "
    assert patched.json()["subject"] == "Bye"
    listed = editor.get("/api/templates/?search=HEL").json()["results"]
    assert [row["key"] for row in listed] == ["hello"]
    assert editor.delete("/api/templates/hello/").status_code == 204
    assert editor.get("/api/templates/hello/").status_code == 404


def test_a_key_is_made_from_the_name_is_unique_and_fixed(editor: Client) -> None:
    made = post(editor, "/api/templates/", {"name": "Cart reminder", "subject": "x"})
    assert made.json()["key"] == "cart-reminder"
    again = post(editor, "/api/templates/", {"name": "Cart reminder", "subject": "x"})
    assert again.status_code == 400
    assert again.json()["errors"][0]["attr"] == "key"
    other = put(editor, "/api/templates/cart-reminder/", {"key": "other", "name": "x"})
    assert other.json()["errors"][0]["code"] == "fixed"
    assert post(editor, "/api/templates/", {"name": "…"}).json()["errors"][0]["attr"] == "key"


@pytest.mark.parametrize("part", ["subject", "preheader", "html", "text"])
def test_liquid_that_cannot_be_read_is_refused_when_saved(editor: Client, part: str) -> None:
    answer = post(editor, "/api/templates/", {"key": "x", "name": "x", part: "a\n{% if %}"})
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["attr"], error["code"]) == (part, "liquid")
    assert error["detail"].startswith("Line 2: ")
    assert not Template.objects.exists()


def test_a_template_stays_as_long_as_messages_wait_for_it(editor: Client) -> None:
    build_template()
    queue(build_contacts(1))
    assert editor.delete("/api/templates/hello/").status_code == 409
    deliver_due(clock=lambda: NOW, transport=OutboxOnly())
    assert editor.delete("/api/templates/hello/").status_code == 204
    assert Message.objects.get().template is None


def test_a_preview_is_for_a_contact_one_made_up_or_a_sample(editor: Client) -> None:
    build_template()
    [contact] = build_contacts(1)
    for given, name in ((contact, "C0"), ({"first_name": "Zoë"}, "Zoë"), (None, "Ada")):
        answer = post(editor, "/api/templates/hello/preview/", {"contact": given})
        assert answer.status_code == 200
        assert answer.json()["subject"] == f"Hello {name}"
        assert f"<p>Hi {name}</p>" in answer.json()["html"]
        assert answer.json()["problems"] == []


def test_a_preview_lists_problems(editor: Client) -> None:
    build_template()
    draft = {"subject": "{{ oops }}", "html": "a\n{% if %}", "text": "fine"}
    answer = post(editor, "/api/templates/hello/preview/", draft)
    assert answer.status_code == 200
    assert [(p["part"], p["line"], p["code"]) for p in answer.json()["problems"]] == [
        ("subject", 1, "liquid"),
        ("html", 2, "liquid"),
    ]
    assert Template.objects.get().subject == "Hello {{ first_name }}"


@pytest.mark.parametrize("contact", [True, "x", 1.5, [], 10**30, -1, 0])
def test_a_preview_for_nobody_is_refused(editor: Client, contact: Any) -> None:
    build_template()
    answer = post(editor, "/api/templates/hello/preview/", {"contact": contact})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"first_name": {"a": [1, {"b": None}]}},
        {"first_name": [[]], "a.b.c": 1, "a.b": 2, "a": 3, ".": 1, "": 2},
        {"contact": 1, "trigger": 2, "now": 3, "workspace": 4, "unsubscribe_url": 5},
    ],
)
def test_a_made_up_contact_may_be_odd(editor: Client, fields: Any) -> None:
    build_template(text="{{ contact }}{{ trigger }}")
    answer = post(editor, "/api/templates/hello/preview/", {"contact": fields})
    assert answer.status_code == 200


def test_a_viewer_sees_a_preview_and_changes_nothing() -> None:
    build_template()
    viewer = signed_in("viewer")
    assert post(viewer, "/api/templates/hello/preview/", {}).status_code == 200
    assert post(viewer, "/api/templates/", {"name": "x"}).status_code == 403


def test_the_outbox_lists_what_programs_rely_on(editor: Client) -> None:
    build_template()
    [contact] = build_contacts(1)
    queue([contact])
    [row] = editor.get("/api/messages/").json()["results"]
    assert {
        "channel": "email",
        "flow": "cart",
        "node": "remind",
        "to": "c0@example.org",
        "status": "queued",
        "sent_at": None,
        "reason": "",
        "template": "hello",
    }.items() <= row.items()
    assert row["contact"] == {
        "id": contact,
        "external_id": None,
        "email": "c0@example.org",
        "name": "C0",
    }
    assert "html" not in row


def test_the_outbox_is_narrowed(editor: Client) -> None:
    build_template()
    build_template("other")
    first, second = build_contacts(2)
    queue([first])
    queue([second], flow="welcome", template="other", node="greet")
    Message.objects.filter(contact_id=second).update(status="failed")
    for query in (
        "flow=cart",
        f"contact={first}",
        "status=queued",
        "template=hello",
        "node=remind",
        "search=C0@",
    ):
        rows = editor.get(f"/api/messages/?{query}").json()["results"]
        assert [row["contact"]["id"] for row in rows] == [first], query
    assert editor.get("/api/messages/?contact=x").status_code == 400
    assert editor.get("/api/messages/?status=lost").status_code == 400
    assert editor.get("/api/messages/?contact=99").json()["results"] == []


def test_the_outbox_comes_in_pages_the_newest_first(editor: Client) -> None:
    build_template()
    contacts = build_contacts(3)
    queue(contacts)
    page = editor.get("/api/messages/?limit=2").json()
    rest = editor.get(page["next"]).json()
    ids = [row["id"] for row in page["results"] + rest["results"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 3


def test_listing_takes_the_same_queries_for_any_number(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    build_template()
    queue(build_contacts(20))
    with django_assert_max_num_queries(5):
        assert len(editor.get("/api/messages/").json()["results"]) == 20


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_message_is_shown_as_it_looks(editor: Client, is_sent: bool) -> None:
    build_template(html='<p onclick="alert(1)">Hi {{ first_name }}</p><script>x()</script>')
    queue(build_contacts(1))
    if is_sent:
        deliver_due(clock=lambda: NOW, transport=OutboxOnly())
    message = Message.objects.get()
    shown = editor.get(f"/api/messages/{message.id}/").json()
    assert shown["subject"] == "Hello C0"
    assert "<p>Hi C0</p>" in shown["html"]
    assert "Hi C0" in shown["text"]
    page = editor.get(f"/api/messages/{message.id}/html/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "sandbox" in page["Content-Security-Policy"]
    assert "script" not in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    for served in (shown["html"], page.content.decode()):
        assert "onclick" not in served
        assert "x()" not in served


def test_a_message_of_text_alone_is_shown_escaped(editor: Client) -> None:
    build_template(html="", text="<script>x()</script> & Hi")
    queue(build_contacts(1))
    page = editor.get(f"/api/messages/{Message.objects.get().id}/html/").content.decode()
    assert "&lt;script&gt;x()&lt;/script&gt; &amp; Hi" in page


@pytest.mark.parametrize("path", ["/api/messages/0/", "/api/messages/99999999999999999999/html/"])
def test_no_message_is_no_error(editor: Client, path: str) -> None:
    assert editor.get(path).status_code == 404


def test_looking_at_the_way_out_changes_nothing() -> None:
    build_template()
    [contact] = build_contacts(1)
    [message] = queue([contact])
    page = Client().get(f"/u/{token_of(message.id)}/")
    assert page.status_code == 200
    assert b"Unsubscribe" in page.content
    assert b"c0@example.org" not in page.content
    assert not Event.objects.exists()
    assert Contact.objects.get().unsubscribed_at is None


def test_a_post_unsubscribes_from_the_topic() -> None:
    topic_create(key="news", name="Our news", opt_in=False)
    build_template()
    [contact] = build_contacts(1)
    [message] = queue([contact], topic="news")
    path = f"/u/{token_of(message.id)}/"
    assert "Our news" in Client().get(path).content.decode()
    done = Client(enforce_csrf_checks=True).post(path, {"scope": "topic"})
    assert done.status_code == 200
    consent = Consent.objects.get()
    assert (consent.contact_id, consent.topic, consent.state) == (contact, "news", "unsubscribed")
    assert Contact.objects.get().unsubscribed_at is None
    assert Event.objects.get().name == "Unsubscribed"


def test_a_post_unsubscribes_from_everything() -> None:
    build_template()
    [message] = queue(build_contacts(1), topic="news")
    Client().post(f"/u/{token_of(message.id)}/", {"scope": "everything"})
    assert Contact.objects.get().unsubscribed_at is not None
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "token", ["x", "1", "1.x", "1:x", "preview", "99999999999999999999.x", "²"]
)
def test_a_token_that_nobody_made_is_known_for_what_it_is(token: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(f"/u/{token}/")
        assert answer.status_code == 404
        assert b"not valid" in answer.content


def test_a_token_names_its_message_and_no_other() -> None:
    assert message_id_of(token_of(7)) == 7
    assert message_id_of(token_of(7).replace("7.", "8.", 1)) is None


def test_the_link_of_a_deleted_contact_says_so() -> None:
    build_template()
    [message] = queue(build_contacts(1))
    Message.objects.all().delete()
    assert Client().get(f"/u/{token_of(message.id)}/").status_code == 404
