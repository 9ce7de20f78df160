"""`Authorization: Bearer <key>` for programs that call `/api/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts.keys import key_matches, key_prefix
from accounts.models import ApiKey
from accounts.services import key_used
from common.clock import utcnow

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema
    from rest_framework.request import Request


@dataclass(frozen=True)
class KeyUser:
    """Stands where a User stands when a program calls: has a role, is no row of `app_user`."""

    key_name: str
    role: str
    email: str = ""
    name: str = ""
    pk: int | None = None
    id: int | None = None
    is_active: bool = True
    is_authenticated: bool = True
    is_anonymous: bool = False


class BearerAuthentication(BaseAuthentication):
    """Recognises an API key. A request with any other `Authorization` is left to the session."""

    def authenticate(self, request: Request) -> tuple[KeyUser, ApiKey] | None:
        """Return who calls, or None if no key was sent.

        Raises
        ------
        AuthenticationFailed
            For a key that is malformed, unknown, wrong or revoked: all with the same words.
        """
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        plain = parts[1].decode("latin-1") if len(parts) == 2 else ""
        prefix = key_prefix(plain)
        key = ApiKey.objects.filter(prefix=prefix).first() if prefix else None
        if key is None or not key_matches(plain, key.digest) or key.revoked_at is not None:
            raise AuthenticationFailed("This key is not valid.")
        key_used(key, now=utcnow())
        return KeyUser(key_name=key.name, role=key.role), key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing sign-in is answered 401 and not 403."""
        return 'Bearer realm="api"'


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes the keys."""

    target_class = BearerAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the security scheme object."""
        return {"type": "http", "scheme": "bearer"}
