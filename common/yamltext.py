"""Things as text that lives in git: YAML that says the same in every reader, and where it says it.

Written: block style, one value a line, no aliases, the order as given. Read: the plain part of YAML
1.2, so that `yes`, `on` and `12:30` are text. Refused, with file and line: anchors, tags, a key
that comes twice, keys that are no text, numbers that are none. No Django; only `texts_of` does IO.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

import yaml

from common.errors import Refused

LONGEST: Final = 5_000_000
"""Characters of one file."""
DEEPEST: Final = 60

Path = tuple[str | int, ...]

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_TEXT = "tag:yaml.org,2002:str"
_RESOLVED: Final = (
    (_NULL, r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
    (_BOOL, r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    (_INT, r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)", list("-+0123456789")),
    (
        _FLOAT,
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))",
        list("-+.0123456789"),
    ),
)


class TextRefused(Refused):
    """A file can't be used; the sentence begins with its name and line."""

    default_code = "file_refused"

    def __init__(self, detail: str, *, file: str, line: int) -> None:
        super().__init__(f"{file}, line {line}: {detail}")
        self.file, self.line = file, line


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file, and the line of each of its values."""

    data: Any
    file: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Sequence[str | int] = ()) -> int:
        """The line of a value; of the nearest around it where it is missing."""
        here = tuple(path)
        while here and here not in self.lines:
            here = here[:-1]
        return self.lines.get(here, 1)

    def refuse(self, detail: str, path: Sequence[str | int] = ()) -> TextRefused:
        """What to raise about a value."""
        return TextRefused(detail, file=self.file, line=self.line(path))


def first_fault(errors: Sequence[Any]) -> Any:
    """Of the faults that pydantic found, the one to tell: a misspelt key before what it misses."""
    return next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own, filled below


def documents(text: str, *, file: str) -> list[Document]:
    r"""The documents of a file; empty ones are passed over.

    Raises
    ------
    TextRefused
        If it is no YAML, or more than the plain part of it.

    Examples
    --------
    >>> [one.data for one in documents("on: 12:30\n---\nyes: [1, 2.5, ~]\n", file="f")]
    [{'on': '12:30'}, {'yes': [1, 2.5, None]}]
    """
    if len(text) > LONGEST:
        raise TextRefused("this file is too long to be one of ours", file=file, line=1)
    try:
        nodes = list(_composed(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise TextRefused(f"this is no YAML: {error.problem}", file=file, line=line) from None
    except yaml.YAMLError as error:
        raise TextRefused(f"this is no YAML: {error}", file=file, line=1) from None
    except RecursionError:
        raise TextRefused("this is nested too deep", file=file, line=1) from None
    found = []
    for node in nodes:
        lines: dict[Path, int] = {}
        data = _Reading(file, lines).value(node, ())
        if data is not None:
            found.append(Document(data, file, lines))
    return found


def _composed(text: str) -> Iterable[yaml.Node]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                yield node
    finally:
        loader.dispose()


def texts_of(names: Iterable[str]) -> dict[str, str]:
    """The texts of some files, of all YAML files in some folders, of standard input (`-`).

    Raises
    ------
    OSError, UnicodeError
        If one can't be read as text.
    """
    texts: dict[str, str] = {}
    for name in names:
        if name == "-":
            texts["standard input"] = sys.stdin.read()
            continue
        path = FilePath(name)
        for one in sorted(path.glob("*.y*ml")) if path.is_dir() else [path]:
            texts[str(one)] = one.read_text(encoding="utf-8")
    return texts


class _Reading:
    """Values and their lines, out of the nodes of one document."""

    def __init__(self, file: str, lines: dict[Path, int]) -> None:
        self.file, self.lines = file, lines
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if id(node) in self.seen:
            raise self.refuse("an alias (“*”): write it out", node)
        self.seen.add(id(node))
        if len(path) > DEEPEST:
            raise self.refuse("this is nested too deep", node)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, (*path, place)) for place, one in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.refuse("a key is text", key_node)
            key = str(key_node.value)
            if key in found:
                raise self.refuse(f"“{key}” stands here twice: keep one", key_node)
            found[key] = self.value(value_node, (*path, key))
            self.lines[(*path, key)] = key_node.start_mark.line + 1
        return found

    def scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL:
            return text.lower() == "true"
        if node.tag == _INT:
            return self.number(text, node)
        if node.tag == _FLOAT:
            number = float(text) if text.lstrip("+-").lower() not in (".inf", ".nan") else None
            if number is None or number in (float("inf"), float("-inf")):
                raise self.refuse(f"{text} is no number that can be kept", node)
            return number
        if node.tag != _TEXT:
            raise self.refuse(f"a tag ({node.tag}): leave it out", node)
        return text

    def number(self, text: str, node: yaml.Node) -> int:
        try:
            return int(text, 0 if text[:2] in ("0x", "0o") else 10)
        except ValueError:
            raise self.refuse("this number is too long", node) from None

    def refuse(self, detail: str, node: yaml.Node) -> TextRefused:
        return TextRefused(detail, file=self.file, line=node.start_mark.line + 1)


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


class InLine(list[Any]):
    """A short list that is written in one line: `[0, 120]`."""


FIRST: Final = (
    *("id", "type", "name", "key", "at", "start", "contact", "timeline", "answers", "until"),
    *("expect", "path", "outcome", "reason", "emails", "visits"),
    *("event", "segment", "flow", "topic", "template", "property", "field", "op", "value"),
    *("for", "rule", "rules", "measure", "window", "where"),
)
"""Keys that come first, in this order; the others follow by the alphabet."""

_PLACE: Final = {key: place for place, key in enumerate(FIRST)}


def in_order(value: Any) -> Any:
    """A JSON value with its keys in the order in which a person would say them.

    What comes out of the database has no order of its own.

    Examples
    --------
    >>> in_order({"value": 1, "b": [{"name": "x", "type": "y"}], "type": "z"})
    {'type': 'z', 'value': 1, 'b': [{'type': 'y', 'name': 'x'}]}
    """
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (_PLACE.get(key, len(_PLACE)), key))
        return {key: in_order(value[key]) for key in keys}
    if isinstance(value, list):
        return [in_order(one) for one in value]
    return value


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own, filled below

    def ignore_aliases(self, data: Any) -> bool:
        """Write the same value twice rather than point at it."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Set lists in from the key they belong to."""
        super().increase_indent(flow, indentless=False)


_ODD = re.compile("[\r\x85\u2028\u2029\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters that a reader may take for the end of a line, or not take at all: written escaped."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if _ODD.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar(_TEXT, text, style=style)


def _in_line(dumper: yaml.SafeDumper, items: InLine) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", list(items), flow_style=True)


for _class in (_Loader, _Dumper):
    for _tag, _form, _firsts in _RESOLVED:
        _class.add_implicit_resolver(_tag, re.compile(rf"^{_form}$"), _firsts)
_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(InLine, _in_line)


def as_text(things: Iterable[Any]) -> str:
    r"""Things as YAML, a document each.

    Examples
    --------
    >>> as_text([{"yes": "no", "at": "12:30", "n": 1}, {"b": [{"c": None}]}])
    'yes: no\nat: 12:30\nn: 1\n---\nb:\n  - c: null\n'
    """
    return "---\n".join(
        yaml.dump(
            thing,
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            width=1_000_000,
            default_style=None,
        ).replace("\n...\n", "\n")
        for thing in things
    )
