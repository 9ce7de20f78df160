"""The rows of imports. The tables are written in SQL in `migrations/0002_imports.py`."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class ContactImport(models.Model):
    """An import of contacts from a file, from its upload on.

    What becomes of the rows is in `counts` (see `applying.COUNTED`).
    """

    class Status(models.TextChoices):
        """Transitions: uploading → ready → started. How it goes on from there, its job says."""

        UPLOADING = "uploading"
        READY = "ready"
        STARTED = "started"

    id = models.BigAutoField(primary_key=True)
    status = models.TextField(choices=Status.choices)
    file_name = models.TextField()
    size = models.BigIntegerField(default=0)
    encoding = models.TextField(default="utf-8")
    delimiter = models.TextField(default=",")
    header = models.BooleanField(default=True)
    columns = models.JSONField(default=list)
    rows_about = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.TextField(blank=True, default="")
    options = models.JSONField(null=True)
    mapping = models.JSONField(null=True)
    job_id = models.UUIDField(null=True)
    rows_total = models.BigIntegerField(null=True)
    position = models.BigIntegerField(default=0)
    line = models.BigIntegerField(default=0)
    broken = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)
    joining = ArrayField(models.BigIntegerField(), default=list)
    finished_at = models.DateTimeField(null=True)
    file_gone_at = models.DateTimeField(null=True)
    report_gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "contact_import"
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportOwned(models.Model):
    """A row of one import; it goes with it. The foreign key is in the migration."""

    contact_import = models.ForeignKey(
        ContactImport,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        db_column="import_id",
        related_name="+",
    )

    class Meta:
        abstract = True


class ImportChunk(ImportOwned):
    """A part of an import's file; all but the last are of one size."""

    pk = models.CompositePrimaryKey("contact_import", "number")
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "contact_import_chunk"

    def __str__(self) -> str:
        return f"part {self.number}"


class ImportFault(ImportOwned):
    """A line that was refused, or taken without some of its cells, and why."""

    pk = models.CompositePrimaryKey("contact_import", "line")
    line = models.BigIntegerField()
    refused = models.BooleanField()
    reason = models.TextField()
    cells = models.JSONField()

    class Meta:
        db_table = "contact_import_fault"

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class ImportRepeat(ImportOwned):
    """A key, as its hash, that a file has more than once, and on which line last."""

    pk = models.CompositePrimaryKey("contact_import", "hash")
    hash = models.BigIntegerField()
    last_line = models.BigIntegerField()

    class Meta:
        db_table = "contact_import_repeat"

    def __str__(self) -> str:
        return f"until line {self.last_line}"


class ImportHeld(ImportOwned):
    """A row that waits for the last one of its key."""

    pk = models.CompositePrimaryKey("contact_import", "hash", "line")
    hash = models.BigIntegerField()
    line = models.BigIntegerField()
    cells = models.JSONField()

    class Meta:
        db_table = "contact_import_held"

    def __str__(self) -> str:
        return f"line {self.line}"
