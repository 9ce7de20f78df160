"""Answers that are made while they are sent, however long they are."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse


class StreamedResponse(StreamingHttpResponse):
    """Sends what a plain iterator yields, part by part, also by an asynchronous server.

    Django's own would collect all of it first.
    """

    def __init__(self, parts: Iterable[bytes] | Iterable[str], **given: Any) -> None:
        super().__init__(parts, **given)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Take each part in the thread in which the request's database connection is."""
        parts = iter(cast("Iterable[bytes]", self.streaming_content))
        take = sync_to_async(lambda: next(parts, None))
        while (part := await take()) is not None:
            yield part
