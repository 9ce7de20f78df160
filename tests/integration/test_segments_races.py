"""Several workers on the segments of one database, and workers that die: exact again at rest."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from common import jobs
from common.clock import utcnow
from common.models import Job
from contacts.intake import accept
from contacts.models import Contact, Identity
from contacts.services import FieldChange, contact_delete, fields_update
from flows.engine import pulse as pulses
from flows.engine.worker import Engine
from segments.builds import segment_build
from segments.models import MembershipChange, Segment
from segments.refresh import refresh_time
from segments.selectors import builds_open
from segments.services import members_change, segment_create, segment_update
from tests.builders_segments import build
from tests.segments_on_paper import Paper

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 200
SEEN = {"type": "event", "name": "Seen", "window": {"last": "PT2S"}}
OFTEN = {"type": "event", "name": "Seen", "op": "gte", "value": 3}
GRAZ = {"type": "field", "field": "city", "op": "eq", "value": "Graz"}
RULES: dict[str, Any] = {
    "seen": SEEN,
    "often": OFTEN,
    "graz": GRAZ,
    "either": {"type": "any", "rules": [GRAZ, {"type": "segment", "segment": "seen", "op": "in"}]},
    "quiet": {"type": "all", "rules": [
        {"type": "segment", "segment": "often", "op": "not_in"},
        {"type": "event", "name": "*", "op": "eq", "value": 0, "window": {"last": "PT1S"}},
    ]},
}  # fmt: skip
EDITED = {"type": "all", "rules": [GRAZ, {"type": "event", "name": "Seen"}]}


def segments_make() -> None:
    for key, rule in RULES.items():
        segment_create(key=key, name=key, kind="dynamic", rule=rule, now=utcnow())
        build(key, clock=utcnow)


def come(numbers: range) -> None:
    messages = [
        {"type": "identify", "userId": f"u{n}", "anonymousId": f"a{n}", "traits": {"city": "Linz"}}
        for n in numbers
    ]
    accept(None, messages, utcnow())


def exact_now(rules: dict[str, Any], hands: dict[str, tuple[set[int], set[int]]]) -> None:
    """Bring everything to rest at one instant, and compare it with everybody asked on paper."""
    instant = utcnow() + timedelta(milliseconds=1)
    Engine(clock=lambda: instant, look=timedelta(microseconds=1)).until_idle()
    paper = Paper()
    alive = set(Contact.objects.values_list("id", flat=True))
    for key, rule in rules.items():
        paper.write(key, "dynamic", rule)
        paper.add(key, hands.get(key, (set(), set()))[0] & alive)
    paper.rest(instant)
    paper.compare()


def histories_take_turns() -> None:
    """Nobody who was never joined with another enters twice, or leaves without having entered."""
    inside: dict[tuple[int, int], str] = {}
    browsers = Identity.objects.filter(kind="anonymous_id", value__startswith="b")
    joined = set(browsers.values_list("contact_id", flat=True))
    changes = MembershipChange.objects.exclude(contact_id__in=joined)
    for row in changes.order_by("contact_id", "segment_id", "id"):
        place = (row.segment_id, row.contact_id)
        assert inside.get(place, "left") != row.change, place
        inside[place] = row.change


# ── processes ───────────────────────────────────────────────────────────────────────────────────


def _work() -> None:
    Engine(clock=utcnow, look=timedelta(milliseconds=50)).run(lambda: False, rest=0.005)


def _kill(worker: Any) -> None:
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(10)


def _waits_until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert true()


# ── the tests ───────────────────────────────────────────────────────────────────────────────────


def test_two_workers_with_everything_at_once_are_exact_when_they_rest(
    processes: Callable[..., Any],
) -> None:
    """Events, fields, hands, builds, merges and deletions, while workers are killed at random."""
    dice = random.Random(11)
    come(range(PEOPLE))
    Engine(clock=utcnow).until_idle()
    segments_make()
    workers = [processes(_work) for _ in range(2)]
    ids = dict(Contact.objects.values_list("external_id", "id"))
    held: set[int] = set()
    rules = dict(RULES)
    failures: list[BaseException] = []

    def rebuild() -> None:
        try:
            for turn in range(6):
                rules["graz"] = EDITED if turn % 2 == 0 else GRAZ
                segment_update("graz", rule=rules["graz"], now=utcnow())
                build("graz", clock=utcnow)
        except BaseException as failure:  # noqa: BLE001 - handed to the test
            failures.append(failure)
        finally:
            connections.close_all()

    building = threading.Thread(target=rebuild)
    building.start()
    for turn in range(40):
        some = dice.sample(range(PEOPLE), 20)
        messages: list[dict[str, Any]] = [
            {"type": "track", "userId": f"u{n}", "event": dice.choice(["Seen", "Login"])}
            for n in some
        ]
        messages += [{"type": "track", "anonymousId": f"b{n}", "event": "Seen"} for n in some[:3]]
        if turn % 4 == 3:
            messages += [
                {"type": "identify", "userId": f"u{n}", "anonymousId": f"b{n}"} for n in some[:3]
            ]
        accept(None, messages, utcnow())
        cities = [
            FieldChange(one % 64, one, {"city": dice.choice(["Graz", "Linz"])})
            for one in (ids[f"u{n}"] for n in some[:5])
        ]
        fields_update(cities, now=utcnow())
        hand = ids[f"u{dice.randrange(100)}"]
        members_change("often", [hand], change="add", cause="manual", now=utcnow())
        held.add(hand)
        if turn % 8 == 5:
            contact_delete(ids[f"u{PEOPLE - 1 - turn}"])
            ids[f"u{PEOPLE - 1 - turn}"] = 0
        if turn % 10 == 9:
            _kill(workers.pop(0))
            workers.append(processes(_work))
        time.sleep(0.02)
    building.join(60)
    assert not building.is_alive()
    assert not failures
    for worker in workers:
        _kill(worker)
    exact_now(rules, {"often": (held, set())})
    histories_take_turns()


def _build_and_hang(key: str, reached: Any) -> None:
    """Stop in the middle of the third piece of a build, within its transaction."""
    done: Callable[..., bool] = jobs.job_progress
    seen = 0

    def hang(*args: Any, **named: Any) -> bool:
        nonlocal seen
        seen += 1
        if seen == 3:
            reached.set()
            time.sleep(60)
        return done(*args, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jobs, "job_progress", hang)
        build(key, clock=utcnow)


def test_a_build_whose_worker_is_killed_goes_on_and_is_exact(
    processes: Callable[..., Any],
) -> None:
    come(range(PEOPLE))
    engine = Engine(clock=utcnow)
    engine.until_idle()
    segments_make()
    edited = segment_update("graz", rule={"type": "not", "rule": GRAZ}, now=utcnow())
    reached = multiprocessing.get_context("fork").Event()
    worker = processes(_build_and_hang, "graz", reached)
    assert reached.wait(20)
    _kill(worker)
    messages = [
        {"type": "identify", "userId": f"u{n}", "traits": {"city": "Graz"}} for n in range(50)
    ]
    accept(None, messages, utcnow())
    _waits_until(lambda: engine.turn() or Contact.objects.filter(city="Graz").count() == 50)
    job = Job.objects.get(id=builds_open(["graz"])["graz"])
    assert job.status == Job.Status.RUNNING
    segment_build(job.id, edited.id, clock=utcnow)
    job.refresh_from_db()
    assert (job.status, Segment.objects.get(key="graz").status) == ("done", "ready")
    exact_now({**RULES, "graz": {"type": "not", "rule": GRAZ}}, {})
    histories_take_turns()


def _tick_and_hang(reached: Any) -> None:
    """Stop when time has moved contacts, and nobody has been told."""
    look = refresh_time

    def hang(**named: Any) -> Any:
        looked = look(**named)
        if looked.changes:
            reached.set()
            time.sleep(60)
        return looked

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pulses, "refresh_time", hang)
        Engine(clock=utcnow, look=timedelta(milliseconds=50)).run(lambda: False, rest=0.01)


def test_a_worker_killed_in_the_middle_of_a_look_at_time_leaves_nothing_undone(
    processes: Callable[..., Any],
) -> None:
    come(range(PEOPLE))
    Engine(clock=utcnow).until_idle()
    segments_make()
    seen = [{"type": "track", "userId": f"u{n}", "event": "Seen"} for n in range(100)]
    accept(None, seen, utcnow())
    Engine(clock=utcnow).until_idle()
    assert MembershipChange.objects.filter(segment__key="seen").count() == 100
    reached = multiprocessing.get_context("fork").Event()
    worker = processes(_tick_and_hang, reached)
    assert reached.wait(30)
    _kill(worker)
    _waits_until(_lanes_are_free)
    exact_now(dict(RULES), {})
    histories_take_turns()


def _lanes_are_free() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT FROM lane FOR UPDATE SKIP LOCKED) l")
        return bool(cursor.fetchone()[0] == 64)
