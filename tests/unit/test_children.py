"""Child processes are started again when they die, and stop when asked, willing or not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import children as module
from config.children import Children

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def children(tmp_path: Path, said: list[str]) -> Iterator[Children]:
    family = Children(environment=dict(os.environ), folder=tmp_path, say=said.append)
    yield family
    family.stop()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_who_dies_is_started_again_with_growing_pauses(
    children: Children, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
    script = "open('ran', 'a').write('x')"
    children.add("short", [sys.executable, "-c", script])

    def ran_twice() -> bool:
        children.look_after()
        return (tmp_path / "ran").exists() and (tmp_path / "ran").read_text() == "xx"

    until(ran_twice)
    assert said[0].startswith("short ended (0); starting it again in")


def test_all_stop_when_asked(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 1.0)
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
    children.add("willing", [sys.executable, "-c", SLEEPS])
    children.add("stubborn", [sys.executable, "-c", stubborn])
    processes = [child.process for child in children._children]
    time.sleep(0.5)
    children.stop()
    codes = [process.returncode for process in processes if process is not None]
    assert codes == [-signal.SIGTERM, -signal.SIGKILL]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does this")
def test_children_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = (
        "import os, pathlib, sys, time\n"
        "from config.children import Children\n"
        "family = Children(environment=dict(os.environ), folder=pathlib.Path('.'), say=print)\n"
        f"family.add('child', [sys.executable, '-c', {SLEEPS!r}])\n"
        "print(family._children[0].process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert process.stdout.readline() == "up\n"
        process.kill()

    until(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid))


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
