"""What a person asks of imports: a file taken, read otherwise, started, stopped, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.http import HttpRequest

from accounts.permissions import Actor
from accounts.services import audit
from common import jobs
from common.errors import Conflict, NotFound, Refused
from common.models import Job
from contacts.importing.applying import SQL
from contacts.importing.decoding import ENCODINGS
from contacts.importing.files import ChunkWriter
from contacts.importing.looking import Look, look_at
from contacts.importing.mapping import Column, Plan, Problem, plan_of
from contacts.importing.models import ContactImport
from contacts.importing.reading import DELIMITERS
from contacts.importing.targets import target_of
from contacts.importing.uploads import upload_read
from contacts.models import BUILTIN_FIELDS
from contacts.selectors import fields_known
from contacts.store import MOST_FIELDS
from contacts.store import SQL as STORE_SQL

JOB_KIND: Final = "contact_import"
FILE_KEPT: Final = timedelta(days=7)
REPORT_KEPT: Final = timedelta(days=90)
_STUCK_AFTER: Final = timedelta(hours=6)
_OVER: Final = (Job.Status.DONE, Job.Status.FAILED, Job.Status.CANCELLED)


class MappingInvalid(Refused):
    """A mapping can't be carried out; `problems` says where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.detail, code=first.code, attr="mapping")
        self.problems = problems


def import_upload(request: HttpRequest, actor: Actor, *, now: datetime) -> ContactImport:
    """Take a file from a request into the database, a chunk at a time.

    Raises
    ------
    Refused
        If it is no CSV file.
    """
    one = ContactImport.objects.create(
        status=ContactImport.Status.UPLOADING,
        file_name="",
        created_at=now,
        created_by=actor.label[:300],
    )
    try:
        writer = ChunkWriter(one.id)
        one.file_name, one.encoding = upload_read(request, writer)
        one.size = writer.size
        look = look_at(one, anew=True)
    except BaseException:
        ContactImport.objects.filter(id=one.id).delete()
        raise
    _looked(one, look)
    one.status = ContactImport.Status.READY
    with transaction.atomic():
        one.save()
        audit(actor, "import.uploaded", f"import:{one.id}", {"file": one.file_name[:200]}, now=now)
    return one


@transaction.atomic
def import_read_as(
    import_id: int,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
) -> ContactImport:
    """Have a file read otherwise than it was guessed.

    Raises
    ------
    Conflict
        If its import has been started.
    """
    one = _ready(import_id)
    if encoding is not None and encoding != one.encoding:
        if encoding not in ENCODINGS or "utf-16" in (encoding, one.encoding):
            raise Refused("The file can't be read so.", code="invalid_choice", attr="encoding")
        one.encoding = encoding
    if delimiter is not None:
        if delimiter not in DELIMITERS:
            raise Refused("There is no such delimiter.", code="invalid_choice", attr="delimiter")
        one.delimiter = delimiter
    if header is not None:
        one.header = header
    _looked(one, look_at(one))
    one.save()
    return one


def mapping_check(
    one: ContactImport, mapping: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
) -> tuple[Plan, list[Problem]]:
    """Return the plan that a mapping makes, and all that is wrong with it."""
    fields = fields_known()
    plan, problems = plan_of(mapping, names=one.columns, fields=fields, options=options)
    fresh = [column for column in plan.columns if column.fresh]
    if len(fields) + len(fresh) > MOST_FIELDS + len(BUILTIN_FIELDS):
        problems.append(
            Problem(None, "too_many_fields", f"A workspace has up to {MOST_FIELDS:,} own fields.")
        )
    if plan.segment is not None:
        try:
            target_of("segment").check(plan.segment)
        except Refused as refused:
            problems.append(Problem(None, "segment", refused.detail))
    return plan, problems


@transaction.atomic
def import_start(
    import_id: int,
    mapping: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    actor: Actor,
    *,
    now: datetime,
) -> ContactImport:
    """Fix what the columns become, make the fields that are new, and enqueue the job.

    Raises
    ------
    MappingInvalid
        If the mapping can't be carried out.
    Conflict
        If the import has been started before.
    """
    one = _ready(import_id)
    plan, problems = mapping_check(one, mapping, options)
    if problems:
        raise MappingInvalid(problems)
    look = look_at(one)
    _fields_make([column for column in plan.columns if column.fresh], now=now)
    one.mapping = plan.as_json()
    one.options = {**options, "mapping": list(mapping)}
    one.status = ContactImport.Status.STARTED
    one.position, one.line = look.position, look.line
    _enqueue(one, now=now)
    audit(
        actor,
        "import.started",
        f"import:{one.id}",
        {"file": one.file_name[:200], "key": plan.key, "segment": plan.segment},
        now=now,
    )
    return one


