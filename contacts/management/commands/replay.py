"""`manage.py replay FILE`: send a file of events through the front door, by HTTP."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.clock import canonical, parse_instant, utcnow
from contacts.intake.files import FileRefused, Mapped, messages_of
from contacts.services import source_create, source_delete

BATCH: Final = 200
BATCH_BYTES: Final = 400_000
TRIES: Final = 6


class Command(BaseCommand):
    """Sends at the speed of the events' own timestamps times `--speed`, or as fast as it goes.

    Every message has an id (its own, or one made from the file and its line), so a replay that was
    cut off is simply started again: what has been taken in counts once.
    """

    help = "Send a file of events (JSON lines of Segment messages, or CSV) to the tracking API."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        parser.add_argument("file", type=Path, help=".jsonl or .csv, also .gz")
        speed = parser.add_mutually_exclusive_group()
        speed.add_argument("--speed", type=float, default=1.0, help="times real time (default 1)")
        speed.add_argument("--fast", action="store_true", help="as fast as it goes")
        parser.add_argument(
            "--now",
            action="store_true",
            help="let events happen as they are sent, instead of at the times in the file",
        )
        parser.add_argument(
            "--sort",
            action="store_true",
            help="send in the order of the timestamps (reads the whole file first)",
        )
        parser.add_argument("--write-key", default="", help="else a source is made for the replay")
        parser.add_argument("--url", default="", help="where Millrace is (default: this machine)")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="KEY=COLUMN",
            help="which column of a CSV is userId, anonymousId, event, timestamp or type",
        )
        parser.add_argument(
            "--rename",
            action="append",
            default=[],
            metavar="FROM=TO",
            help="send events of one name under another",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Send the file."""
        if not 0 < options["speed"] < math.inf:
            raise CommandError("The speed must be more than zero, and finite.")
        mapped = Mapped(_pairs(options["map"]), _pairs(options["rename"]))
        url = options["url"] or f"http://127.0.0.1:{settings.PORT}"
        source, key = None, options["write_key"]
        if not key:
            source, key = source_create(f"Replay of {options['file'].name}", now=utcnow())
        try:
            messages = messages_of(options["file"], mapped)
            if options["sort"]:
                messages = iter(sorted(messages, key=_sort_key))
            speed = None if options["fast"] else float(options["speed"])
            paced = _paced(messages, speed)
            if options["now"]:
                paced = ([_without_times(one) for one in batch] for batch in paced)
            with closing(Door(url, key)) as door:
                sent = self._send(paced, door)
        except FileRefused as refused:
            raise CommandError(f"{options['file']}: {refused}") from None
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror or error}") from None
        finally:
            if source is not None:
                source_delete(source)
        self.stdout.write(f"{sent} messages sent")

    def _send(self, batches: Iterable[list[dict[str, Any]]], door: Door) -> int:
        sent = 0
        began = shown = time.monotonic()
        for batch in batches:
            door.send(batch)
            sent += len(batch)
            if time.monotonic() - shown >= 1:
                shown = time.monotonic()
                rate = sent / (shown - began)
                self.stderr.write(f"{sent:,} sent, {rate:,.0f} a second", ending="\n")
        return sent


class Door:
    """A connection to the tracking API that is opened anew when it breaks."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CommandError(f"{url!r} is not an address such as http://127.0.0.1:8000")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname, parts.port, timeout=30)
        self._path = f"{parts.path.rstrip('/')}/v1/batch"
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def send(self, batch: list[dict[str, Any]]) -> None:
        """Send a batch, trying again where the server is not there or overloaded."""
        body = gzip.compress(json.dumps({"batch": batch}).encode(), compresslevel=1)
        for attempt in range(TRIES):
            if attempt:
                time.sleep(0.25 * 2**attempt)
            try:
                self._connection.request("POST", self._path, body, self._headers)
                answer = self._connection.getresponse()
                said = answer.read().decode("utf-8", "replace")
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                said = str(error)
                continue
            if answer.status == 200:
                return
            if answer.status < 500:
                raise CommandError(f"The tracking API answered {answer.status}: {said[:500]}")
        raise CommandError(f"The tracking API can't be reached: {said[:500]}")


def _paced(
    messages: Iterator[dict[str, Any]], speed: float | None
) -> Iterator[list[dict[str, Any]]]:
    """Yield batches when they are due; with no speed, as soon as they are full."""
    began = time.monotonic()
    first: datetime | None = None
    batch: list[dict[str, Any]] = []
    size = 0
    for message in messages:
        due = 0.0
        if speed is not None and message.get("timestamp"):
            at = _instant(message)
            first = first or at
            due = (at - first).total_seconds() / speed - (time.monotonic() - began)
        length = len(json.dumps(message))
        if batch and (due > 0 or len(batch) >= BATCH or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        if due > 0:
            time.sleep(due)
        batch.append(message)
        size += length
    if batch:
        yield batch


def _sort_key(message: dict[str, Any]) -> str:
    return canonical(_instant(message)) if message.get("timestamp") else ""


def _instant(message: dict[str, Any]) -> datetime:
    try:
        return parse_instant(message["timestamp"])
    except ValueError as error:
        raise FileRefused(str(error)) from None


def _without_times(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "timestamp": canonical(utcnow()), "sentAt": None}


def _pairs(given: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            raise CommandError(f"{pair!r} is not of the form KEY=VALUE")
        pairs[key] = value
    return pairs
