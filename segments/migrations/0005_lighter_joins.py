"""What makes joins and leaves lighter to write."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What makes joins and leaves lighter to write."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("segments", "0004_insight")]

    operations: ClassVar[list[Operation]] = []
