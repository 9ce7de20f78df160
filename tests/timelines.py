"""Random rules over a small world, and random timelines in it, for tests of exactness.

The world is small so that rules are often true, turn often, and turn by one another: two events,
a handful of fields, few lengths of windows. Instants lie on the edges of windows and a microsecond
beside them more often than anywhere else.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from common.clock import canonical

FIELDS = {
    "plan": "string", "seats": "number", "beta": "boolean", "ends": "datetime", "tags": "list",
}  # fmt: skip
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia")
STARTS = (
    datetime(2026, 3, 28, 22, 30, tzinfo=UTC),
    datetime(2026, 10, 24, 21, 0, tzinfo=UTC),
    datetime(2026, 3, 7, 12, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 9, 0, tzinfo=UTC),
)
"""The nights before clocks are put forward and back in the zones, and before a year ends."""
MICRO = timedelta(microseconds=1)
SPANS = tuple(timedelta(**span) for span in (
    {"minutes": 1}, {"hours": 1}, {"days": 1}, {"days": 7},
))  # fmt: skip

durations = st.sampled_from(["PT1M", "PT1H", "P1D", "P7D"])
nudges = st.sampled_from([-MICRO, timedelta(0), timedelta(0), MICRO])
shifts = st.builds(
    lambda sign, span, nudge: sign * span + nudge,
    st.sampled_from([-2, -1, 0, 0, 1]),
    st.sampled_from(SPANS),
    nudges,
)
"""From now: on an edge of some window, or a microsecond beside it."""
lateness = st.sampled_from([timedelta(0)] * 3) | shifts.map(abs)
skews = st.sampled_from([timedelta(0)] * 12 + [MICRO, timedelta(minutes=1), timedelta(days=1)])
"""How far ahead of the engine's clock that of the door is."""

# ── rules ───────────────────────────────────────────────────────────────────────────────────────

RELATIONS = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
small = st.integers(0, 2)
known = st.sampled_from(["set", "not_set"])
instants = st.builds(lambda start, shift: canonical(start + shift), st.sampled_from(STARTS), shifts)


def _asked(name: str, key: str, op: Any, value: Any = None) -> st.SearchStrategy[dict[str, Any]]:
    ops = op if isinstance(op, st.SearchStrategy) else st.sampled_from(op)
    given = {"value": value} if value is not None else {}
    return st.fixed_dictionaries({name: st.just(key), "op": ops, **given})


def _datetimes(name: str, key: str) -> st.SearchStrategy[dict[str, Any]]:
    moving = _asked(name, key, ["in_last", "older_than", "in_next", "beyond"], durations)
    return moving | moving | _asked(name, key, ["before", "after"], instants)


fields_asked = st.builds(
    lambda asked, stood: {"type": "field", **asked, **({"for": stood} if stood else {})},
    st.one_of(
        _asked("field", "plan", ["eq", "ne"], st.sampled_from(["trial", "PAID"])),
        _asked("field", "plan", ["in", "not_in"], st.just(["paid", "free"])),
        _asked("field", "seats", RELATIONS, small),
        _asked("field", "beta", ["eq", "ne"], st.booleans()),
        _asked("field", "tags", ["contains", "not_contains"], st.sampled_from("ab")),
        _asked("field", "tags", ["contains_any", "contains_all"], st.just(["a", "b"])),
        _asked("field", "email", ["contains", "ends_with"], st.just("x.io")),
        _asked("field", "score", RELATIONS, st.sampled_from([0, 5])),
        _asked("field", "plan", known),
        _datetimes("field", "ends"),
        _datetimes("field", "last_seen_at"),
        _datetimes("field", "created_at"),
    ),
    st.none() | st.none() | durations,
)
property_asked = st.one_of(
    _asked("property", "x", RELATIONS, small),
    _asked("property", "x", known),
    _asked("property", "n.x", ["eq", "ne"], st.sampled_from(["one", "two"])),
    _datetimes("property", "when"),
)
calendars = st.sampled_from(
    ["today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year"]
)
windows = st.one_of(
    st.fixed_dictionaries({"last": durations}),
    st.fixed_dictionaries({"last": durations}),
    st.fixed_dictionaries({"older_than": durations}),
    st.fixed_dictionaries({"last": durations, "older_than": durations}),
    st.fixed_dictionaries({"from": instants}),
    st.fixed_dictionaries({"to": instants}),
    st.fixed_dictionaries({"calendar": calendars}),
    st.fixed_dictionaries({"calendar": calendars, "older_than": durations}),
)
names = st.sampled_from(["A", "A", "B", "*", ["A", "B"]])
wheres = st.lists(property_asked, max_size=1)
follows = st.fixed_dictionaries({"name": names}, optional={"where": wheres, "within": durations})
events_asked = st.fixed_dictionaries(
    {"type": st.just("event"), "name": names},
    optional={
        "where": wheres,
        "window": windows,
        "measure": st.sampled_from(
            ["count", "count", {"sum": "x"}, {"min": "x"}, {"max": "x"}, {"avg": "x"}]
        ),
        "op": RELATIONS,
        "value": small,
        "followed_by": follows,
        "not_followed_by": follows,
    },
)
windowed_asked = st.fixed_dictionaries(
    {"type": st.just("event"), "name": names, "window": windows},
    optional={"op": RELATIONS, "value": small, "where": wheres},
)
others_asked = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("consent"),
            "topic": st.just("news"),
            "op": st.sampled_from(["subscribed", "unsubscribed", "unknown"]),
        }
    ),
    st.just({"type": "reachable", "channel": "email"}),
    st.just({"type": "everyone"}),
    st.just({"type": "sample", "percent": 50, "salt": "a"}),
    st.fixed_dictionaries(
        {
            "type": st.just("score_change"),
            "window": windows,
            "op": RELATIONS,
            "value": st.sampled_from([0, 5]),
        }
    ),
)


