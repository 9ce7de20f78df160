"""Names by a convention: a template of parts that builds names and checks them. PURE.

A name is its parts in order with a separator between: `2026-06 · Sales · Spring sale · Win-back`.
Parts that are not required may be left out; the others tell by their form which is which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Final, Literal, NamedTuple

PartKind = Literal["text", "date", "choice", "owner"]
KINDS: Final[tuple[PartKind, ...]] = ("text", "date", "choice", "owner")

DATE_FORMATS: Final[Mapping[str, str]] = {
    "YYYY-MM": "%Y-%m",
    "YYYY-MM-DD": "%Y-%m-%d",
    "YYYYMM": "%Y%m",
    "YYYYMMDD": "%Y%m%d",
    "YYYY": "%Y",
}
"""How a date may be written in a name, and Python's word for it."""

MOST_PARTS: Final = 12
MOST_CHOICES: Final = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a name.

    Attributes
    ----------
    key
        By which values are given and answered.
    label
        What people call it.
    choices
        What a part of kind `choice` may be.
    format
        One of `DATE_FORMATS`, for a part of kind `date`.
    """

    key: str
    label: str
    kind: PartKind = "text"
    choices: tuple[str, ...] = ()
    required: bool = True
    format: str = "YYYY-MM"


@dataclass(frozen=True, slots=True)
class Template:
    """The parts of a name in order, and what stands between them.

    Attributes
    ----------
    owners
        What a part of kind `owner` may be; if there is none, any text.
    """

    parts: tuple[Part, ...] = ()
    separator: str = " · "
    owners: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Checked:
    """A name held against a template: what is wrong with it, and the value of each part."""

    problems: tuple[str, ...]
    values: Mapping[str, str]


SUGGESTED: Final = Template(
    parts=(
        Part("date", "Date", "date"),
        Part("department", "Department", "choice", ("Marketing", "Sales", "Product", "Support")),
        Part("campaign", "Campaign"),
        Part(
            "purpose",
            "Purpose",
            "choice",
            ("Onboarding", "Nurture", "Conversion", "Win-back", "Suppression", "Analysis"),
        ),
        Part("region", "Region", "choice", ("Global", "EU", "US", "APAC"), required=False),
        Part("owner", "Owner", "owner", required=False),
    )
)
"""What is offered while nobody has agreed on anything."""


def template_problems(template: Template) -> list[str]:
    """Return why a template can't be used, in sentences; [] if it can.

    Examples
    --------
    >>> template_problems(Template((Part("when", "Date", "date"),), separator="-"))
    ['“Date” would hold the separator “-” itself: choose another separator or format']
    """
    found: list[str] = []
    mark = template.separator.strip()
    if not template.separator:
        found.append("say what stands between the parts")
    if len(template.parts) > MOST_PARTS:
        found.append(f"a name has at most {MOST_PARTS} parts")
    keys = [part.key for part in template.parts]
    for part in template.parts:
        if keys.count(part.key) > 1:
            found.append(f"there are two parts “{part.key}”")
        if part.kind == "choice" and not part.choices:
            found.append(f"“{part.label}” is a choice: say of what")
        if len(part.choices) > MOST_CHOICES:
            found.append(f"“{part.label}” has more than {MOST_CHOICES} choices")
        if part.kind == "date" and part.format not in DATE_FORMATS:
            found.append(f"“{part.label}” can be written as {', '.join(DATE_FORMATS)}")
            continue
        fixed = {"date": (part.format,), "choice": part.choices}.get(part.kind, ())
        if any((mark or template.separator) in one for one in fixed):
            found.append(
                f"“{part.label}” would hold the separator “{mark or template.separator}” itself:"
                " choose another separator or format"
            )
    return list(dict.fromkeys(found))


def name_check(name: str, template: Template) -> Checked:
    """Hold a name against a template.

    The pieces between the separators are laid against the parts in order, so that as little as
    possible is wrong (an alignment by dynamic programming, as of Needleman and Wunsch, 1970): a
    part that is not required may have no piece.

    Parameters
    ----------
    name
        The whole name.

    Returns
    -------
    Checked
        Problems in sentences, none if the name keeps the convention; and what each part says, as
        far as that can be told.

    Examples
    --------
    >>> template = Template((Part("when", "Date", "date"), Part("what", "Campaign")))
    >>> dict(name_check("2026-06 · Spring sale", template).values)
    {'when': '2026-06', 'what': 'Spring sale'}
    >>> name_check("Spring sale", template).problems
    ('the date is missing: it comes first, as YYYY-MM',)
    """
    if not template.parts:
        return Checked((), {})
    pieces = name.split(template.separator) if name else []
    laid = _alignment(tuple(pieces), template)
    return Checked(laid.problems, dict(laid.values))


def name_build(values: Mapping[str, str], template: Template) -> tuple[str, list[str]]:
    """Return a name made of values, and what is wrong with them in sentences.

    Examples
    --------
    >>> template = Template((Part("when", "Date", "date"), Part("what", "Campaign")))
    >>> name_build({"when": "2026-06", "what": "Spring sale"}, template)
    ('2026-06 · Spring sale', [])
    >>> name_build({"when": "June"}, template)
    ('June', ['“June” is no date as YYYY-MM', 'the campaign is missing'])
    """
    given = {key: value.strip() for key, value in values.items() if value.strip()}
    problems = [f"there is no part “{key}”" for key in given if key not in _keys(template)]
    for part in template.parts:
        if part.key in given:
            problems += filter(None, [_misfit(given[part.key], part, template)])
        elif part.required:
            problems.append(f"the {part.label.lower()} is missing")
    name = template.separator.join(given[part.key] for part in template.parts if part.key in given)
    return name, problems


def values_usual(template: Template, *, today: date, owner: str = "") -> dict[str, str]:
    """Return what a new name's parts are unless somebody says otherwise: today, and who asks."""
    usual: dict[str, str] = {}
    for part in template.parts:
        if part.kind == "date":
            usual[part.key] = today.strftime(DATE_FORMATS[part.format])
        elif part.kind == "owner" and owner and part.required:
            usual[part.key] = owner
    return usual


