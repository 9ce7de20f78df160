"""The one permission class of the product, and who is behind a request.

`RolePermission` is DRF's default permission: an endpoint that says nothing is readable by viewers
and writable by editors. A view says otherwise with plain attributes, never with another class:

- `required_role = "admin"`: whatever the method;
- `required_roles = {"preview": "viewer", "DELETE": "admin"}`: by action name or by method, the
  action first;
- `public = True`: no sign-in at all. A test holds the literal list of public routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from rest_framework.permissions import BasePermission

from accounts.roles import Role, role_suffices

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class HasRole(Protocol):
    """What the permission needs to know of whoever asks: a User or a KeyUser."""

    role: str
    is_active: bool


@dataclass(frozen=True)
class Actor:
    """Who did something, for the audit log and for `published_by` and its like.

    `label` can be read by a person and outlives the row: an e-mail, `key:<name>` or `command`.
    """

    label: str
    user_id: int | None = None


COMMAND = Actor("command")


def role_of(user: Any) -> str | None:
    """Return the role of a request's or a socket's user; None for the anonymous and deactivated."""
    if not getattr(user, "is_authenticated", False) or not getattr(user, "is_active", False):
        return None
    role = getattr(user, "role", None)
    return role if role in Role.values else None


def actor_of(request: Request) -> Actor:
    """Say who is behind a request that has passed the permission."""
    key_name = getattr(request.user, "key_name", None)
    if key_name is not None:
        return Actor(f"key:{key_name}")
    return Actor(str(getattr(request.user, "email", "")) or "anonymous", request.user.pk)


def required_role(view: Any, method: str) -> str:
    """Return the least role with which `method` may be called on `view`.

    Parameters
    ----------
    view : APIView
        A view, or anything that carries `required_roles`, `required_role` and `action`.
    method : str
        The HTTP method in capitals. HEAD and OPTIONS are as GET.

    Examples
    --------
    >>> class Anything: ...
    >>> required_role(Anything(), "GET"), required_role(Anything(), "DELETE")
    ('viewer', 'editor')
    """
    roles = getattr(view, "required_roles", None) or {}
    action = getattr(view, "action", None)
    read = "GET" if method in READING else method
    for name in (action, method, read):
        if name in roles:
            return str(roles[name])
    for_all = getattr(view, "required_role", None)
    if for_all:
        return str(for_all)
    return Role.VIEWER.value if method in READING else Role.EDITOR.value


class RolePermission(BasePermission):
    """Lets in whose role suffices for this method of this view."""

    message = "Your role does not allow this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Compare the role of whoever asks with the one that the view needs."""
        if getattr(view, "public", False):
            return True
        return role_suffices(role_of(request.user), required_role(view, request.method or "GET"))
