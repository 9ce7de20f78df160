"""Child processes that are kept alive: started, started again when they die, stopped together.

Needs no Django.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 20.0
"""A child that has lived so long was well; its next death starts with a short pause again."""
STOP_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process to keep alive.

    Parameters
    ----------
    name
        What it is called in messages.
    arguments
        The command line.
    """

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)


class Children:
    """A family of processes that lives and ends together.

    Parameters
    ----------
    environment
        What all of them get as environment.
    folder
        Where they run.
    say
        Prints a line for the operator.
    """

    def __init__(
        self, *, environment: Mapping[str, str], folder: Path, say: Callable[[str], None]
    ) -> None:
        self._environment = dict(environment)
        self._folder = folder
        self._say = say
        self._children: list[Child] = []

    def add(self, name: str, arguments: Sequence[str]) -> None:
        """Start a further child."""
        child = Child(name, arguments)
        self._children.append(child)
        self._start(child)

    def look_after(self) -> None:
        """Start again who has died, once its pause is over. To be called every second or so."""
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                lived = now - child.started_at
                child.pause = FIRST_PAUSE if lived > STEADY_SECONDS else child.pause
                child.start_at = now + child.pause
                code = child.process.returncode
                child.process = None
                self._say(f"{child.name} ended ({code}); starting it again in {child.pause:.0f} s")
                child.pause = min(child.pause * 2, LONGEST_PAUSE)
            if child.process is None and now >= child.start_at:
                self._start(child)

    def stop(self) -> None:
        """Ask all to stop, wait, and kill who does not."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._children.clear()

    def _start(self, child: Child) -> None:
        child.started_at = time.monotonic()
        # A session of its own: Ctrl-C in the terminal reaches the parent alone, which then stops
        # everybody in order.
        child.process = subprocess.Popen(
            list(child.arguments),
            env=self._environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )  # preexec_fn is unsafe with threads only, and this process has none


def _die_with_parent() -> None:
    """Have the kernel end this child if its parent is killed, so that nobody is left behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os._exit(1)
