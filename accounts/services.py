"""Writes of the accounts room: users, keys, the workspace. Each leaves a row in the audit log."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from accounts.keys import key_make
from accounts.models import ApiKey, AuditEntry, User
from accounts.permissions import Actor
from accounts.roles import Role
from common.errors import Conflict, NotFound, Refused
from common.models import Workspace

SECRETS = frozenset({"slack_webhook"})
"""What of the workspace the audit log must not hold."""
KEY_USE_WRITTEN_EVERY = timedelta(minutes=1)


def audit(
    actor: Actor,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
    *,
    now: datetime,
) -> None:
    """Write one row of the audit log, in the caller's transaction.

    Parameters
    ----------
    actor : Actor
        Who did it (`accounts.permissions.actor_of(request)`, or `COMMAND`).
    action : str
        What was done, `<kind>.<verb in the past>`: `flow.published`.
    target : str
        What it was done to, `<kind>:<key>`: `flow:abandon-cart`.
    detail : Mapping, optional
        What else is worth knowing; JSON. Never a secret.
    now : datetime
        The instant.
    """
    AuditEntry.objects.create(
        at=now,
        actor=actor.label[:300],
        user_id=actor.user_id,
        action=action,
        target=target[:300],
        detail=dict(detail or {}),
    )


@transaction.atomic
def user_create(
    actor: Actor,
    *,
    email: str,
    role: str,
    name: str = "",
    password: str | None = None,
    now: datetime,
) -> tuple[User, str | None]:
    """Make somebody who can sign in.

    Returns
    -------
    tuple of User and (str or None)
        The second is the password if none was given and one was made: show it once.

    Raises
    ------
    Refused
        For what is no e-mail or is somebody's already, an unknown role or a weak password.
    """
    email = _email_checked(email)
    _role_checked(role)
    made = None if password else secrets.token_urlsafe(15)
    user = User(email=email, name=name.strip(), role=role, created_at=now)
    if password:
        _password_checked(password, user)
    if User.objects.filter(email=email).exists():
        raise Refused(f"{email} signs in already.", code="email_taken", attr="email")
    user.set_password(password or made)
    user.save()
    # allauth keeps its own list of addresses; an admin vouches for this one.
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    audit(actor, "user.created", f"user:{email}", {"role": role}, now=now)
    return user, made


@transaction.atomic
def user_change(
    actor: Actor,
    user_id: int,
    *,
    name: str | None = None,
    role: str | None = None,
    is_active: bool | None = None,
    now: datetime,
) -> User:
    """Change a user's name or role, or let them no longer (or again) sign in.

    Raises
    ------
    NotFound
        If there is no such user.
    Conflict
        If nobody active would be left who is an admin.
    """
    # All admins are locked, always in the same order: of two requests that each take away one
    # of the last two admins, the second waits and then sees that it would leave none.
    locked = list(
        User.objects.select_for_update(no_key=True)
        .filter(Q(pk=user_id) | Q(role=Role.ADMIN, is_active=True))
        .order_by("pk")
    )
    user = next((one for one in locked if one.pk == user_id), None)
    if user is None:
        raise NotFound("There is no such person.")
    before = {"name": user.name, "role": user.role, "is_active": user.is_active}
    if name is not None:
        user.name = name.strip()
    if role is not None:
        _role_checked(role)
        user.role = role
    if is_active is not None:
        user.is_active = is_active
    if not any(one.role == Role.ADMIN and one.is_active for one in locked):
        raise Conflict("Somebody must stay who is an admin.", code="last_admin")
    after = {"name": user.name, "role": user.role, "is_active": user.is_active}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changed:
        user.save(update_fields=list(changed))
        audit(actor, "user.changed", f"user:{user.email}", changed, now=now)
    return user


@transaction.atomic
def key_create(actor: Actor, *, name: str, role: str, now: datetime) -> tuple[ApiKey, str]:
    """Make an API key.

    Returns
    -------
    tuple of ApiKey and str
        The second is the key itself: it can be shown now and never again.
    """
    name = name.strip()
    if not name:
        raise Refused("A key needs a name.", code="blank", attr="name")
    _role_checked(role)
    new = key_make()
    key = ApiKey.objects.create(
        name=name[:200],
        prefix=new.prefix,
        digest=new.digest,
        role=role,
        created_at=now,
        created_by_id=actor.user_id,
    )
    audit(actor, "key.created", f"key:{new.prefix}", {"name": key.name, "role": role}, now=now)
    return key, new.plain


@transaction.atomic
def key_revoke(actor: Actor, key_id: int, *, now: datetime) -> ApiKey:
    """Make a key useless, for ever. Revoking it twice is no error and keeps the first instant."""
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NotFound("There is no such key.")
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        audit(actor, "key.revoked", f"key:{key.prefix}", {"name": key.name}, now=now)
    return key


def key_used(key: ApiKey, *, now: datetime) -> None:
    """Note that a key was used, at most once a minute: a busy key is no write per request."""
    due = now - KEY_USE_WRITTEN_EVERY
    if key.last_used_at is not None and key.last_used_at > due:
        return
    not_since = Q(last_used_at__isnull=True) | Q(last_used_at__lte=due)
    ApiKey.objects.filter(not_since, pk=key.pk).update(last_used_at=now)


@transaction.atomic
def workspace_change(actor: Actor, changes: Mapping[str, Any], *, now: datetime) -> Workspace:
    """Change the workspace: name, time zone, sender, postal address. The values are checked."""
    workspace = Workspace.objects.select_for_update().get(pk=1)
    changed = {}
    for key, value in changes.items():
        if getattr(workspace, key) != value:
            before = getattr(workspace, key)
            # A secret's change is told, never the secret.
            changed[key] = [bool(before), bool(value)] if key in SECRETS else [before, value]
            setattr(workspace, key, value)
    if changed:
        workspace.save(update_fields=list(changed))
        audit(actor, "workspace.changed", "workspace", changed, now=now)
    return workspace


def _email_checked(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(f"{email[:80]} is no e-mail address.", code="invalid", attr="email") from None
    return email


def _role_checked(role: str) -> None:
    if role not in Role.values:
        known = ", ".join(Role.values)
        raise Refused(f"A role is one of {known}.", code="invalid_choice", attr="role")


def _password_checked(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="weak", attr="password") from None
