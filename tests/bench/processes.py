"""How much memory each process of a running Millrace keeps."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from config import embedded
from tests.served import Served

PARTS = ("web", "engine", "worker", "demo")
_POSTGRES = "PostgreSQL"
_SIZE = re.compile(r"^(Pss|Rss): +(\d+) kB", re.MULTILINE)


def memory(served: Served) -> dict[str, tuple[float, float]]:
    """Return (PSS, RSS) in MiB by name, all processes of PostgreSQL as one.

    PSS shares what several processes have in common among them, so it can be added up; the sum of
    PostgreSQL's RSS counts its shared buffers once per process.
    """
    found: dict[str, tuple[float, float]] = {}
    if served.process is not None:
        found["serve"] = _of(served.process.pid)
    for part in PARTS:
        sizes = [_of(child) for child in served.children(part)]
        if sizes:
            found[part] = (sum(pss for pss, _ in sizes), sum(rss for _, rss in sizes))
    first = (embedded.place(served.var_dir).data / "postmaster.pid").read_text().split("\n", 1)[0]
    family = [int(first), *_children()[int(first)]]
    parts = [_of(process) for process in family]
    found[_POSTGRES] = (sum(pss for pss, _ in parts), sum(rss for _, rss in parts))
    return found


def described(found: dict[str, tuple[float, float]]) -> str:
    """Return it as lines to print."""
    rows = [
        f"  {name:11}{pss:7.0f} MiB PSS {rss:7.0f} MiB RSS" for name, (pss, rss) in found.items()
    ]
    whole = sum(pss for pss, _ in found.values())
    return "\n".join(["memory", *rows, f"  {'all':11}{whole:7.0f} MiB PSS"])


def _of(process: int) -> tuple[float, float]:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:  # it has ended meanwhile
        return 0.0, 0.0
    sizes = {name: int(size) / 1024 for name, size in _SIZE.findall(rollup)}
    return sizes.get("Pss", 0.0), sizes.get("Rss", 0.0)


def _children() -> dict[int, list[int]]:
    family: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name may hold anything but is the last thing in parentheses.
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        family[parent].append(int(stat.parent.name))
    return family
