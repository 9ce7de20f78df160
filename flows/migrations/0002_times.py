"""What the flows' own times need."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What the flows' own times need."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0001_initial")]

    operations: ClassVar[list[Operation]] = []
