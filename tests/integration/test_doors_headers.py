"""What every answer says to the browser, and what the repository must not say to anybody."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from config import secrets
from tests.doors import signed_in

ROOT = Path(settings.BASE_DIR)


def directives(answer: object) -> dict[str, list[str]]:
    """Read the Content-Security-Policy."""
    policy = answer["Content-Security-Policy"]  # type: ignore[index]  # an HttpResponse
    found = {}
    for part in policy.split(";"):
        name, *values = part.split()
        found[name] = values
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/health/", "/api/me/", "/api/docs/", "/api/nothing/"])
def test_every_answer_carries_the_policy_and_the_headers(path: str) -> None:
    answer = signed_in("viewer").get(path)
    policy = directives(answer)
    for name in ("default-src", "script-src"):
        assert policy[name][0] == "'self'"
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"} & set(policy[name])
    assert "'unsafe-inline'" not in policy["style-src"]
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_no_page_of_ours_needs_an_inline_script() -> None:
    page = signed_in("viewer").get("/api/docs/").content.decode()
    inline = [found for found in re.findall(r"<script([^>]*)>", page) if "src=" not in found]
    assert all("nonce=" in attributes for attributes in inline)
    assert " onclick=" not in page


@pytest.mark.django_db
def test_another_sites_page_reads_nothing() -> None:
    answer = signed_in("admin").get("/api/me/", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.django_db
def test_an_unknown_host_is_refused() -> None:
    assert Client().get("/api/health/", headers={"Host": "evil.example"}).status_code == 400


def settings_with(**environment: str) -> dict[str, object]:
    """Read the security settings in a fresh process with this environment."""
    program = (
        "import json; from config import security;"
        "print(json.dumps({k: v for k, v in vars(security).items()"
        " if k.isupper() and isinstance(v, (str, int, bool, list, tuple))}))"
    )
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_behind_https_the_cookies_are_secure_and_hsts_is_sent() -> None:
    there = settings_with(PUBLIC_URL="https://mill.example", BEHIND_PROXY="1")
    assert there["SESSION_COOKIE_SECURE"]
    assert there["CSRF_COOKIE_SECURE"]
    assert there["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert there["SECURE_SSL_REDIRECT"]
    here = settings_with()
    assert not here["SESSION_COOKIE_SECURE"]
    assert not here["SECURE_HSTS_SECONDS"]
    assert "SECURE_PROXY_SSL_HEADER" not in here


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made = secrets.kept("secret_key", tmp_path)
    assert len(made) >= 50
    assert secrets.kept("secret_key", tmp_path) == made
    assert secrets.kept("secret_key", tmp_path / "other") != made
    file = tmp_path / "secrets" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|mr_[0-9a-f]{12}_[0-9a-f]{64}"
    r"|SECRET_KEY\s*=\s*[\"'][^\"']{20,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|(?:postgres|postgresql|redis|smtp)://[^\s:@/\"']+:[^\s@/\"'{}$]+@(?!localhost|127\.)"
)


def test_no_secret_is_committed() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: nothing is committed here")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name]
    private = [name for name in names if name.startswith("var/") or name.endswith(".env")]
    assert private == []
    for name in names:
        file = ROOT / name
        if file.is_file() and file.suffix not in (".png", ".woff2", ".gz", ".ico", ".lock"):
            text = file.read_text(encoding="utf-8", errors="replace")
            assert not SECRETS.search(text), name
