"""What something cost: time on the clock, and of processors in Python and in PostgreSQL."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass
class Spent:
    """Seconds."""

    clock: float = 0.0
    python: float = 0.0
    postgres: float = 0.0

    @property
    def processors(self) -> float:
        """What was spent by processors, whoever else was busy on the machine meanwhile."""
        return self.python + self.postgres


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure what this thread's connection and this process spend; 0 for a server elsewhere."""
    connection.ensure_connection()
    process = connection.connection.info.backend_pid
    spent = Spent(-time.perf_counter(), -time.process_time(), -_processor_seconds(process))
    yield spent
    spent.clock += time.perf_counter()
    spent.python += time.process_time()
    spent.postgres += _processor_seconds(process)


def _processor_seconds(process: int) -> float:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0.0
    user, system = stat.rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
