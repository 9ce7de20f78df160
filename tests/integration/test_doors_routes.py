"""Every route there is, walked: who may come in, and who may not. New routes are walked too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.doors import Route, http_routes, signed_in

PUBLIC = (
    "/_allauth/",  # sign-in itself
    "/api/health/",
    "/v1/",  # the tracking API: it has its own keys
    "/u/",  # the way out of a mail: the address is signed
    "/static/",
    "/api/there-is-no-such-thing",
)
"""What answers without sign-in, besides the frontend's shell, which is the same for everybody."""

READ_BY_POST = {
    "/api/flows/1/publish/preview/",
    "/api/flows/1/simulate/",
    "/api/flows/sentences/",
    "/api/flows/validate/",
    "/api/contacts/lookup/",
    "/api/score-rules/preview/",
    "/api/segments/audience/",
    "/api/segments/describe/",
    "/api/segments/explain/",
    "/api/segments/preview/",
    "/api/segments/1/preview-change/",
    "/api/segments/naming/build/",
    "/api/segments/naming/check/",
    "/api/templates/1/preview/",
}
"""Questions too long for an address: a viewer may ask them."""

ADMIN_ONLY = {
    "/api/people/": "get post",
    "/api/people/1/": "get patch delete",
    "/api/keys/": "get post",
    "/api/keys/1/": "delete",
    "/api/audit/": "get",
    "/api/segments/naming/": "put",
    "/api/workspace/": "patch",
    "/api/workspace/webhook-secret/": "get post",
    "/api/sources/": "post",
    "/api/sources/1/": "patch delete",
}
"""What an editor may not."""

pytestmark = pytest.mark.django_db


def guarded() -> Iterator[tuple[Route, str]]:
    """Return every route that is not public, with each of its methods."""
    for route in http_routes():
        if not route.path.startswith(PUBLIC) and not is_shell(route):
            for method in route.methods:
                yield route, method


def is_shell(route: Route) -> bool:
    """Say whether this is the page that loads the frontend; it knows nothing of anybody."""
    return getattr(route.view, "__name__", "") == "page"


def ask(client: Client, route: Route, method: str) -> int:
    """Call a route with an empty body and return the status."""
    client.raise_request_exception = False
    return client.generic(method.upper(), route.path, "{}", "application/json").status_code


def is_admin_only(route: Route, method: str) -> bool:
    """Say whether the literal list reserves this for admins."""
    return method in ADMIN_ONLY.get(bare(route.path), "").split()


def bare(path: str) -> str:
    """Return the path without DRF's format suffix, which leads to the same view."""
    return path.removesuffix(".json") + "/" if path.endswith(".json") else path


def test_the_walk_finds_the_routes() -> None:
    paths = {route.path for route in http_routes()}
    assert {"/api/me/", "/api/people/", "/api/people/1/", "/api/health/"} <= paths
    assert set(ADMIN_ONLY) <= paths
    assert set(READ_BY_POST) <= paths


def test_nobody_comes_in_without_signing_in() -> None:
    client = Client()
    answers = {(r.path, m): ask(client, r, m) for r, m in guarded()}
    assert {at: code for at, code in answers.items() if code not in (401, 403)} == {}


def test_a_viewer_reads_everything_but_what_is_for_admins() -> None:
    client = signed_in("viewer")
    reads = [(r, m) for r, m in guarded() if m == "get" or bare(r.path) in READ_BY_POST]
    for route, method in reads:
        code = ask(client, route, method)
        expected_403 = is_admin_only(route, method)
        assert (code == 403) == expected_403, (route.path, method, code)
        assert code != 401, (route.path, method)
        assert code < 500, (route.path, method, code)


def test_a_viewer_writes_nothing() -> None:
    client = signed_in("viewer")
    writes = [(r, m) for r, m in guarded() if m != "get" and bare(r.path) not in READ_BY_POST]
    answers = {(r.path, m): ask(client, r, m) for r, m in writes}
    assert {at: code for at, code in answers.items() if code != 403} == {}


def test_an_editor_is_kept_from_what_is_for_admins_and_from_nothing_else() -> None:
    client = signed_in("editor")
    for route, method in guarded():
        code = ask(client, route, method)
        assert (code == 403) == is_admin_only(route, method), (route.path, method, code)
        assert code != 401, (route.path, method)
        assert code < 500, (route.path, method, code)


def test_an_admin_is_kept_from_nothing() -> None:
    client = signed_in("admin")
    for route, method in guarded():
        code = ask(client, route, method)
        assert code not in (401, 403), (route.path, method, code)
        assert code < 500, (route.path, method, code)
