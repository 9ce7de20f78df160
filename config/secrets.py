"""Secrets that are made on the first start and kept in `var/secrets`, for their owner only."""

import os
import secrets
from pathlib import Path


def kept(name: str, var_dir: Path, *, length: int = 48) -> str:
    """Return the secret of this name, making it if there is none yet.

    Parameters
    ----------
    name
        The name of its file.
    var_dir
        The folder in which Millrace keeps what it keeps.
    length
        Its random bytes; the text is a third longer.

    Two processes that make it at the same moment get the same one: the file is linked into place
    whole, and only the first link succeeds.
    """
    folder = var_dir / "secrets"
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(length))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
