"""What publishing would do, told before: who enters, who is inside and where they would go.

Reads only, in a handful of statements whatever the number of people. What is told of very many is
told of a sample (`flows.rollouts.due_at_once`), and said so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from common.durations import describe_duration
from common.errors import MillraceError
from common.sql import queries
from flows.effects import gap_of, goal_of
from flows.endings import Place
from flows.graph import (
    Difference,
    Graph,
    PlanRefusedError,
    Problem,
    Settings,
    difference,
    problems_of,
    sentence_of,
)
from flows.graph.moving import Landing, default_spread
from flows.lives import (
    asked_moves,
    edition_parts,
    entering_now,
    moves_check,
    next_number,
    publishable,
    spread_asked,
)
from flows.models import Flow, FlowTimer, FlowVersion
from flows.moves import Edition, due_at_once, inside_by_place, landings
from flows.nodes.base import Names
from flows.nodes.once import OnceConfig
from flows.selectors import flow_by_key, known_now, names_now, version_of
from flows.services import draft_parts
from flows.timers import terms_of
from segments.audience import audience
from segments.catalogue import catalogue

SQL = queries("flows", "editions")


@dataclass(frozen=True, slots=True)
class InsideRow:
    """Those at one node of one version, and where they would be."""

    version: int
    node: str
    title: str
    count: int
    failed: int
    exists: bool
    to: str | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Over how long those are spread who become due at once."""

    over: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing would do.

    Attributes
    ----------
    enters_now
        Who would enter at once.
    due_now
        Of those inside, who would become due at once by the edit; `is_exact` if all were looked at.
    """

    version: int
    problems: Sequence[Problem]
    enters_now: int
    inside: Sequence[InsideRow]
    due_now: int
    is_exact: bool
    spread: Spread | None
    diff: Difference
    words: Sequence[str]


def publish_preview(
    key: str,
    *,
    inside: str = "stay",
    moves: Mapping[str, str | None] | None = None,
    spread: str | None = None,
    version: int | None = None,
    now: datetime,
) -> Preview:
    """What `flow_publish` with the same words would do; nothing is changed.

    Raises
    ------
    Refused, Conflict
        As `flow_publish`; faults of the graph are told in `problems`.
    """
    flow = flow_by_key(key)
    asked, over = asked_moves(inside, moves), spread_asked(spread)
    publishable(flow, version)
    drawn, chosen = edition_parts(flow, version)
    problems = problems_of(drawn, chosen, known_now())
    moves_check(drawn, asked)
    names = names_now()
    before = flow.live_version
    was = draft_parts(before.graph, before.settings) if before else (Graph(), Settings())
    diff = difference(was[0], drawn, was[1], chosen, names=names)
    edition = Edition(flow, drawn, chosen.goal)
    places = inside_by_place(flow.id) if before else {}
    landed = landings(edition, list(places), asked or {})
    due, is_exact = 0, True
    if asked is not None and not problems:
        try:
            due, is_exact = due_at_once(edition, landed, places, now=now)
        except PlanRefusedError:
            due, is_exact = 0, False
    over = (default_spread(due) if over is None else over) if due else timedelta(0)
    spread_told = Spread(_iso(over), now + over) if over else None
    entering = [] if version is not None else entering_now(drawn, before)
    once = _once_now(flow, drawn, now=now) if not problems else []
    enters = 0 if problems else _count_entering(flow, chosen, entering, once, now=now)
    rows = _rows(flow, drawn, places, landed, names)
    return Preview(
        version=next_number(flow),
        problems=problems,
        enters_now=enters,
        inside=rows,
        due_now=due,
        is_exact=is_exact,
        spread=spread_told,
        diff=diff,
        words=[
            *diff.words,
            *_words(rows, enters, due, is_exact=is_exact, over=over, moving=asked is not None),
        ],
    )


def _rows(
    flow: Flow,
    graph: Graph,
    places: Mapping[Place, tuple[int, int]],
    landed: Mapping[Place, Landing],
    names: Names,
) -> list[InsideRow]:
    """Newest version first; within one, in the order of its drawing."""
    found: list[InsideRow] = []
    here = {node.id for node in graph.nodes}
    versions = FlowVersion.objects.filter(flow=flow, id__in={place[0] for place in places})
    for version in versions.order_by("-number"):
        nodes = {node.id: node for node in Graph.model_validate(version.graph).nodes}
        order = {key: place for place, key in enumerate(nodes)}
        keys = [node for version_id, node in places if version_id == version.id]
        for key in sorted(keys, key=lambda one: (order.get(one, len(order)), one)):
            place = (version.id, key)
            n, failed = places[place]
            title = sentence_of(nodes[key], names) if key in nodes else key
            to = landed[place].node if place in landed else key
            found.append(InsideRow(version.number, key, title, n, failed, key in here, to))
    return found


def _once_now(flow: Flow, graph: Graph, *, now: datetime) -> list[OnceConfig]:
    """The one-off sends that would go out at once, and have not yet."""
    gone = FlowTimer.objects.filter(flow=flow, kind="once").values_list("node", "terms")
    known = [(node, terms) for node, terms in gone]
    found: list[OnceConfig] = []
    for node in graph.nodes:
        if node.type == "once":
            config = OnceConfig.model_validate(node.config)
            is_due = config.instant is None or config.instant <= now
            if is_due and (node.id, terms_of("once", node.config)) not in known:
                found.append(config)
    return found


def _count_entering(
    flow: Flow,
    settings: Settings,
    entering: Sequence[Mapping[str, str]],
    once: Sequence[OnceConfig],
    *,
    now: datetime,
) -> int:
    """Who would enter at once, by the conditions of the gate: one statement."""
    if not (entering or once):
        return 0
    goal = goal_of(settings)
    params: dict[str, Any] = {
        "flow": flow.id,
        "gap": gap_of(settings),
        "suppress": list(settings.suppress),
        "now": now,
        **goal.bind(now, catalogue().zone),
    }
    parts: list[str] = []
    for one in entering:
        name = f"segment_{len(parts)}"
        parts.append(SQL["members_people"].replace("{name}", name))
        params[name] = one["segment"]
    for sending in once:
        text, bound = audience(sending.segments, sending.exclude).people()
        for key, value in bound.items():
            name = f"{key}_{len(parts)}"
            text = text.replace(f"%({key})s", f"%({name})s")
            params[name] = value
        parts.append(f"SELECT * FROM ({text}) once_{len(parts)}")
    statement = SQL["count_entering"].replace("{people}", " UNION ALL ".join(parts))
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{goal}", goal.text), params)
        return int((cursor.fetchone() or (0,))[0])


def _words(
    rows: Sequence[InsideRow],
    enters: int,
    due: int,
    *,
    is_exact: bool,
    over: timedelta,
    moving: bool,
) -> list[str]:
    words = [f"{_people(enters)} {_verb(enters, 'enters', 'enter')} now."] if enters else []
    people = sum(row.count for row in rows)
    if not people:
        return words
    if not moving:
        return [*words, f"{_people(people)} inside {_verb(people, 'stays', 'stay')} as they are."]
    words.append(f"{_people(people)} inside {_verb(people, 'moves', 'move')} to the new version.")
    for row in rows:
        if not row.exists:
            goes = f"go to “{row.to}”" if row.to else "leave the flow"
            words.append(f"At “{row.title}”, which is removed: {_people(row.count)} {goes}.")
    if due:
        about = "" if is_exact else "About "
        spread = f", spread over {describe_duration(over)}" if over else ""
        verb = _verb(due, "becomes", "become")
        words.append(f"{about}{_people(due)} {verb} due at once by this edit{spread}.")
    return words


def _people(n: int) -> str:
    return f"{n:,} {_verb(n, 'person', 'people')}"


def _verb(n: int, one: str, many: str) -> str:
    return one if n == 1 else many


def _iso(duration: timedelta) -> str:
    """A duration as `parse_duration` reads it."""
    seconds = duration.total_seconds()
    if seconds >= 60 and seconds % 60 == 0:
        return f"PT{int(seconds // 60)}M"
    return f"PT{seconds:.6f}".rstrip("0").rstrip(".") + "S"


# ── differences ─────────────────────────────────────────────────────────────────────────────────


class NoSuchEditionError(MillraceError):
    """What is asked for is no edition: `draft`, `live` or a version's number."""

    default_code = "invalid"


def editions_difference(key: str, *, before: str, after: str) -> Difference:
    """What differs between two editions of a flow: `draft`, `live` or a number."""
    flow = flow_by_key(key)
    was, now = (_edition(flow, word, attr) for word, attr in ((before, "from"), (after, "to")))
    return difference(was[0], now[0], was[1], now[1], names=names_now())


def _edition(flow: Flow, word: str, attr: str) -> tuple[Graph, Settings]:
    if word == "draft":
        return draft_parts(flow.graph, flow.settings)
    if word == "live":
        live = flow.live_version
        return draft_parts(live.graph, live.settings) if live else (Graph(), Settings())
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise NoSuchEditionError(f"Say draft, live or a version's number, not “{word}”.", attr=attr)
    version = version_of(flow, int(word))
    return draft_parts(version.graph, version.settings)
