"""What a stranger uploads, recognised as text or refused. PURE: no Django, no IO.

Promises that what is kept has one byte per line feed, whatever its encoding: UTF-16 is turned into
UTF-8 on its way in, so the position of a line in the file is a number of bytes.
"""

from __future__ import annotations

import codecs
from typing import Final

ENCODINGS: Final = (
    "utf-8",
    "utf-16",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "mac-roman",
)
"""What a file may be read as. The bytes of all but UTF-16 hold ASCII as it is."""

_LOOKED_AT = 4096
_WORKBOOK = "Save it as CSV (in a spreadsheet: File, Save as, CSV) and choose that file."
_NO_TEXT: Final = (
    (b"PK\x03\x04", f"This is an Excel workbook (.xlsx) or a ZIP archive. {_WORKBOOK}"),
    (b"PK\x05\x06", f"This is an empty ZIP archive. {_WORKBOOK}"),
    (b"\xd0\xcf\x11\xe0", f"This is an old Excel workbook (.xls). {_WORKBOOK}"),
    (b"%PDF", "This is a PDF. An import needs a CSV file."),
    (b"\x1f\x8b", "This is a gzip archive. Unpack it and choose the CSV file in it."),
    (b"7z\xbc\xaf", "This is a 7z archive. Unpack it and choose the CSV file in it."),
    (b"Rar!", "This is a RAR archive. Unpack it and choose the CSV file in it."),
    (b"\x89PNG", "This is a picture. An import needs a CSV file."),
    (b"\xff\xd8\xff", "This is a picture. An import needs a CSV file."),
    (b"GIF8", "This is a picture. An import needs a CSV file."),
    (b"SQLite format 3", "This is a database. An import needs a CSV file."),
    (b"PAR1", "This is a Parquet file. An import needs a CSV file."),
)
_MARKUP: Final = (b"<!doctype", b"<html", b"<?xml", b"{\\rtf")


class UploadRefused(ValueError):
    """What was uploaded is no CSV file; `code` for programs, the message a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Decoder:
    r"""Takes an upload's bytes as they come and hands on those to keep.

    After `finish`, `encoding` says what the file was, `read_as` how the kept bytes are read.

    Examples
    --------
    >>> decoder = Decoder()
    >>> kept = decoder.feed(b"\xef\xbb\xbfemail\nada@example.com\n") + decoder.finish()
    >>> kept, decoder.encoding
    (b'email\nada@example.com\n', 'utf-8')
    """

    def __init__(self) -> None:
        self.encoding = ""
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._utf16: codecs.IncrementalDecoder | None = None
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; return what of them is kept.

        Raises
        ------
        UploadRefused
            If this is no text.
        """
        if not self.encoding:
            self._held += data
            if len(self._held) < _LOOKED_AT:
                return b""
            data = self._begin()
        return self._kept(data)

    def finish(self) -> bytes:
        """Return the rest, once all bytes were fed."""
        kept = b"" if self.encoding else self._kept(self._begin())
        if self._utf16 is not None:
            return kept + self._utf16.decode(b"", final=True).encode()
        if not self._complete():
            self.encoding = "windows-1252"
        return kept

    def _begin(self) -> bytes:
        data, self._held = self._held, b""
        kind = _utf16_of(data)
        if kind:
            self.encoding = "utf-16"
            self._utf16 = codecs.getincrementaldecoder(kind)("replace")
            return data.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)
        _refuse_what_is_no_text(data)
        self.encoding = "utf-8"
        return data.removeprefix(codecs.BOM_UTF8)

    def _kept(self, data: bytes) -> bytes:
        if self._utf16 is not None:
            return self._utf16.decode(data).encode("utf-8", "replace")
        if self._is_utf8:
            try:
                self._utf8.decode(data)
            except UnicodeDecodeError:
                self._is_utf8 = False
        return data

    def _complete(self) -> bool:
        """Whether all of it was UTF-8, not cut off within a letter."""
        if self._is_utf8:
            try:
                self._utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                return False
        return self._is_utf8


def read_as(encoding: str) -> str:
    """Return the encoding in which the kept bytes of such a file are read.

    Examples
    --------
    >>> read_as("utf-16"), read_as("windows-1252")
    ('utf-8', 'cp1252')
    """
    return "utf-8" if encoding == "utf-16" else codecs.lookup(encoding).name


def _utf16_of(data: bytes) -> str:
    """Say which UTF-16 this is, by its mark or by where its zeros are; "" if it is none."""
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    even, odd = data[0:_LOOKED_AT:2].count(0), data[1:_LOOKED_AT:2].count(0)
    half = min(len(data), _LOOKED_AT) // 2
    if half > 8 and odd > half * 0.6 and not even:
        return "utf-16-le"
    if half > 8 and even > half * 0.6 and not odd:
        return "utf-16-be"
    return ""


def _refuse_what_is_no_text(data: bytes) -> None:
    for beginning, reason in _NO_TEXT:
        if data.startswith(beginning):
            raise UploadRefused("not_csv", reason)
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if start[:20].lower().startswith(_MARKUP):
        raise UploadRefused("not_csv", "This is a page or a document, not a CSV file.")
    if start[:1] in (b"{", b"[") and start[1:].lstrip()[:1] in (b'"', b"{", b"]", b"}"):
        raise UploadRefused("not_csv", "This is JSON. An import needs a CSV file.")
    if not start:
        raise UploadRefused("empty", "This file is empty.")
    odd = sum(data[:_LOOKED_AT].count(code) for code in (*range(9), *range(14, 27)))
    if odd > max(8, len(data[:_LOOKED_AT]) // 20):
        raise UploadRefused("not_csv", "This is no text. An import needs a CSV file.")
