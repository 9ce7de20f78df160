"""The demo shop's way to the tracking API: real HTTP to `/v1/batch`. Needs no Django."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

MOST_IN_BATCH: Final = 200
TIMEOUT_SECONDS: Final = 10


class DoorShut(Exception):
    """The server is not there, or does not answer; try again later."""


class KeyRefused(Exception):
    """The server does not know the write key."""


class FrontDoor:
    """Sends batches to one server over one connection that is kept open.

    Parameters
    ----------
    address
        Where the server listens, such as `http://127.0.0.1:8000`.
    key
        The write key.
    host
        The name to ask for, if it is not that of the address.
    """

    def __init__(self, address: str, *, key: str, host: str | None = None) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port or 80, timeout=TIMEOUT_SECONDS
        )
        token = base64.b64encode(f"{key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        if host is not None:
            self._headers["Host"] = host

    def send(self, messages: Sequence[dict[str, Any]]) -> None:
        """Hand over messages, in batches.

        Raises
        ------
        DoorShut, KeyRefused
            If they are not taken. What was sent before counts once even if it is sent again.
        """
        for first in range(0, len(messages), MOST_IN_BATCH):
            self._post({"batch": list(messages[first : first + MOST_IN_BATCH])})

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _post(self, body: dict[str, Any]) -> None:
        try:
            self._connection.request("POST", "/v1/batch", json.dumps(body), self._headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise DoorShut(str(error) or type(error).__name__) from error
        if answer.status == 401:
            raise KeyRefused("the write key is not known")
        if answer.status != 200:
            raise DoorShut(f"the server answered {answer.status}")
