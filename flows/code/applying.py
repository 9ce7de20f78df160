"""Flows out to files and in again: export, apply, diff.

Files are applied all or none. A flow that is not there is made; one whose draft says something else
is saved anew, unless somebody has saved it in that very moment or since the `revision` in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.permissions import Actor
from common.errors import Conflict, MillraceError, NotFound, Refused
from common.yamltext import TextRefused
from flows.code.files import FlowFile, flow_files, flow_text
from flows.graph import Difference, difference, problems_of
from flows.lives import FlowHasProblemsError, flow_publish
from flows.models import Flow, FlowVersion
from flows.preview import publish_preview
from flows.selectors import flow_by_key, known_now, names_now
from flows.services import draft_parts, flow_create, flow_update, plain


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done (or would be) to one flow: `made`, `changed` or `left`, and in words."""

    key: str
    what: str
    words: Sequence[str] = ()
    version: int | None = None
    """The version that was published."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a file differs from the product; `found` is None where the product has no such flow."""

    key: str
    found: Difference | None
    words: Sequence[str] = field(default_factory=tuple)

    @property
    def same(self) -> bool:
        """Whether applying the file would change nothing that has a meaning."""
        return self.found is not None and not self.words


# ── export ──────────────────────────────────────────────────────────────────────────────────────


def flows_export(keys: Iterable[str] = (), *, live: bool = False) -> dict[str, str]:
    """Each flow's text by its key; all that are not archived if none is named.

    Parameters
    ----------
    live
        What is live instead of the draft; flows that are not published are left out.

    Raises
    ------
    NotFound
        If there is no flow of a key that is named.
    """
    wanted = list(dict.fromkeys(keys))
    flows = Flow.objects.select_related("live_version").order_by("key")
    found = list(
        flows.filter(key__in=wanted) if wanted else flows.exclude(status=Flow.Status.ARCHIVED)
    )
    missing = sorted(set(wanted) - {flow.key for flow in found})
    if missing:
        raise NotFound(f"There is no flow “{missing[0]}”.")
    texts: dict[str, str] = {}
    for flow in found:
        said = flow.live_version if live else flow
        if said is not None:
            graph, settings = draft_parts(said.graph, said.settings)
            texts[flow.key] = flow_text(flow.key, flow.name, graph, settings, flow.tests)
    return texts


# ── apply ───────────────────────────────────────────────────────────────────────────────────────


def flows_read(texts: Mapping[str, str]) -> list[FlowFile]:
    """The flows in some files, by the names of these.

    Raises
    ------
    TextRefused
        If one can't be read, or two speak of the same flow.
    """
    flows = [flow for file, text in texts.items() for flow in flow_files(text, file=file)]
    seen: dict[str, FlowFile] = {}
    for flow in flows:
        if flow.key in seen:
            first = seen[flow.key].document
            raise flow.document.refuse(
                f"the flow “{flow.key}” is in {first.file} already (line {first.line()}): keep one"
            )
        seen[flow.key] = flow
    return flows


def flows_apply(
    files: Sequence[FlowFile],
    *,
    publish: bool = False,
    inside: str = "stay",
    moves: Mapping[str, str | None] | None = None,
    dry_run: bool = False,
    actor: Actor,
    now: datetime,
) -> list[Applied]:
    """Make the drafts what the files say, and publish what differs from what is live.

    Parameters
    ----------
    publish
        Publish each flow of the files whose draft is not what is live.
    inside
        What happens to those inside: `stay` or `move`.
    moves
        For `move`: where those at a removed step go; None (or nothing) means out of the flow. Of
        several flows each takes the steps that it had and has no more.
    dry_run
        Say what would be done, and do nothing.

    Raises
    ------
    TextRefused
        With file and line, if one can't be used; then nothing is done at all.
    """
    if moves and not (publish and inside == "move"):
        raise Refused("Say where people go only when you publish and move them.", attr="moves")
    with transaction.atomic():
        theirs = _moves_of(files, moves or {})
        done = [_apply(file, actor=actor, now=now) for file in files]
        if publish:
            done = [
                _publish(
                    file,
                    one,
                    inside=inside,
                    moves=theirs[file.key],
                    dry_run=dry_run,
                    actor=actor,
                    now=now,
                )
                for file, one in zip(files, done, strict=True)
            ]
        if dry_run:
            transaction.set_rollback(True)
    return done


def _moves_of(
    files: Sequence[FlowFile], moves: Mapping[str, str | None]
) -> dict[str, dict[str, str | None]]:
    """Where people go, by flow.

    Raises
    ------
    Refused
        If no flow of the files loses such a step, or a step is to be gone to that is not there.
    """
    versions = FlowVersion.objects.filter(flow__key__in=[file.key for file in files])
    had: dict[str, set[str]] = {}
    for key, graph in versions.values_list("flow__key", "graph"):
        had.setdefault(key, set()).update(node["id"] for node in graph.get("nodes", ()))
    theirs: dict[str, dict[str, str | None]] = {}
    for file in files:
        has = {node.id for node in file.graph.nodes}
        theirs[file.key] = {
            old: new
            for old, new in moves.items()
            if old in had.get(file.key, ()) and old not in has
        }
        for new in theirs[file.key].values():
            if new is not None and new not in has:
                raise file.document.refuse(f"there is no step “{new}” to move people to", ("flow",))
    for old in moves:
        if not any(old in one for one in theirs.values()):
            raise Refused(f"No flow of these files loses a step “{old}”.", attr="moves")
    return theirs


