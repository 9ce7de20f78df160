"""What parking, retrying and calling out need."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """What parking, retrying and calling out need."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("flows", "0002_times")]

    operations: ClassVar[list[Operation]] = []