def rules(needed: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Rules that may ask for membership in `needed` segments."""
    leaves = [events_asked, windowed_asked, windowed_asked, fields_asked, others_asked]
    if needed:
        asked = st.fixed_dictionaries(
            {
                "type": st.just("segment"),
                "segment": st.sampled_from(needed),
                "op": st.sampled_from(["in", "not_in"]),
            }
        )
        leaves += [asked, asked]
    leaf = st.one_of(leaves)
    return leaf | st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.fixed_dictionaries(
                {
                    "type": st.sampled_from(["all", "any"]),
                    "rules": st.lists(inner, min_size=2, max_size=3),
                }
            ),
            st.fixed_dictionaries({"type": st.just("not"), "rule": inner}),
        ),
        max_leaves=4,
    )


kinds = st.sampled_from(["dynamic", "dynamic", "dynamic", "growing", "static"])


@st.composite
def segments(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Kinds and rules; each may need earlier ones, whose keys are `s0`, `s1`, …"""
    return [
        (draw(kinds), draw(rules([f"s{earlier}" for earlier in range(place)])))
        for place in range(draw(st.integers(1, 5)))
    ]


# ── what happens ────────────────────────────────────────────────────────────────────────────────

ids = st.sampled_from(
    [
        {"userId": "u1"}, {"userId": "u2"}, {"userId": "u3"}, {"anonymousId": "a1"},
        {"anonymousId": "a2"}, {"userId": "u1", "anonymousId": "a1"},
        {"userId": "u2", "anonymousId": "a2"},
    ]
)  # fmt: skip
traits = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from(["Trial", "paid", None]),
        "seats": st.none() | small,
        "beta": st.none() | st.booleans(),
        "ends": st.none() | shifts,
        "tags": st.sampled_from([[], ["a"], ["A", "b"]]),
        "email": st.sampled_from(["one@x.io", "Two@x.io", None]),
    },
).filter(bool)
properties = st.fixed_dictionaries(
    {},
    optional={
        "x": small | st.just("two"),
        "n": st.fixed_dictionaries({"x": st.sampled_from(["one", "two"])}),
        "when": shifts,
    },
)
mail_events = st.tuples(
    st.sampled_from(["Email Bounced", "Email Bounced", "Email Delivered", "Unsubscribed"]),
    st.sampled_from([{}, {"type": "soft"}, {"topic": "news"}]),
)
whom = st.integers(0, 5)
which = st.integers(0, 5)

tracked = st.tuples(
    st.just("track"), ids, st.sampled_from(["A", "A", "B"]), properties, lateness, skews
)
identified = st.tuples(st.just("identify"), ids, traits, lateness, skews)
happenings = st.one_of(
    tracked,
    tracked,
    tracked,
    identified,
    identified,
    st.tuples(st.just("mail"), ids, mail_events),
    st.tuples(st.just("alias"), ids, ids),
    st.tuples(st.just("merge"), whom, whom),
    st.tuples(st.just("delete"), whom),
    st.tuples(st.just("consent"), whom, st.sampled_from(["subscribed", "unsubscribed"])),
    st.tuples(st.just("score"), whom, st.sampled_from([5, 3, -5])),
    st.tuples(st.just("touch"), whom, st.sampled_from(["A", "B"]), lateness),
    st.tuples(st.just("erase"), whom, st.sampled_from(["plan", "seats", "ends", "email"])),
    st.tuples(st.just("hand"), st.sampled_from(["add", "remove", "remove"]), which, whom),
    st.tuples(st.just("rebuild"), which),
)
by = st.sampled_from([*SPANS, MICRO, timedelta(days=31), timedelta(days=120)])
passing = st.one_of(
    st.tuples(st.just("edge"), st.integers(0, 4), nudges),
    st.tuples(st.just("edge"), st.integers(0, 4), nudges),
    st.tuples(st.just("pass"), by),
)


@st.composite
def timelines(draw: st.DrawFn, *, places: int) -> list[tuple[Any, ...]]:
    """Draw what happens, in order: data, time passing, edits, and the engine's rests between."""
    editing = st.builds(
        lambda place, kind, rule: ("edit", place, kind, rule),
        st.integers(0, places - 1), kinds, rules([]),
    )  # fmt: skip
    zoning = st.tuples(st.just("zone"), st.sampled_from(ZONES))
    seldom = st.sampled_from([happenings] * 11 + [editing, zoning])
    steps: list[tuple[Any, ...]] = [draw(tracked), draw(tracked), draw(identified)]
    for _ in range(draw(st.integers(3, 9))):
        steps += [draw(draw(seldom)) for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3])))]
        steps += [draw(passing) for _ in range(draw(st.sampled_from([0, 1, 1, 1])))]
        steps += [("rest",)] * draw(st.sampled_from([1, 1, 1, 0]))
    return steps
