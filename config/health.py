"""`/api/health/`: whether the database, the engine and the job worker do their work."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.clock import utcnow

LAGGING_SECONDS = 60.0
"""Work that is older than this and still waits means that something is wrong."""


class EngineHealthSerializer(serializers.Serializer[dict[str, Any]]):
    """What the engine has before it."""

    workers = serializers.IntegerField()
    inbox = serializers.IntegerField()
    touched = serializers.IntegerField()
    due = serializers.IntegerField()
    lag_seconds = serializers.FloatField()


class JobsHealthSerializer(serializers.Serializer[dict[str, Any]]):
    """What the job worker has before it."""

    waiting = serializers.IntegerField()
    failed = serializers.IntegerField()


class HealthSerializer(serializers.Serializer[dict[str, Any]]):
    """The state of the whole."""

    status = serializers.ChoiceField(choices=["ok", "degraded", "down"])
    database = serializers.CharField()
    engine = EngineHealthSerializer()
    jobs = JobsHealthSerializer()


_ENGINE = """
SELECT
  (SELECT count(DISTINCT application_name) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'millrace engine%%'),
  (SELECT count(*) FROM inbox),
  (SELECT count(*) FROM touch),
  (SELECT count(*) FROM visit WHERE due_at <= %(now)s),
  (SELECT min(received_at) FROM inbox),
  (SELECT min(at) FROM touch),
  (SELECT min(due_at) FROM visit WHERE due_at <= %(now)s)
"""
_JOBS = """
SELECT
  count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, %(now)s) <= %(now)s),
  count(*) FILTER (WHERE status = 'failed')
FROM procrastinate_jobs WHERE status IN ('todo', 'failed')
"""


def health(now: datetime) -> dict[str, Any]:
    """Look at everything; the answer has the same shape when the database is away."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ENGINE, {"now": now})
            workers, inbox, touched, due, *oldest = cursor.fetchone() or (0, 0, 0, 0)
            cursor.execute(_JOBS, {"now": now})
            waiting, failed = cursor.fetchone() or (0, 0)
    except DatabaseError:
        return _answer("down", "down", (0, 0, 0, 0, 0.0), (0, 0))
    lag = max([(now - instant).total_seconds() for instant in oldest if instant] or [0.0])
    lag = max(lag, 0.0)
    is_well = workers > 0 and lag < LAGGING_SECONDS
    return _answer(
        "ok" if is_well else "degraded",
        "ok",
        (workers, inbox, touched, due, lag),
        (waiting, failed),
    )


def _answer(
    status: str,
    database: str,
    engine: tuple[int, int, int, int, float],
    jobs: tuple[int, int],
) -> dict[str, Any]:
    names = ("workers", "inbox", "touched", "due", "lag_seconds")
    return {
        "status": status,
        "database": database,
        "engine": dict(zip(names, engine, strict=True)),
        "jobs": {"waiting": jobs[0], "failed": jobs[1]},
    }


class HealthView(APIView):
    """Answers without sign-in, for whoever watches the machine."""

    public = True
    authentication_classes = ()

    @extend_schema(responses={200: HealthSerializer, 503: HealthSerializer}, auth=[])
    def get(self, request: Request) -> Response:
        """Say how the database, the engine and the jobs are."""
        found = health(utcnow())
        return Response(found, status=503 if found["status"] == "down" else 200)
