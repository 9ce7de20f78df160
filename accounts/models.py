"""Rows about who signs in: users, API keys, and the log of what they changed.

Not here: contacts. A contact is somebody the product markets to; a user is somebody who signs in.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from accounts.roles import Role


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user who signs in with this e-mail."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who signs in. The e-mail is the user name and is stored in lower case."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True, default="")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """Table and constraints."""

        db_table = "app_user"  # "user" is a reserved word of PostgreSQL
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Sign-in relies on it: one e-mail is one user, whatever its capitals.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="app_user_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="app_user_role_known"
            ),
        ]

    def __str__(self) -> str:
        """Return the e-mail."""
        return self.email


class ApiKey(models.Model):
    """A key with which a program calls `/api/`. Only its digest is stored.

    A key reads `mr_<prefix>_<secret>`: the prefix finds the row, the SHA-256 of the whole proves
    it. The secret has 256 random bits, so a plain digest is as good as a slow one.
    """

    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="api_keys"
    )
    last_used_at = models.DateTimeField(null=True)  # written at most once a minute
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Table and constraints."""

        db_table = "api_key"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="api_key_role_known"
            ),
        ]

    def __str__(self) -> str:
        """Return the name and the public part of the key."""
        return f"{self.name} ({self.prefix})"


class AuditEntry(models.Model):
    """Who did what to what, and when. Rows are written once and never changed."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=300)  # "ada@example.org", "key:ci", "command"
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=100)  # "user.role_changed"
    target = models.CharField(max_length=300)  # "user:ada@example.org"
    detail: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        """Table and index."""

        db_table = "audit_entry"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target", "-at"], name="audit_entry_target"),
        ]

    def __str__(self) -> str:
        """Return one line of the log."""
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.target}"
