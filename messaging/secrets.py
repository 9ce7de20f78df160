"""What calls to other systems are signed with, in the manner of Standard Webhooks."""

import base64
import secrets
from datetime import datetime

from django.db import transaction

from accounts.permissions import Actor
from accounts.services import audit
from common.errors import MillraceError
from common.models import Workspace

UNREADABLE = (
    "The secret that calls are signed with cannot be read: start Millrace with the SECRETS_KEYS or "
    "the SECRET_KEY it was written with, or make a new one."
)


def signing_secrets() -> tuple[str, ...]:
    """Return the secrets to sign with, the newest first; makes one if there is none yet."""
    newest, before = Workspace.objects.values_list("webhook_secret", "webhook_secret_before").get()
    if not newest:
        # Of two workers that find none, one makes it and both read it.
        Workspace.objects.filter(webhook_secret="").update(webhook_secret=_made())
        newest = Workspace.objects.values_list("webhook_secret", flat=True).get()
        if not newest:
            # It is there, and no key opens it: a new one would lock out every receiver for good.
            raise MillraceError(UNREADABLE, code="secret_unreadable")
    return (newest, before) if before else (newest,)


@transaction.atomic
def webhook_secret_rotate(actor: Actor, *, now: datetime) -> str:
    """Make a new secret. Until the next rotation calls are signed with the one before as well."""
    workspace = Workspace.objects.select_for_update().get()
    workspace.webhook_secret_before, workspace.webhook_secret = workspace.webhook_secret, _made()
    workspace.save(update_fields=["webhook_secret", "webhook_secret_before"])
    audit(actor, "workspace.webhook_secret_rotated", "workspace", now=now)
    return workspace.webhook_secret


def _made() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
