"""An upload on its way in: read from the request piece by piece, recognised, stored, looked at.

Nothing is read before the permission is checked, and the file is never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Final

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from rest_framework.parsers import BaseParser, DataAndFiles

from common.errors import MillraceError, Refused
from contacts.importing.decoding import Decoder, UploadRefused
from contacts.importing.files import ChunkWriter

LARGEST_FILE: Final = 512 * 1024 * 1024

_READ_AT_A_TIME: Final = 256 * 1024


class FileTooLarge(MillraceError):
    """The file is larger than is taken."""

    status = 413
    default_code = "too_large"


class UnreadMultipart(BaseParser):
    """Leaves a multipart body unread, for the view to read once it knows who asks."""

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        """Return nothing."""
        return DataAndFiles(QueryDict(), MultiValueDict())


class _Storing(FileUploadHandler):
    """Hands the bytes of the one file on to the database as they come."""

    chunk_size = _READ_AT_A_TIME

    def __init__(self, writer: ChunkWriter) -> None:
        super().__init__()
        self.decoder = Decoder()
        self.name = ""
        self.read = 0
        self._writer = writer

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin with a file."""
        super().new_file(*args, **kwargs)
        if self.name:
            raise Refused("Send one file at a time.", code="one_file", attr="file")
        self.name = (self.file_name or "").replace("\x00", "")[:300] or "contacts.csv"

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Store the next bytes."""
        self.read += len(raw_data)
        if self.read > LARGEST_FILE:
            raise FileTooLarge(
                f"A file has up to {LARGEST_FILE // 1024**2} MB. Cut this one into parts: they can "
                "be imported one after another.",
                attr="file",
            )
        self._writer.write(self.decoder.feed(raw_data))

    def file_complete(self, file_size: int) -> None:
        """Store the last bytes."""
        self._writer.write(self.decoder.finish())
        self._writer.finish()


def upload_read(request: HttpRequest, writer: ChunkWriter) -> tuple[str, str]:
    """Read the file in a multipart body into the database.

    Returns
    -------
    tuple of str
        The file's name and its encoding.

    Raises
    ------
    Refused, FileTooLarge
        If there is no CSV file in it, or too large a one.
    """
    handler = _Storing(writer)
    try:
        MultiPartParser(request.META, request, [handler]).parse()
    except UploadRefused as refused:
        raise Refused(refused.reason, code=refused.code, attr="file") from None
    except MultiPartParserError as error:
        raise Refused(f"This body can't be read: {error}", code="parse_error") from None
    if not handler.name:
        raise Refused("Send a CSV file as `file`.", code="required", attr="file")
    if not writer.size:
        raise Refused("This file is empty.", code="empty", attr="file")
    return handler.name, handler.decoder.encoding
