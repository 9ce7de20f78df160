"""How many rows a second an import takes in, beside SQL that writes the same rows, and its memory.

Prints figures and never fails by time. `ROWS` says how many (200,000 if not given). The time of the
processor is that of this process alone, without PostgreSQL's.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from common.clock import utcnow
from contacts.importing.models import ContactImport
from contacts.importing.running import import_run
from contacts.models import Contact, Touch
from segments.models import Membership, Segment
from tests.doors import signed_in

ROWS = int(os.environ.get("ROWS", "200000"))
PIECE = 2_000
HEADER = (
    "email", "id", "first name", "last name", "city", "country", "plan", "seats", "signed up",
    "newsletter", "tags",
)  # fmt: skip
CITIES = ("Berlin", "Wien", "Zürich", "Paris", "Rom", "Oslo")


def rows(changed: bool = False) -> Iterator[tuple[Any, ...]]:
    """A shop's customers: eleven columns of five types."""
    for i in range(ROWS):
        yield (
            f"customer.{i}@example.com",
            f"c-{i:08}",
            f"Name{i % 997}",
            f"Surname{i % 7919}",
            CITIES[i % 6],
            "DE" if i % 3 else "AT",
            "pro" if changed and i % 2 else "free",
            str(i % 50),
            f"2026-{i % 12 + 1:02}-{i % 28 + 1:02}",
            "yes" if i % 4 else "no",
            "red; blue" if i % 5 else "green",
        )


def as_csv(changed: bool = False) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(rows(changed))
    return text.getvalue().encode()


def report(name: str, seconds: float, floor: float | None = None) -> float:
    beside = "" if floor is None else f"  ({seconds / floor:.2f} times the floor)"
    rate = f"{ROWS / seconds:,.0f} rows a second"
    sys.stdout.write(f"\n{name}: {rate}, {seconds:.1f} s{beside}\n")
    sys.stdout.flush()
    return seconds


class Peak:
    """The most memory that this process has, above what it had before."""

    def __enter__(self) -> Self:
        self.before = self.most = _memory()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, _memory())

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        sys.stdout.write(
            f"  memory: {self.before:.0f} MiB before, {self.most - self.before:.0f} MiB more\n"
        )


def _memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1024**2


@pytest.mark.django_db(transaction=True)
def test_import_of_a_large_file() -> None:
    """New contacts, the same again, changed ones, and into a segment."""
    floor = report("floor: COPY and upsert by hand", plain_sql())
    again = report("floor: the same again", plain_sql(fresh=False))
    _empty()
    client = signed_in("editor")
    report("an import: all new", _imported(client, as_csv()), floor)
    assert Contact.objects.count() == ROWS
    Touch.objects.all().delete()
    report("an import: the same file again", _imported(client, as_csv()), again)
    assert not Touch.objects.exists()
    report("an import: half of them changed", _imported(client, as_csv(True)), again)
    Segment.objects.create(
        key="fair", name="Fair", kind="static", status="ready",
        created_at=utcnow(), updated_at=utcnow(),
    )  # fmt: skip
    report("an import: unchanged, into a segment", _imported(client, as_csv(True), "fair"), again)
    assert Membership.objects.count() == ROWS


def _imported(client: Any, data: bytes, segment: str | None = None) -> float:
    began = time.perf_counter()
    upload = SimpleUploadedFile("people.csv", data)
    one = client.post("/api/contacts/import/", {"file": upload}).json()
    sys.stdout.write(f"\n  {one['size'] / 1024**2:.0f} MB sent: {_since(began):.1f} s\n")
    del upload, data
    mapping = [{"column": c["index"], **_chosen(c["guess"])} for c in one["columns"]]
    answer = client.post(
        f"/api/contacts/import/{one['id']}/start/",
        {"mapping": mapping, "segment": segment},
        "application/json",
    )
    assert answer.status_code == 200, answer.json()
    stored = ContactImport.objects.get(id=one["id"])
    assert stored.job_id is not None
    began, worked = time.perf_counter(), time.process_time()
    with Peak():
        import_run(stored.job_id, stored.id, clock=utcnow)
        seconds = _since(began)
    worked = time.process_time() - worked
    sys.stdout.write(f"  processor: {worked:.1f} s, {ROWS / worked:,.0f} rows a second of it\n")
    stored.refresh_from_db()
    assert stored.counts["rows"] == ROWS, stored.counts
    assert not stored.counts["refused"] + stored.counts["cells_left_out"]
    return seconds


