"""The questions of a flow template: what they are answered by in this workspace, and filling in.

Answers are checked all at once, so that a form can show every fault at its question.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from common.durations import DurationRefused, describe_duration, parse_duration
from common.errors import MillraceError
from common.selectors import workspace
from contacts.selectors import event_names
from contacts.usual import event_values, field_values
from flows.gallery.files import PLACE, Ask, FlowTemplate
from segments.conventions import NameRefused, name_allow
from segments.models import Segment
from segments.selectors import fields_known

LONGEST: Final = 200
LARGEST: Final = 1e12
NAME_OF: Final = "name_of_"
"""What begins the key of the question for a segment's name, where names keep to a convention."""
TYPES_IN_WORDS: Final[Mapping[str, str]] = {
    "string": "text", "number": "a number", "boolean": "yes or no", "datetime": "a date",
    "list": "a list",
}  # fmt: skip
_WHOLE = re.compile(r"(-?)\$\((\w+)\)")
_FIELD_KEY = re.compile(r"[\w.-]{1,200}")
_PARTS = re.compile(r"[^a-z0-9]+")

Answers = Mapping[str, Any]


class AnswersRefused(MillraceError):
    """Some answers can't be used; `problems` says which and why, by the question's key."""

    default_code = "invalid"

    def __init__(self, problems: Mapping[str, str]) -> None:
        key, detail = next(iter(problems.items()))
        super().__init__(detail, attr=f"answers.{key}")
        self.problems = dict(problems)


class _Unfit(Exception):
    """An answer can't be used; the message is a sentence."""


class _Unanswered:
    """Stands where an answer would, and is not given."""


UNANSWERED: Final = _Unanswered()


class Span(str):
    """A duration (ISO 8601) that reads as words where it stands within a text."""

    __slots__ = ()


@dataclass(slots=True)
class Surroundings:
    """What the workspace has that questions are answered from; read once for all templates."""

    events: Sequence[str]
    fields: Mapping[str, str]
    site: str
    from_email: str
    segments: frozenset[str]
    _values: dict[str, list[str]] = field(default_factory=dict)

    def values(self, key: str) -> list[str]:
        """The usual values of a field, the commonest first."""
        if key not in self._values:
            known = key in self.fields
            self._values[key] = (
                [str(one.value) for one in field_values(key).values] if known else []
            )
        return self._values[key]


def surroundings_now() -> Surroundings:
    """What the workspace has today."""
    ours = workspace()
    return Surroundings(
        events=[row["name"] for row in event_names()],
        fields=fields_known(),
        site=_site() or _site_of_address(ours.from_email),
        from_email=ours.from_email,
        segments=frozenset(Segment.objects.values_list("key", flat=True)),
    )


def _site() -> str:
    """Where the pages are that were visited last."""
    for usual in event_values("Page Viewed", "url").values:
        address = urlsplit(str(usual.value))
        if address.scheme in ("http", "https") and address.hostname:
            return f"{address.scheme}://{address.netloc}"
    return ""


def _site_of_address(email: str) -> str:
    domain = email.rpartition("@")[2].strip("> ")
    return f"https://{domain}" if domain else ""


# ── what is asked ───────────────────────────────────────────────────────────────────────────────


def asks_of(template: FlowTemplate, around: Surroundings) -> list[tuple[Ask, Any]]:
    """The questions of a template, each with the answer that fits the workspace, if one does."""
    found: list[tuple[Ask, Any]] = []
    usual: dict[str, Any] = {}
    for ask in template.head.asks:
        usual[ask.key] = _default(ask, around, usual)
        found.append((ask, usual[ask.key]))
    for segment in template.segments:
        try:
            name_allow(fill(segment["name"], usual))
        except NameRefused as refused:
            ask = Ask(
                key=name_key(segment["segment"]),
                label=f"Name of the segment “{fill(segment['name'], usual)}”",
                help=f"Segments here are named by a convention: {refused.detail}",
                type="text",
            )
            found.append((ask, None))
    return found


def name_key(segment: str) -> str:
    """The key of the question for the name of a segment of a template.

    Examples
    --------
    >>> name_key("interest-$(word)")
    'name_of_interest_word'
    """
    return NAME_OF + re.sub(r"\W+", "_", segment).strip("_")


def _default(ask: Ask, around: Surroundings, answers: Answers) -> Any:
    if ask.type == "event":
        return _first(ask.usual, around.events) or ask.default
    if ask.type == "field":
        fitting = [key for key, kind in around.fields.items() if kind == ask.field_type]
        return _first(ask.usual, fitting) or ask.default
    if ask.type == "url" and ask.path is not None:
        return f"{around.site}{ask.path}" if around.site else ask.default
    if ask.type == "email" and ask.default is None:
        return around.from_email or None
    if ask.values_of:
        return _first(ask.usual, around.values(str(answers[ask.values_of]))) or ask.default
    return Span(ask.default) if ask.type == "duration" else ask.default


def _first(wanted: Sequence[str], there: Sequence[str]) -> str | None:
    """The first of those wanted that is there, however its words are joined.

    Examples
    --------
    >>> _first(["Order Completed", "Purchase"], ["purchase", "order_completed"])
    'order_completed'
    """
    by_words = {_PARTS.sub("", one.lower()): one for one in reversed(there)}
    found = (by_words.get(_PARTS.sub("", one.lower())) for one in wanted)
    return next((one for one in found if one), None)


