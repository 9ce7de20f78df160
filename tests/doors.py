"""Helpers for the tests of the doors: somebody of each role, and every route there is."""

from __future__ import annotations

import inspect
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

from accounts.models import User
from accounts.permissions import COMMAND
from accounts.services import user_create
from common.clock import utcnow

PASSWORD = "a mill by the river"
METHODS = ("get", "post", "put", "patch", "delete")
KNOWN = {"unknown_api": "/api/there-is-no-such-thing"}
"""Addresses of views whose routes are expressions that can't be filled in."""
HIDDEN = ("/_allauth/browser/v1/account/phone", "/_allauth/browser/v1/auth/phone/")
"""Routes of allauth that stand behind one of ours and are never reached."""
SAMPLES = ("1", "x", "00000000-0000-4000-8000-000000000000", ".json", "json", "track")


@dataclass(frozen=True)
class Route:
    """One route: an address that leads to it, and what stands behind."""

    path: str
    view: Any
    methods: tuple[str, ...]


def person(role: str, email: str = "") -> User:
    """Make somebody of this role, with `PASSWORD`."""
    user, _ = user_create(
        COMMAND, email=email or f"{role}@example.org", role=role, password=PASSWORD, now=utcnow()
    )
    return user


def signed_in(role: str, **client_options: Any) -> Client:
    """Return a browser in which somebody of this role is signed in."""
    client = Client(**client_options)
    client.force_login(person(role))
    return client


def http_routes() -> list[Route]:
    """Return every route of the product, found by walking the resolver."""
    found = {}
    for possible, view in _walk(get_resolver().url_patterns, [("", [])]):
        if f"/{possible[0][0]}".startswith(HIDDEN):
            continue
        path = _address(possible, view)
        found[path] = Route(path, view, tuple(_methods(view)))
    return list(found.values())


def socket_routes(application: Any) -> list[str]:
    """Return an address for every route of the sockets, found by walking the ASGI application."""
    if isinstance(application, ProtocolTypeRouter):
        return socket_routes(application.application_mapping["websocket"])
    if isinstance(application, URLRouter):
        routes: list[Any] = list(application.routes)
        return [f"/{_fill(normalize(one.pattern.regex.pattern)[0])}" for one in routes]
    inner = getattr(application, "inner", None)
    if inner is None and inspect.isfunction(application):
        inner = inspect.getclosurevars(application).nonlocals.get("inner")
    assert inner is not None, f"{application!r} hides its routes from the walk"
    return socket_routes(inner)


def _walk(
    patterns: list[Any], before: list[tuple[str, list[str]]]
) -> Iterator[tuple[list[tuple[str, list[str]]], Any]]:
    for pattern in patterns:
        here = normalize(pattern.pattern.regex.pattern.replace(r"\Z", "$"))
        joined = [
            (first + second, [*names, *more]) for first, names in before for second, more in here
        ]
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, joined)
        elif isinstance(pattern, URLPattern):
            yield joined, pattern.callback


def _address(possible: list[tuple[str, list[str]]], view: Any) -> str:
    """Fill in the parameters until the resolver leads to this very view."""
    if view.__name__ in KNOWN:
        return KNOWN[view.__name__]
    for template, names in possible:
        for values in itertools.product(SAMPLES, repeat=len(names)):
            path = "/" + template % dict(zip(names, values, strict=True))
            try:
                if resolve(path).func is view:
                    return path
            except Resolver404:
                continue
    raise AssertionError(f"no sample leads to {possible}: give tests/doors.py one that does")


def _fill(possible: tuple[str, list[str]]) -> str:
    template, names = possible
    return template % dict.fromkeys(names, "00000000-0000-4000-8000-000000000000")


def _methods(view: Any) -> Iterator[str]:
    actions = getattr(view, "actions", None)
    if actions:
        yield from (method for method in actions if method in METHODS)
        return
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if cls is None:
        yield from ("get", "post")
        return
    yield from (method for method in METHODS if hasattr(cls, method))


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    """Send JSON; return the response."""
    return client.generic(method, path, json.dumps(body), "application/json")


def error_of(response: Any, status: int = 400) -> dict[str, Any]:
    """The first error, of an answer in the one shape that errors have."""
    assert response.status_code == status, response.content
    body = response.json()
    assert body.keys() == {"type", "errors"}
    error: dict[str, Any] = body["errors"][0]
    assert error.keys() == {"code", "detail", "attr"}
    assert error["detail"]
    return error
