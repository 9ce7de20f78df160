"""Threads that make requests beside each other; none of them touches the database."""

import threading
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from messaging.circuits import Answer
from messaging.outgoing import Caller, Request


@dataclass(slots=True)
class Threads:
    """As many threads as requests are to be made at once; they wait for the next one."""

    caller: Caller
    wanted: SimpleQueue[tuple[int, Request] | None] = field(default_factory=SimpleQueue)
    made: SimpleQueue[tuple[int, Answer]] = field(default_factory=SimpleQueue)
    running: int = 0
    busy: int = 0

    def begin(self, call_id: int, request: Request) -> None:
        """Have a request made."""
        self.busy += 1
        if self.busy > self.running:
            self.running += 1
            threading.Thread(target=self._work, name="millrace-call", daemon=True).start()
        self.wanted.put((call_id, request))

    def answers(self, *, wait: float) -> list[tuple[int, Answer]]:
        """What has been answered: waits for the first, and takes along what else is there."""
        found: list[tuple[int, Answer]] = []
        try:
            while True:
                found.append(self.made.get(timeout=0.01 if found else wait))
        except Empty:
            self.busy -= len(found)
            return found

    def forget_one(self) -> None:
        """Count a thread as lost whose request does not end."""
        self.running -= 1

    def close(self) -> None:
        """Let the threads end, each when its request does."""
        for _ in range(self.running):
            self.wanted.put(None)

    def _work(self) -> None:
        while (task := self.wanted.get()) is not None:
            call_id, request = task
            self.made.put((call_id, self.caller(request)))
