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


class ConflictErrorSerializer(serializers.Serializer[object]):
    """One reason why a request came too late."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ConflictResponseSerializer(serializers.Serializer[object]):
    """The answer 409: what the request was made against has changed since."""

    type = serializers.ChoiceField(choices=["client_error"])
    errors = ConflictErrorSerializer(many=True)  # type: ignore[assignment]  # a field named so