@transaction.atomic
def import_resume(import_id: int, actor: Actor, *, now: datetime) -> ContactImport:
    """Have an import that failed or was cancelled go on where it stands.

    Raises
    ------
    Conflict
        If it is not over, or was carried out to its end, or its file is gone.
    """
    one = import_locked(import_id)
    job = Job.objects.filter(id=one.job_id).first() if one.job_id else None
    if job is None or job.status not in (Job.Status.FAILED, Job.Status.CANCELLED):
        raise Conflict("Only an import that failed or was cancelled can go on.")
    file_wanted(one)
    one.finished_at = None
    _enqueue(one, now=now)
    audit(actor, "import.resumed", f"import:{one.id}", now=now)
    return one


@transaction.atomic
def import_cancel(import_id: int, actor: Actor, *, now: datetime) -> ContactImport:
    """Ask an import to stop after the piece at hand; what it has written stays.

    Raises
    ------
    Conflict
        If it does not run.
    """
    one = import_locked(import_id)
    if one.job_id is None:
        raise Conflict("This import has not been started.")
    if Job.objects.filter(id=one.job_id, status__in=_OVER).exists():
        raise Conflict("This import is over.")
    job = jobs.job_cancel(one.job_id, now=now)
    if job.is_over:
        one.finished_at = now
        one.save(update_fields=["finished_at"])
    audit(actor, "import.cancelled", f"import:{one.id}", now=now)
    return one


@transaction.atomic
def import_delete(import_id: int, actor: Actor, *, now: datetime) -> None:
    """Remove an import with its file and its report; the contacts stay.

    Raises
    ------
    Conflict
        If it runs.
    """
    one = import_locked(import_id)
    job = Job.objects.filter(id=one.job_id).first() if one.job_id else None
    if job is not None and job.status not in _OVER:
        raise Conflict("This import runs: cancel it first.")
    audit(actor, "import.deleted", f"import:{one.id}", {"file": one.file_name[:200]}, now=now)
    one.delete()


@transaction.atomic
def imports_clean(*, now: datetime) -> tuple[int, int]:
    """Forget files and reports that were kept long enough; return how many of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["files_forget"],
            {"now": now, "before": now - FILE_KEPT, "stuck_before": now - _STUCK_AFTER},
        )
        (files,) = cursor.fetchone()
        cursor.execute(SQL["reports_forget"], {"now": now, "before": now - REPORT_KEPT})
        (reports,) = cursor.fetchone()
    ContactImport.objects.filter(
        status__in=(ContactImport.Status.UPLOADING, ContactImport.Status.READY),
        file_gone_at__isnull=False,
    ).delete()
    return files, reports


def import_get(import_id: int) -> ContactImport:
    """Return an import whose file has come in whole.

    Raises
    ------
    NotFound
        If there is none.
    """
    one = ContactImport.objects.filter(id=import_id).exclude(status="uploading").first()
    if one is None:
        raise NotFound("There is no such import.")
    return one


def file_wanted(one: ContactImport) -> None:
    """Make sure that an import's file is there.

    Raises
    ------
    Conflict
        If it has been removed, some days after the end.
    """
    if one.file_gone_at is not None:
        raise Conflict("The file of this import has been removed: upload it again.")


def import_locked(import_id: int) -> ContactImport:
    """Return an import, locked for this transaction.

    Raises
    ------
    NotFound
        If there is none.
    """
    one = (
        ContactImport.objects.select_for_update()
        .filter(id=import_id)
        .exclude(status="uploading")
        .first()
    )
    if one is None:
        raise NotFound("There is no such import.")
    return one


def _ready(import_id: int) -> ContactImport:
    one = import_locked(import_id)
    if one.status != ContactImport.Status.READY:
        raise Conflict("This import has been started already.", code="started")
    return one


def _looked(one: ContactImport, look: Look) -> None:
    one.delimiter, one.header = look.delimiter, look.header
    one.columns, one.rows_about = look.names, look.rows_about


def _fields_make(fresh: Sequence[Column], *, now: datetime) -> None:
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            STORE_SQL["register_fields"],
            {
                "keys": [column.key for column in fresh],
                "names": [column.fresh for column in fresh],
                "types": [column.type for column in fresh],
                "now": now,
            },
        )


def _enqueue(one: ContactImport, *, now: datetime) -> None:
    """Record the job, and have a worker do it when this transaction is committed."""
    from contacts.tasks import import_contacts

    job = jobs.job_create(
        JOB_KIND,
        title=f"Import {one.file_name}",
        now=now,
        total=one.rows_total,
        detail={"import": one.id, "phase": "reading"},
    )
    one.job_id = job.id
    one.save()
    import_contacts.configure(lock=f"import:{one.id}").defer(job_id=str(job.id), import_id=one.id)
