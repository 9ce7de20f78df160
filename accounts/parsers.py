"""The one way in which `/api/` reads JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

from common import safejson


class TooLarge(APIException):
    """The body is larger than is read."""

    status_code = 413
    default_code = "too_large"
    default_detail = "This request is too large."


class SafeJSONParser(JSONParser):
    """Reads a bounded body with `common.safejson`; DRF's own reads any size and any JSON."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the document.

        Raises
        ------
        TooLarge
            Beyond `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes.
        ParseError
            For what `common.safejson` refuses.
        """
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge
        try:
            document: dict[str, Any] = safejson.loads(body)
        except safejson.JSONRefused as fault:
            raise ParseError(f"This body is refused: {fault}.") from None
        return document
