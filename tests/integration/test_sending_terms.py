"""Quiet hours and the limit of e-mails per contact: when queued, and again when sent."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.clock import parse_instant
from common.lanes import lane_of
from common.models import Workspace
from contacts.services import ConsentChange, consents_set, topic_create
from messaging.delivery import deliver_due, messages_recover
from messaging.models import Message
from messaging.transports import OutboxOnly
from tests.builders_flows import MAIL, Stage, build_flow, build_template, on

pytestmark = pytest.mark.django_db

NIGHT = {"from": "22:00", "to": "07:00", "timezone": "contact"}
START = parse_instant("2026-05-01T12:00:00Z")


def build_mailing(key: str = "mailing", mails: int = 1, **settings: Any) -> None:
    """A flow that sends so many mails, one right after the other."""
    nodes: dict[str, Any] = {"in": on("Signed Up", where=[])}
    edges = []
    before = "in"
    for i in range(mails):
        nodes[f"mail{i}"] = MAIL
        edges.append(f"{before} next mail{i}")
        before = f"mail{i}"
    build_flow(key, nodes, edges, settings={"reentry": {"type": "after_exit"}, **settings})


def stage_at(instant: str) -> Stage:
    return Stage(parse_instant(instant))


def deliver(now: datetime) -> None:
    deliver_due(clock=lambda: now, transport=OutboxOnly())


def stand() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("id").values_list("status", "reason"))


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-06-05T21:59:59Z", None, None),
        ("2026-06-05T22:00:00Z", None, "2026-06-06T07:00:00Z"),
        ("2026-06-06T06:59:59Z", None, "2026-06-06T07:00:00Z"),
        ("2026-06-06T07:00:00Z", None, None),
        ("2026-06-05T20:00:00Z", "Europe/Berlin", "2026-06-06T05:00:00Z"),
        ("2026-06-05T22:00:00Z", "America/New_York", None),
        ("2026-06-06T03:00:00Z", "America/New_York", "2026-06-06T11:00:00Z"),
        ("2026-06-05T22:00:00Z", "Mars/Olympus", "2026-06-06T07:00:00Z"),
        # Clocks go forward in Berlin in the night of 29 March, and back in that of 25 October.
        ("2026-03-28T22:00:00Z", "Europe/Berlin", "2026-03-29T05:00:00Z"),
        ("2026-10-24T21:00:00Z", "Europe/Berlin", "2026-10-25T06:00:00Z"),
        # Kiritimati is fourteen hours ahead.
        ("2026-06-05T08:00:00Z", "Pacific/Kiritimati", "2026-06-05T17:00:00Z"),
    ],
)
def test_a_mail_waits_for_the_end_of_the_contacts_night(
    now: str, zone: str | None, until: str | None
) -> None:
    stage = stage_at(now)
    build_mailing(quiet_hours=NIGHT)
    stage.contact("ada", **({"timezone": zone} if zone else {}))
    stage.does("ada", "Signed Up")
    message = Message.objects.get()
    assert message.status == "queued"
    assert message.send_at == (parse_instant(until) if until else None)
    assert stage.visit("ada", "mailing").state == "completed", "the contact goes on"
    deliver(stage.now)
    message.refresh_from_db()
    if until is None:
        assert message.status == "sent"
        return
    assert (message.status, message.reason) == ("queued", "waits for the end of the quiet hours")
    end = parse_instant(until)
    deliver(end - timedelta(seconds=1))
    message.refresh_from_db()
    assert message.status == "queued"
    assert messages_recover(now=end), "the tick finds it"
    deliver(end)
    message.refresh_from_db()
    assert (message.status, message.reason) == ("sent", "")


def test_the_workspaces_zone_stands_in_and_a_named_one_holds_for_all() -> None:
    Workspace.objects.update(timezone="Asia/Tokyo")
    stage = stage_at("2026-06-05T14:00:00Z")  # 23:00 in Tokyo, 16:00 in Berlin
    build_mailing("own", quiet_hours=NIGHT)
    build_mailing("berlin", quiet_hours={**NIGHT, "timezone": "Europe/Berlin"})
    stage.does("ada", "Signed Up")
    sends = dict(Message.objects.values_list("flow", "send_at"))
    assert sends == {"own": parse_instant("2026-06-05T22:00:00Z"), "berlin": None}


def test_a_mail_that_is_delayed_into_quiet_hours_waits_for_their_end() -> None:
    stage = stage_at("2026-06-05T21:00:00Z")
    build_mailing(quiet_hours=NIGHT)
    stage.does("ada", "Signed Up")
    assert Message.objects.get().send_at is None
    deliver(parse_instant("2026-06-05T22:30:00Z"))
    message = Message.objects.get()
    assert (message.status, message.attempts) == ("queued", 0)
    assert message.due_at == message.send_at == parse_instant("2026-06-06T07:00:00Z")
    deliver(message.due_at)
    assert Message.objects.get().status == "sent"


def test_a_mail_that_waits_is_called_back_when_its_visit_ends() -> None:
    stage = stage_at("2026-06-05T23:00:00Z")
    build_flow(
        "mailing",
        {"in": on("Signed Up"), "mail": MAIL, "wait": ("wait", {"for": "P2D"})},
        ["in next mail", "mail next wait"],
        settings={"quiet_hours": NIGHT, "exit_when": [{"type": "event", "name": "Bought"}]},
    )
    stage.does("ada", "Signed Up")
    stage.does("ada", "Bought")
    assert stand() == [("cancelled", "left the flow: did Bought")]


def test_beyond_the_limit_mails_are_held_back_and_the_contact_goes_on() -> None:
    stage = Stage(START)
    build_mailing("plain", mails=1)
    build_mailing("limited", mails=3, email_limit={"count": 2, "per": "P7D"})
    stage.does("ada", "Signed Up")
    by_flow = sorted(Message.objects.values_list("flow", "node", "status"))
    assert by_flow == [
        ("limited", "mail0", "queued"),
        ("limited", "mail1", "held_back"),
        ("limited", "mail2", "held_back"),
        ("plain", "mail0", "queued"),
    ], "mails of all flows count, and those of the same moment"
    held = Message.objects.filter(status="held_back")[0]
    assert held.reason == "the limit of 2 e-mails in 7 days is reached"
    assert stage.visit("ada", "limited").state == "completed"
    deliver(stage.now)
    stage.jump("P6DT23H")
    stage.does("ada", "Signed Up")
    assert Message.objects.filter(flow="limited", status="queued").count() == 0
    deliver(stage.now)
    stage.jump("P8D")
    stage.does("ada", "Signed Up")
    assert Message.objects.filter(flow="limited", status="queued").count() == 1


def test_what_was_withheld_does_not_count() -> None:
    stage = Stage(START)
    build_mailing(mails=2, email_limit={"count": 1, "per": "P1D"})
    stage.contact("ada")
    stage.does("ada", "Unsubscribed")
    stage.does("ada", "Signed Up")
    assert {status for status, _ in stand()} == {"withheld"}


def test_contacts_of_one_set_are_limited_each_alone() -> None:
    stage = Stage(START)
    build_mailing(mails=2, email_limit={"count": 1, "per": "P1D"})
    for i in range(20):
        stage.accepts(f"c{i}", "Signed Up")
    stage.settle()
    assert stage.mails("queued") == {f"c{i}": 1 for i in range(20)}
    assert stage.mails("held_back") == {f"c{i}": 1 for i in range(20)}


def test_the_limit_is_looked_at_again_before_sending() -> None:
    """Two flows queue while the other's mail is not known of; only one may go out."""
    stage = Stage(START)
    build_mailing("first", email_limit={"count": 1, "per": "P1D"})
    stage.does("ada", "Signed Up")
    limited = Message.objects.get()
    build_mailing("second")
    Message.objects.filter(id=limited.id).update(due_at=stage.now + timedelta(hours=2))
    stage.jump("PT1H")
    stage.does("ada", "Signed Up")
    assert Message.objects.filter(flow="second", status="queued").exists()
    deliver(stage.now)
    deliver(stage.now + timedelta(hours=3))
    limited.refresh_from_db()
    assert (limited.status, limited.reason) == (
        "held_back",
        "the limit of 1 e-mail in 1 day is reached",
    )


