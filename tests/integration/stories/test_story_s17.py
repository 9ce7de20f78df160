"""S17, *Ways in*: from the database, in real time, by hand; and out of one on joining another."""

from tests.integration.stories.telling import DAY, START, Story, event, every, field, inside

VISITED = event(
    "Page Viewed", where=[{"property": "path", "op": "eq", "value": "/pricing"}],
    window={"last": "PT30M"},
)  # fmt: skip


def test_a_page_visited_now_lets_in_now_and_for_half_an_hour(story: Story) -> None:
    story.segment("at-pricing", VISITED)
    story.page("ada", "/pricing")
    story.page("bob", "/about")
    assert story.history("at-pricing") == [("ada", "entered", START, "rule")]
    story.after(minutes=20)
    story.page("ada", "/pricing")
    story.after(minutes=20)
    assert story.members("at-pricing") == {"ada"}
    story.after(minutes=10)
    assert story.members("at-pricing") == set()
    assert [row[0] for row in story.history("at-pricing", "ada")] == ["entered", "left"]


def test_from_the_database_and_by_hand(story: Story) -> None:
    for who, plan in (("ada", "trial"), ("bob", "paid"), ("cyd", "paid")):
        story.identify(who, plan=plan)
    story.after(days=1)
    story.segment("trials", field("plan", "eq", "trial"), "static")
    assert story.history("trials") == [("ada", "entered", START + DAY, "built")]
    story.by_hand("trials", "add", "bob", "cyd")
    story.by_hand("trials", "remove", "cyd")
    assert (story.members("trials"), story.held_in("trials")) == ({"ada", "bob"}, {"bob"})
    assert [row[2] for row in story.history("trials", "cyd")] == ["manual", "manual"]


def test_out_of_one_on_joining_another_by_the_rule(story: Story) -> None:
    story.segment("customers", event("Order Completed"))
    prospects = every(
        event("Page Viewed"), {"type": "segment", "segment": "customers", "op": "not_in"}
    )
    story.segment("prospects", prospects)
    story.page("ada", "/")
    assert (story.members("prospects"), story.members("customers")) == ({"ada"}, set())
    story.after(days=1)
    story.track("ada", "Order Completed", total=5)
    assert (story.members("prospects"), story.members("customers")) == (set(), {"ada"})
    assert story.history("prospects", "ada")[-1] == ("left", START + DAY, "rule")


def test_out_of_one_on_joining_another_by_a_flow(story: Story) -> None:
    story.identify("bob", plan="paid")
    story.segment("newcomers", field("plan", "eq", "trial"), "growing")
    story.segment("regulars", event("Login", op="gte", value=3))
    story.segment("greeted", inside("newcomers"))
    nodes = {
        "in": ("segment_entered", {"segment": "regulars"}),
        "out": ("remove_from_segment", {"segment": "newcomers"}),
    }
    story.flow("grown-up", nodes, ["in next out"])
    story.identify("ada", plan="trial")
    assert (story.members("newcomers"), story.members("greeted")) == ({"ada"}, {"ada"})
    story.after(days=1)
    for _ in range(3):
        story.track("ada", "Login")
    assert story.members("regulars") == {"ada"}
    assert (story.members("newcomers"), story.members("greeted")) == (set(), set())
    assert story.history("newcomers", "ada")[-1] == ("left", START + DAY, "flow:grown-up")
    assert story.held_out("newcomers") == {"ada"}, "the rule is still true"
