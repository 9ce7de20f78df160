"""Making and recognising keys `mr_<prefix>_<secret>`. PURE: no Django, no IO but randomness.

The prefix (48 random bits) finds the row and may be shown and logged; the secret (256 random
bits) is shown once. Stored is the SHA-256 of the whole: with that much randomness a slow hash
adds nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

_SHAPE = re.compile(r"mr_(?P<prefix>[0-9a-f]{12})_[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class NewKey:
    """A key just made. `plain` is shown once and then forgotten."""

    plain: str
    prefix: str
    digest: str


def key_make() -> NewKey:
    """Make a key from the system's randomness."""
    prefix = secrets.token_hex(6)
    plain = f"mr_{prefix}_{secrets.token_hex(32)}"
    return NewKey(plain, prefix, key_digest(plain))


def key_digest(plain: str) -> str:
    """Return the SHA-256 of a key, in hex."""
    return hashlib.sha256(plain.encode()).hexdigest()


def key_prefix(plain: str) -> str | None:
    """Return the prefix of a well-formed key, else None.

    Examples
    --------
    >>> key_prefix("mr_0123456789ab_" + "f" * 64)
    '0123456789ab'
    >>> key_prefix("mr_x") is None
    True
    """
    found = _SHAPE.fullmatch(plain)
    return found["prefix"] if found else None


def key_matches(plain: str, digest: str) -> bool:
    """Compare a key with a stored digest, in constant time."""
    return hmac.compare_digest(key_digest(plain), digest)
