"""Making calls: takes due ones, makes them in threads, marks each; a short transaction each time.

So many at once, and so many of one host, that a slow host keeps no other waiting: whenever a call
ends, another is taken, of a host that has room. What a dead worker had claimed is taken back by the
sweep, and is at worst called again, under the same key. When a webhook has ended, the visit that
waits for it is touched in the same commit.
"""

import json
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from common.arrays import instant_array, int_array, json_array, text_array
from common.models import Workspace
from common.sql import queries
from contacts.services import NewTouch, touches_write
from messaging.circuits import MAX_TRIES, Answer, Circuit, pause_after
from messaging.holding import flows_held
from messaging.outgoing import Caller, Request
from messaging.sealing import request_opened
from messaging.secrets import signing_secrets
from messaging.threads import Threads

SQL = queries("messaging", "calls")

AT_ONCE = 64
PER_HOST = 8
CROWDED = 48
"""When so many are under way, a host that has some already gets no more: others come first."""
WORK_SECONDS = 60.0
"""How long one run takes up new calls before it hands on to another."""
GRACE_SECONDS = 8.0
"""What a call may take beyond its timeout (names to be resolved, an answer in drops)."""
SLACK_TIMEOUT = 10.0
CLAIM_LASTS = timedelta(minutes=5)
"""How long a call may be claimed before its worker is taken for dead."""
PROBE_LASTS = timedelta(minutes=2)
RUNS = (714_001, 714_002)
"""Advisory locks: so many runs at a time, over all workers."""

LOCKED = (
    "Its headers can be read with no key of SECRETS_KEYS or SECRET_KEY: add the one they were "
    "written with."
)
GIVEN_UP = "Given up: the worker died each time this was called."


@dataclass(frozen=True, slots=True)
class _Claimed:
    call_id: int
    host: str
    tries: int
    key: str
    probe: bool
    request: Request
    overdue_at: float


