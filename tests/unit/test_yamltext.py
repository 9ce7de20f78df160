"""The YAML that flows and segments are kept in: what is read, and what is refused with its line."""

from __future__ import annotations

from typing import Any

import pytest

from common.yamltext import InLine, TextRefused, as_text, documents


def read(text: str) -> list[Any]:
    return [document.data for document in documents(text, file="f.yaml")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("0x1F", 31),
        ("007", 7),
        ("1e3", 1000.0),
        ("~", None),
        ("TRUE", True),
        ("'true'", "true"),
        ("=", "="),
    ],
)
def test_plain_values_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    assert read(f"a: {text}") == [{"a": value}]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: &x 2\nc: *x\n", 2, "an alias"),
        ("a:\n  b: 1\n  b: 2\n", 3, "stands here twice"),
        ("a: !!python/name:os.system x", 1, "a tag"),
        ("a: 1\nb: [", 2, "no YAML"),
        ("a: .inf", 1, "no number"),
        ("a: 1e999", 1, "no number"),
        ("? {b: 1}\n: 2", 1, "a key is text"),
        ("<<: {a: 1}\nb: 2\nb: 3", 3, "stands here twice"),
        ("a: " + "[" * 70 + "]" * 70, 1, "nested too deep"),
        ("- " * 5000 + "x", 1, "nested too deep"),
        ("a: " + "9" * 5000, 1, "too long"),
        ("x" * 5_000_001, 1, "too long"),
        ("a: \x00", 1, "no YAML"),
    ],
)
def test_what_is_more_than_plain_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(TextRefused, match=said) as refused:
        read(text)
    assert (refused.value.file, refused.value.line) == ("f.yaml", line)


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(TextRefused, match="an alias"):
        read(bomb)


def test_each_value_knows_its_line_and_a_missing_one_that_around_it() -> None:
    (document,) = documents("a: 1\nb:\n  - c: 2\n  -\n    d: 3\n", file="f")
    assert document.line(("b", 0, "c")) == 3
    assert document.line(("b", 1, "d")) == 5
    assert document.line(("b", 1, "nowhere", 7)) == 5
    assert document.line(("nowhere",)) == 1


def test_several_documents_and_empty_ones() -> None:
    assert read("---\na: 1\n---\n---\nb: 2\n...\n") == [{"a": 1}, {"b": 2}]
    assert read("") == read("# nothing\n") == []


def test_what_is_written_is_easy_to_read() -> None:
    thing = {
        "yes": "no",
        "text": "one\ntwo\n",
        "list": [{"a": 1, "b": []}, "x"],
        "at": InLine([0, 1.5]),
        "same": [[1], [1]],
        "odd": "a\r",
    }
    assert as_text([thing]) == (
        "yes: no\n"
        "text: |\n  one\n  two\n"
        "list:\n  - a: 1\n    b: []\n  - x\n"
        "at: [0, 1.5]\n"
        "same:\n  - - 1\n  - - 1\n"
        'odd: "a\\r"\n'
    )
