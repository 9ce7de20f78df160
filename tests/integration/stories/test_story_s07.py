"""S7, *Interest*: whoever clicks the link about a topic joins, and gets more on that topic."""

from tests.integration.stories.telling import START, Story, event

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
