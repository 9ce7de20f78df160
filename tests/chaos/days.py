"""Days in a house of bad luck: load, a fault in every round, and a reckoning at the end."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.chaos.house import WALK, House
from tests.chaos.post import MOODS, PostOffice
from tests.served import Json, wait_until

A_SECOND = 30
"""Events sent a second, while the door answers."""
HEALED_SECONDS = 150.0
WEIGHTS = {
    "engine": 22, "worker": 12, "web": 3, "postmaster": 12, "backend": 14, "cut": 15, "mail": 14,
    "disk": 8,
}  # fmt: skip
KILLS = ("engine", "worker", "web", "postmaster", "backend")


@dataclass
class Told:
    """What has been acknowledged, by contact."""

    people: list[str] = field(default_factory=list)
    pings: Counter[str] = field(default_factory=Counter)
    added: set[str] = field(default_factory=set)
    bought: dict[str, float] = field(default_factory=dict)
    """When the purchase was acknowledged (seconds since the epoch)."""
    events: int = 0


class Days:
    """One house, its post office, what was told to it, and what was done to it."""

    def __init__(self, house: House, post: PostOffice, *, seed: int, with_disk: bool) -> None:
        self.house = house
        self.post = post
        self.seed = seed
        self.dice = random.Random(seed)
        self.load = random.Random(seed + 1)
        self.weights = {name: n for name, n in WEIGHTS.items() if with_disk or name != "disk"}
        self.told = Told()
        self.done: Counter[str] = Counter()
        self.healed: dict[str, list[float]] = defaultdict(list)
        self.refused = 0
        self.probes = 0
        self.began = time.monotonic()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._feeder = threading.Thread(target=self._feed)
        self._failure: BaseException | None = None

    # ── load ────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Let the load begin."""
        self._feeder.start()

    def stop(self) -> None:
        """Let the load end; what it has begun to say is acknowledged first."""
        self._over.set()
        if self._feeder.is_alive():
            self._feeder.join(HEALED_SECONDS)
            assert not self._feeder.is_alive()
        if self._failure is not None:
            raise self._failure

    def _feed(self) -> None:
        try:
            while not self._over.wait(10 / A_SECOND):
                self._say_something()
        except BaseException as failure:  # noqa: BLE001 - raised by `stop`
            self._failure = failure

    def _say_something(self) -> None:
        """One batch of some ten messages about new and known people."""
        told, dice = self.told, self.load
        new = [f"c{len(told.people) + n}" for n in range(2)]
        batch = [message for name in new for message in self._arrival(name)]
        known = told.people[-400:] + new
        pings = Counter(dice.choice(known) for _ in range(3))
        pings = Counter({who: n for who, n in pings.items() if told.pings[who] + n < 90})
        batch += [_event(who, "Ping") for who in pings.elements()]
        added = {dice.choice(known) for _ in range(1)} - told.added
        batch += [_event(who, "Added") for who in sorted(added)]
        open_carts = sorted(told.added - told.bought.keys())
        bought = {dice.choice(open_carts)} if open_carts and dice.random() < 0.6 else set()
        batch += [_event(who, "Bought") for who in sorted(bought)]
        self._send(batch)
        with self._lock:
            told.people += new
        told.pings += pings
        told.added |= added
        told.bought |= dict.fromkeys(bought, time.time())
        told.events += sum(message["type"] == "track" for message in batch)

    def _arrival(self, name: str) -> list[Json]:
        traits = {"email": f"{name}@example.org"}
        first = {"type": "identify", "userId": name, "traits": traits, "messageId": f"i-{name}"}
        return [first, _event(name, "Go")]

    def _send(self, batch: Sequence[Json]) -> None:
        """Say it until it is acknowledged, each time under the same ids: each counts once."""
        body = json.dumps({"batch": list(batch)}).encode()
        word = base64.b64encode(f"{self.house.write_key}:".encode()).decode()
        headers = {"Authorization": f"Basic {word}", "Content-Type": "application/json"}
        end = time.monotonic() + HEALED_SECONDS
        while True:
            request = urllib.request.Request(
                f"{self.house.served.url}/v1/batch", body, headers, method="POST"
            )
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    assert json.load(answer) == {"success": True}
                return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    raise
            except (OSError, HTTPException):
                pass
            self.refused += 1
            assert time.monotonic() < end, "the door stays shut"
            time.sleep(0.2)

    # ── faults ──────────────────────────────────────────────────────────────────────────────────

    def round(self, number: int, fault: str = "") -> None:
        """One fault, then somebody new, who must come into the flow as if nothing had been."""
        time.sleep(self.dice.uniform(0.0, 0.6))
        names = list(self.weights)
        drawn = self.dice.choices(names, [self.weights[name] for name in names])[0]
        fault = fault or drawn
        harm: Callable[[], bool] = getattr(self, f"_{fault}")
        began = time.monotonic()
        if harm():
            self.done[fault] += 1
        self.probes += 1
        probe = f"p{number}"
        self._send(self._arrival(probe))
        with self._lock:
            self.told.people.append(probe)
        self.told.events += 1
        query = (
            "SELECT EXISTS (SELECT FROM visit v JOIN contact c ON c.lane = v.lane"
            " AND c.id = v.contact_id WHERE c.external_id = %s)"
        )
        wait_until(lambda: self.house.value(query, probe), seconds=HEALED_SECONDS, every=0.05)
        self.healed[fault].append(time.monotonic() - began)

    def _engine(self) -> bool:
        return self._one_of(self.house.processes("engine"))

    def _worker(self) -> bool:
        return self._one_of(self.house.processes("worker"))

    def _web(self) -> bool:
        return self._one_of(self.house.processes("web"))

    def _postmaster(self) -> bool:
        return self.house.kill(self.house.postmaster())

    def _backend(self) -> bool:
        return self._one_of(self.house.backends())

    def _one_of(self, processes: Sequence[int]) -> bool:
        return bool(processes) and self.house.kill(self.dice.choice(processes))

    def _cut(self) -> bool:
        parts = self.dice.choice([1, 1, 2, 3])
        return self.house.cut(parts, self.dice.randrange(parts)) > 0

    def _mail(self) -> bool:
        self.post.become(self.dice.choice(MOODS))
        return True

    def _disk(self) -> bool:
        with self.house.full_disk():
            time.sleep(self.dice.uniform(0.5, 3.0))
        return True

    # ── the reckoning ───────────────────────────────────────────────────────────────────────────

    def rest(self) -> None:
        """Let everything come to rest by itself; time passes quicker for the mails alone."""
        self.post.become("well")
        house = self.house
        busy = (
            "SELECT EXISTS (SELECT FROM inbox) OR EXISTS (SELECT FROM touch)"
            " OR EXISTS (SELECT FROM visit WHERE due_at IS NOT NULL)"
        )
        wait_until(lambda: not house.value(busy), seconds=HEALED_SECONDS)
        wait_until(lambda: house.served.health().get("status") == "ok", seconds=HEALED_SECONDS)
        # What waits for another try, or is held by a worker that is dead, waits for minutes.
        older = (
            "UPDATE message SET due_at = due_at - interval '1 day',"
            " claimed_at = claimed_at - interval '1 day' WHERE status IN ('queued', 'sending')"
        )
        house.rows(older + " RETURNING 1")
        waiting = "SELECT count(*) FROM message WHERE status IN ('queued', 'sending')"
        end = time.monotonic() + 60 + HEALED_SECONDS
        while house.value(waiting):
            assert time.monotonic() < end, "mails stay in the outbox"
            house.served.manage(
                "shell", "-c", "from messaging.tasks import sweep; sweep(timestamp=0)"
            )
            time.sleep(2)

    def reckon(self) -> None:
        """Compare what there is with what was told: nothing lost, nothing doubled."""
        house, told = self.house, self.told
        assert house.value("SELECT count(*) FROM rejected_message") == 0
        kept = house.value("SELECT count(*) FROM event WHERE NOT touch")
        assert kept == told.events, (kept, told.events)
        self._walk_is_whole()
        self._counts_are_exact()
        self._carts_are_right()
        self._mails_have_gone()
        checked = house.served.manage("check_counts")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert house.served.health()["status"] == "ok"

    def _walk_is_whole(self) -> None:
        ways = (
            "SELECT c.external_id, v.state, v.reason, array_agg(s.number ORDER BY s.number),"
            " array_agg(s.node ORDER BY s.number) FROM visit v"
            " JOIN flow f ON f.id = v.flow_id AND f.key = 'walk'"
            " JOIN contact c ON c.lane = v.lane AND c.id = v.contact_id"
            " JOIN step s ON s.lane = v.lane AND s.visit_id = v.id"
            " GROUP BY c.external_id, v.lane, v.id, v.state, v.reason"
        )
        found = self.house.rows(ways)
        assert Counter(row[0] for row in found) == Counter(self.told.people)
        numbers = list(range(len(WALK)))
        for who, *way in found:
            assert way == ["exited", "done", numbers, WALK], (who, way)

    def _counts_are_exact(self) -> None:
        house, pings = self.house, +self.told.pings
        entered = (
            "SELECT c.external_id, count(*) FROM visit v"
            " JOIN flow f ON f.id = v.flow_id AND f.key = 'count'"
            " JOIN contact c ON c.lane = v.lane AND c.id = v.contact_id"
            " WHERE v.state = 'completed' AND v.steps = 2 GROUP BY 1"
        )
        assert Counter(dict(house.rows(entered))) == pings
        scores = house.rows("SELECT external_id, score FROM contact WHERE score <> 0")
        assert dict(scores) == pings
        regulars = house.rows(
            "SELECT c.external_id FROM membership m JOIN segment s ON s.id = m.segment_id"
            " JOIN contact c ON c.lane = m.lane AND c.id = m.contact_id WHERE s.key = 'regulars'"
        )
        assert {who for (who,) in regulars} == {who for who, n in pings.items() if n >= 3}

    def _carts_are_right(self) -> None:
        ways = self.house.rows(
            "SELECT c.external_id, v.state, extract(epoch FROM v.entered_at)::float8,"
            " array(SELECT s.node FROM step s WHERE s.lane = v.lane AND s.visit_id = v.id"
            " ORDER BY s.number) FROM visit v"
            " JOIN flow f ON f.id = v.flow_id AND f.key = 'cart'"
            " JOIN contact c ON c.lane = v.lane AND c.id = v.contact_id"
        )
        assert Counter(row[0] for row in ways) == Counter(self.told.added)
        for who, state, entered_at, nodes in ways:
            bought_at = self.told.bought.get(who)
            in_time = bought_at is not None and bought_at < entered_at + 2
            if in_time or state == "exited":
                assert (state, nodes, who in self.told.bought) == (
                    "exited", ["added", "while"], True,
                ), (who, state, nodes, bought_at, entered_at)  # fmt: skip
            else:
                assert (state, nodes) == ("completed", ["added", "while", "remind"]), (who, nodes)

    def _mails_have_gone(self) -> None:
        house = self.house
        wanted = house.rows(
            'SELECT m.idempotency_key, m."to", m.status FROM message m'
            " JOIN visit v ON v.lane = m.lane AND v.id = m.visit_id"
        )
        steps = house.value("SELECT count(*) FROM step WHERE node IN ('mail', 'remind')")
        assert len(wanted) == steps == house.value("SELECT count(*) FROM message")
        assert {status for _, _, status in wanted} <= {"sent"}
        names = {key.strip("<>").partition("@")[0]: to for key, to in self.post.taken.items()}
        assert {key: {to} for key, to, _ in wanted} == {key: set(to) for key, to in names.items()}

    # ── the story ───────────────────────────────────────────────────────────────────────────────

    def story(self, why_no_disk: str = "") -> str:
        """What was done, and how it went, for people."""
        house = self.house
        kills = sum(self.done[kind] for kind in KILLS)
        times = sorted(one for kind in self.healed.values() for one in kind)
        mails = [to.total() for to in self.post.taken.values()]
        told = ", ".join(f"{kind} {n}" for kind, n in sorted(self.done.items()))
        lines = [
            (
                f"chaos, seed {self.seed}: {self.probes} rounds in"
                f" {time.monotonic() - self.began:,.0f} s"
            ),
            f"  faults       {told}",
            f"  killed       {kills} processes by SIGKILL",
            f"  mail server  {', '.join(f'{k} {n}' for k, n in sorted(self.post.moods.items()))}",
            f"  full disk    {why_no_disk or self.done['disk']}",
            (
                f"  events       {self.told.events:,} accepted,"
                f" {house.value('SELECT count(*) FROM event WHERE NOT touch'):,} processed;"
                f" {self.refused:,} tries not answered, and made again"
            ),
            (
                f"  visits       {house.value('SELECT count(*) FROM visit'):,},"
                f" {house.value('SELECT count(*) FROM step'):,} steps, each once"
            ),
            (
                f"  mails        {len(mails):,} messages, each delivered;"
                f" {sum(mails) - len(mails)} came again, under the same Message-ID"
            ),
            (
                f"  healed in    p50 {_part(times, 0.5):.1f} s, p95 {_part(times, 0.95):.1f} s,"
                f" worst {times[-1]:.1f} s (from the fault until somebody new is in the flow)"
            ),
        ]
        lines += [
            f"    {kind:11}p50 {_part(sorted(found), 0.5):5.1f} s, worst {max(found):5.1f} s"
            for kind, found in sorted(self.healed.items())
        ]
        return "\n".join(lines)


def _event(who: str, name: str) -> Json:
    _event_number[0] += 1
    key = f"e-{_event_number[0]}"
    return {"type": "track", "userId": who, "event": name, "properties": {}, "messageId": key}


_event_number = [0]


def _part(times: Sequence[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]
