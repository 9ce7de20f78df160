"""S9, *Three kinds of list*: static, growing, dynamic, as the seeds define them; suppression."""

from tests.integration.stories.telling import DAY, START, Story, every, field

LEADS = field("plan", "eq", "trial")
KINDS = ("static", "growing", "dynamic")


def test_the_three_kinds_part_ways_over_one_rule(story: Story) -> None:
    story.identify("ada", plan="trial")
    story.identify("bob", plan="paid")
    for kind in KINDS:
        story.segment(kind, LEADS, kind)
        assert story.members(kind) == {"ada"}
    story.after(days=1)
    story.identify("bob", plan="trial")
    assert [story.members(kind) for kind in KINDS] == [{"ada"}, {"ada", "bob"}, {"ada", "bob"}]
    story.identify("ada", plan="paid")
    assert [story.members(kind) for kind in KINDS] == [{"ada"}, {"ada", "bob"}, {"bob"}]
    assert story.history("static") == [("ada", "entered", START, "built")]
    assert story.history("growing") == [
        ("ada", "entered", START, "built"), ("bob", "entered", START + DAY, "rule"),
    ]  # fmt: skip
    assert story.history("dynamic", "ada") == [
        ("entered", START, "built"), ("left", START + DAY, "rule"),
    ]  # fmt: skip


def test_hands_win_over_the_rule_and_can_be_seen(story: Story) -> None:
    story.identify("ada", plan="trial")
    story.identify("bob", plan="paid")
    for kind in KINDS:
        story.segment(kind, LEADS, kind)
        story.by_hand(kind, "add", "bob")
        story.by_hand(kind, "remove", "ada")
        assert (story.members(kind), story.held_in(kind)) == ({"bob"}, {"bob"})
    assert [story.held_out(kind) for kind in KINDS] == [set(), {"ada"}, {"ada"}]
    story.identify("ada", city="Graz")
    assert [story.members(kind) for kind in KINDS] == [{"bob"}] * 3
    story.identify("ada", plan="paid")
    assert [story.held_out(kind) for kind in KINDS] == [set()] * 3
    story.identify("ada", plan="trial")
    assert [story.members(kind) for kind in KINDS] == [{"bob"}, {"ada", "bob"}, {"ada", "bob"}]
    story.by_hand("dynamic", "remove", "bob")
    assert story.members("dynamic") == {"ada"}
    assert [row[0::2] for row in story.history("dynamic", "bob")] == [
        ("entered", "manual"), ("left", "manual"),
    ]  # fmt: skip


def test_one_kind_is_made_another_and_it_is_said_before_what_changes(story: Story) -> None:
    for who, plan in (("ada", "trial"), ("bob", "trial"), ("cyd", "paid")):
        story.identify(who, plan=plan)
    story.segment("leads", LEADS, "static")
    story.identify("ada", plan="paid")
    story.identify("cyd", plan="trial")
    seen = story.call("post", "segments/leads/preview-change/", {"kind": "dynamic"})
    assert (seen["exact"], seen["joins"], seen["leaves"], seen["stays"]) == (True, 1, 1, 1)
    assert story.members("leads") == {"ada", "bob"}, "a preview changes nothing"
    story.call("patch", "segments/leads/", {"kind": "dynamic"})
    story.settle()
    assert story.members("leads") == {"bob", "cyd"}


def test_suppressed_in_the_rule_and_in_the_flow(story: Story) -> None:
    story.identify("dan", plan="paid")
    story.segment("do-not-mail", None, "static")
    suppressed = {"type": "segment", "segment": "do-not-mail", "op": "not_in"}
    story.segment("mailing", every(LEADS, suppressed))
    story.template("hello", "Hello")
    nodes = {
        "in": ("segment_entered", {"segment": "mailing"}),
        "wait": ("wait", {"for": "P1D"}),
        "mail": ("send_email", {"template": "hello"}),
    }
    story.flow("hello", nodes, ["in next wait", "wait next mail"], suppress=["do-not-mail"])
    for who in ("ada", "bob", "cyd"):
        story.identify(who, plan="trial", email=f"{who}@x.io")
    assert story.members("mailing") == {"ada", "bob", "cyd"}
    story.by_hand("do-not-mail", "add", "bob")
    assert story.members("mailing") == {"ada", "cyd"}
    story.after(days=2)
    assert [story.mails(who) for who in ("ada", "bob", "cyd")] == [["Hello"], [], ["Hello"]]
    story.by_hand("do-not-mail", "remove", "bob")
    assert story.members("mailing") == {"ada", "bob", "cyd"}