def _keys(template: Template) -> set[str]:
    return {part.key for part in template.parts}


class _Laid(NamedTuple):
    """Pieces laid against parts from some place on; `problems` come in the order of the name."""

    cost: float
    problems: tuple[str, ...]
    values: tuple[tuple[str, str], ...]


_FITTING: Final = 0.0
_LEFT_OUT: Final = 0.001  # prefer to fill an optional part that fits to leaving it out
_WRONG: Final = 1.0
_WRONG_IF_THERE: Final = 0.9  # a piece too many is rather meant for a part that may be left out
_WRONG_IN_PLACE: Final = 1.5  # a misfit costs more than a part missing, less than missing + extra


def _alignment(pieces: tuple[str, ...], template: Template) -> _Laid:
    @cache
    def best(piece: int, at: int) -> _Laid:
        ways: list[_Laid] = []
        if piece == len(pieces) and at == len(template.parts):
            return _Laid(0.0, (), ())
        if piece < len(pieces) and at < len(template.parts):
            part = template.parts[at]
            problem = _misfit(pieces[piece], part, template)
            rest = best(piece + 1, at + 1)
            wrong = _WRONG_IN_PLACE if part.required else _WRONG_IF_THERE
            cost = wrong if problem else _FITTING
            said = (problem,) if problem else ()
            value = ((part.key, pieces[piece]),)
            ways.append(_Laid(rest.cost + cost, said + rest.problems, value + rest.values))
        if at < len(template.parts):
            part = template.parts[at]
            rest = best(piece, at + 1)
            said = (_missing(part, at, template),) if part.required else ()
            cost = _WRONG if part.required else _LEFT_OUT
            ways.append(_Laid(rest.cost + cost, said + rest.problems, rest.values))
        if piece < len(pieces):
            rest = best(piece + 1, at)
            said = (f"“{pieces[piece]}” is no part of the convention",)
            cost = _WRONG if pieces[piece].strip() else 2 * _WRONG
            ways.append(_Laid(rest.cost + cost, said + rest.problems, rest.values))
        return min(ways, key=lambda way: way.cost)

    return best(0, 0)


def _missing(part: Part, at: int, template: Template) -> str:
    place = "it comes first" if at == 0 else f"it comes after the {template.parts[at - 1].label}"
    form = ""
    if part.kind == "date":
        form = f", as {part.format}"
    elif part.kind == "choice":
        form = f", one of {_some(part.choices)}"
    return f"the {part.label.lower()} is missing: {place.lower()}{form}"


def _misfit(piece: str, part: Part, template: Template) -> str | None:
    """Why a piece can't be this part; None if it can."""
    mark = template.separator.strip()
    if not piece.strip():
        return f"the {part.label.lower()} is empty"
    if piece != piece.strip() or (mark and mark in piece):
        return f"“{piece}”: write “{template.separator}” between the parts, nothing more or less"
    return _MISFITS[part.kind](piece, part, template)


def _no_text(_piece: str, _part: Part, _template: Template) -> str | None:
    return None


def _no_date(piece: str, part: Part, _template: Template) -> str | None:
    shape = re.sub(r"[YMD]", r"[0-9]", part.format)
    try:
        if re.fullmatch(shape, piece):
            datetime.strptime(piece, DATE_FORMATS[part.format])  # noqa: DTZ007 - a day, no instant
            return None
    except ValueError:
        pass
    return f"“{piece}” is no date as {part.format}"


def _no_choice(piece: str, part: Part, _template: Template) -> str | None:
    return _not_one_of(piece, part, part.choices)


def _no_owner(piece: str, part: Part, template: Template) -> str | None:
    return _not_one_of(piece, part, template.owners) if template.owners else None


def _not_one_of(piece: str, part: Part, known: Collection[str]) -> str | None:
    if piece in known:
        return None
    alike = next((one for one in known if one.casefold() == piece.casefold()), None)
    if alike:
        return f"write “{alike}”, not “{piece}”"
    return f"“{piece}” is no {part.label.lower()}: it is one of {_some(sorted(known))}"


def _some(known: Sequence[str]) -> str:
    most = 8
    said = ", ".join(known[:most])
    return f"{said} and {len(known) - most} more" if len(known) > most else said


_MISFITS: Final[Mapping[PartKind, Callable[[str, Part, Template], str | None]]] = {
    "text": _no_text,
    "date": _no_date,
    "choice": _no_choice,
    "owner": _no_owner,
}
