"""Writing the workspace's secrets anew, after the key has changed."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from common.secretbox import opened, resealed

SECRETS: Final = {
    "slack_webhook": "the address of Slack's webhook",
    "webhook_secret": "the secret that calls are signed with",
    "webhook_secret_before": "the secret before it",
}


@transaction.atomic
def workspace_reseal() -> list[str]:
    """Write the workspace's secrets as the first key does; returns those that no key opens.

    Past the model, which reads as "" what it cannot open: that must never be written back.
    """
    names = list(SECRETS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {', '.join(names)} FROM workspace FOR UPDATE")
        workspace, *stored = cursor.fetchone()
        said = ", ".join(f"{name} = %s" for name in names)
        anew = [resealed(one) for one in stored]
        cursor.execute(f"UPDATE workspace SET {said} WHERE id = %s", [*anew, workspace])
    return [SECRETS[name] for name, one in zip(names, stored, strict=True) if opened(one) is None]
