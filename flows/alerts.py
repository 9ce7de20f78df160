"""What needs attention in flows: who is parked, what is paused, whether the engine keeps up.

Asked for whenever somebody looks at the home page. Every statement reads small tables, or one index
entry per lane: none grows with the number of visits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection

from common.alerts import JOBS_PAGE, Alert
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
    said = _sentences({flows[flow_id] for flow_id, _, _ in rows})
    for flow_id, node, n in rows:
        flow = flows[flow_id]
        people = "1 person has" if n == 1 else f"{n:,} people have"
        step = said.get((flow_id, node), node)
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


def _sentences(flows: Iterable[Flow]) -> dict[tuple[int, str], str]:
    """What the steps of some flows do, as their live versions say it."""
    names = names_now()
    said: dict[tuple[int, str], str] = {}
    versions = [flow.live_version_id for flow in flows if flow.live_version_id is not None]
    for version in FlowVersion.objects.filter(id__in=versions).only("flow_id", "graph"):
        for node in Graph.model_validate(version.graph).nodes:
            said[version.flow_id, node.id] = sentence_of(node, names)
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


def _broken(flows: dict[int, Flow]) -> Iterable[Alert]:
    """Flows whose live version can no longer be walked, as a field or so has changed since."""
    fields = fields_known()
    said = frozenset(fields.items())
    live = {
        flow.live_version_id: flow for flow in flows.values() if flow.live_version_id is not None
    }
    for version in FlowVersion.objects.filter(
        id__in=[one for one in live if (one, said) not in _KNOWN]
    ):
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[version.id, said] = why_broken(version, fields)
    for version_id, flow in live.items():
        error = _KNOWN.get((version_id, said))
        if error:
            yield Alert(
                kind="flow_broken",
                severity="error",
                title=f"{flow.name} stands still",
                detail=f"Its live version can no longer be run: {error} Mend the draft and publish "
                "it with “move”; whoever is inside goes on then.",
                to=_page(flow, tab="design"),
                since=None,
                flow=flow.key,
            )
    walked = {one: flow for one, flow in live.items() if not _KNOWN.get((one, said))}
    yield from _faults(walked)


def _faults(flows: Mapping[int, Flow]) -> Iterable[Alert]:
    """What is broken in live versions as something that they name is gone, or other than it was.

    Whoever comes to such a step is parked there; a way out or a suppression holds for nobody.
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
        id__in=[one for one in flows if (one, said) not in _FAULTS]
    ).only("graph", "settings"):
        if len(_FAULTS) >= MOST_KNOWN:
            _FAULTS.clear()
        graph = Graph.model_validate(version.graph)
        found = problems_of(graph, Settings.model_validate(version.settings), known)
        _FAULTS[version.id, said] = tuple(found)
    broken = {
        flow: faults for one, flow in flows.items() if (faults := _FAULTS.get((one, said), ()))
    }
    sentences = _sentences(broken) if broken else {}
    for flow, faults in broken.items():
        for node, problems in _by_node(faults).items():
            yield _fault(flow, node, sentences.get((flow.id, node), node), problems)


def _by_node(faults: Iterable[Problem]) -> Mapping[str, list[str]]:
    """What is wrong at each of the first steps; at "" what is wrong with the settings."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.node or "", []).append(fault.detail)
    return dict(islice(found.items(), MOST_STEPS))


def _fault(flow: Flow, node: str, step: str, problems: Sequence[str]) -> Alert:
    what = " ".join(problems[:3])
    fate = (
        f"At “{step}”: {what} Whoever comes there is kept there as failed. Mend the step and "
        "publish with “move”, or bring back what it names; then retry it for them."
        if node
        else f"{what} It holds for nobody until you mend the settings and publish with “move”."
    )
    return Alert(
        kind="flow_broken",
        severity="error",
        title=f"A step of {flow.name} is broken" if node else f"A rule of {flow.name} is broken",
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
