"""The headers of calls are encrypted at rest; those in the log, too."""

from typing import Any, ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from common.secretbox import opened, resealed
from messaging.sealing import headers_rewrite


def encrypt(_apps: Any, _schema_editor: Any) -> None:
    """Encrypt what stands there in clear."""
    headers_rewrite(resealed)


def _clear(stored: str) -> str:
    clear = opened(stored)
    if clear is None:
        raise ValueError(
            "A header can be read with no key: set the SECRET_KEY it was written with."
        )
    return clear


def decrypt(_apps: Any, _schema_editor: Any) -> None:
    """Write them in clear again, for a release that knows no other way."""
    headers_rewrite(_clear)


class Migration(migrations.Migration):
    """The headers of calls, encrypted at rest."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("messaging", "0003_upkeep")]

    operations: ClassVar[list[Operation]] = [migrations.RunPython(encrypt, decrypt)]