def calls_make(
    *,
    clock: Callable[[], datetime],
    caller: Caller,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Make the calls that are due, until none is left or the time of a run is over.

    Ends at once where enough runs are under way: they look for due calls once more after they have
    let go of their lock, so what is due now is seen by one of them.

    Returns
    -------
    bool
        Whether there is more to do at once.
    """
    while True:
        lock = _lock()
        if lock is None:
            return False
        try:
            run = _Run(clock=clock, caller=caller, stop=stop)
            is_left = run.all()
        finally:
            _unlock(lock)
        if is_left or stop():
            return is_left
        if not _hosts_free(_hosts_due(clock())):
            return False
        if not run.taken:
            time.sleep(0.1)  # what is due is locked, by a pulse that calls it off perhaps


def calls_recover(*, now: datetime) -> bool:
    """Take back what dead workers had claimed; returns whether any call can be made now."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SQL["calls_lost"], {"before": now - CLAIM_LASTS})
            lost = cursor.fetchall()
        by_claim: dict[uuid.UUID, list[tuple[int, str, Answer, datetime | None]]] = {}
        for claim, call_id, tries in lost:
            status = "queued" if tries < MAX_TRIES else "failed"
            error = "" if status == "queued" else GIVEN_UP
            row = (call_id, status, Answer(error=error), now)
            by_claim.setdefault(claim, []).append(row)
        for claim, rows in by_claim.items():
            _mark(claim, rows, now=now)
    return bool(_hosts_free(_hosts_due(now)))


class _Run:
    """One run: what is under way, and the threads that do it."""

    def __init__(
        self, *, clock: Callable[[], datetime], caller: Caller, stop: Callable[[], bool]
    ) -> None:
        self.clock = clock
        self.stop = stop
        self.claim = uuid.uuid4()
        self.under_way: dict[int, _Claimed] = {}
        self.threads = Threads(caller)
        self.until = time.monotonic() + WORK_SECONDS
        self.taken = 0

    def all(self) -> bool:
        """Take, make and mark until there is nothing left; True if the time was over first."""
        try:
            while not self.stop():
                has_time = time.monotonic() < self.until
                taken = self._take() if has_time else 0
                if not self.under_way:
                    return not has_time
                ended = self._ended(wait=0.02 if taken else 0.5)
                if ended:
                    self._settle(ended)
            return True
        finally:
            self.threads.close()

    def _take(self) -> int:
        """Claim due calls of hosts that have room, and begin them."""
        free = AT_ONCE - len(self.under_way)
        if free <= 0:
            return 0
        now = self.clock()
        busy = Counter(one.host for one in self.under_way.values())
        shares: dict[str, int] = {}
        probes = _probes(_hosts_due(now), now=now)
        for host, is_open in probes.items():
            most = 2 if len(self.under_way) >= CROWDED else PER_HOST
            shares[host] = 1 if is_open else max(0, most - busy[host])
        shares = {host: min(n, free) for host, n in shares.items() if n}
        if not shares:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["calls_claim"],
                {
                    "claim": self.claim,
                    "now": now,
                    "hosts": text_array(shares),
                    "ns": int_array(_fair(list(shares.values()), free)),
                    "held": flows_held(),
                },
            )
            rows = cursor.fetchall()
        if rows:
            self.taken += len(rows)
            self._begin(rows, probes, now=now)
        return len(rows)

    def _begin(
        self, rows: Iterable[Sequence[Any]], probes: Mapping[str, bool], *, now: datetime
    ) -> None:
        slack = Workspace.objects.get().slack_webhook
        secrets = signing_secrets()
        locked: list[tuple[int, str, Answer, datetime | None]] = []
        for call_id, host, kind, stored, tries, key in rows:
            wanted = request_opened(json.loads(stored))
            if wanted is None:
                locked.append(_judged(call_id, tries, key, Answer(error=LOCKED), now=now))
                continue
            request = _request(kind, wanted, key=key, slack=slack, secrets=secrets, now=now)
            claimed = _Claimed(
                call_id,
                host,
                tries,
                key,
                probes.get(host, False),
                request,
                time.monotonic() + request.timeout + GRACE_SECONDS,
            )
            self.under_way[call_id] = claimed
            self.threads.begin(call_id, request)
        if locked:
            with transaction.atomic():
                _mark(self.claim, locked, now=now)

    def _ended(self, *, wait: float) -> list[tuple[_Claimed, Answer]]:
        """The calls that have ended meanwhile, and those whose time is long over."""
        ended = [
            (self.under_way.pop(call_id), answer)
            for call_id, answer in self.threads.answers(wait=wait)
            if call_id in self.under_way
        ]
        for call_id, claimed in list(self.under_way.items()):
            if time.monotonic() > claimed.overdue_at:
                self.threads.forget_one()
                seconds = claimed.request.timeout
                answer = Answer(error=f"No answer within {seconds:g} seconds.")
                ended.append((self.under_way.pop(call_id), answer))
        return ended

    def _settle(self, ended: Sequence[tuple[_Claimed, Answer]]) -> None:
        """Mark calls, touch who waits for them, and keep the hosts' circuits: one commit."""
        now = self.clock()
        rows = [_judged(one.call_id, one.tries, one.key, answer, now=now) for one, answer in ended]
        with transaction.atomic():
            _mark(self.claim, rows, now=now)
            by_host: dict[str, list[tuple[_Claimed, Answer]]] = defaultdict(list)
            for one, answer in ended:
                by_host[one.host].append((one, answer))
            _keep_circuits(by_host, now=now)


def _lock() -> int | None:
    """Take one of the places for a run, until this session ends; None if all are taken."""
    with connection.cursor() as cursor:
        for key in RUNS:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            [is_held] = cursor.fetchone()
            if is_held:
                return key
    return None


