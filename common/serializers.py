"""The API's shapes for the common tables."""

from rest_framework import serializers

from common.models import Job, Workspace


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


class WorkspaceSerializer(serializers.ModelSerializer[Workspace]):
    """The workspace's name, zone and sender."""

    class Meta:
        model = Workspace
        fields = ("name", "timezone", "from_email", "postal_address")
