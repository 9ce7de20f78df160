"""Engine workers as processes of their own, all at one instant of a virtual clock after another."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any


def in_processes(n: int, url: str, instants: Sequence[datetime]) -> tuple[float, list[int]]:
    """Have `n` engine workers do all there is to do at each instant.

    Returns
    -------
    (float, list of int)
        The seconds it took, and how many steps each worker took.
    """
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(n + 1)
    taken = [context.Value("q", 0) for _ in range(n)]
    workers = [
        context.Process(target=work, args=(url, list(instants), together, share)) for share in taken
    ]
    for worker in workers:
        worker.start()
    seconds = 0.0
    for _ in instants:
        together.wait(120)
        began = time.perf_counter()
        together.wait(3_600)
        seconds += time.perf_counter() - began
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    return seconds, [share.value for share in taken]


def work(url: str, instants: Sequence[datetime], together: Any, taken: Any) -> None:
    """One worker: at each instant, turn until there is nothing left to do."""
    import os

    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection

    # By these names workers count one another (`manage.py engine`).
    connection.settings_dict["OPTIONS"]["application_name"] = f"millrace engine {os.getpid()}"

    from flows.engine.worker import Engine, seldom_collect

    clock = {"now": instants[0]}
    engine = Engine(clock=lambda: clock["now"])
    seldom_collect()
    waiting = (
        "SELECT EXISTS (SELECT FROM touch) OR EXISTS (SELECT FROM inbox)"
        " OR EXISTS (SELECT FROM visit WHERE due_at <= %s)"
    )
    with connection.cursor() as cursor:
        for instant in instants:
            clock["now"] = instant
            together.wait(120)
            while True:
                if not engine.turn():
                    cursor.execute(waiting, [instant])
                    if not cursor.fetchone()[0]:
                        break
                    time.sleep(0.005)
            together.wait(3_600)
    taken.value = engine.transitions