def _unlock(key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _hosts_due(now: datetime) -> list[tuple[str, bool, bool]]:
    """Hosts with due calls: (host, its circuit is open, a probe may go out)."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["calls_hosts"], {"now": now})
        return list(cursor.fetchall())


def _hosts_free(due: Iterable[tuple[str, bool, bool]]) -> list[str]:
    return [host for host, is_open, may_probe in due if not is_open or may_probe]


def _probes(due: Iterable[tuple[str, bool, bool]], *, now: datetime) -> dict[str, bool]:
    """The hosts that may be called now; True for those of which one call is a probe."""
    callable_now: dict[str, bool] = {}
    waiting: list[str] = []
    for host, is_open, may_probe in due:
        if not is_open:
            callable_now[host] = False
        elif may_probe:
            waiting.append(host)
    if waiting:
        with connection.cursor() as cursor:
            cursor.execute(
                SQL["hosts_probe"],
                {"hosts": text_array(waiting), "now": now, "until": now + PROBE_LASTS},
            )
            callable_now.update((host, True) for (host,) in cursor.fetchall())
    return callable_now


def _fair(wanted: Sequence[int], free: int) -> list[int]:
    """Share out what is free: everybody one, then everybody a second, as far as it goes.

    Examples
    --------
    >>> _fair([8, 1, 8], 7)
    [3, 1, 3]
    """
    given = [0] * len(wanted)
    while free > 0 and any(have < want for have, want in zip(given, wanted, strict=True)):
        for place, want in enumerate(wanted):
            if free > 0 and given[place] < want:
                given[place] += 1
                free -= 1
    return given


def _request(
    kind: str,
    wanted: Any,
    *,
    key: str,
    slack: str,
    secrets: tuple[str, ...],
    now: datetime,
) -> Request:
    if kind == "slack":
        body = json.dumps({"text": wanted["text"]})
        return Request("POST", slack, _JSON, body, SLACK_TIMEOUT, key, now)
    named = {name.lower() for name in wanted["headers"]}
    headers = {**({} if "content-type" in named else _JSON), **wanted["headers"]}
    if not wanted["body"] and "content-type" not in named:
        headers.pop("Content-Type")
    return Request(
        wanted["method"],
        wanted["url"],
        headers,
        wanted["body"],
        float(wanted["timeout"]),
        key,
        now,
        secrets,
    )


_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


def _judged(
    call_id: int, tries: int, key: str, answer: Answer, *, now: datetime
) -> tuple[int, str, Answer, datetime | None]:
    """Decide what a try means for its call: (id, status, answer, next try)."""
    if answer.outcome != "later":
        return call_id, answer.outcome, answer, None
    if tries >= MAX_TRIES:
        return call_id, "failed", answer, None
    pause = pause_after(answer, tries=tries, key=key)
    return call_id, "queued", answer, now + pause


def _mark(
    claim: uuid.UUID,
    rows: Sequence[tuple[int, str, Answer, datetime | None]],
    *,
    now: datetime,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL["calls_hold"], {"claim": claim, "ids": [row[0] for row in rows]})
        cursor.execute(
            SQL["calls_settle"],
            {
                "claim": claim,
                "now": now,
                "ids": int_array(row[0] for row in rows),
                "statuses": text_array(row[1] for row in rows),
                "answers": json_array(row[2].as_dict() for row in rows),
                "next_tries": instant_array(row[3] for row in rows),
            },
        )
        marked = cursor.fetchall()
    touches_write(
        [
            NewTouch(
                lane,
                contact_id,
                "call",
                flow or "",
                {"visit": visit, "step": step, "branch": "next" if status == "done" else "failed"},
            )
            for _id, lane, contact_id, flow, visit, step, kind, status in marked
            if kind == "webhook" and status in ("done", "failed")
        ],
        now=now,
    )


def _keep_circuits(
    by_host: Mapping[str, Sequence[tuple[_Claimed, Answer]]], *, now: datetime
) -> None:
    """Bring the circuits of these hosts up to what came of their calls."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["hosts_lock"], {"hosts": text_array(by_host)})
        before = {host: Circuit(*rest) for host, *rest in cursor.fetchall()}
        after = {
            host: before.get(host, Circuit()).after(
                [answer for _, answer in ended],
                probed=any(one.probe for one, _ in ended),
                now=now,
            )
            for host, ended in by_host.items()
        }
        well = [host for host in before if after[host] == Circuit()]
        ill = {host: one for host, one in after.items() if one not in (Circuit(), before.get(host))}
        if well:
            cursor.execute(SQL["hosts_forget"], {"hosts": text_array(well)})
        if ill:
            cursor.execute(
                SQL["hosts_write"],
                {
                    "now": now,
                    "hosts": text_array(ill),
                    "failures": int_array(one.failures for one in ill.values()),
                    "openings": int_array(one.openings for one in ill.values()),
                    "opened_ats": instant_array(one.opened_at for one in ill.values()),
                    "retry_ats": instant_array(one.retry_at for one in ill.values()),
                    "errors": text_array(one.error for one in ill.values()),
                },
            )
