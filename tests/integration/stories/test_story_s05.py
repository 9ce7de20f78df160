"""S5, *Re-engagement*: a trial user has done nothing for 30 days and opened no e-mail."""

from datetime import timedelta

from tests.integration.stories.telling import DAY, MOMENT, START, Story, every, field, never

LOST = every(
    field("last_seen_at", "older_than", "P30D"),
    field("stripe.status", "eq", "trial"),
    never("Email Opened", window={"last": "P30D"}),
)


def test_whoever_is_away_for_thirty_days_on_trial_gets_a_follow_up(story: Story) -> None:
    for who, status in (("ada", "trial"), ("bob", "active"), ("cyd", "Trial")):
        story.identify(who, stripe={"status": status}, email=f"{who}@x.io")
        story.track(who, "Login")
    story.segment("lost", LOST)
    story.mail_on_entering("lost", "We miss you")
    story.after(days=20)
    story.track("cyd", "Email Opened")
    story.at(START + 30 * DAY - MOMENT)
    assert story.members("lost") == set()
    story.at(START + 30 * DAY)
    assert story.members("lost") == {"ada"}
    assert (story.mails("ada"), story.mails("bob"), story.mails("cyd")) == (["We miss you"], [], [])
    story.at(START + 50 * DAY)
    assert story.members("lost") == {"ada", "cyd"}, "to open an e-mail is an activity, too"
    assert story.history("lost") == [
        ("ada", "entered", START + 30 * DAY, "rule"), ("cyd", "entered", START + 50 * DAY, "rule"),
    ]  # fmt: skip


def test_to_come_back_or_to_pay_ends_it_at_once(story: Story) -> None:
    for who in ("ada", "bob"):
        story.identify(who, stripe={"status": "trial"})
        story.track(who, "Login")
    story.segment("lost", LOST)
    story.after(days=31)
    assert story.members("lost") == {"ada", "bob"}
    story.track("ada", "Login")
    assert story.members("lost") == {"bob"}
    story.identify("bob", stripe={"status": "active"})
    assert story.members("lost") == set()
    late = story.now - timedelta(days=40)
    story.track("ada", "Login", at=late)
    story.after(days=30)
    assert story.members("lost") == {"ada"}, "a late event of long ago is no new activity"
