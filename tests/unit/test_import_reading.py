"""Files as they come: encodings, delimiters, quotes that never close, and what is no file."""

from __future__ import annotations

from itertools import pairwise

import pytest

from contacts.importing.decoding import Decoder, UploadRefused, read_as
from contacts.importing.guessing import column_names, delimiter_of, has_header
from contacts.importing.reading import (
    ENDLESS,
    MAX_ROW,
    MOST_BROKEN,
    Reader,
    TooBroken,
    lines_of,
)


def rows(data: bytes, delimiter: str = ",", encoding: str = "utf-8") -> list[list[str]]:
    return [row.cells for row in Reader([data], encoding=encoding, delimiter=delimiter)]


def decoded(data: bytes, chunk: int = 7) -> tuple[bytes, str]:
    decoder = Decoder()
    kept = b"".join(decoder.feed(data[i : i + chunk]) for i in range(0, len(data), chunk))
    return kept + decoder.finish(), decoder.encoding


LONG = "email,name\n" + "zoë@x.io,Zoë\n" * 600


@pytest.mark.parametrize("text", ["email,name\nzoë@x.io,Zoë\n", LONG])
@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("windows-1252", "windows-1252"),
    ],
)
def test_encodings_are_recognised(text: str, written: str, called: str) -> None:
    kept, encoding = decoded(text.encode(written))
    assert encoding == called
    assert kept.decode(read_as(encoding)) == text


def test_a_letter_that_is_not_utf8_far_behind_is_seen() -> None:
    _, encoding = decoded(b"a,b\n" * 3000 + b"Zo\xeb,x\n", chunk=1000)
    assert encoding == "windows-1252"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04" + b"\x00" * 50, "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n", "picture"),
        (b"SQLite format 3\x00", "database"),
        (b"<!DOCTYPE html><html>", "page"),
        (b'{"email": "ada@x.io"}', "JSON"),
        (b'[\n  {"email": 1}]', "JSON"),
        (b"", "empty"),
        (b" \n\n", "empty"),
        (bytes(range(256)) * 20, "no text"),
    ],
)
def test_what_is_no_csv_is_refused_in_words(data: bytes, word: str) -> None:
    with pytest.raises(UploadRefused, match=word):
        decoded(data, chunk=100_000)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_lines_do_not_depend_on_how_the_bytes_come(size: int) -> None:
    data = b"a\r\nb\rc\n\n\r\nd"
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert list(lines_of(chunks)) == [b"a\r\n", b"b\r", b"c\n", b"\n", b"\r\n", b"d"]


def test_quotes_embedded_lines_and_ragged_rows_are_read() -> None:
    assert rows(b'a,"b ""x"", y",c\n"two\r\nlines",,\n\n , \nshort\n1,2,3,4\n') == [
        ["a", 'b "x", y', "c"],
        ["two\r\nlines", "", ""],
        ["short"],
        ["1", "2", "3", "4"],
    ]


def test_each_row_knows_its_line_and_its_end() -> None:
    data = b'h1,h2\n"a\nb",1\n\nc,2\r\nd,3'
    read = list(Reader([data], encoding="utf-8", delimiter=","))
    assert [row.line for row in read] == [1, 2, 5, 6]
    assert [row.cells[0] for row in read] == ["h1", "a\nb", "c", "d"]
    for before, row in pairwise(read):
        rest = Reader([data[before.end :]], encoding="utf-8", delimiter=",", line=before.line)
        assert next(rest).cells == row.cells


@pytest.mark.parametrize("rest", [b"", b"c,3\n" * 300_000])
def test_a_quote_that_is_never_closed_costs_its_own_line(rest: bytes) -> None:
    data = b'a,1\nbroken,"open\nb,2\n' + rest
    reader = Reader([data[i : i + 65_536] for i in range(0, len(data), 65_536)],
                    encoding="utf-8", delimiter=",")  # fmt: skip
    first, broken, second = next(reader), next(reader), next(reader)
    assert (first.cells, second.cells) == (["a", "1"], ["b", "2"])
    assert (broken.line, broken.fault, second.line) == (2, ENDLESS, 3)
    assert sum(1 for _ in reader) == rest.count(b"\n")
    assert reader.position == len(data)


def test_a_file_of_nothing_but_open_quotes_is_given_up() -> None:
    data = b'a,b"x,"c\n' * (3 * MAX_ROW // 9)
    with pytest.raises(TooBroken, match=str(MOST_BROKEN)):
        list(Reader([data], encoding="utf-8", delimiter=","))


def test_a_line_without_end_is_refused_and_takes_little_memory() -> None:
    reader = Reader([b"x" * 65_536] * 40, encoding="utf-8", delimiter=",")
    assert {row.fault for row in reader} <= {ENDLESS, ""}


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb, c\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('"x;y",b\n"1;2;3",2\n', ","),
        ("email\nada@x.io\n", ","),
        ("", ","),
    ],
)
def test_delimiters_are_guessed(text: str, delimiter: str) -> None:
    assert delimiter_of(text.encode(), "utf-8") == delimiter


def test_a_header_is_told_from_data() -> None:
    assert has_header([["Email", "Name", ""], ["x", "y", "z"]])
    assert not has_header([["Ada", "ada@x.io"]])
    assert not has_header([["Ada", "36"]])
    assert not has_header([["Ada", "2026-05-01"]])


def test_columns_of_one_name_are_told_apart() -> None:
    assert column_names(["Name", "name", "", "Name"], 5) == [
        "Name",
        "name (2)",
        "Column 3",
        "Name (3)",
        "Column 5",
    ]
