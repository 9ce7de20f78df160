"""Answers that are made while they are sent, however long they are."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

_END = object()


class StreamedResponse(StreamingHttpResponse):
    """Sends what a plain iterator yields, part by part, also by an asynchronous server.

    Django's own would collect all of it first.
    """

    def __init__(self, parts: Iterable[bytes], **given: Any) -> None:
        super().__init__(parts, **given)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Take each part in the thread in which the request's database connection is."""
        parts: Iterator[bytes] = iter(self.streaming_content)  # type: ignore[arg-type]  # it is plain
        take = sync_to_async(lambda: next(parts, _END))
        while (part := await take()) is not _END:
            yield part  # type: ignore[misc]  # it is not the end
