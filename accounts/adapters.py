"""What the product wants otherwise of django-allauth."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up by themselves: an admin makes users (`/api/people/`, `create_user`)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False
