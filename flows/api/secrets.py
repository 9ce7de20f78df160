"""What of a flow only who may edit it sees: the values of a webhook's headers hold keys."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import role_of
from accounts.roles import Role
from flows.nodes import NODE_TYPES

HIDDEN = "•••"

_FIELDS = frozenset(name for node_type in NODE_TYPES.values() for name in node_type.secrets)


class HidesSecrets(APIView):
    """A view whose answers hold graphs, or what differs between them."""

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Put dots in the place of secrets for who may only look."""
        data = getattr(response, "data", None)
        if data is not None and role_of(request.user) not in (Role.EDITOR, Role.ADMIN):
            response.data = hidden(data)
        return super().finalize_response(request, response, *args, **kwargs)


def hidden(data: Any) -> Any:
    """Return an answer without the secrets in it, wherever nodes and their differences stand.

    Examples
    --------
    >>> node = {"type": "webhook", "config": {"url": "u", "headers": {"Key": "s3cret"}}}
    >>> hidden({"nodes": [node]})["nodes"][0]["config"]
    {'url': 'u', 'headers': {'Key': '•••'}}
    """
    if isinstance(data, list):
        return [hidden(one) for one in data]
    if not isinstance(data, dict):
        return data
    if str(data.get("field", "")).partition(".")[0] in _FIELDS:
        return {
            name: _dotted(value) if name in ("before", "after") else value
            for name, value in data.items()
        }
    if isinstance(data.get("headers"), dict) and "method" in data and "url" in data:
        return {**data, "headers": _dotted(data["headers"])}  # a request as it would be made
    if isinstance(data.get("type"), str) and isinstance(data.get("config"), dict):
        secret = NODE_TYPES[data["type"]].secrets if data["type"] in NODE_TYPES else ()
        config = {
            name: _dotted(value) if name in secret else value
            for name, value in data["config"].items()
        }
        return {**data, "config": config}
    return {name: hidden(value) for name, value in data.items()}


def _dotted(value: Any) -> Any:
    if isinstance(value, dict):
        return dict.fromkeys(value, HIDDEN)
    return HIDDEN if value else value
