"""The shapes of imports in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.models import Job, Workspace
from common.serializers import JobSerializer
from contacts.importing.applying import COUNTED
from contacts.importing.decoding import ENCODINGS
from contacts.importing.mapping import EMPTY, EXISTING
from contacts.importing.models import ContactImport
from contacts.importing.reading import DELIMITERS
from contacts.importing.running import counts_of
from contacts.models import FieldType


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.Field[Any, Any, Any, Any]):
    """A value of any type."""

    def to_representation(self, value: Any) -> Any:
        """Return it as it is."""
        return value


class UploadSerializer(serializers.Serializer[Any]):
    """A file, as multipart/form-data."""

    file = serializers.FileField()


class ReadAsSerializer(serializers.Serializer[Any]):
    """How a file is to be read."""

    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False)
    delimiter = serializers.ChoiceField(choices=DELIMITERS, required=False)
    header = serializers.BooleanField(required=False)


class ColumnMappingSerializer(serializers.Serializer[Any]):
    """What a column becomes; `target` null leaves it out."""

    column = serializers.IntegerField(min_value=0, max_value=100_000)
    target = serializers.CharField(allow_null=True, max_length=300)
    type = serializers.ChoiceField(choices=FieldType.choices, required=False, allow_null=True)
    format = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=20, trim_whitespace=False
    )


class MappingSerializer(serializers.Serializer[Any]):
    """What an import is to do."""

    mapping = serializers.ListField(child=ColumnMappingSerializer(), max_length=2_000)
    key = serializers.ChoiceField(choices=Workspace.DedupeKey.choices, default="email")
    existing = serializers.ChoiceField(choices=EXISTING, default="update")
    empty = serializers.ChoiceField(choices=EMPTY, default="leave")
    segment = serializers.CharField(allow_null=True, required=False, default=None, max_length=200)


class GuessSerializer(serializers.Serializer[Any]):
    """What a column is proposed to become."""

    target = serializers.CharField(allow_null=True)
    type = serializers.ChoiceField(choices=FieldType.choices, allow_null=True)
    format = serializers.CharField(allow_null=True)
    sure = serializers.BooleanField()


class ColumnSerializer(serializers.Serializer[Any]):
    """A column of the file."""

    index = serializers.IntegerField()
    name = serializers.CharField()
    samples = serializers.ListField(child=serializers.CharField())
    filled = serializers.FloatField()
    guess = GuessSerializer()


class SampleRowSerializer(serializers.Serializer[Any]):
    """A row as it stands in the file."""

    line = serializers.IntegerField()
    cells = serializers.ListField(child=serializers.CharField())


class ImportCountsSerializer(serializers.Serializer[Any]):
    """What has become of the rows; `repeated` are those that a later row of the key goes with."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return one number for each."""
        return {name: serializers.IntegerField() for name in ("rows", *COUNTED)}


class ImportOptionsSerializer(MappingSerializer):
    """What an import was asked to do."""


class ImportSerializer(serializers.ModelSerializer[ContactImport]):
    """An import in a list."""

    status = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    job = serializers.SerializerMethodField()

    class Meta:
        model = ContactImport
        fields: tuple[str, ...] = (
            "id",
            "file_name",
            "size",
            "status",
            "created_at",
            "created_by",
            "finished_at",
            "rows_about",
            "rows_total",
            "counts",
            "job",
        )
        read_only_fields = fields

    @extend_schema_field(
        serializers.ChoiceField(
            choices=[
                (one, one.title())
                for one in ("ready", "queued", "running", "done", "failed", "cancelled")
            ]
        )
    )
    def get_status(self, one: ContactImport) -> str:
        """Return how far it is: `ready` until it is started, then as its job."""
        job = self._job(one)
        return "ready" if job is None else job.status

    @extend_schema_field(ImportCountsSerializer)
    def get_counts(self, one: ContactImport) -> dict[str, int]:
        """Return what has become of the rows."""
        return counts_of(one)

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, one: ContactImport) -> Any:
        """Return the job, once there is one."""
        job = self._job(one)
        return None if job is None else JobSerializer(job).data

    def _job(self, one: ContactImport) -> Job | None:
        jobs: dict[Any, Job] = self.context["jobs"]
        return jobs.get(one.job_id)


class ImportDetailSerializer(ImportSerializer):
    """An import on its own page. `columns` and `sample` are there while the file is.

    Both come with the context, as does `report_rows`.
    """

    columns = serializers.SerializerMethodField()
    sample = serializers.SerializerMethodField()
    options = ImportOptionsSerializer(allow_null=True)
    report_rows = serializers.SerializerMethodField()
    file_kept = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields = (
            *ImportSerializer.Meta.fields,
            "encoding",
            "delimiter",
            "header",
            "columns",
            "sample",
            "options",
            "report_rows",
            "file_kept",
        )
        read_only_fields = fields

    @extend_schema_field(ColumnSerializer(many=True))
    def get_columns(self, _one: ContactImport) -> Any:
        """Return the columns of the file, with what each may become."""
        return ColumnSerializer(self.context["columns"], many=True).data

    @extend_schema_field(SampleRowSerializer(many=True))
    def get_sample(self, _one: ContactImport) -> Any:
        """Return the first rows."""
        return SampleRowSerializer(self.context["sample"], many=True).data

    def get_report_rows(self, _one: ContactImport) -> int:
        """Return how many lines the report has."""
        rows: int = self.context["report_rows"]
        return rows

    def get_file_kept(self, one: ContactImport) -> bool:
        """Whether the file is still there."""
        return one.file_gone_at is None


class MappingProblemSerializer(serializers.Serializer[Any]):
    """Something wrong with a mapping, at a column or as a whole."""

    column = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class CellReadSerializer(serializers.Serializer[Any]):
    """A cell as it would be read; `fault` says why it would be left out."""

    column = serializers.IntegerField()
    value = AnyField(allow_null=True)
    fault = serializers.CharField(allow_null=True)


class RowReadSerializer(serializers.Serializer[Any]):
    """A row as it would be read; `refusal` says why it would not be taken in."""

    line = serializers.IntegerField()
    refusal = serializers.CharField(allow_null=True)
    cells = CellReadSerializer(many=True)


class ColumnFaultsSerializer(serializers.Serializer[Any]):
    """How many cells of a column would be left out."""

    column = serializers.IntegerField()
    left_out = serializers.IntegerField()


class RefusalSerializer(serializers.Serializer[Any]):
    """A row that would be refused."""

    line = serializers.IntegerField()
    reason = serializers.CharField()


class CheckSummarySerializer(serializers.Serializer[Any]):
    """What would become of the first rows, `of` in number."""

    of = serializers.IntegerField()
    refused = serializers.IntegerField()
    left_out = serializers.IntegerField()
    columns = ColumnFaultsSerializer(many=True)
    refusals = RefusalSerializer(many=True)


class MappingCheckSerializer(serializers.Serializer[Any]):
    """A mapping looked at before anything is written."""

    problems = MappingProblemSerializer(many=True)
    rows = RowReadSerializer(many=True)
    summary = CheckSummarySerializer()
