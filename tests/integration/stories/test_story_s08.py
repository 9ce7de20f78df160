"""S8: added at least 5 friends: counts of custom events, with conditions on them."""

from tests.integration.stories.telling import DAY, START, Story, event

INVITED = event(
    "Friend Added",
    where=[{"property": "source", "op": "in", "value": ["invite", "contacts"]}],
    op="gte",
    value=5,
)


def test_the_fifth_friend_counts_and_no_other(story: Story) -> None:
    story.segment("sociable", INVITED)
    story.segment("sociable-lately", {**INVITED, "window": {"last": "P7D"}})
    for friend in range(4):
        story.track("ada", "Friend Added", source="invite", friend=friend)
    story.track("ada", "Friend Added", source="search", friend=4)
    story.track("ada", "Friend Removed", source="invite", friend=4)
    story.track("ada", "friend added", source="invite", friend=4)
    assert story.members("sociable") == set()
    story.after(days=1)
    story.track("ada", "Friend Added", source="Contacts", friend=5)
    assert story.history("sociable") == [("ada", "entered", START + DAY, "rule")]
    assert story.members("sociable-lately") == {"ada"}
    story.at(START + 7 * DAY)
    assert story.members("sociable-lately") == set(), "four of the five are a week ago"
    assert story.members("sociable") == {"ada"}


def test_what_comes_twice_counts_once_and_what_comes_late_counts(story: Story) -> None:
    story.segment("sociable", INVITED)
    for _ in range(6):
        friend = {"userId": "ada", "event": "Friend Added", "properties": {"source": "invite"}}
        story.send("track", {**friend, "messageId": "the same"})
    assert story.members("sociable") == set()
    for day in range(4):
        story.track("ada", "Friend Added", at=START - day * DAY, source="invite")
    assert story.members("sociable") == {"ada"}


def test_friends_of_two_browsers_are_one_contacts_friends(story: Story) -> None:
    story.segment("sociable", INVITED)
    for number in range(6):
        of = {"anonymousId": f"browser-{number % 2}"}
        friend = {**of, "event": "Friend Added", "properties": {"source": "invite"}}
        story.send("track", friend)
    assert story.members("sociable") == set()
    for number in range(2):
        story.send("identify", {"userId": "ada", "anonymousId": f"browser-{number}"})
    assert story.members("sociable") == {"ada"}
    assert [change for change, *_ in story.history("sociable", "ada")] == ["entered"]
