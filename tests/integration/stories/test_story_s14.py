"""S14, *CRM*: purchases in total and the last one, stages, one rep's leads, what sales did."""

from tests.integration.stories.telling import DAY, START, Story, event, every, field, never


def bought(total: float) -> dict[str, object]:
    return event("Order Completed", measure={"sum": "total"}, op="gte", value=total)


def test_purchases_in_total_and_the_last_one(story: Story) -> None:
    story.segment("best", bought(500))
    story.segment("sleeping", every(bought(500), never("Order Completed", window={"last": "P90D"})))
    story.track("ada", "Order Completed", total=499.9)
    story.track("bob", "Order Completed", total="5000")
    assert story.members("best") == set(), "a text is no sum of money"
    story.track("ada", "Order Completed", total=0.1)
    assert story.members("best") == {"ada"}, "to the cent"
    story.track("ada", "Order Completed", total=-0.1)
    assert story.members("best") == set()
    story.track("ada", "Order Completed", at=START - 30 * DAY, total=300)
    assert story.members("best") == {"ada"}
    story.at(START + 90 * DAY)
    assert story.members("sleeping") == {"ada"}
    story.track("ada", "Order Completed", total=1)
    assert story.members("sleeping") == set()


def test_stages_and_the_leads_of_one_rep(story: Story) -> None:
    mine = every(
        field("owner", "eq", "Rep@x.io"),
        field("lead_stage", "in", ["qualified", "proposal"]),
        field("opportunity_stage", "ne", "lost"),
    )
    story.segment("mine", mine)
    story.segment("stuck", every(mine, field("lead_stage", "eq", "proposal", **{"for": "P14D"})))
    story.identify("ada", leadStage="Qualified", owner="rep@x.io")
    story.identify("bob", leadStage="Qualified", owner="other@x.io", opportunityStage="open")
    story.identify("cyd", leadStage="proposal", owner="rep@x.io", opportunityStage="Lost")
    assert story.members("mine") == {"ada"}
    story.identify("bob", owner="REP@x.io")
    story.identify("cyd", opportunityStage="open")
    assert story.members("mine") == {"ada", "bob", "cyd"}
    story.after(days=13)
    story.identify("ada", leadStage="proposal")
    assert story.members("stuck") == set()
    story.after(days=1)
    assert story.members("stuck") == {"cyd"}
    story.identify("cyd", leadStage="proposal")
    assert story.members("stuck") == {"cyd"}, "the same stage said again is no new stage"
    story.after(days=13)
    assert story.members("stuck") == {"ada", "cyd"}
    story.identify("ada", leadStage=None)
    assert (story.members("stuck"), story.members("mine")) == ({"cyd"}, {"bob", "cyd"})


def test_what_sales_did_and_did_not_do_after_a_demo(story: Story) -> None:
    waiting = event(
        "Demo Given", window={"last": "P30D", "older_than": "P2D"},
        not_followed_by={"name": ["Call Logged", "Offer Sent"], "within": "P2D"},
    )  # fmt: skip
    story.segment("waiting", waiting)
    for who in ("ada", "bob", "cyd"):
        story.track(who, "Demo Given")
    story.track("ada", "Call Logged", at=START - DAY)
    story.after(days=1)
    story.track("bob", "Offer Sent", rep="rep@x.io")
    story.after(days=1)
    assert story.members("waiting") == {"ada", "cyd"}
    story.track("cyd", "Call Logged", at=START + 2 * DAY)
    assert story.members("waiting") == {"ada"}, "a call at the very end of the two days is in time"
    story.after(days=1)
    story.track("ada", "Call Logged")
    assert story.members("waiting") == {"ada"}, "a call on the third day is too late"
    story.at(START + 30 * DAY)
    assert story.members("waiting") == set()