def _chosen(guess: dict[str, Any]) -> dict[str, Any]:
    return {name: guess[name] for name in ("target", "type", "format")}


def plain_sql(fresh: bool = True) -> float:
    """COPY each piece into a table, then write it with SQL that knows these columns and no others.

    Like the import, but without its typing, its merging of contacts and its report.
    """
    began = time.perf_counter()
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{n} text" for n in range(len(HEADER)))
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS staged ({columns})")
        todo = list(rows())
        for first in range(0, ROWS, PIECE):
            with transaction.atomic():
                cursor.execute("TRUNCATE staged")
                with cursor.copy("COPY staged FROM STDIN") as copy:
                    for row in todo[first : first + PIECE]:
                        copy.write_row(row)
                cursor.execute(_FLOOR)
    if fresh:
        assert Contact.objects.count() == ROWS
    return _since(began)


_FIELDS = """jsonb_build_object('plan', s.c6, 'seats', s.c7::numeric, 'signed_up',
    s.c8 || 'T00:00:00.000000Z', 'newsletter', s.c9 = 'yes', 'tags', string_to_array(s.c10, '; '))
"""
_FLOOR = f"""
WITH known AS (
    SELECT s.*, i.contact_id FROM staged s
    LEFT JOIN identity i ON i.kind = 'email' AND i.value = lower(s.c0)),
fresh AS MATERIALIZED (
    SELECT nextval('contact_id_seq') AS id, s.* FROM known s WHERE s.contact_id IS NULL),
locked AS MATERIALIZED (
    SELECT c.id, c.fields FROM contact c JOIN known k ON k.contact_id = c.id
    WHERE c.lane = k.contact_id % 64 FOR NO KEY UPDATE OF c),
changed AS (
    UPDATE contact c SET first_name = s.c2, last_name = s.c3, city = s.c4, country = s.c5,
        fields = {_FIELDS}
    FROM known s JOIN locked l ON l.id = s.contact_id
    WHERE c.id = s.contact_id AND c.lane = s.contact_id % 64 AND
        (c.first_name, c.last_name, c.city, c.country, c.fields)
        IS DISTINCT FROM (s.c2, s.c3, s.c4, s.c5, {_FIELDS})
    RETURNING c.id),
made AS (
    INSERT INTO contact (id, lane, email, external_id, first_name, last_name, city, country,
        created_at, fields, field_times)
    SELECT s.id, s.id % 64, s.c0, s.c1, s.c2, s.c3, s.c4, s.c5, now(), {_FIELDS},
        (SELECT jsonb_object_agg(k, '2026-05-01T12:00:00.000000Z') FROM unnest(ARRAY['email',
            'external_id', 'first_name', 'last_name', 'city', 'country', 'plan', 'seats',
            'signed_up', 'newsletter', 'tags']) k)
    FROM fresh s RETURNING id, lane, email, external_id),
known_as AS (
    INSERT INTO identity (kind, value, lane, contact_id)
    SELECT 'email', lower(email), lane, id FROM made
    UNION ALL SELECT 'external_id', external_id, lane, id FROM made)
INSERT INTO touch (lane, contact_id, kind, name, at)
SELECT lane, id, 'new', '', now() FROM made
UNION ALL SELECT id % 64, id, 'field', 'plan', now() FROM changed
"""


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE contact, identity, touch CASCADE")
        cursor.execute("VACUUM contact, identity, touch")


def _since(began: float) -> float:
    return time.perf_counter() - began
