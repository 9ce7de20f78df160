"""Random contacts, events and rules, for the tests that compare one implementation with another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from hypothesis import strategies as st

from common.clock import canonical
from common.lanes import lane_of
from segments.rules import ContactData, EventData, ReachData, ScoreData

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "No/Where")
FIELDS = {
    "plan": "string",
    "seats": "number",
    "beta": "boolean",
    "ends": "datetime",
    "tags": "list",
}
EVENTS = ("A", "B", "a", "Email Opened")
SEGMENTS = ("vip", "press")

texts = st.text(alphabet="aAbBßẞİıΣσςñÑ%_\\'\" 0", max_size=4)
numbers = st.integers(-3, 3) | st.sampled_from([0.1, 0.2, 0.3, 2.5, -1.5, 1e-7])
spans = st.sampled_from([timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(7)])
instants = st.builds(
    lambda sign, span, nudge: NOW + sign * span + timedelta(microseconds=nudge),
    st.sampled_from([-2, -1, 0, 1]),
    spans,
    st.sampled_from([-1, 0, 0, 1]),
)
durations = st.sampled_from(["PT1M", "PT1H", "P1D", "P7D", "P36525D"])
instant_texts = instants.map(canonical) | instants.map(
    lambda instant: instant.astimezone().isoformat()
)

# ── contacts ────────────────────────────────────────────────────────────────────────────────────

scalars = st.none() | st.booleans() | numbers | texts | instant_texts | st.just("2026-03-28")
values = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.dictionaries(st.sampled_from(["n", "x"]), scalars, max_size=2)
)
properties = st.dictionaries(st.sampled_from(["x", "y", "n"]), values, max_size=3)


@st.composite
def contacts(draw: st.DrawFn) -> ContactData:
    fields: dict[str, Any] = {
        "email": draw(texts), "city": draw(texts), "score": draw(numbers),
        "created_at": draw(instants), "last_seen_at": draw(st.none() | instants),
    }  # fmt: skip
    custom = {
        "plan": texts, "seats": numbers, "beta": st.booleans(), "ends": instants.map(canonical),
        "tags": st.lists(texts, max_size=3),
    }  # fmt: skip
    for key, strategy in custom.items():
        if draw(st.booleans()):
            fields[key] = draw(strategy)
    stamped = st.dictionaries(
        st.sampled_from(["plan", "seats", "city"]), instants.map(canonical), max_size=2
    )
    events = st.lists(
        st.tuples(st.sampled_from(EVENTS), instants, properties, st.booleans()), max_size=5
    )
    return ContactData(
        id=draw(st.integers(1, 10_000)),
        fields=fields,
        field_times=draw(stamped),
        events=[
            EventData(name, at, found, touch, number)
            for number, (name, at, found, touch) in enumerate(draw(events), start=1)
        ],
        consents=draw(
            st.dictionaries(st.just("news"), st.sampled_from(["subscribed", "unsubscribed"]))
        ),
        scores=draw(st.lists(st.builds(ScoreData, instants, numbers.map(float)), max_size=3)),
        segments=draw(st.sets(st.sampled_from(SEGMENTS))),
        reach=draw(
            st.builds(
                ReachData, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([0, 3, 4])
            )
        ),
    )


# ── rules ───────────────────────────────────────────────────────────────────────────────────────

RELATIONS = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
low_high = st.tuples(numbers, numbers).map(sorted)
many_texts = st.lists(texts, min_size=1, max_size=3)


def comparison(name: str, key: Any, kind: str) -> st.SearchStrategy[dict[str, Any]]:
    by_kind: dict[str, list[tuple[list[str], Any]]] = {
        "string": [
            (["eq", "ne", "contains", "not_contains", "starts_with", "ends_with"], texts),
            (["in", "not_in"], many_texts),
        ],
        "number": [
            (["eq", "ne", "gt", "gte", "lt", "lte"], numbers),
            (["in", "not_in"], st.lists(numbers, min_size=1, max_size=3)),
            (["between"], low_high),
        ],
        "boolean": [(["eq", "ne"], st.booleans())],
        "datetime": [
            (["before", "after"], instant_texts),
            (["in_last", "older_than", "in_next", "beyond"], durations),
        ],
        "list": [
            (["contains", "not_contains"], texts),
            (["contains_any", "contains_all"], many_texts),
        ],
    }
    known = [st.fixed_dictionaries({name: key, "op": st.sampled_from(["set", "not_set"])})]
    return st.one_of(
        known
        + [
            st.fixed_dictionaries({name: key, "op": st.sampled_from(ops), "value": value})
            for ops, value in by_kind[kind]
        ]
    )


KEYS = {
    "string": ["plan", "email", "city"], "number": ["seats", "score"], "boolean": ["beta"],
    "datetime": ["ends", "created_at", "last_seen_at"], "list": ["tags"],
}  # fmt: skip
fields_asked = st.one_of(
    [
        st.builds(
            lambda asked, stood: {"type": "field", **asked, **({"for": stood} if stood else {})},
            comparison("field", st.sampled_from(keys), kind),
            st.none() | durations,
        )
        for kind, keys in KEYS.items()
    ]
)
property_asked = st.one_of(
    [comparison("property", st.sampled_from(["x", "y", "n", "n.x"]), kind) for kind in KEYS]
)
windows = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"last": durations}),
    st.fixed_dictionaries({"older_than": durations}),
    st.fixed_dictionaries({"last": durations, "older_than": durations}),
    st.fixed_dictionaries({"from": instant_texts}),
    st.fixed_dictionaries({"to": instant_texts}),
    st.fixed_dictionaries(
        {
            "calendar": st.sampled_from(
                ["today", "yesterday", "this_week", "last_week", "this_month", "last_month"]
            )
        }
    ),
)
since = st.fixed_dictionaries({"since": st.sampled_from(["entry", "step"])})
names = st.sampled_from(["*", *EVENTS]) | st.lists(st.sampled_from(EVENTS), min_size=1, max_size=2)
wheres = st.lists(property_asked, max_size=2)
follows = st.fixed_dictionaries({"name": names, "where": wheres}, optional={"within": durations})


def events_asked(window: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just("event"), "name": names},
        optional={
            "where": wheres,
            "window": window,
            "measure": st.just("count")
            | st.fixed_dictionaries({"sum": st.sampled_from(["x", "n.x"])})
            | st.fixed_dictionaries({"min": st.just("x")})
            | st.fixed_dictionaries({"max": st.just("x")})
            | st.fixed_dictionaries({"avg": st.just("x")}),
            "op": RELATIONS,
            "value": numbers,
            "followed_by": follows,
            "not_followed_by": follows,
        },
    )


others_asked = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("segment"),
            "segment": st.sampled_from(SEGMENTS),
            "op": st.sampled_from(["in", "not_in"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("consent"),
            "topic": st.just("news"),
            "op": st.sampled_from(["subscribed", "unsubscribed", "unknown"]),
        }
    ),
    st.just({"type": "reachable", "channel": "email"}),
    st.just({"type": "everyone"}),
    st.fixed_dictionaries(
        {"type": st.just("sample"), "percent": st.sampled_from([0.5, 33, 50.5, 100]), "salt": texts}
    ),
    st.fixed_dictionaries(
        {"type": st.just("score_change"), "window": windows, "op": RELATIONS, "value": numbers}
    ),
)
triggers_asked = property_asked.map(lambda asked: {"type": "trigger", **asked})


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.fixed_dictionaries(
                {
                    "type": st.sampled_from(["all", "any"]),
                    "rules": st.lists(inner, min_size=1, max_size=3),
                }
            ),
            st.fixed_dictionaries({"type": st.just("not"), "rule": inner}),
        ),
        max_leaves=5,
    )


rules = nested(fields_asked | events_asked(windows) | others_asked)
flow_rules = nested(fields_asked | events_asked(windows | since) | triggers_asked)

# ── as rows ─────────────────────────────────────────────────────────────────────────────────────


def insert(contact: ContactData, segment_ids: dict[str, int]) -> None:
    """Write a contact as rows, its events with the ids that it has as data."""
    assert isinstance(contact.id, int)
    lane, contact_id = lane_of(contact.id), contact.id
    builtin = {
        key: value if value != "" else None
        for key, value in contact.fields.items()
        if key not in FIELDS
    }
    custom = {key: value for key, value in contact.fields.items() if key in FIELDS and value != ""}
    moments = [
        contact.fields["created_at"] if held else None
        for held in (
            contact.reach.unsubscribed, contact.reach.complained, contact.reach.hard_bounced
        )
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contact (id, lane, fields, field_times, unsubscribed_at, complained_at,"
            f" hard_bounced_at, soft_bounces, {', '.join(builtin)})"
            f" VALUES ({', '.join(['%s'] * (8 + len(builtin)))})",
            [
                contact_id, lane, json.dumps(custom), json.dumps(dict(contact.field_times)),
                *moments, contact.reach.soft_bounces, *builtin.values(),
            ],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO event (id, lane, contact_id, name, at, properties, touch, received_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (e.id, lane, contact_id, e.name, e.at, json.dumps(e.properties), e.touch, e.at)
                for e in contact.events
            ],
        )
        cursor.executemany(
            "INSERT INTO consent (lane, contact_id, topic, state, at) VALUES (%s, %s, %s, %s, %s)",
            [(lane, contact_id, topic, state, NOW) for topic, state in contact.consents.items()],
        )
        cursor.executemany(
            "INSERT INTO score_change (lane, contact_id, delta, at) VALUES (%s, %s, %s, %s)",
            [(lane, contact_id, score.delta, score.at) for score in contact.scores],
        )
        cursor.executemany(
            "INSERT INTO membership (lane, segment_id, contact_id, since) VALUES (%s, %s, %s, %s)",
            [(lane, segment_ids[key], contact_id, NOW) for key in contact.segments],
        )
