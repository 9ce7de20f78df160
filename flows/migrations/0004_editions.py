"""What comparing, moving and spreading need."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What comparing, moving and spreading need."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0003_repairs")]

    operations: ClassVar[list[Operation]] = []
