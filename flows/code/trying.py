"""The tests that a flow file carries: timelines, and where they should lead.

    tests:
      - name: a purchase stops the reminder
        contact: {fields: {plan: trial}}
        timeline:
          - at: PT0M
            event: Product Added
          - at: PT30M
            event: Order Completed
        until: P7D
        expect:
          path: [cart, hour]
          outcome: exited

An instant is a date and time, or a duration after `start`. They run by simulation
(`flows.trial`): nothing is stored, nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from common.clock import canonical, parse_instant
from common.durations import describe_duration, parse_offset
from common.errors import MillraceError
from common.yamltext import Path, TextRefused
from flows.code.files import FlowFile, shaped
from flows.graph import problems_of
from flows.models import Flow
from flows.selectors import known_now, names_now
from flows.services import plain
from flows.trial import Scene, SceneContact, Simulation, VisitMade, simulate
from flows.trial.loading import UNSAVED, scene_now
from segments.rules import EventData

START: Final = "2026-01-05T09:00:00Z"
"""When a test begins that does not say: a Monday morning."""
USUAL_SPAN: Final = "P30D"
ADDRESS: Final = "ada@example.org"
"""The address of a contact in a test that does not say: else no e-mail could go."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EventBefore(_Strict):
    """Something the contact did before the start; `at` is an instant or `-P3D`."""

    name: str
    at: str
    properties: dict[str, Any] = Field(default_factory=dict)


class ContactInTest(_Strict):
    """The contact at the start; segments follow from their rules, `segments` are those by hand."""

    fields: dict[str, Any] = Field(default_factory=dict)
    consents: dict[str, Literal["subscribed", "unsubscribed"]] = Field(default_factory=dict)
    segments: list[str] = Field(default_factory=list)
    events: list[EventBefore] = Field(default_factory=list)


class ExpectedVisit(_Strict):
    """A visit: the nodes in order (a node, or `{node: PT1H}` with when), and how it ended."""

    path: list[str | dict[str, str]] | None = None
    outcome: Literal["inside", "completed", "converted", "exited", "failed"] | None = None
    reason: str | None = None


class Expected(ExpectedVisit):
    """What should have happened; what is not said is not looked at."""

    visits: list[ExpectedVisit] | None = None
    emails: list[str] | None = None
    fields: dict[str, Any] = Field(default_factory=dict)


class TestInFile(_Strict):
    """One test."""

    __test__ = False

    name: str = Field(min_length=1)
    start: str = START
    until: str = USUAL_SPAN
    contact: ContactInTest = Field(default_factory=ContactInTest)
    timeline: list[dict[str, Any]] = Field(default_factory=list)
    answers: dict[str, Literal["next", "failed"] | int] = Field(default_factory=dict)
    expect: Expected


@dataclass(frozen=True, slots=True)
class Tried:
    """How a test came out; `faults` is empty where all was as expected."""

    flow: str
    name: str
    file: str
    line: int
    faults: Sequence[str] = ()


def read_tests(file: FlowFile) -> list[TestInFile]:
    """The tests in a file, read.

    Raises
    ------
    TextRefused
        With file and line, if one can't be.
    """
    return [shaped(TestInFile, file.document, ("tests", n)) for n in range(len(file.tests))]


def run_tests(file: FlowFile, *, names: Sequence[str] = ()) -> list[Tried]:
    """Run the tests of a file against the flow in it, with the segments and fields there are.

    Parameters
    ----------
    names
        Only those whose name holds one of these.

    Raises
    ------
    TextRefused
        With file and line, if a test can't be read or run, or the flow has faults.
    """
    tests = read_tests(file)
    wanted = [
        (place, one)
        for place, one in enumerate(tests)
        if not names or any(part.casefold() in one.name.casefold() for part in names)
    ]
    if not wanted:
        return []
    known = known_now()
    for problem in problems_of(file.graph, file.settings, replace(known, templates=_Any())):
        raise file.document.refuse(problem.detail, file.place_of(problem.node))
    flow = Flow.objects.filter(key=file.key).first() or Flow(id=UNSAVED, key=file.key)
    scene = scene_now(flow, graph=plain(file.graph), settings=plain(file.settings), others=False)
    return [_run(file, place, one, replace(scene, lenient=True)) for place, one in wanted]


class _Any(frozenset[str]):
    """Every key there may be: a test needs no template to exist."""

    def __contains__(self, key: object) -> bool:
        return True


