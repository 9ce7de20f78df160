"""The demo shop's source, and its write key, which is kept in `var/secrets`.

A write key is shown once and stored hashed, and so the running demo keeps its own copy, readable by
its owner only. If the copy is lost, the shop gets a new source.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from contacts.services import source_create

SOURCE_NAME: Final = "Demo shop"
_FILE: Final = "demo_write_key"


def key_kept() -> str | None:
    """Return the write key, if there is one."""
    try:
        return _path().read_text().strip() or None
    except FileNotFoundError:
        return None


def key_renew(*, now: datetime) -> tuple[int, str]:
    """Make a source for the shop and keep its write key; returns the source's id and the key."""
    source, key = source_create(SOURCE_NAME, now=now)
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{_FILE}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    draft.replace(path)
    return source.id, key


def _path() -> Path:
    return Path(settings.VAR_DIR) / "secrets" / _FILE
