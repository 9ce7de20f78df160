"""S2, *Trial ending*: on the last day of the trial a contact is reminded."""

from datetime import timedelta

from common.clock import canonical
from tests.integration.stories.telling import DAY, MOMENT, START, Story, every, field

LAST_DAY = every(field("groups", "contains", "trial"), field("trial days", "lte", 1))


def test_who_is_on_the_last_day_as_the_program_says_is_reminded_once(story: Story) -> None:
    story.identify("ada", {"trial days": 3, "groups": ["Trial", "beta"]}, email="ada@x.io")
    story.identify("bob", {"trial days": 1, "groups": ["paying"]}, email="bob@x.io")
    story.segment("last-day", LAST_DAY)
    story.mail_on_entering("last-day", "Your trial ends today")
    assert story.members("last-day") == set()
    for days in (2, 1, 0):
        story.after(days=1)
        story.identify("ada", {"trial days": days})
    assert story.members("last-day") == {"ada"}
    assert story.history("last-day") == [("ada", "entered", START + 2 * DAY, "rule")]
    assert story.mails("ada") == ["Your trial ends today"]
    assert story.mails("bob") == []
    story.identify("ada", groups=["paying"])
    assert story.members("last-day") == set()
    assert story.history("last-day", "ada")[-1] == ("left", START + 3 * DAY, "rule")


def test_by_the_date_alone_the_last_day_comes_and_goes(story: Story) -> None:
    ends = START + 14 * DAY
    story.identify("ada", trial_ends_at=canonical(ends), email="ada@x.io")
    story.segment("last-day", field("trial_ends_at", "in_next", "P1D"))
    story.mail_on_entering("last-day", "Your trial ends today")
    story.at(ends - DAY - MOMENT)
    assert story.members("last-day") == set()
    story.at(ends - DAY)
    assert story.members("last-day") == {"ada"}
    assert story.mails("ada") == ["Your trial ends today"]
    story.identify("ada", trial_ends_at=canonical(ends + timedelta(days=7)))
    assert story.members("last-day") == set()
    story.at(ends + 6 * DAY)
    assert story.members("last-day") == {"ada"}
    story.at(ends + 7 * DAY)
    assert story.members("last-day") == set()
    assert [(change, at) for change, at, _ in story.history("last-day", "ada")] == [
        ("entered", ends - DAY), ("left", ends - DAY),
        ("entered", ends + 6 * DAY), ("left", ends + 7 * DAY),
    ]  # fmt: skip
