"""How long things are kept."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """How long things are kept."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("common", "0002_dedupe_key")]

    operations: ClassVar[list[Operation]] = []
