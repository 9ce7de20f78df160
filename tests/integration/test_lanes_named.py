"""Every statement of the pulse names the lane: of the rooms' named queries, and of what is run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from common.sql import queries
from contacts.models import Topic
from tests.builders_flows import AGAIN, BOUGHT, IN_VIP, MAIL, Stage, build_flow, build_segment, on
from tests.lanes_read import without_lane

PULSE = [
    ("flows", "queries"),
    ("flows", "times"),
    ("flows", "failures"),
    ("flows", "editions"),
    ("segments", "queries"),
    ("segments", "edges"),
    ("segments", "scoring"),
    ("contacts", "queries"),
    ("contacts", "alike"),
    ("contacts", "touching"),
    ("messaging", "queries"),
    ("messaging", "terms"),
    ("messaging", "calls"),
    ("messaging", "notices"),
]
"""The files in which statements of the pulse stand, among others."""

PAGES = "what a page or a command of a person shows"
RECOUNT = "the recount, which concerns every lane"
DELIVERY = "delivery and calls: they take what is due of any lane, by an index of their own"
PEOPLE = "what a person does to many visits at once"
OUTSIDE = {
    "counts_of": PAGES,
    "next_due": PAGES,
    "counters": PAGES,
    "failed_now": PAGES,
    "circuits_open": PAGES,
    "calls_failing": PAGES,
    "sizes": PAGES,
    "lock_all_lanes": "holds them all",
    "members_of_segments": PAGES,
    "members_people": PAGES,
    "count_entering": PAGES,
    "rollouts_open": "no rows about contacts",
    "rollout_lanes_insert": "every lane has a row",
    "rollout_finish": "asks whether a lane is left",
    "sizes_recounted": RECOUNT,
    "count_chosen": PEOPLE,
    "lanes_chosen": PEOPLE,
    "take_chosen": PEOPLE,
    "messages_begin": DELIVERY,
    "messages_settle": DELIVERY,
    "messages_due": DELIVERY,
    "messages_wait": DELIVERY,
    "calls_hosts": DELIVERY,
    "calls_claim": DELIVERY,
    "calls_settle": DELIVERY,
    "headers_page": "written anew after a change of keys, page by page of all calls",
}
"""Statements of these files that are not the pulse's, and whose they are."""

WHOLE = {
    "timers_waiting": "a one-off chooses when every lane has gathered: a row per timer and lane",
    "timers_work": "likewise",
}
"""Statements of the pulse that must know how other lanes stand."""


@pytest.mark.parametrize(("room", "part"), PULSE, ids="/".join)
def test_named_queries_of_the_pulse_name_the_lane_of_every_table(room: str, part: str) -> None:
    faults = {
        name: found
        for name, statement in queries(room, part).items()
        if (found := without_lane(statement)) and name not in OUTSIDE and name not in WHOLE
    }
    assert faults == {}


@contextmanager
def read() -> Iterator[set[str]]:
    """Collect the statements that are run."""
    seen: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.add(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


@pytest.mark.django_db
def test_what_a_pulse_runs_names_the_lane_of_every_table() -> None:
    stage = Stage()
    Topic.objects.create(key="news", name="News")
    stage.contact("eve", plan="free", note="x")
    build_segment("buyers", {**BOUGHT, "window": {"last": "P7D"}})
    build_segment("vip", IN_VIP)
    build_segment(
        "both",
        {"type": "all", "rules": [{"type": "segment", "segment": "vip", "op": "in"}, BOUGHT]},
    )
    build_flow(
        "long",
        {
            "in": on("Product Added"),
            "joined": ("segment_entered", {"segment": "vip"}),
            "set": ("update_fields", {"set": {"plan": "pro", "city": "Graz"}}),
            "say": ("update_fields", {"set": {"note": "Hi {{ first_name }}"}}),
            "score": ("adjust_score", {"by": 3}),
            "agree": ("set_consent", {"topic": "news", "state": "subscribed"}),
            "note": ("record_event", {"name": "Noted", "properties": {}}),
            "cond": ("condition", {"rule": {**BOUGHT, "window": {"since": "entry"}}}),
            "mail": MAIL,
            "wait": ("wait", {"for": "PT1H"}),
            "for": ("wait_for", {"rule": BOUGHT, "timeout": "P1D"}),
            "end": ("exit", {"reason": "done"}),
        },
        ["in next set", "joined next set", "set next say", "say next score", "score next agree",
         "agree next note", "note next cond", "cond yes mail", "cond no mail", "mail next wait",
         "wait next for", "for matched end", "for timeout end"],
        settings={**AGAIN, "goal": {"type": "field", "field": "plan", "op": "eq", "value": "won"},
                  "exit_when": [{"type": "segment_left", "segment": "buyers"}]},
    )  # fmt: skip
    with read() as statements:
        stage.does("ada", "Product Added")
        stage.sets("ada", plan="vip")
        stage.after("PT2H")
        stage.does("ada", "Order Completed")
        stage.does("bob", "Product Added")
        stage.sets("bob", plan="won")
        stage.after("P10D")
    faults = {
        statement: found
        for statement in statements
        if (found := without_lane(statement))
        and not statement.startswith(LOOKS)
        and not _named(statement) & WHOLE.keys()
    }
    assert len(statements) > 60
    assert faults == {}


LOOKS = ("SELECT MIN(", 'SELECT %s AS "a" FROM "contact"')
"""How statements begin by which the stage looks what time it will be next, and who is there."""


def _named(statement: str) -> set[str]:
    if not statement.startswith("/* "):
        return set()
    return {statement[3 : statement.index(" */")]}
