"""The page, the documents, health, jobs over HTTP, and how errors look."""

from datetime import timedelta
from unittest.mock import patch
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError, connection
from django.test import Client
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from common.errors import Conflict, MillraceError, NotFound, Refused
from common.models import Job
from config.health import health
from tests.builders import NOW, build_job
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/flows/abandon-cart", "/u", "/login"])
def test_every_other_address_is_the_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert b'<div id="root">' in answer.content
    assert "csrftoken" in answer.cookies


@pytest.mark.parametrize(
    "path", ["/api/nothing/", "/v1/nothing", "/ws/nothing/", "/static/nope.js"]
)
def test_an_unknown_address_of_the_api_is_no_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"


def test_the_api_has_a_document_and_its_pages() -> None:
    client = signed_in("viewer")
    assert client.get("/api/schema/").status_code == 200
    assert client.get("/api/docs/").status_code == 200


def test_health_is_in_the_promised_form_without_signing_in(client: Client) -> None:
    answer = client.get("/api/health/").json()
    assert answer == {
        "status": "degraded",
        "database": "ok",
        "engine": {"workers": 0, "inbox": 0, "touched": 0, "due": 0, "lag_seconds": 0.0},
        "jobs": {"waiting": 0, "failed": 0},
    }


def test_health_looks_in_few_queries(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]  # a fixture without a type
        health(NOW)


def test_health_has_the_same_form_when_the_database_is_away(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError):
        answer = client.get("/api/health/")
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert set(answer.json()) == {"status", "database", "engine", "jobs"}


def test_jobs_are_listed_read_and_cancelled() -> None:
    old = build_job(title="Import a.csv", status=Job.Status.DONE)
    new = build_job(title="Import b.csv", created_at=NOW + timedelta(hours=1))
    editor = signed_in("editor")

    listed = editor.get("/api/jobs/").json()["results"]
    assert [job["id"] for job in listed] == [str(new.id), str(old.id)]
    assert editor.get(f"/api/jobs/{old.id}/").json()["title"] == "Import a.csv"
    assert editor.post(f"/api/jobs/{new.id}/cancel/").json()["status"] == "cancelled"
    assert editor.post(f"/api/jobs/{old.id}/cancel/").status_code == 409
    assert editor.post(f"/api/jobs/{UUID(int=1)}/cancel/").status_code == 404
    assert editor.get("/api/jobs/not-an-id/").status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "kind", "shown"),
    [
        (
            Refused("Choose a segment.", code="missing", attr="rule.segment"),
            400,
            "validation_error",
            {"code": "missing", "detail": "Choose a segment.", "attr": "rule.segment"},
        ),
        (
            NotFound("there is no such flow"),
            404,
            "client_error",
            {"code": "not_found", "detail": "there is no such flow", "attr": None},
        ),
        (
            Conflict("somebody saved before you"),
            409,
            "client_error",
            {"code": "conflict", "detail": "somebody saved before you", "attr": None},
        ),
        (
            DjangoValidationError("too short"),
            400,
            "validation_error",
            {"code": "invalid", "detail": "too short", "attr": None},
        ),
        (
            ZeroDivisionError("secret"),
            500,
            "server_error",
            {"code": "error", "detail": APIException.default_detail, "attr": None},
        ),
    ],
)
def test_every_error_has_the_one_shape(
    error: Exception, status: int, kind: str, shown: dict[str, str | None]
) -> None:
    class Fails(APIView):
        public = True

        def get(self, request: Request) -> Response:
            raise error

    answer = Fails.as_view()(APIRequestFactory().get("/"))
    assert answer.status_code == status
    assert answer.data["type"] == kind
    (found,) = answer.data["errors"]
    if status == 500:
        assert "secret" not in str(found["detail"])
    else:
        assert found == shown


def test_an_error_names_itself_by_its_class_unless_told_otherwise() -> None:
    assert (MillraceError("x").code, Conflict("x").code) == ("refused", "conflict")
    assert (Conflict("x", code="stale").code, NotFound("x").status) == ("stale", 404)
