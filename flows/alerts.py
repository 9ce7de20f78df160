"""What needs attention in flows: who is parked, what is paused, whether the engine keeps up.

Asked for whenever somebody looks at the home page. Every statement reads small tables, or one index
entry per lane: none grows with the number of visits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q

from common.alerts import JOBS_PAGE, Alert
from common.arrays import int_array
from common.lanes import LANES
from common.sql import queries
from flows.engine.book import version_of
from flows.graph import Graph, Problem, Settings, problems_of
from flows.graph.sentences import sentence_of
from flows.models import Flow, FlowVersion
from flows.selectors import known_now, names_now
from segments.rules import RuleRefused
from segments.selectors import fields_known

SQL = queries("flows", "failures")
TIMES = queries("flows", "times")

LAGGING: Final = timedelta(seconds=60)
"""Work that is older than this and still waits means that something is wrong."""
LATELY: Final = timedelta(minutes=5)
"""A stage of the pulse that has not failed for so long works again."""
MOST_KNOWN: Final = 10_000
_KNOWN: Final[dict[tuple[int, frozenset[tuple[str, str]]], str]] = {}
"""Version and fields → why it cannot be walked. Versions never change, so this stays true."""
_FAULTS: Final[dict[tuple[int, tuple[frozenset[Any], ...]], tuple[Problem, ...]]] = {}
"""Version and all that it may name → what is wrong with it now."""
MOST_STEPS: Final = 5
"""So many broken steps of one flow are told."""
ALL_LANES: Final = list(range(LANES))


def flow_alerts(now: datetime) -> list[Alert]:
    """What is the matter in the flows that run, and with the engine that carries them."""
    running = Flow.objects.filter(status__in=[Flow.Status.LIVE, Flow.Status.PAUSED])
    flows = {flow.id: flow for flow in running.defer("graph", "settings")}
    return [*_parked(flows), *_paused(flows), *_broken(flows), *_lag(now), *_aside(now)]


def _page(flow: Flow, **search: str) -> str:
    return f"/flows/{flow.key}?{urlencode(search)}"


def _parked(flows: dict[int, Flow]) -> Iterable[Alert]:
    """Who is parked, by flow and step."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["failed_now"])
        rows = [row for row in cursor.fetchall() if row[0] in flows]
        if not rows:
            return
        cursor.execute(
            SQL["failing_since"],
            {
                "flows": [flow_id for flow_id, _, _ in rows],
                "nodes": [node for _, node, _ in rows],
                "lanes": ALL_LANES,
            },
        )
        since = {(flow_id, node): at for flow_id, node, at in cursor.fetchall()}
    live = {flow_id: flows[flow_id].live_version_id for flow_id, _, _ in rows}
    said = _sentences(version_id for version_id in live.values() if version_id is not None)
    for flow_id, node, n in rows:
        flow = flows[flow_id]
        people = "1 person has" if n == 1 else f"{n:,} people have"
        step = said.get((live[flow_id] or 0, node), node)
        yield Alert(
            kind="failed_visits",
            severity="error",
            title=f"{people} failed in {flow.name}",
            detail=f"At the step “{step}”. Mend what is wrong, then retry or skip it for them.",
            to=_page(flow, tab="live", node=node),
            since=since.get((flow_id, node)),
            count=n,
            flow=flow.key,
            node=node,
        )


def _sentences(versions: Iterable[int]) -> dict[tuple[int, str], str]:
    """What the steps of some versions do, by version and step."""
    names = names_now()
    said: dict[tuple[int, str], str] = {}
    for version in FlowVersion.objects.filter(id__in=list(versions)).only("graph"):
        for node in Graph.model_validate(version.graph).nodes:
            said[version.id, node.id] = sentence_of(node, names)
    return said


def _paused(flows: dict[int, Flow]) -> Iterable[Alert]:
    """Flows that the engine has paused itself."""
    for flow in flows.values():
        if flow.alert and flow.status == Flow.Status.PAUSED:
            yield Alert(
                kind="flow_paused",
                severity="error",
                title=f"{flow.name} has been paused",
                detail=flow.alert,
                to=_page(flow, tab="live"),
                since=flow.updated_at,
                flow=flow.key,
            )


@dataclass(frozen=True, slots=True)
class _Edition:
    """A version of a flow that somebody enters by, or may still be inside by."""

    id: int
    number: int
    flow: Flow

    @property
    def is_live(self) -> bool:
        """Whether it is the one that people enter by now."""
        return self.id == self.flow.live_version_id

    @property
    def name(self) -> str:
        """What it is called: the flow, for whoever does not look at its past."""
        return self.flow.name if self.is_live else f"version {self.number} of {self.flow.name}"


def _editions(flows: Mapping[int, Flow]) -> list[_Edition]:
    """The live versions of flows, before the older ones that are still open."""
    is_live = Q(id__in=[flow.live_version_id for flow in flows.values()])
    rows = FlowVersion.objects.filter(is_live | Q(is_open=True), flow_id__in=list(flows))
    found = [
        _Edition(version_id, number, flows[flow_id])
        for version_id, number, flow_id in rows.values_list("id", "number", "flow_id")
    ]
    return sorted(found, key=lambda one: (not one.is_live, one.id))


def _with_people(editions: Sequence[_Edition]) -> list[_Edition]:
    """Those that matter: live ones, and older ones as long as anybody is inside by them."""
    older = [one for one in editions if not one.is_live]
    if not older:
        return list(editions)
    with connection.cursor() as cursor:
        cursor.execute(
            TIMES["versions_empty"],
            {
                "versions": int_array(one.id for one in older),
                "flows": int_array(one.flow.id for one in older),
                "lanes": int_array(ALL_LANES),
            },
        )
        empty = {version_id for (version_id,) in cursor.fetchall()}
    return [one for one in editions if one.id not in empty]