def _run(file: FlowFile, place: int, test: TestInFile, scene: Scene) -> Tried:
    path: Path = ("tests", place)
    try:
        start = parse_instant(test.start)
        found = simulate(
            scene,
            _contact(test, start),
            _timeline(file, (*path, "timeline"), test, start),
            start=start,
            end=_instant(test.until, start),
            answers=test.answers,
            names=names_now(),
        )
    except TextRefused:
        raise
    except (MillraceError, ValueError, TypeError) as error:
        raise file.document.refuse(f"{test.name}: {error}", path) from error
    faults = _faults(test.expect, found, file.key, start)
    return Tried(file.key, test.name, file.document.file, file.document.line(path), faults)


def _timeline(
    file: FlowFile, path: Path, test: TestInFile, start: datetime
) -> list[dict[str, Any]]:
    """The happenings with their instants."""
    found: list[dict[str, Any]] = []
    for place, row in enumerate(test.timeline):
        try:
            at = _instant(str(row.get("at", "")), start)
        except ValueError as error:
            raise file.document.refuse(f"{test.name}: {error}", (*path, place, "at")) from error
        found.append({**row, "at": canonical(at)})
    return found


def _contact(test: TestInFile, start: datetime) -> SceneContact:
    given = test.contact
    events = sorted(given.events, key=lambda event: _instant(event.at, start))
    return SceneContact(
        fields={"email": ADDRESS, **given.fields},
        consents=given.consents,
        segments=dict.fromkeys(given.segments, True),
        events=[
            EventData(event.name, _instant(event.at, start), event.properties, False, number)
            for number, event in enumerate(events, start=1)
        ],
    )


def _instant(text: str, start: datetime) -> datetime:
    """An instant, or a duration after (or, with a minus, before) the start."""
    return start + parse_offset(text) if text.lstrip("-").startswith("P") else parse_instant(text)


def _faults(expect: Expected, found: Simulation, key: str, start: datetime) -> list[str]:
    visits = list(found.visits.get(key, ()))
    faults: list[str] = []
    if expect.visits is not None:
        if len(visits) != len(expect.visits):
            faults.append(f"expected {len(expect.visits)} visits, and there were {len(visits)}")
        for wanted, visit in zip(expect.visits, visits, strict=False):
            faults += _visit_faults(wanted, visit, start)
    else:
        faults += _visit_faults(expect, visits[-1] if visits else None, start)
    if expect.emails is not None:
        sent = [mail.node for mail in found.messages if mail.flow == key and mail.status == "sent"]
        if sent != expect.emails:
            faults.append(f"expected e-mails {_list(expect.emails)}, and there went {_list(sent)}")
    for field, value in expect.fields.items():
        if found.fields.get(field) != value:
            was = found.fields.get(field)
            faults.append(f"expected {field} to be {value!r}, and it was {was!r}")
    return faults


def _visit_faults(wanted: ExpectedVisit, visit: VisitMade | None, start: datetime) -> list[str]:
    if visit is None:
        said = wanted.path or wanted.outcome or wanted.reason
        return ["nobody entered the flow"] if said else []
    faults: list[str] = []
    if wanted.path is not None and not _is_path(wanted.path, visit, start):
        went = [f"{step.node} (after {_after(step.at - start)})" for step in visit.path]
        faults.append(
            f"expected the path {_list(map(_said, wanted.path))}, and it was {_list(went)}"
        )
    for what, expected, was in (
        ("outcome", wanted.outcome, visit.outcome),
        ("reason", wanted.reason, visit.reason),
    ):
        if expected is not None and expected != was:
            why = f" ({visit.reason})" if what == "outcome" and visit.reason else ""
            faults.append(f"expected the {what} “{expected}”, and it was “{was}”{why}")
    return faults


def _is_path(wanted: Sequence[str | Mapping[str, str]], visit: VisitMade, start: datetime) -> bool:
    if len(wanted) != len(visit.path):
        return False
    for one, step in zip(wanted, visit.path, strict=True):
        ways = [(one, None)] if isinstance(one, str) else list(one.items())
        for node, at in ways:
            if node != step.node or (at is not None and _instant(at, start) != step.at):
                return False
    return True


def _said(step: str | Mapping[str, str]) -> str:
    if isinstance(step, str):
        return step
    return ", ".join(f"{node} (at {at})" for node, at in step.items())


def _after(time: timedelta) -> str:
    return describe_duration(time) if time else "nothing"


def _list(items: Any) -> str:
    return " → ".join(items) or "none"
