"""Quiet hours, limits and calls to other systems."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Quiet hours, limits and calls to other systems."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("messaging", "0001_initial")]

    operations: ClassVar[list[Operation]] = []
