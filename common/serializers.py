"""The API's shapes for the common tables."""

from rest_framework import serializers

from common.models import Job


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job with its progress."""

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "title",
            "status",
            "done",
            "total",
            "detail",
            "error",
            "cancel_requested",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields
