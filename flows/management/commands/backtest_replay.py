"""`manage.py backtest_replay`: the child process of a backtest's job. Not for people.

It reads what is asked from its input (one line of JSON) and tells how far it has come, and in the
end what came of it, in lines of JSON. It works in the trial's schema alone; when its input is
closed, because the job's worker is gone, it ends at once.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.testing import InMemoryConnector

from common.clock import parse_instant
from common.durations import parse_duration
from flows.trial.period import Period
from flows.trial.replay import Asked, replay
from flows.trial.schema import schema_hold


class Command(BaseCommand):
    """Replay a past period in a schema of its own."""

    help = "Replay a past period for a backtest (started by its job)."

    def handle(self, **_options: Any) -> None:
        """Replay what the input asks for."""
        asked = _asked(json.loads(sys.stdin.readline()))
        threading.Thread(target=_end_with_the_job, daemon=True).start()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('search_path')")
            path = cursor.fetchone()[0]
        if path != asked.schema:
            raise RuntimeError(f"a replay works in its own schema alone, not in {path}")
        if not schema_hold(asked.schema):
            raise RuntimeError("somebody replays this already")
        with app.replace_connector(InMemoryConnector()):
            outcome = replay(
                asked, say=lambda part: _say({"progress": part}), ticks=time.perf_counter
            )
        _say(
            {"result": outcome.result, "notes": outcome.notes, "figures": outcome.figures},
        )


def _asked(given: dict[str, Any]) -> Asked:
    resolution = given.get("resolution")
    return Asked(
        schema=given["schema"],
        period=Period(
            given["source"],
            parse_instant(given["begins"]),
            parse_instant(given["ends"]),
            given.get("segment"),
        ),
        flow=given["flow"],
        graph=given["graph"],
        settings=given["settings"],
        zone=given["zone"],
        resolution=parse_duration(resolution) if resolution else None,
    )


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _end_with_the_job() -> None:
    while sys.stdin.readline():
        pass
    os._exit(3)
