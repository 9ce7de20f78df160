"""Reads of the accounts room."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import ApiKey, AuditEntry, User
from common.selectors import workspace


def me(user: Any) -> dict[str, Any]:
    """Return who is signed in, as the frontend wants it. `user` is a User or a KeyUser."""
    here = workspace()
    return {
        "email": user.email,
        "name": user.name or getattr(user, "key_name", ""),
        "role": user.role,
        "workspace": {
            "name": here.name,
            "timezone": here.timezone,
            "sends_email": settings.EMAIL_CONFIGURED,
        },
    }


def people() -> QuerySet[User]:
    """Return everybody who signs in or once did."""
    return User.objects.order_by("id")


def people_named() -> QuerySet[User]:
    """Return everybody who may sign in, by name."""
    return User.objects.filter(is_active=True).order_by("name", "email")


def keys() -> QuerySet[ApiKey]:
    """Return every API key, the revoked too, with who made it."""
    return ApiKey.objects.select_related("created_by").order_by("-id")


def audit_entries() -> QuerySet[AuditEntry]:
    """Return the audit log, the newest first."""
    return AuditEntry.objects.order_by("-id")
