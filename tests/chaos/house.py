"""A whole Millrace to do harm to: one run of `serve`, a second engine and a second job worker.

Kills only processes that belong to it: those whose environment names its folder, and the server
whose number is in that folder.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from config import embedded
from tests.served import MANAGE, Program, Served, wait_until

FLOWS: dict[str, Any] = {
    # Two waits, a change of a field that a later step asks for, and a mail between them.
    "walk": (
        {
            "go": ("event", {"name": "Go"}),
            "mark": ("update_fields", {"set": {"lead_stage": "marked"}}),
            "first": ("wait", {"for": "PT1S"}),
            "marked": (
                "condition",
                {"rule": {"type": "field", "field": "lead_stage", "op": "eq", "value": "marked"}},
            ),
            "mail": ("send_email", {"template": "hello"}),
            "second": ("wait", {"for": "PT1S"}),
            "done": ("exit", {"reason": "done"}),
        },
        (
            "go next mark, mark next first, first next marked, marked yes mail, mail next second,"
            " second next done"
        ),
        {},
    ),
    # One visit and one point for each event.
    "count": (
        {"ping": ("event", {"name": "Ping"}), "point": ("adjust_score", {"by": 1})},
        "ping next point",
        {"reentry": {"type": "after_exit"}},
    ),
    # A purchase that was acknowledged before the wait's end wins over that end.
    "cart": (
        {
            "added": ("event", {"name": "Added"}),
            "while": ("wait", {"for": "PT2S"}),
            "remind": ("send_email", {"template": "hello"}),
        },
        "added next while, while next remind",
        {"exit_when": [{"type": "event", "name": "Bought"}]},
    ),
}
WALK = ["go", "mark", "first", "marked", "mail", "second", "done"]
REGULARS = {"type": "event", "name": "Ping", "op": "gte", "value": 3}
DISK = "size=700m"


class House:
    """One Millrace, with what a test needs to ask it and to harm it."""

    def __init__(self, var_dir: Path, *, mail_port: int) -> None:
        self.served = Served(
            var_dir,
            EMAIL_URL=f"smtp://127.0.0.1:{mail_port}",
            EMAIL_TIMEOUT="2",
            LOG_LEVEL="WARNING",
            ENGINES="1",  # and one beside it: see `_keep`
        )
        self.var_dir = var_dir
        self.write_key = ""
        self._over = threading.Event()
        self._log = (var_dir.parent / "beside.log").open("a")
        self._keeper = threading.Thread(target=self._keep)

    def open(self) -> None:
        """Start everything and publish the flows."""
        self.served.start()
        self._keeper.start()
        self.write_key = self.served.made("create_source", "Chaos")
        key = self.served.made("create_api_key", "chaos", "--role", "admin")
        program = Program(self.served.url, api_key=key, write_key=self.write_key)
        program.post("/api/templates/", {"key": "hello", "name": "Hello", "subject": "Hello",
                                         "html": "", "text": "Hello", "preheader": ""})  # fmt: skip
        segment = {"key": "regulars", "name": "Regulars", "kind": "dynamic", "rule": REGULARS}
        program.post("/api/segments/", segment)
        for key, (nodes, edges, chosen) in FLOWS.items():
            graph = {
                "nodes": [
                    {"id": one, "type": kind, "config": config}
                    for one, (kind, config) in nodes.items()
                ],
                "edges": [
                    dict(zip(("source", "branch", "target"), edge.split(), strict=True))
                    for edge in edges.split(",")
                ],
            }
            body = {"key": key, "name": key, "graph": graph, "settings": chosen}
            program.post("/api/flows/", body)
            program.post(f"/api/flows/{key}/publish/", {"inside": "stay"})
        wait_until(lambda: self.served.health()["engine"]["workers"] == 2)

    def close(self) -> None:
        """Stop everything, whatever its state."""
        self._over.set()
        if self._keeper.is_alive():
            self._keeper.join(60)
        self.served.end()
        self._log.close()

    def _keep(self) -> None:
        """Keep a second engine and a second job worker, as another machine would."""
        url = embedded.database_url(self.var_dir)
        environment = {**self.served.environment, "DATABASE_URL": url}
        beside: dict[str, subprocess.Popen[bytes]] = {}
        while not self._over.wait(0.5):
            for name in ("engine", "worker"):
                if name not in beside or beside[name].poll() is not None:
                    beside[name] = subprocess.Popen(
                        [*MANAGE, name], env=environment, stdout=self._log, stderr=self._log
                    )
        for process in beside.values():
            process.terminate()
        for process in beside.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    # ── asking ──────────────────────────────────────────────────────────────────────────────────

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the database, as soon as it is there; for as long as a recovery may take."""
        end = time.monotonic() + 180
        while True:
            try:
                with psycopg.connect(
                    embedded.database_url(self.var_dir), autocommit=True, connect_timeout=5
                ) as database:
                    return list(database.execute(query, parameters))
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def value(self, query: str, *parameters: Any) -> Any:
        """The first value of the answer."""
        return self.rows(query, *parameters)[0][0]

    # ── harming ─────────────────────────────────────────────────────────────────────────────────

    def processes(self, command: str) -> list[int]:
        """The processes of this house that run a command of the product."""
        mine = f"VAR_DIR={self.var_dir}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                arguments = (folder / "cmdline").read_bytes().split(b"\0")
                if arguments[2:3] == [command.encode()]:
                    environment = (folder / "environ").read_bytes().split(b"\0")
                    found += [int(folder.name)] if mine in environment else []
        return sorted(found)

    def postmaster(self) -> int | None:
        """The first process of the database server, if it runs."""
        with suppress(OSError, ValueError):
            lines = (embedded.place(self.var_dir).data / "postmaster.pid").read_text().splitlines()
            command = Path(f"/proc/{lines[0]}/cmdline").read_bytes()
            return int(lines[0]) if b"postgres" in command else None
        return None

    def backends(self) -> list[int]:
        """All processes that the database server has started, those for clients and its own."""
        first = self.postmaster()
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat") if first else ():
            with suppress(OSError, IndexError):
                if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == first:
                    found.append(int(stat.parent.name))
        return sorted(found)

    def kill(self, pid: int | None) -> bool:
        """End one of this house's processes at once; False if it is gone already."""
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def cut(self, parts: int, part: int) -> int:
        """Cut every `parts`-th connection of a client."""
        return len(
            self.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                " AND pid %% %s = %s",
                parts,
                part,
            )
        )

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Have no byte left where the database lies, while the block lasts."""
        ballast = self.var_dir.parent / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(b"\0" * 2**20)
            yield
        finally:
            ballast.unlink()


@contextmanager
def small_disk() -> Iterator[tuple[Path, str]]:
    """A folder on a file system of its own; the reason, where that is not allowed here."""
    with tempfile.TemporaryDirectory(prefix="millrace-chaos-", ignore_cleanup_errors=True) as made:
        folder = Path(made) / "disk"
        folder.mkdir()
        why_not = _mounted(folder)
        try:
            yield folder, why_not
        finally:
            if not why_not:
                subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _mounted(folder: Path) -> str:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return os.strerror(errno.EPERM)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", DISK, "millrace-chaos", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip()
