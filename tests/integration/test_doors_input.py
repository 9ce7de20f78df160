"""Input that is too large, too deep or no text, at every door: refused, never a 500."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.doors import Route, signed_in
from tests.doors import http_routes as all_routes

pytestmark = pytest.mark.django_db

HOSTILE: dict[str, str | bytes] = {
    "deep": "[" * 100_000,
    "deep but whole": '{"name":' * 40 + "1" + "}" * 40,
    "NUL": '{"name": "\\u0000"}',
    "half a surrogate": '{"name": "\\ud800"}',
    "NaN": '{"name": NaN}',
    "a number without end": '{"name": ' + "9" * 10_000 + "}",
    "beyond bigint": '{"name": 9223372036854775808}',
    "a key twice": '{"name": "a", "name": "b"}',
    "no UTF-8": b'{"name": "\xff"}',
    "no JSON": "{name}",
    "nothing": "",
}
"""Bodies that no endpoint takes."""


def http_routes() -> list[Route]:
    """Return every route that reads what is sent; the page and the slow document do not."""
    documents = ("/api/schema/", "/api/docs/")
    return [
        route
        for route in all_routes()
        if route.view.__name__ != "page" and route.path not in documents
    ]


def well(status: int) -> bool:
    """Say whether nothing fell over. 503 is how `/api/health/` says that there is no engine."""
    return status < 500 or status == 503


def send(client: Client, method: str, path: str, body: str | bytes) -> int:
    """Send a body that says it is JSON; return the status."""
    return client.generic(method.upper(), path, body, "application/json").status_code


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_body_is_refused_with_a_reason(kind: str) -> None:
    client = signed_in("admin")
    for path in ("/api/people/", "/api/keys/"):
        answer = client.generic("POST", path, HOSTILE[kind], "application/json")
        assert answer.status_code == 400, kind
        assert answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "true"])
def test_json_that_is_no_object_is_refused(body: str) -> None:
    client = signed_in("admin")
    for path in ("/api/people/", "/api/keys/"):
        assert send(client, "post", path, body) == 400


def test_no_write_anywhere_falls_over_hostile_bodies() -> None:
    client = signed_in("admin")
    client.raise_request_exception = False
    for route in http_routes():
        for method in set(route.methods) - {"get", "delete"}:
            for kind, body in HOSTILE.items():
                code = send(client, method, route.path, body)
                assert code < 500, (route.path, method, kind)


def test_no_read_anywhere_falls_over_hostile_queries() -> None:
    client = signed_in("admin")
    client.raise_request_exception = False
    texts = ("%00", "%ff", "%ED%A0%80", "x" * 3000, "-1", "9" * 30, "'\"", "[", "1e999", "NaN")
    names = "cursor limit search ordering contact node outcome name segment external_id flow status"
    for route in http_routes():
        if "get" in route.methods:
            for text in texts:
                query = "&".join(f"{name}={text}" for name in names.split())
                assert well(client.get(f"{route.path}?{query}").status_code), (route.path, text)


CURSORS = ("x", "cD0w", "cD14JTAw", "bz0tMQ==", "bz05OTk5OTk5OTk5OTk5OTk5OTk5", "cj0xJnA9eA==")
"""Base64 of `p=0`, `p=x%00`, `o=-1`, `o=9999999999999999999`, `r=1&p=x`: not of our making."""


def test_no_list_falls_over_one_hostile_parameter() -> None:
    client = signed_in("admin")
    client.raise_request_exception = False
    asked = [("cursor", text) for text in CURSORS]
    asked += [("limit", "9" * 30), ("limit", "-1"), ("limit", "x"), ("ordering", "-x,y")]
    asked += [("contact", "9" * 30), ("contact", "x"), ("segment", "x"), ("search", "9" * 30)]
    for route in http_routes():
        if "get" in route.methods and route.path.startswith("/api/"):
            for name, text in asked:
                code = client.get(route.path, {name: text}).status_code
                assert well(code), (route.path, name, text)


@pytest.mark.parametrize("path", ["/api/people/%00/", "/api/jobs/%00/", "/%00"])
def test_an_address_that_is_no_text_is_refused(path: str) -> None:
    assert signed_in("admin").get(path).status_code == 400


@pytest.mark.parametrize("number", [2**63, 10**30, "9" * 4500, "٣" * 30])
def test_no_address_falls_over_a_number_beyond_bigint(number: Any) -> None:
    client = signed_in("admin")
    client.raise_request_exception = False
    for route in http_routes():
        if "/1/" in route.path:
            path = route.path.replace("/1/", f"/{number}/")
            for method in route.methods:
                assert send(client, method, path, "{}") == 404, (path, method)


def test_a_large_body_is_refused() -> None:
    client = signed_in("admin")
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = '{"name": "' + "x" * limit + '"}'
    assert client.generic("POST", "/api/people/", body, "application/json").status_code == 413


def test_a_body_that_says_it_is_huge_is_refused_unread() -> None:
    answer = Client().generic(
        "POST", "/v1/batch", b"", "application/json", CONTENT_LENGTH=settings.LARGEST_BODY + 1
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data"])
def test_another_content_type_is_refused(content_type: str) -> None:
    answer = signed_in("admin").generic("POST", "/api/people/", b"a=b", content_type)
    assert answer.status_code == 415
