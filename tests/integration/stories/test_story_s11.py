"""S11, *Product interest from many actions*: searches, links, pages, downloads in one segment."""

from tests.integration.stories.telling import DAY, MOMENT, START, Story, event, some

MONTH = {"last": "P30D"}


def about(
    name: str, prop: str, text: str, window: dict[str, str] | None = None
) -> dict[str, object]:
    return event(
        name, where=[{"property": prop, "op": "contains", "value": text}], window=window or MONTH
    )


BOILERS = some(
    about("Products Searched", "query", "boiler"),
    about("Email Link Clicked", "link_url", "/services/boilers"),
    about("Page Viewed", "path", "/services/boilers"),
    event(
        "File Downloaded",
        where=[{"property": "file", "op": "in", "value": ["boilers.pdf", "prices.pdf"]}],
        window=MONTH,
    ),
)


def test_each_of_the_actions_lets_in_and_the_last_to_age_lets_out(story: Story) -> None:
    story.segment("boilers", BOILERS)
    story.track("ada", "Products Searched", query="Gas Boilers 20kW")
    story.track("bob", "Email Link Clicked", link_url="https://x.example/services/boilers?a=1")
    story.page("cyd", "/services/boilers/maintenance")
    story.track("dan", "File Downloaded", file="PRICES.pdf")
    story.page("eve", "/services/pumps")
    story.track("eve", "Products Searched", query="boi%er")
    assert story.members("boilers") == {"ada", "bob", "cyd", "dan"}
    story.after(days=10)
    story.track("ada", "File Downloaded", file="boilers.pdf")
    story.at(START + 30 * DAY - MOMENT)
    assert story.members("boilers") == {"ada", "bob", "cyd", "dan"}
    story.at(START + 30 * DAY)
    assert story.members("boilers") == {"ada"}
    story.at(START + 40 * DAY)
    assert story.members("boilers") == set()
    assert story.history("boilers", "ada") == [
        ("entered", START, "rule"), ("left", START + 40 * DAY, "rule"),
    ]  # fmt: skip


def test_it_is_said_which_action_it_was(story: Story) -> None:
    story.segment("boilers", BOILERS)
    story.page("cyd", "/services/boilers")
    said = story.explained("boilers", "cyd")
    assert (said["is_true"], said["member"]) == (True, True)
    assert [one["is_true"] for one in said["tree"]["rules"]] == [False, False, True, False]
    assert said["tree"]["rules"][2]["saw"].startswith("once, last Page Viewed on 1 May 2026")
