"""What people do with flows and contacts, on paper: publish, pause, archive, merge, delete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tests import clocks_on_paper
from tests.flows_on_paper import Paper
from tests.people_on_paper import TRIGGERS, Flow, Move, Person, Stand, Version, Way
from tests.steps_on_paper import WAITS, listens_to


def publish(
    paper: Paper,
    flow: Flow,
    version: Version,
    *,
    moves: Mapping[str, str | None] | None,
    now: datetime,
    many: bool = False,
) -> None:
    """A new version; who is inside stays at theirs, or (with `moves`) goes on in the new one.

    Of many, some are moved after others (`bring`): until then they take no step.
    """
    before = _including(flow.versions[-1]) if flow.versions else set()
    was_paused = flow.status == "paused"
    flow.versions.append(version)
    flow.status = "live"
    clocks_on_paper.publish(flow, now)
    if moves is not None:
        moves = _with_earlier(flow, version, moves)
        flow.move = Move(version, moves, set(paper.people)) if many else None
    for person in paper.people.values():
        if moves is not None and not many:
            _moved(paper, person, flow, Move(version, moves, set()), now)
        for node, segment in _including(version) - before:
            if person.stand(segment).member:
                paper.ask_flow(person, flow.key, "add", node=node)
    if was_paused:
        _go_on(paper, flow, now)


def bring(paper: Paper, flow: Flow, people: set[int], now: datetime) -> None:
    """These have their turn in a move of many; what they waited for may have come meanwhile."""
    move = flow.move
    assert move is not None
    for number in people & move.left:
        _moved(paper, paper.people[number], flow, move, now, is_late=True)
    move.left -= people


def _with_earlier(
    flow: Flow, version: Version, moves: Mapping[str, str | None]
) -> Mapping[str, str | None]:
    """Where a move that is overtaken has pointed, leads there still, and on by this one."""
    earlier = flow.move.moves if flow.move is not None else {}
    onward = {
        node: target if target is None or target in version.nodes else moves.get(target)
        for node, target in earlier.items()
    }
    return {**onward, **moves}


def _including(version: Version) -> set[tuple[str, str]]:
    return {
        (node, config["segment"])
        for node, kind, config in version.triggers
        if kind == "segment_entered" and config.get("include_existing")
    }


def _moved(
    paper: Paper,
    person: Person,
    flow: Flow,
    move: Move,
    now: datetime,
    *,
    is_late: bool = False,
) -> None:
    version, moves = move.version, move.moves
    for way in person.of_flow(flow):
        if way.state not in ("inside", "failed") or way.version.number >= version.number:
            continue
        was = way.version.nodes[way.node]
        if way.node in version.nodes:
            kind = version.nodes[way.node][0]
            same = was == version.nodes[way.node] or (kind == was[0] and kind not in WAITS)
            way.version = version
            missed = is_late and listens_to(*version.nodes[way.node]) != (None, ())
            if (missed or not same) and way.state == "inside":
                way.due, way.held = now, None
        elif moves.get(way.node) is None:
            paper.out(person, way, "exited", "removed by edit", now, called_back=True)
            continue
        else:
            way.state, way.failure = "inside", ""
            way.version, way.node, way.arrived_at = version, str(moves[way.node]), now
            way.path.append((way.node, now))
            way.due, way.held = now, None
        for key in version.settings.get("suppress", ()):
            if person.stand(key).member:
                reason = f"suppressed by segment {key}"
                paper.ask_flow(person, flow.key, "remove", reason=reason)


def retry(way: Way, now: datetime, *, live: bool = False) -> None:
    """The step that failed is decided anew: in the version they walk, or as it is now."""
    if live and way.node in way.flow.version.nodes:
        way.version = way.flow.version
    way.state, way.failure, way.due = "inside", "", now


def skip(paper: Paper, person: Person, way: Way, now: datetime) -> None:
    """The step that failed is left undone."""
    target = way.version.ways.get((way.node, "next"))
    if target is None:
        paper.out(person, way, "completed", "came to the end", now)
    else:
        way.state, way.failure, way.due = "inside", "", now
        way.node, way.arrived_at = target, now
        way.path.append((target, now))


def pause(flow: Flow) -> None:
    """Nobody comes in or goes on."""
    flow.status = "paused"


def resume(paper: Paper, flow: Flow, now: datetime) -> None:
    """What fell due goes on at once."""
    flow.status = "live"
    _go_on(paper, flow, now)


def _go_on(paper: Paper, flow: Flow, now: datetime) -> None:
    listening = {
        node
        for version in flow.versions
        for node, (kind, config) in version.nodes.items()
        if kind not in TRIGGERS and listens_to(kind, config) != (None, ())
    }
    for person in paper.people.values():
        for way in person.of_flow(flow):
            if way.state == "inside":
                way.due, way.held = way.held or way.due, None
                if way.node in listening:
                    way.due = now


def archive(paper: Paper, flow: Flow, now: datetime) -> None:
    """Everybody is out, for good."""
    flow.status = "archived"
    flow.clocks = {}
    for person in paper.people.values():
        for way in person.of_flow(flow):
            if way.state in ("inside", "failed"):
                paper.out(person, way, "exited", "archived", now, called_back=True)


def merge(paper: Paper, kept: Person, lost: Person, now: datetime) -> None:
    """Two people turn out to be one: what the one knew fills what the other did not."""
    del paper.people[lost.id]
    taken = [key for key in lost.fields if kept.fields.get(key) is None]
    for key in taken:
        kept.fields[key] = lost.fields[key]
        kept.field_times[key] = lost.field_times.get(key, "")
        kept.told[key] = now
    kept.fields["score"] += lost.fields["score"]
    kept.events = sorted([*kept.events, *lost.events], key=lambda event: event.id)
    kept.scores += lost.scores
    kept.happenings = sorted([*kept.happenings, *lost.happenings], key=lambda one: one.order)
    kept.ways = sorted([*kept.ways, *lost.ways], key=lambda way: way.order)
    for flow in paper.flows.values():
        for way in [way for way in kept.open() if way.flow is flow][1:]:
            paper.out(kept, way, "exited", "merged with another contact", now, called_back=True)
    for key in paper.segments:
        one, other = kept.stand(key), lost.stand(key)
        by_hand = one.by_hand or other.by_hand
        member = by_hand or one.member or (other.member and not one.held_out)
        held_out = (one.held_out or other.held_out) and not member
        kept.stands[key] = Stand(member, by_hand, held_out)
    paper.touch_all(kept, lost, taken)
