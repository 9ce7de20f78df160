"""S10, *Clean the list*: hard bounces, and soft ones four times or more, as a segment."""

from tests.integration.stories.telling import DAY, START, Story, every, field

BOUNCING = every(
    field("email", "set"), {"type": "not", "rule": {"type": "reachable", "channel": "email"}}
)


def test_a_hard_bounce_counts_once_and_soft_ones_from_the_fourth(story: Story) -> None:
    for who in ("ada", "bob", "cyd"):
        story.identify(who, email=f"{who}@x.io")
    story.segment("bouncing", BOUNCING)
    story.segment("mailable", {"type": "reachable", "channel": "email"})
    story.track("ada", "Email Bounced", type="hard")
    assert story.members("bouncing") == {"ada"}
    assert story.members("mailable") == {"bob", "cyd"}
    for _ in range(3):
        story.track("bob", "Email Bounced", type="soft")
    assert story.members("bouncing") == {"ada"}
    story.after(days=1)
    story.track("bob", "Email Bounced", type="soft")
    assert story.history("bouncing", "bob") == [("entered", START + DAY, "rule")]
    assert story.members("mailable") == {"cyd"}


def test_a_delivery_between_them_starts_the_count_anew(story: Story) -> None:
    story.identify("ada", email="ada@x.io")
    story.segment("bouncing", BOUNCING)
    for bounces in (3, 3, 4):
        story.track("ada", "Email Delivered")
        for _ in range(bounces - 1):
            story.track("ada", "Email Bounced", type="soft")
        assert story.members("bouncing") == set()
        story.track("ada", "Email Bounced", type="soft")
    assert story.members("bouncing") == {"ada"}
    story.track("ada", "Email Delivered")
    assert story.members("bouncing") == set()


def test_a_new_address_has_not_bounced(story: Story) -> None:
    story.identify("ada", email="ada@old.example")
    story.segment("bouncing", BOUNCING)
    story.track("ada", "Email Bounced", type="hard", email="ada@old.example")
    assert story.members("bouncing") == {"ada"}
    story.identify("ada", email="ada@new.example")
    assert story.members("bouncing") == set()
    story.track("ada", "Email Bounced", type="hard", email="ada@old.example")
    assert story.members("bouncing") == set()
    story.identify("ada", email=None)
    assert story.members("bouncing") == set(), "who has no address has none to be cleaned away"
