"""What the commands share by which things go into files and come from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import MillraceError


class FileCommand(BaseCommand):
    """A command of several ways: `way` names the method `_<way>` that takes the options."""

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and say what was done; a refusal is one sentence and exit code 2."""
        try:
            getattr(self, f"_{options['way']}")(options)
        except (OSError, UnicodeError, MillraceError) as error:
            raise CommandError(str(error), returncode=2) from None

    def texts_write(self, texts: Mapping[str, str], folder: str | None) -> None:
        """Print texts as one stream of documents, or write each into a folder as `<key>.yaml`."""
        if folder is None:
            self.stdout.write("---\n".join(texts.values()), ending="")
            return
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for key, text in texts.items():
            (place / f"{key}.yaml").write_text(text, encoding="utf-8")
            self.stdout.write(f"wrote {place / f'{key}.yaml'}")
