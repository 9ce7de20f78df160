"""S13, *Scores*: no score; risen most in 30 days; highest in a period; fallen in 60 days."""

from typing import Any

from tests.integration.stories.telling import DAY, MOMENT, START, Story, every, field


def score_rules(story: Story) -> None:
    """A visit of the prices gives 5 points, an order 20, a complaint takes 15."""
    for name, points in (("Pricing Viewed", 5), ("Order Completed", 20), ("Complained", -15)):
        body = {"name": name, "kind": "event", "event": name, "points": points}
        story.call("post", "score-rules/", body, status=201)
    story.settle()


def changed(days: int, op: str, value: float) -> dict[str, Any]:
    return {"type": "score_change", "window": {"last": f"P{days}D"}, "op": op, "value": value}


def test_no_score_yet(story: Story) -> None:
    score_rules(story)
    story.segment("cold", field("score", "eq", 0))
    story.identify("ada", city="Graz")
    story.identify("bob", city="Graz")
    assert story.members("cold") == {"ada", "bob"}
    story.track("ada", "Pricing Viewed")
    assert story.members("cold") == {"bob"}
    assert story.contact("ada")["score"] == 5


def test_risen_most_in_thirty_days_and_highest(story: Story) -> None:
    score_rules(story)
    everyone = {"type": "everyone"}
    for who, times in (("ada", 3), ("bob", 1), ("cyd", 2)):
        for _ in range(times):
            story.track(who, "Order Completed")
    story.segment("risen", everyone, top={"by": {"score_change": "P30D"}, "limit": 2})
    story.segment("highest", everyone, top={"by": "score", "limit": 2})
    assert story.members("risen") == story.members("highest") == {"ada", "cyd"}
    story.after(days=20)
    for _ in range(2):
        story.track("bob", "Order Completed")
    story.at(START + 30 * DAY)
    story.rank()
    assert story.members("risen") == {"ada", "bob"}, "of two that did not rise, the older contact"
    assert story.members("highest") == {"ada", "bob"}, "60 each; cyd has 40"
    story.track("cyd", "Pricing Viewed")
    story.after(minutes=5)
    story.rank()
    assert story.members("risen") == {"bob", "cyd"}


def test_fallen_in_sixty_days_and_hot_in_a_period(story: Story) -> None:
    score_rules(story)
    story.segment("fallen", changed(60, "lt", 0))
    story.segment("hot", every(field("score", "gte", 20), changed(7, "gt", 10)))
    story.track("ada", "Order Completed")
    assert (story.members("hot"), story.members("fallen")) == ({"ada"}, set())
    story.at(START + 7 * DAY - MOMENT)
    assert story.members("hot") == {"ada"}
    story.at(START + 7 * DAY)
    assert story.members("hot") == set()
    story.track("ada", "Complained")
    assert story.members("fallen") == set(), "in 60 days it has risen by 5"
    story.at(START + 60 * DAY)
    assert story.members("fallen") == {"ada"}, "what rose is 60 days ago, what fell is not"
    story.at(START + 67 * DAY)
    assert story.members("fallen") == set()
    assert [row[0] for row in story.history("fallen", "ada")] == ["entered", "left"]


def test_points_of_a_rule_fade_and_are_taken_back(story: Story) -> None:
    story.identify("bob", plan="free")
    body = {
        "name": "On trial", "kind": "rule", "rule": field("plan", "eq", "trial"), "points": 90,
        "decay_per_week": 10,
    }  # fmt: skip
    story.call("post", "score-rules/", body, status=201)
    story.settle()
    story.segment("hot", field("score", "gte", 80))
    story.identify("ada", plan="trial")
    assert story.members("hot") == {"ada"}
    story.at(START + 7 * DAY)
    assert story.members("hot") == {"ada"}, "80 are left"
    story.at(START + 14 * DAY)
    assert (story.contact("ada")["score"], story.members("hot")) == (70, set())
    story.identify("ada", plan="paid")
    assert story.contact("ada")["score"] == 0