def _apply(file: FlowFile, *, actor: Actor, now: datetime) -> Applied:
    flow = Flow.objects.select_for_update().filter(key=file.key).first()
    graph, settings = plain(file.graph), plain(file.settings)
    try:
        if flow is None:
            if file.revision is not None:
                raise Conflict("there is no such flow: leave out its `revision` to make it anew")
            flow_create(
                key=file.key,
                name=file.name,
                graph=graph,
                settings=settings,
                actor=actor,
                now=now,
            )
            Flow.objects.filter(key=file.key).update(tests=file.tests)
            return Applied(file.key, "made")
        _allowed(file, flow)
        if _is_as_said(file, flow):
            return Applied(file.key, "left")
        words = _compare(file, flow).words
        flow_update(
            file.key,
            name=file.name,
            graph=graph,
            settings=settings,
            revision=flow.revision,
            now=now,
        )
        Flow.objects.filter(key=file.key).update(tests=file.tests)
        return Applied(file.key, "changed", words)
    except TextRefused:
        raise
    except MillraceError as error:
        path = ("revision",) if isinstance(error, Conflict) and file.revision else ("flow",)
        raise file.document.refuse(error.detail, path) from error


def _allowed(file: FlowFile, flow: Flow) -> None:
    if flow.status == Flow.Status.ARCHIVED:
        raise Conflict(f"the flow “{flow.key}” is archived, and that is for good: use another key")
    if file.revision is not None and file.revision != flow.revision:
        raise Conflict(
            f"the draft has revision {flow.revision} by now, and the file was made from "
            f"{file.revision}: export it, join the changes, and apply again"
        )


def _is_as_said(file: FlowFile, flow: Flow) -> bool:
    """Whether the product has it to the letter, the drawing included."""
    drawn, chosen = draft_parts(flow.graph, flow.settings)
    ours = flow_text(flow.key, flow.name, drawn, chosen, flow.tests)
    return ours == flow_text(file.key, file.name, file.graph, file.settings, file.tests)


def _publish(
    file: FlowFile,
    one: Applied,
    *,
    inside: str,
    moves: Mapping[str, str | None],
    dry_run: bool,
    actor: Actor,
    now: datetime,
) -> Applied:
    flow = flow_by_key(file.key)
    live = flow.live_version
    if live is not None:
        graph, settings = draft_parts(live.graph, live.settings)
        if difference(graph, file.graph, settings, file.settings).same:
            return one
    if flow.status == Flow.Status.PAUSED:
        detail = f"the flow “{flow.key}” is paused, and publishing would resume it: resume it first"
        raise file.document.refuse(detail, ("flow",))
    problems = problems_of(file.graph, file.settings, known_now())
    for problem in problems:
        raise file.document.refuse(problem.detail, file.place_of(problem.node))
    try:
        if dry_run:
            told = publish_preview(file.key, inside=inside, moves=moves, now=now)
            more = [words for words in told.words if words not in one.words]
            return Applied(one.key, one.what, (*one.words, *more), told.version)
        version = flow_publish(file.key, inside=inside, moves=moves, actor=actor, now=now)
    except (FlowHasProblemsError, Refused, Conflict) as error:
        raise file.document.refuse(error.detail, ("flow",)) from error
    return Applied(one.key, one.what, one.words, version.number)


# ── diff ────────────────────────────────────────────────────────────────────────────────────────


def flows_compare(files: Sequence[FlowFile], *, live: bool = False) -> list[Compared]:
    """What applying the files would change, in words; the drawing is no matter.

    Parameters
    ----------
    live
        Compare with what is live instead of the draft.
    """
    flows = Flow.objects.select_related("live_version").filter(key__in=[one.key for one in files])
    known = {flow.key: flow for flow in flows}
    return [
        _compare(file, known[file.key], live=live)
        if file.key in known
        else Compared(file.key, None, ("There is no such flow yet: applying makes it.",))
        for file in files
    ]


def _compare(file: FlowFile, flow: Flow, *, live: bool = False) -> Compared:
    if live and flow.live_version is None:
        return Compared(file.key, None, ("It is not published yet.",))
    said = flow.live_version if live and flow.live_version is not None else flow
    graph, settings = draft_parts(said.graph, said.settings)
    found = difference(graph, file.graph, settings, file.settings, names=names_now())
    words = list(found.words)
    if file.name != flow.name:
        words.insert(0, f"It is called “{file.name}” (was: “{flow.name}”).")
    if file.tests != flow.tests:
        words.append("Its tests are others.")
    return Compared(file.key, found, words)
