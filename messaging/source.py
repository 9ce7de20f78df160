"""Liquid as it is written: its tags, found in one pass, and where they are broken. PURE.

python-liquid's lexer takes quadratic time over a source whose tags are never closed, or hold long
stretches of white space. Looking first, in linear time, keeps such a source away from it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_BLANK = 200
"""White space in a row that one tag may hold."""

_OPENING = re.compile(r"\{\{|\{%")
_CLOSING = {"{{": "}}", "{%": "%}"}
_NAME = re.compile(r"\{%-?\s{0,200}(\w+)")
_BLANK = re.compile(rf"\s{{{MAX_BLANK}}}")
_VERBATIM = {
    name: re.compile(rf"\{{%-?\s{{0,9}}end{name}\s{{0,9}}-?%\}}")
    for name in ("raw", "doc", "comment")
}
_BLOCKS = frozenset({"if", "unless", "for", "case", "capture", "tablerow", "ifchanged"})
_ALONE = frozenset({"assign", "echo"})


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ … }}` or `{% … %}`; `name` is None for an output, `line` counts from 1."""

    text: str
    name: str | None
    line: int


class SourceError(ValueError):
    """The tags can't be told apart; `line` is where that begins."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


def tags(source: str) -> Iterator[Tag]:
    """Yield the tags of a source; what stands in raw, doc or comment is skipped.

    Raises
    ------
    SourceError
        At a tag that is not closed, is empty, or holds more white space than any tag needs.

    Examples
    --------
    >>> [tag.name for tag in tags("{% if a %}{{ b }}{% endif %}")]
    ['if', None, 'endif']
    >>> list(tags("a {{ b"))
    Traceback (most recent call last):
        ...
    messaging.source.SourceError: '{{' is never closed
    """
    position = counted = 0
    line = 1
    while opening := _OPENING.search(source, position):
        start, kind = opening.start(), opening[0]
        line += source.count("\n", counted, start)
        counted = start
        closing = source.find(_CLOSING[kind], start + 2)
        if closing < 0:
            raise SourceError(line, f"{kind!r} is never closed")
        text = source[start : closing + 2]
        if not text[2:-2].strip("- \t\r\n"):
            raise SourceError(line, "missing expression")
        if _BLANK.search(text):
            raise SourceError(line, "there is too much white space in this tag")
        named = _NAME.match(text) if kind == "{%" else None
        name = named[1] if named else None
        yield Tag(text, name, line)
        position = closing + 2
        if name in _VERBATIM:
            end = _VERBATIM[name].search(source, position)
            if end is None:
                raise SourceError(line, f"expected tag end{name}, found end of file")
            position = end.end()


def line_of_broken(source: str, reads: Callable[[str], bool]) -> int:
    """Find the line of an error that the parser gives no place for.

    That is an expression cut short, else a block that is never closed.

    Parameters
    ----------
    reads
        Says whether a small source can be parsed.
    """
    open_blocks: list[Tag] = []
    last = 1
    for tag in tags(source):
        last = tag.line
        name = tag.name
        if name in _BLOCKS:
            open_blocks.append(tag)
            alone = "" if name == "case" else f"{tag.text}{{% end{name} %}}"
        elif name is not None and name.startswith("end"):
            if open_blocks and open_blocks[-1].name == name.removeprefix("end"):
                open_blocks.pop()
            continue
        elif name is None or name in _ALONE:
            alone = tag.text
        else:
            continue
        if not reads(alone):
            return tag.line
    return open_blocks[-1].line if open_blocks else last
