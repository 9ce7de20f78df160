"""What keeps the tables of flows from growing without end, and light to write."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What keeps the tables of flows from growing without end, and light to write."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0004_editions")]

    operations: ClassVar[list[Operation]] = []