def test_two_of_one_contact_in_one_chunk_are_counted_in_order() -> None:
    stage = Stage(START)
    build_mailing(mails=2, email_limit={"count": 2, "per": "P1D"})
    stage.does("ada", "Signed Up")
    Message.objects.update(terms={"email_limit": {"count": 1, "per": "P1D"}})
    deliver(stage.now)
    assert [status for status, _ in stand()] == ["sent", "held_back"]


def test_what_is_withheld_at_the_last_check_uses_up_no_limit() -> None:
    stage = Stage(START)
    topic_create(key="news", name="News", opt_in=False)
    nodes = {"in": on("Signed Up"), "news": ("send_email", {"template": "hello", "topic": "news"})}
    nodes["plain"] = MAIL
    limit = {"email_limit": {"count": 1, "per": "P1D"}}
    build_flow("mailing", nodes, ["in next news", "news next plain"], settings=limit)
    stage.does("ada", "Signed Up")
    Message.objects.update(status="queued")
    ada = stage.ids["ada"]
    consents_set([ConsentChange(lane_of(ada), ada, "news", "unsubscribed")], now=stage.now)
    deliver(stage.now)
    assert [status for status, _ in stand()] == ["withheld", "sent"]


def test_a_rep_is_told_whatever_the_contact_chose_and_without_a_way_out() -> None:
    stage = stage_at("2026-06-05T23:00:00Z")
    build_template()
    build_flow(
        "hot",
        {
            "in": on("Signed Up"),
            "tell": ("notify_owner", {"text": "{{ first_name }} is hot\nCall {{ phone }}."}),
            "mail": MAIL,
        },
        ["in next tell", "tell next mail"],
        settings={"quiet_hours": NIGHT, "email_limit": {"count": 1, "per": "P1D"}},
    )
    stage.contact("ada", first_name="Ada", phone="123", owner="rep@shop.example")
    stage.does("ada", "Unsubscribed")
    stage.does("ada", "Signed Up")
    notice = Message.objects.get(purpose="notice")
    assert (notice.status, notice.to, notice.subject) == (
        "queued",
        "rep@shop.example",
        "Ada is hot",
    )
    assert notice.body_text.startswith("Ada is hot\nCall 123.\n")
    deliver(stage.now)
    notice.refresh_from_db()
    assert (notice.status, notice.to) == ("sent", "rep@shop.example")
    stage.settle()
    from contacts.models import Event

    assert not Event.objects.filter(name="Email Sent").exists(), "it was not sent to the contact"


