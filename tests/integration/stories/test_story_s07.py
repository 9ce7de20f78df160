"""S7, *Interest*: whoever clicks the link about a topic joins, and gets more on that topic."""

from messaging.delivery import deliver_due
from messaging.transports import OutboxOnly
from tests.integration.stories.telling import DAY, START, Story, event

CLICKED = event(
    "Email Link Clicked",
    where=[{"property": "link_url", "op": "contains", "value": "/Topics/gardening_"}],
)


def test_a_click_on_the_topic_lets_in_for_good_and_brings_more(story: Story) -> None:
    for who in ("ada", "bob"):
        story.identify(who, email=f"{who}@x.io")
    story.segment("gardeners", CLICKED, "growing")
    story.mail_on_entering("gardeners", "More on gardening")
    story.track("ada", "Email Link Clicked", link_url="https://shop.example/topics/gardening_tips")
    story.track("bob", "Email Link Clicked", link_url="https://shop.example/topics/gardeningXtips")
    assert story.members("gardeners") == {"ada"}, "“_” is an ordinary character"
    story.after(days=400)
    story.track("ada", "Email Link Clicked", link_url="https://shop.example/topics/gardening_2")
    assert story.history("gardeners") == [("ada", "entered", START, "rule")]
    assert (story.mails("ada"), story.mails("bob")) == (["More on gardening"], [])


def test_who_had_clicked_before_is_found_when_the_segment_is_made(story: Story) -> None:
    story.track("ada", "Email Link Clicked", link_url="https://x.example/topics/gardening_1")
    story.track("bob", "Email Opened", link_url="https://x.example/topics/gardening_1")
    story.after(days=30)
    story.segment("gardeners", CLICKED, "growing")
    assert story.members("gardeners") == {"ada"}
    assert [cause for *_, cause in story.history("gardeners")] == ["built"]


def test_more_on_the_topic_comes_at_most_weekly_and_stops_with_the_topic(story: Story) -> None:
    """The mails obey the topic's choice, the limit over all flows, and the reader's night."""
    story.call(
        "post", "topics/", {"key": "gardening", "name": "Gardening", "opt_in": False}, status=201
    )
    for who, zone in (("ada", "Europe/Vienna"), ("bob", "Asia/Tokyo"), ("cyd", "Europe/Vienna")):
        story.identify(who, email=f"{who}@x.io", timezone=zone)
    story.segment("gardeners", CLICKED, "growing")
    for key in ("first", "second"):
        story.template(key, f"Gardening, the {key}")
    mail = {"topic": "gardening"}
    story.flow(
        "more-gardening",
        {
            "in": ("segment_entered", {"segment": "gardeners"}),
            "first": ("send_email", {"template": "first", **mail}),
            "again": ("send_email", {"template": "second", **mail}),
            "week": ("wait", {"for": "P8D"}),
            "second": ("send_email", {"template": "second", **mail}),
        },
        ["in next first", "first next again", "again next week", "week next second"],
        quiet_hours={"from": "20:00", "to": "08:00", "timezone": "contact"},
        email_limit={"count": 1, "per": "P7D"},
    )
    for who in ("ada", "bob", "cyd"):
        story.track(who, "Email Link Clicked", link_url="https://x.example/topics/gardening_1")

    def stand(who: str) -> list[tuple[str, str, str | None]]:
        found = story.get(f"messages/?contact={story.contact(who)['id']}")["results"]
        return [(one["node"], one["status"], one["send_at"]) for one in reversed(found)]

    assert stand("ada") == [("first", "queued", None), ("again", "held_back", None)]
    assert stand("bob") == [  # it is 21:00 in Tokyo
        ("first", "queued", "2026-05-01T23:00:00Z"),
        ("again", "held_back", None),
    ]
    deliver(story)
    assert [status for _, status, _ in stand("ada")] == ["sent", "held_back"]
    assert [status for _, status, _ in stand("bob")] == ["queued", "held_back"]
    story.after(hours=11)
    deliver(story)
    assert [status for _, status, _ in stand("bob")] == ["sent", "held_back"]

    story.track("cyd", "Unsubscribed", topic="gardening")
    story.at(START + 8 * DAY)
    deliver(story)
    assert [status for _, status, _ in stand("ada")] == ["sent", "held_back", "sent"]
    assert stand("cyd")[-1][:2] == ("second", "withheld")


def deliver(story: Story) -> None:
    """The worker sends what is due now."""
    deliver_due(clock=lambda: story.now, transport=OutboxOnly())
    story.settle()
