"""A message that fails is seen, stops nobody else, and is tried again when its cause is mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from flows.models import Visit
from messaging.delivery import deliver_due
from messaging.models import Message, Template
from messaging.transports import OutboxOnly
from tests.builders import NOW
from tests.builders_flows import BOUGHT, HOUR, MAIL, Nodes, Stage, build_flow, on
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

NODES: Nodes = {"come": on("Come"), "mail": MAIL, "hour": HOUR}
EDGES = ["come next mail", "mail next hour"]
BROKEN = "{{ 10 | divided_by: trigger.n }}"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The doors read the clock of the stage."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def post(client: Client, path: str, body: Any = None, *, status: int = 202) -> Any:
    answer = client.post(f"/api/messages/{path}", body or {}, "application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def sent(stage: Stage) -> None:
    deliver_due(clock=lambda: stage.now, transport=OutboxOnly())
    stage.settle()


def failing() -> Stage:
    """Three get a mail whose template fails for two of them."""
    stage = Stage()
    build_flow(nodes=NODES, edges=EDGES, settings={"exit_when": [BOUGHT]})
    Template.objects.filter(key="hello").update(text=BROKEN)
    for name, n in (("ada", 0), ("bob", 0), ("cyd", 5)):
        stage.does(name, "Come", n=n)
    sent(stage)
    assert stage.mails("failed") == {"ada": 1, "bob": 1}
    assert stage.mails("sent") == {"cyd": 1}
    return stage


def test_a_template_that_fails_for_some_stops_nobody_and_is_seen(editor: Client) -> None:
    stage = failing()
    assert set(stage.states()) == {"inside"}, "the visits go on"
    rows = editor.get("/api/messages/?flow=cart&status=failed").json()["results"]
    assert all("divided" in row["error"] for row in rows)
    (alert,) = [row for row in editor.get("/api/alerts/").json() if row["kind"] == "mail_failing"]
    assert alert["count"] == 2


def test_all_of_a_template_are_tried_again_and_each_is_sent_once(editor: Client) -> None:
    stage = failing()
    keys = set(Message.objects.values_list("idempotency_key", flat=True))
    Template.objects.filter(key="hello").update(text="Mended")
    asked = {"template": "hello"}
    assert post(editor, "retry/", asked) == {"queued": 2, "cancelled": 0, "more": False}
    assert post(editor, "retry/", asked) == {"queued": 0, "cancelled": 0, "more": False}
    sent(stage)
    assert stage.mails("sent") == {"ada": 1, "bob": 1, "cyd": 1}
    assert Message.objects.count() == 3
    assert set(Message.objects.values_list("idempotency_key", flat=True)) == keys


def test_one_is_tried_again_and_what_is_not_mended_fails_again(editor: Client) -> None:
    stage = failing()
    ada = Message.objects.get(contact_id=stage.id_of("ada"))
    assert post(editor, f"{ada.id}/retry/")["queued"] == 1
    sent(stage)
    assert stage.mails("failed") == {"ada": 1, "bob": 1}
    cyd = Message.objects.get(contact_id=stage.id_of("cyd"))
    post(editor, f"{cyd.id}/retry/", status=409)
    post(editor, "999999/retry/", status=404)


def test_who_has_left_the_flow_since_gets_nothing_more(editor: Client) -> None:
    stage = failing()
    stage.does("ada", "Order Completed")
    assert Message.objects.get(contact_id=stage.id_of("ada")).status == "failed"
    Template.objects.filter(key="hello").update(text="Mended")
    stage.after("PT1H")
    assert Visit.objects.get(contact_id=stage.id_of("bob")).state == "completed"
    assert post(editor, "retry/", {"flow": "cart"}) == {"queued": 1, "cancelled": 1, "more": False}
    sent(stage)
    assert stage.mails("sent") == {"bob": 1, "cyd": 1}
    assert stage.mails("cancelled") == {"ada": 1}


def test_a_template_that_is_gone_is_replaced_by_another(editor: Client) -> None:
    stage = Stage()
    build_flow(nodes=NODES, edges=EDGES)
    Template.objects.all().delete()
    stage.does("ada", "Come", n=1)
    assert stage.mails("failed") == {"ada": 1}
    assert "does not exist" in Message.objects.get().error
    Template.objects.create(key="other", name="Other", subject="Other", text="Other")
    post(editor, "retry/", {"flow": "cart", "using": "nothing"}, status=404)
    assert post(editor, "retry/", {"flow": "cart", "node": "mail", "using": "other"})["queued"] == 1
    sent(stage)
    assert stage.mails("sent") == {"ada": 1}


def test_nothing_said_is_never_all_and_a_viewer_may_not(editor: Client) -> None:
    failing()
    post(editor, "retry/", status=400)
    post(editor, "retry/", {"template": "none"}, status=404)
    post(signed_in("viewer"), "retry/", {"template": "hello"}, status=403)
    assert Message.objects.filter(status="failed").count() == 2