def _broken(flows: Mapping[int, Flow]) -> Iterable[Alert]:
    """Versions that can no longer be walked, as a field or so has changed since."""
    fields = fields_known()
    said = frozenset(fields.items())
    editions = _editions(flows)
    for version in FlowVersion.objects.filter(
        id__in=[one.id for one in editions if (one.id, said) not in _KNOWN]
    ):
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[version.id, said] = why_broken(version, fields)
    still = [one for one in editions if _KNOWN.get((one.id, said))]
    for one in _with_people(still):
        title = f"{one.name} stands still"
        what = "Its live version" if one.is_live else "What people came in by"
        yield Alert(
            kind="flow_broken",
            severity="error",
            title=title[0].upper() + title[1:] if not one.is_live else title,
            detail=f"{what} can no longer be run: {_KNOWN[one.id, said]} Mend the draft and "
            "publish it with “move”; whoever is inside goes on then.",
            to=_page(one.flow, tab="design"),
            since=None,
            flow=one.flow.key,
        )
    yield from _faults([one for one in editions if one not in still])


def _faults(editions: Sequence[_Edition]) -> Iterable[Alert]:
    """What is broken in versions as something that they name is gone, or other than it was.

    Whoever comes to such a step is parked there; a way out or a suppression holds for nobody. A
    step that is broken in the live version, too, is told once.
    """
    known = known_now()
    said = tuple(
        frozenset(one)
        for one in (
            known.segments,
            known.templates,
            known.topics,
            known.flows,
            known.fields.items(),
            known.settings,
        )
    )
    for version in FlowVersion.objects.filter(
        id__in=[one.id for one in editions if (one.id, said) not in _FAULTS]
    ).only("graph", "settings"):
        if len(_FAULTS) >= MOST_KNOWN:
            _FAULTS.clear()
        graph = Graph.model_validate(version.graph)
        found = problems_of(graph, Settings.model_validate(version.settings), known)
        _FAULTS[version.id, said] = tuple(found)
    broken = _with_people([one for one in editions if _FAULTS.get((one.id, said))])
    sentences = _sentences(one.id for one in broken) if broken else {}
    told: set[tuple[int, str]] = set()
    for one in broken:
        for node, problems in _by_node(_FAULTS[one.id, said]).items():
            if (one.flow.id, node) not in told:
                told.add((one.flow.id, node))
                yield _fault(one, node, sentences.get((one.id, node), node), problems)


def _by_node(faults: Iterable[Problem]) -> Mapping[str, list[str]]:
    """What is wrong at each of the first steps; at "" what is wrong with the settings."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.node or "", []).append(fault.detail)
    return dict(islice(found.items(), MOST_STEPS))


def _fault(edition: _Edition, node: str, step: str, problems: Sequence[str]) -> Alert:
    what = " ".join(problems[:3])
    fate = (
        f"At “{step}”: {what} Whoever comes there is kept there as failed. Mend the step and "
        "publish with “move”, or bring back what it names; then retry it for them."
        if node
        else f"{what} It holds for nobody until you mend the settings and publish with “move”."
    )
    flow = edition.flow
    return Alert(
        kind="flow_broken",
        severity="error",
        title=f"A {'step' if node else 'rule'} of {edition.name} is broken",
        detail=fate,
        to=_page(flow, tab="design", **({"node": node} if node else {})),
        since=None,
        flow=flow.key,
        node=node or None,
    )


def why_broken(version: FlowVersion, fields: Mapping[str, str]) -> str:
    """Why a version cannot be walked with these fields; "" if it can."""
    try:
        version_of(version.id, version.number, version.graph, version.settings, fields)
    except RuleRefused as refused:
        return " ".join(problem.detail for problem in refused.problems[:3])
    except Exception as trouble:  # noqa: BLE001 - whatever it is, a person is told
        return f"{str(trouble).splitlines()[0].rstrip('.')}." if str(trouble) else "It is broken."
    return ""


def _lag(now: datetime) -> Iterable[Alert]:
    """Whether what waits for the engine waits too long."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["oldest_waiting"], {"lanes": ALL_LANES, "now": now})
        oldest = min((at for at in cursor.fetchone() or () if at is not None), default=now)
    lag = now - oldest
    if lag > LAGGING:
        minutes = int(lag.total_seconds() // 60)
        yield Alert(
            kind="engine_lag",
            severity="error",
            title="The engine lags behind",
            detail=f"The oldest work has waited for {minutes} minutes. Is an engine running? "
            "Nothing is lost, but everything happens late.",
            to="/",
            since=oldest,
        )


def _aside(now: datetime) -> Iterable[Alert]:
    """What the engine could not process and has set aside."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["aside_now"], {"lately": now - LATELY})
        rows = cursor.fetchall()
    for is_stage, n, since, name, error in rows:
        if is_stage:
            title = f"A part of the engine fails: {name.replace('_', ' ')}"
            detail = f"Everything else goes on. {error}"
        else:
            title = f"{n:,} changes could not be processed" if n > 1 else "A change was set aside"
            detail = f"They are kept, and can be tried again. Last: {error}"
        yield Alert(
            kind="set_aside",
            severity="error",
            title=title,
            detail=detail,
            to=JOBS_PAGE,
            since=since,
            count=n,
        )
