"""Signing in and out, as the browser does it."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import time
from base64 import b32decode
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.doors import PASSWORD, person

AUTH = "/_allauth/browser/v1/auth"

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    """A browser that has loaded the page: it has the CSRF cookie, which is enforced."""
    client = Client(enforce_csrf_checks=True)
    client.get(f"{AUTH}/session")
    return client


def post(client: Client, path: str, body: dict[str, Any], *, method: str = "POST") -> Any:
    """Send JSON with the CSRF token of the cookie, as the frontend does."""
    token = client.cookies["csrftoken"].value
    return client.generic(
        method, path, json.dumps(body), "application/json", headers={"X-CSRFToken": token}
    )


def sign_in(client: Client, email: str = "ada@example.org", password: str = PASSWORD) -> Any:
    """Send the sign-in form."""
    return post(client, f"{AUTH}/login", {"email": email, "password": password})


def test_somebody_signs_in_and_out(browser: Client) -> None:
    person("editor", "ada@example.org")
    assert browser.get("/api/me/").status_code == 401
    assert sign_in(browser).status_code == 200
    me = browser.get("/api/me/").json()
    assert me["email"] == "ada@example.org"
    assert me["role"] == "editor"
    assert set(me["workspace"]) == {"name", "sends_email", "timezone"}
    assert post(browser, f"{AUTH}/session", {}, method="DELETE").status_code == 401
    assert browser.get("/api/me/").status_code == 401


def test_capitals_in_the_e_mail_do_not_matter(browser: Client) -> None:
    person("viewer", "Ada@Example.org")
    assert sign_in(browser, "ADA@example.ORG").status_code == 200


def test_the_session_cookie_is_kept_from_scripts_and_from_other_sites(browser: Client) -> None:
    person("viewer", "ada@example.org")
    sign_in(browser)
    cookie = browser.cookies["millrace_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert browser.cookies["csrftoken"]["samesite"] == "Lax"


def test_sign_in_without_the_csrf_token_is_refused(browser: Client) -> None:
    person("viewer", "ada@example.org")
    body = json.dumps({"email": "ada@example.org", "password": PASSWORD})
    answer = browser.generic("POST", f"{AUTH}/login", body, "application/json")
    assert answer.status_code == 403
    assert browser.get("/api/me/").status_code == 401


def test_a_write_of_the_session_without_the_csrf_token_is_refused(browser: Client) -> None:
    person("admin", "ada@example.org")
    sign_in(browser)
    body = json.dumps({"name": "Stolen"})
    refused = browser.generic("PATCH", "/api/workspace/", body, "application/json")
    assert refused.status_code == 403
    assert refused.json()["type"] == "client_error"
    assert post(browser, "/api/workspace/", {"name": "Mill"}, method="PATCH").status_code == 200


def test_a_wrong_password_and_an_unknown_e_mail_are_answered_alike(browser: Client) -> None:
    person("viewer", "ada@example.org")
    wrong = sign_in(browser, password="not this one")
    unknown = sign_in(browser, "eve@example.org")
    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json() == unknown.json()


def test_guessing_one_persons_password_is_throttled(browser: Client) -> None:
    cache.clear()
    person("viewer", "ada@example.org")
    answers = [sign_in(browser, password=f"guess {n}") for n in range(6)]
    assert [answer.status_code for answer in answers[:5]] == [400] * 5
    assert answers[5].status_code != 200
    # The right password no longer helps whoever guesses; somebody else is not disturbed.
    assert sign_in(browser).status_code != 200
    person("viewer", "bob@example.org")
    assert sign_in(browser, "bob@example.org").status_code == 200
    cache.clear()


def test_guessing_from_one_address_is_throttled(browser: Client) -> None:
    cache.clear()
    codes = [sign_in(browser, f"nobody{n}@example.org").status_code for n in range(35)]
    assert codes[0] == 400
    assert 429 in codes
    cache.clear()


def test_the_throttle_counts_where_all_web_processes_see_it() -> None:
    assert "locmem" not in settings.CACHES["default"]["BACKEND"]
    assert cache.add("counted", 1, 60)
    assert not cache.add("counted", 1, 60)
    cache.delete("counted")


def test_nobody_signs_up_by_themselves(browser: Client) -> None:
    body = {"email": "eve@example.org", "password": "a very long password"}
    assert post(browser, f"{AUTH}/signup", body).status_code == 403
    assert not User.objects.exists()


def test_somebody_deactivated_is_out_at_once_and_stays_out(browser: Client) -> None:
    ada = person("editor", "ada@example.org")
    sign_in(browser)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert browser.get("/api/me/").status_code == 401
    assert sign_in(browser).status_code != 200


def test_a_changed_password_ends_the_other_sessions(browser: Client) -> None:
    person("viewer", "ada@example.org")
    other = Client(enforce_csrf_checks=True)
    other.get(f"{AUTH}/session")
    sign_in(browser)
    sign_in(other)
    body = {"current_password": PASSWORD, "new_password": "a weir by the river"}
    assert post(browser, "/_allauth/browser/v1/account/password/change", body).status_code == 200
    assert browser.get("/api/me/").status_code == 200
    assert other.get("/api/me/").status_code == 401


def test_a_weak_password_is_refused(browser: Client) -> None:
    person("viewer", "ada@example.org")
    sign_in(browser)
    body = {"current_password": PASSWORD, "new_password": "password"}
    assert post(browser, "/_allauth/browser/v1/account/password/change", body).status_code == 400


def test_a_second_factor_is_asked_for_once_it_is_set_up(browser: Client) -> None:
    person("viewer", "ada@example.org")
    sign_in(browser)
    totp = "/_allauth/browser/v1/account/authenticators/totp"
    assert post(browser, f"{AUTH}/reauthenticate", {"password": PASSWORD}).status_code == 200
    secret = browser.get(totp).json()["meta"]["secret"]
    assert post(browser, totp, {"code": code_of(secret)}).status_code == 200

    other = Client(enforce_csrf_checks=True)
    other.get(f"{AUTH}/session")
    assert sign_in(other).status_code == 401
    assert other.get("/api/me/").status_code == 401
    wrong = post(other, f"{AUTH}/2fa/authenticate", {"code": "000000"})
    assert wrong.status_code == 400
    cache.clear()  # a code counts once: forget that it set the factor up
    assert post(other, f"{AUTH}/2fa/authenticate", {"code": code_of(secret)}).status_code == 200
    assert other.get("/api/me/").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "[" * 50_000,
        '{"email": "a\\u0000@example.org", "password": "x"}',
        '{"email": "a@example.org", "password": "\\ud800"}',
        '{"email": NaN}',
        "{",
        '"text"',
        "[]",
        "null",
        '{"email": {"a": 1}, "password": [1]}',
    ],
)
def test_hostile_sign_in_is_refused_and_breaks_nothing(browser: Client, body: str) -> None:
    token = browser.cookies["csrftoken"].value
    answer = browser.generic(
        "POST", f"{AUTH}/login", body, "application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 400


def code_of(secret: str) -> str:
    """Return the code of this moment for a TOTP secret (RFC 6238)."""
    key = b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"