@pytest.mark.parametrize(
    ("owner", "status", "to", "reason"),
    [
        ("Grace Hopper", "queued", "grace@shop.example", ""),
        ("grace hopper ", "queued", "grace@shop.example", ""),
        (None, "withheld", "", "the contact has no sales rep"),
        ("Nobody", "withheld", "", "nobody who signs in is called Nobody"),
        ("Twin", "withheld", "", "several people who sign in are called Twin"),
    ],
)
def test_a_rep_may_be_known_by_name(owner: str | None, status: str, to: str, reason: str) -> None:
    from accounts.permissions import COMMAND
    from accounts.services import user_create

    for name, email in (
        ("Grace Hopper", "grace@shop.example"),
        ("Twin", "one@shop.example"),
        ("Twin", "two@shop.example"),
    ):
        user_create(COMMAND, email=email, role="editor", name=name, now=START)
    stage = Stage(START)
    build_flow(
        "hot",
        {"in": on("Signed Up"), "tell": ("notify_owner", {"text": "Look"})},
        ["in next tell"],
    )
    stage.contact("ada", **({"owner": owner} if owner else {}))
    stage.does("ada", "Signed Up")
    notice = Message.objects.get()
    assert (notice.status, notice.to, notice.reason) == (status, to, reason)
    assert stage.visit("ada", "hot").state == "completed"
