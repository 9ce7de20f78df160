"""Secrets at rest: written to the database encrypted, read back in clear.

The key is derived from `SECRETS_KEYS`, else from `SECRET_KEY`: who has a copy of the database alone
has none of them. Of several keys the first writes and all read, so that a key can be changed.
"""

import base64
import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

log = logging.getLogger(__name__)

MARK = "fernet:"
"""What an encrypted text begins with; one that does not is read as it stands."""
_PURPOSE = b"millrace: secrets at rest"


def sealed(text: str) -> str:
    """Return a secret as it is stored; "" stays "", so that one can ask whether there is any."""
    return MARK + _box().encrypt(text.encode()).decode() if text else ""


def opened(stored: str) -> str | None:
    """Return a stored secret in clear; None if no key opens it."""
    if not stored.startswith(MARK):
        return stored
    try:
        return _box().decrypt(stored.removeprefix(MARK)).decode()
    except InvalidToken:
        return None


def resealed(stored: str) -> str:
    """Return a stored secret, in clear or not, as the first key writes it; what none opens stays.

    What the first key has written already stays, too.
    """
    clear = opened(stored)
    if clear is None or (stored.startswith(MARK) and _is_first(stored)):
        return stored
    return sealed(clear)


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class SecretTextField(_TextField):
    """A text that is encrypted in the database. It can be asked for being empty, for nothing else.

    One that no key opens is read as "", and said in the log: the wrong key must not stop the rest.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt."""
        return sealed(str(value)) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Decrypt."""
        if value is None:
            return None
        clear = opened(value)
        if clear is None:
            log.error("%s can be read with no key of SECRETS_KEYS or SECRET_KEY", self.name)
        return clear or ""


def _is_first(stored: str) -> bool:
    try:
        _fernet(_keys()[0]).decrypt(stored.removeprefix(MARK))
    except InvalidToken:
        return False
    return True


def _keys() -> Sequence[str]:
    """The keys, the one that writes first; `SECRET_KEY` always reads."""
    return tuple(dict.fromkeys((*settings.SECRETS_KEYS, settings.SECRET_KEY)))


def _box() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in _keys()])


@lru_cache(maxsize=32)
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
