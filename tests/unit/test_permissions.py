"""Who may do what, as a table; and the pure parts of the doors."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import override_settings

from accounts.keys import key_digest, key_make, key_matches, key_prefix
from accounts.models import User
from accounts.permissions import RolePermission, required_role, role_of
from accounts.sockets import origin_allowed
from common import safejson


def view(**attributes: Any) -> Any:
    return SimpleNamespace(**attributes)


@pytest.mark.parametrize(
    ("a_view", "method", "needed"),
    [
        (view(), "GET", "viewer"),
        (view(), "HEAD", "viewer"),
        (view(), "OPTIONS", "viewer"),
        (view(), "POST", "editor"),
        (view(), "BREW", "editor"),
        (view(required_role="admin"), "GET", "admin"),
        (view(required_roles={"POST": "admin"}), "POST", "admin"),
        (view(required_roles={"POST": "admin"}), "PUT", "editor"),
        (view(required_roles={"GET": "editor"}), "HEAD", "editor"),
        (view(required_roles={"preview": "viewer"}, action="preview"), "POST", "viewer"),
        (view(required_roles={"preview": "viewer"}, action="create"), "POST", "editor"),
        (view(required_roles={"GET": "viewer"}, required_role="admin"), "GET", "viewer"),
    ],
)
def test_a_view_needs_a_role(a_view: Any, method: str, needed: str) -> None:
    assert required_role(a_view, method) == needed


@pytest.mark.parametrize(
    ("user", "method", "allowed"),
    [
        (AnonymousUser(), "GET", False),
        (None, "GET", False),
        (User(role="viewer"), "GET", True),
        (User(role="viewer"), "POST", False),
        (User(role="editor"), "POST", True),
        (User(role="admin", is_active=False), "GET", False),
        (User(role="owner"), "GET", False),
        (User(role=""), "GET", False),
    ],
)
def test_a_role_opens_what_it_opens(user: Any, method: str, allowed: bool) -> None:
    request: Any = SimpleNamespace(user=user, method=method)
    assert RolePermission().has_permission(request, view()) is allowed


def test_a_need_that_nobody_knows_opens_nothing() -> None:
    request: Any = SimpleNamespace(user=User(role="admin"), method="GET")
    assert not RolePermission().has_permission(request, view(required_role="emperor"))


def test_somebody_deactivated_has_no_role() -> None:
    assert role_of(User(role="admin")) == "admin"
    assert role_of(User(role="admin", is_active=False)) is None


def test_a_key_is_recognised_by_its_digest_alone() -> None:
    one, other = key_make(), key_make()
    assert one.plain != other.plain
    assert key_prefix(one.plain) == one.prefix
    assert one.plain not in one.digest
    assert one.digest == key_digest(one.plain)
    assert key_matches(one.plain, one.digest)
    assert not key_matches(other.plain, one.digest)


@pytest.mark.parametrize("plain", ["", "mr_", "mr_abc_def", "x" * 10_000, "mr_\x00", "mr_é_é"])
def test_what_is_no_key_has_no_prefix(plain: str) -> None:
    assert key_prefix(plain) is None


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://mill.example", "mill.example", True),
        ("https://mill.example:8443", "mill.example:8443", True),
        ("https://MILL.example", "mill.example", True),
        ("https://other.example", "mill.example", False),
        ("https://mill.example:1", "mill.example:2", False),
        ("https://mill.example.evil.example", "mill.example", False),
        ("https://evil.example", "evil.example", False),
        ("file://mill.example", "mill.example", False),
        ("null", "mill.example", False),
        ("http://[", "mill.example", False),
        ("https://trusted.example", "mill.example", True),
        (None, "mill.example", False),
        ("https://mill.example", None, False),
    ],
)
def test_only_our_own_pages_open_sockets(
    origin: str | None, host: str | None, allowed: bool
) -> None:
    with override_settings(
        ALLOWED_HOSTS=["mill.example"],
        CSRF_TRUSTED_ORIGINS=["https://trusted.example"],
        DEBUG=False,
    ):
        assert origin_allowed(origin, host) is allowed


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe", "UTF-8"),
        ("[" * 33 + "]" * 33, "deeper"),
        ("[" * 200_000, "deeper"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "deeper"),
        ("NaN", "NaN"),
        ('{"a": -Infinity}', "Infinity"),
        ("1e999", "finite"),
        ("9223372036854775808", "64 bits"),
        ("-9223372036854775809", "64 bits"),
        ("1" * 100_000, "digits"),
        ("0." + "1" * 100_000, "digits"),
        (r'{"a": "\u0000"}', "NUL"),
        (r'{"\u0000": 1}', "NUL"),
        (r'["\ud800"]', "surrogate"),
        (r'{"\udc00": 1}', "surrogate"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"' + "k" * 1_001 + '": 1}', "key is longer"),
    ],
)
def test_hostile_json_is_refused_with_a_reason(text: str | bytes, word: str) -> None:
    with pytest.raises(safejson.JSONRefused, match=word):
        safejson.loads(text)


@pytest.mark.parametrize(
    "text",
    ["[" * 32 + "]" * 32, "9223372036854775807", r'"\ud83d\ude00"', '"ünï"', "1.5e300", "null"],
)
def test_json_at_the_limits_is_read(text: str) -> None:
    assert safejson.find_unsafe(safejson.loads(text)) is None