def answers_check(template: FlowTemplate, given: Answers, around: Surroundings) -> dict[str, Any]:
    """All answers of a template: those given, and for the others what fits the workspace.

    Raises
    ------
    AnswersRefused
        If one can't be used, if one that is needed is missing, or if nobody asked for one.
    """
    asks = asks_of(template, around)
    problems = dict.fromkeys(given.keys() - {a.key for a, _ in asks}, "Nothing asks for this.")
    answers: dict[str, Any] = {}
    for ask, default in asks:
        value = given.get(ask.key, default)
        value = value.strip() if isinstance(value, str) else value
        if value in (None, ""):
            answers[ask.key] = None
            if ask.required:
                problems[ask.key] = "This is needed."
            continue
        try:
            answers[ask.key] = _CHECKS[ask.type](ask, value, around)
            if ask.key.startswith(NAME_OF):
                name_allow(answers[ask.key])
        except NameRefused as refused:
            problems[ask.key] = refused.detail
        except _Unfit as refused:
            problems[ask.key] = str(refused)
    if problems:
        order = {ask.key: place for place, (ask, _) in enumerate(asks)}
        raise AnswersRefused(dict(sorted(problems.items(), key=lambda one: order.get(one[0], 99))))
    return answers


def _text(_ask: Ask, value: Any, _around: Surroundings) -> str:
    if not isinstance(value, str):
        raise _Unfit("Write a text.")
    if len(value) > LONGEST:
        raise _Unfit(f"This is longer than {LONGEST} characters.")
    if "{{" in value or "{%" in value:
        raise _Unfit("Leave out {{ and {%: write them into the e-mail afterwards.")
    if not value.isprintable():
        raise _Unfit("Write it in one line.")
    return value


def _event(ask: Ask, value: Any, around: Surroundings) -> str:
    return _text(ask, value, around)


def _field(ask: Ask, value: Any, around: Surroundings) -> str:
    key = _text(ask, value, around)
    if not _FIELD_KEY.fullmatch(key):
        raise _Unfit("A field's key is made of letters, digits, “.”, “-” and “_”.")
    kind = around.fields.get(key, ask.field_type)
    if ask.field_type and kind != ask.field_type:
        has, needs = TYPES_IN_WORDS[str(kind)], TYPES_IN_WORDS[ask.field_type]
        raise _Unfit(f"“{key}” holds {has}, and this needs {needs}.")
    return key


def _segment(ask: Ask, value: Any, around: Surroundings) -> str:
    key = _text(ask, value, around)
    if key not in around.segments:
        raise _Unfit(f"There is no segment “{key}”.")
    return key


def _duration(ask: Ask, value: Any, around: Surroundings) -> Span:
    text = _text(ask, value, around)
    try:
        parse_duration(text)
    except DurationRefused as refused:
        raise _Unfit(str(refused)) from None
    return Span(text)


def _number(_ask: Ask, value: Any, _around: Surroundings) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Unfit("Write a number.")
    if not abs(value) <= LARGEST:
        raise _Unfit("Write a number.")
    return int(value) if float(value).is_integer() else value


def _email(ask: Ask, value: Any, around: Surroundings) -> str:
    text = _text(ask, value, around)
    try:
        validate_email(text)
    except ValidationError:
        raise _Unfit("Write an e-mail address.") from None
    return text


def _url(ask: Ask, value: Any, around: Surroundings) -> str:
    text = _text(ask, value, around)
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname or " " in text:
        raise _Unfit("Write a whole address, such as https://www.example.com/cart.")
    return text


_CHECKS: Final[Mapping[str, Callable[[Ask, Any, Surroundings], Any]]] = {
    "text": _text, "event": _event, "field": _field, "segment": _segment, "duration": _duration,
    "number": _number, "email": _email, "url": _url,
}  # fmt: skip


# ── filling in ──────────────────────────────────────────────────────────────────────────────────


def fill(part: Any, answers: Answers, *, markup: bool = False) -> Any:
    """A part of a template with the answers in their places.

    What is nothing but a place becomes the answer itself; within a text it becomes words. Where an
    answer is not given its key falls away, and in a list the whole item that asks for it.

    Parameters
    ----------
    markup
        Whether the texts are HTML, into which answers are put escaped.

    Examples
    --------
    >>> fill({"last": "$(span)", "words": "Within $(span)"}, {"span": Span("P2D")})
    {'last': 'P2D', 'words': 'Within 2 days'}
    >>> fill({"rules": [{"field": "$(plan)"}, {"field": "city"}]}, {"plan": None})
    {'rules': [{'field': 'city'}]}
    """
    found = _filled(part, answers, markup)
    return "" if found is UNANSWERED else found


def _filled(part: Any, answers: Answers, markup: bool) -> Any:
    if isinstance(part, str):
        return _filled_text(part, answers, markup)
    if isinstance(part, list | tuple):
        items = [_filled(one, answers, markup) for one in part]
        kept = zip(part, items, strict=True)
        return [item for one, item in kept if item is not UNANSWERED and not _lacks(one, answers)]
    if isinstance(part, Mapping):
        values = {key: _filled(value, answers, markup) for key, value in part.items()}
        return {key: value for key, value in values.items() if value is not UNANSWERED}
    return part


def _lacks(part: Any, answers: Answers) -> bool:
    """Whether an item of a list itself asks for an answer that is not given."""
    if not isinstance(part, Mapping):
        return False
    return any(_filled(value, answers, False) is UNANSWERED for value in part.values())


def _filled_text(text: str, answers: Answers, markup: bool) -> Any:
    if whole := _WHOLE.fullmatch(text):
        sign, key = whole.groups()
        value = answers.get(key)
        if value is None:
            return UNANSWERED
        return f"{sign}{value}" if sign else html.escape(str(value)) if markup else value
    return PLACE.sub(lambda place: _in_words(answers.get(place[1]), markup), text)


def _in_words(value: Any, markup: bool) -> str:
    if value is None:
        return ""
    words = str(value)
    if isinstance(value, Span):
        words = describe_duration(parse_duration(words))
    return html.escape(words) if markup else words
