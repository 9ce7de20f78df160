"""`manage.py reseal_secrets`: after a change of keys, writes every secret with the first one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.resealing import workspace_reseal
from messaging.sealing import headers_rewrite


class Command(BaseCommand):
    """Re-encrypts the workspace's secrets and the headers of calls."""

    help = (
        "Writes every secret in the database with the first of SECRETS_KEYS (else SECRET_KEY). "
        "Afterwards no other key is needed. May run beside everything else, and more than once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rewrite, and say what no key opens."""
        unread = workspace_reseal()
        calls = headers_rewrite()
        self.stdout.write(f"{calls.written:,} calls and the workspace are written with the key.")
        if calls.unreadable:
            unread.append(f"the headers of {calls.unreadable:,} calls")
        if unread:
            raise CommandError(
                f"No key opens {', '.join(unread)}. They are left as they are: add the key that "
                "they were written with to SECRETS_KEYS, behind the first, and run this again."
            )
