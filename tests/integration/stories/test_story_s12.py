"""S12, *Inactivity*: the last interaction; nothing done, and nothing sent, in 60 days."""

from datetime import timedelta

from common.lanes import lane_of
from contacts.services import NewEvent, events_record
from messaging.models import Message
from tests.integration.stories.telling import DAY, MOMENT, START, Story, every, field, never

QUIET = never("*", window={"last": "P60D"})
NOT_WRITTEN_TO = never("Email Sent", window={"last": "P60D"})


def test_sixty_days_without_anything_done(story: Story) -> None:
    story.segment("quiet", QUIET)
    story.segment("seen-lately", field("last_seen_at", "in_last", "P60D"))
    story.identify("bob", city="Graz")
    story.track("ada", "Login")
    assert (story.members("quiet"), story.members("seen-lately")) == ({"bob"}, {"ada"})
    story.at(START + 60 * DAY - MOMENT)
    assert (story.members("quiet"), story.members("seen-lately")) == ({"bob"}, {"ada"})
    story.at(START + 60 * DAY)
    assert (story.members("quiet"), story.members("seen-lately")) == ({"ada", "bob"}, set())
    story.track("ada", "Login")
    assert story.members("quiet") == {"bob"}
    story.track("bob", "Login", at=story.now - timedelta(days=59, hours=23))
    assert story.members("quiet") == set(), "it was late, and not too late"
    story.after(hours=1)
    assert story.members("quiet") == {"bob"}


def test_what_we_sent_is_no_activity_and_an_answer_is(story: Story) -> None:
    story.segment("quiet", QUIET)
    story.segment("not-written-to", NOT_WRITTEN_TO)
    story.segment("to-write-to", every(QUIET, NOT_WRITTEN_TO))
    story.identify("ada", email="ada@x.io")
    story.template("hello", "Hello")
    story.flow(
        "hello",
        {"in": ("event", {"name": "Invited"}), "mail": ("send_email", {"template": "hello"})},
        ["in next mail"],
    )
    assert story.members("to-write-to") == {"ada"}
    story.track("ada", "Invited", at=START - 100 * DAY)
    assert story.members("to-write-to") == {"ada"}, "a message that waits to be sent is not sent"
    delivered(story)
    assert (story.members("quiet"), story.members("not-written-to")) == ({"ada"}, set())
    assert story.members("to-write-to") == set()
    story.after(days=60)
    assert story.members("to-write-to") == {"ada"}
    story.track("ada", "Email Opened")
    assert story.members("to-write-to") == set()


def delivered(story: Story) -> None:
    """The message goes out, as the product records it when it has handed it over."""
    (message,) = Message.objects.all()
    assert message.status == "queued"
    contact = message.contact_id
    sent = NewEvent(lane_of(contact), contact, "Email Sent", story.now, touch=True)
    events_record([sent], now=story.now)
    story.settle()
