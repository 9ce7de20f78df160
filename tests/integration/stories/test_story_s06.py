"""S6, *Hot lead*: a score above 80 tells sales by e-mail and Slack, the moment it is reached."""

from collections.abc import Iterator

import pytest

from messaging.delivery import deliver_due
from tests.calls import HttpServer, Reply, http_server, make
from tests.integration.stories.telling import Story, field
from tests.messaging import MailServer, mail_server

HOT = field("score", "gt", 80)


@pytest.fixture
def slack() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def watch_for_hot_leads(story: Story, slack: HttpServer) -> None:
    """A price looked at gives 15 points; who comes to more than 80 is told of, by a flow."""
    rule = {"name": "Price", "kind": "event", "event": "Pricing Viewed", "points": 15}
    story.call("post", "score-rules/", rule, status=201)
    story.call("patch", "workspace/", {"slack_webhook": f"{slack.url}/services/T0/B0/x"})
    story.settle()
    story.segment("hot", HOT)
    nodes = {
        "hot": ("segment_entered", {"segment": "hot"}),
        "mail": (
            "notify_owner",
            {"text": "{{ first_name }} is a hot lead\nScore {{ score }}. Call {{ phone }}."},
        ),
        "slack": ("slack", {"text": "{{ first_name }} of {{ city }} is hot: {{ score }} points"}),
    }
    story.flow(
        "hot-leads",
        nodes,
        ["hot next mail", "mail next slack"],
        quiet_hours={"from": "00:00", "to": "23:59"},
        reentry={"type": "after_exit"},
    )


def send_all(story: Story, post: MailServer) -> None:
    """The workers do what there is to send and to call now."""
    deliver_due(clock=lambda: story.now, transport=post.transport())
    make(story.now)
    story.settle()


def test_sales_hear_of_a_hot_lead_at_once_and_once(
    story: Story, slack: HttpServer, post: MailServer
) -> None:
    watch_for_hot_leads(story, slack)
    story.identify(
        "ada", first_name="Ada", city="Graz", phone="0316", owner="rep@shop.example", email="a@x.io"
    )
    for _ in range(5):
        story.track("ada", "Pricing Viewed")
    send_all(story, post)
    assert story.contact("ada")["score"] == 75
    assert (slack.heard, post.mails) == ([], [])

    story.track("ada", "Pricing Viewed")
    entered = story.now
    assert story.members("hot") == {"ada"}
    send_all(story, post)
    [heard] = slack.heard
    assert heard.json() == {"text": "Ada of Graz is hot: 90 points"}
    [mail] = post.mails
    assert (mail["To"], mail["Subject"]) == ("rep@shop.example", "Ada is a hot lead")
    assert mail["List-Unsubscribe"] is None
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Score 90. Call 0316." in body.get_content()
    assert f"/contacts/{story.contact('ada')['id']}" in body.get_content()

    [visit] = story.get(f"contacts/{story.contact('ada')['id']}/visits/")["results"]
    assert [step["node"] for step in visit["path"]] == ["hot", "mail", "slack"]
    assert visit["outcome"] == "completed"
    [message] = story.get("messages/?flow=hot-leads")["results"]
    assert (message["status"], message["purpose"]) == ("sent", "notice")
    [call] = story.get("calls/?flow=hot-leads")["results"]
    assert (call["status"], call["kind"], call["answer"]["code"]) == ("done", "slack", 200)
    assert story.history("hot", "ada")[0][1] == entered

    story.track("ada", "Pricing Viewed")
    story.after(days=30)
    send_all(story, post)
    assert (len(slack.heard), len(post.mails)) == (1, 1), "who stays hot is not told of again"


def test_a_lead_without_a_rep_is_told_of_on_slack_all_the_same(
    story: Story, slack: HttpServer, post: MailServer
) -> None:
    watch_for_hot_leads(story, slack)
    story.identify("bob", first_name="Bob", city="Linz")
    story.track("bob", "Unsubscribed")
    for _ in range(6):
        story.track("bob", "Pricing Viewed")
    send_all(story, post)
    assert post.mails == []
    [message] = story.get("messages/?flow=hot-leads")["results"]
    assert (message["status"], message["reason"]) == ("withheld", "the contact has no sales rep")
    assert [heard.json()["text"] for heard in slack.heard] == ["Bob of Linz is hot: 90 points"]


def test_when_slack_is_down_the_notice_comes_later(
    story: Story, slack: HttpServer, post: MailServer
) -> None:
    watch_for_hot_leads(story, slack)
    slack.answer = lambda heard: Reply(503)
    story.identify("ada", first_name="Ada", city="Graz", owner="rep@shop.example")
    for _ in range(6):
        story.track("ada", "Pricing Viewed")
    send_all(story, post)
    [call] = story.get("calls/")["results"]
    assert (call["status"], call["tries"]) == ("queued", 1)
    assert call["answer"]["error"] == "The server answered 503."
    slack.answer = lambda heard: Reply()
    story.after(minutes=10)
    send_all(story, post)
    assert len(slack.heard) == 2
    assert slack.heard[0].body == slack.heard[1].body
    [call] = story.get("calls/")["results"]
    assert (call["status"], call["tries"]) == ("done", 2)
