"""What a file probably is: its delimiter, its header, what its columns are meant for. PURE.

All of it is a proposal that a person looks at; nothing is written by it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contacts.importing.cells import FORMATS, NO, YES, Misfit, parser_of
from contacts.importing.reading import DELIMITERS, Reader, TooBroken
from contacts.values import email_of

SAMPLED: Final = 1_000
"""So many rows are looked at for a guess."""

MOST_COLUMNS: Final = 1_000

_ROWS_FOR_DELIMITER: Final = 50
_NAMES: Final[Mapping[str, str]] = {
    "email": "e mail|email address|e mail address|mail|email 1|emailadresse|courriel|correo|"
    "primary email|work email|subscriber email",
    "external_id": "id|user id|userid|customer id|customerid|contact id|external id|uid|uuid|"
    "customer number|kundennummer|member id|client id|crm id",
    "first_name": "firstname|first|given name|givenname|fname|vorname|prénom|prenom|nombre",
    "last_name": "lastname|last|surname|family name|lname|nachname|nom|nom de famille|apellido|"
    "apellidos",
    "name": "full name|fullname|contact name|contact|customer name|kontakt",
    "phone": "phone number|telephone|tel|mobile|mobile phone|cell|cell phone|telefon|handy|"
    "téléphone|teléfono",
    "city": "town|stadt|ort|ville|ciudad|address city|location city|billing city|mailing city",
    "country": "land|pays|país|pais|address country|country name|billing country|country region|"
    "mailing country",
    "timezone": "time zone|tz|zeitzone",
    "language": "locale|lang|sprache|preferred language|langue|idioma",
    "created_at": "created|create date|created date|signup date|signed up|signed up at|sign up "
    "date|registered|registered at|registration date|date added|member since|angelegt am|"
    "optin time|opt in time",
    "lead_stage": "lead status|lifecycle stage|lead state",
    "opportunity_stage": "opportunity status|deal stage|opportunity state",
    "owner": "contact owner|account owner|sales owner|lead owner|sales rep|record owner",
}
"""Names that columns have elsewhere, by what they are here (`name` is first and last together)."""

_TARGET_OF: Final = {
    name: key
    for key, names in _NAMES.items()
    for name in (key.replace("_", " "), *names.split("|"))
}
_IGNORED: Final = frozenset({"line", "what happened"})
"""Columns of our own report of refused lines, which is mended and imported again."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{1,2}:\d{2}.*)?")
_DATED = re.compile(r"(\d{1,4})([-./ ])(\d{1,2}|[A-Za-zäéû]{3,9})\.?\2(\d{2,4})([T ,].*)?")
_SPELLED = re.compile(r"[A-Za-z]{3,9}\.? \d{1,2},? \d{4}([ ,].*)?")
_CONSENTING = re.compile(r"(opt.?in|subscri|consent|newsletter|marketing permission|einwilligung)")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column is proposed to become; `target` None leaves it out.

    `sure` is false where its values can be read in more than one way.
    """

    target: str | None
    type: str = ""
    format: str = ""
    sure: bool = True


def delimiter_of(sample: bytes, encoding: str) -> str:
    r"""Guess the delimiter: the one by which most rows have the same number of columns.

    Examples
    --------
    >>> delimiter_of(b"a;b\n1,5;2\n", "utf-8")
    ';'
    """
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        reader = Reader([sample], encoding=encoding, delimiter=delimiter)
        try:
            for row, _ in zip(reader, range(_ROWS_FOR_DELIMITER), strict=False):
                widths[len(row.cells)] += 1
        except TooBroken:
            continue
        if not widths:
            continue
        width, often = widths.most_common(1)[0]
        score = (often / widths.total(), width)
        if width > 1 and score > best:
            best, found = score, delimiter
    return found


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Guess whether the first row names the columns: no address, number or date is in it.

    Examples
    --------
    >>> has_header([["email", "age"], ["ada@example.com", "36"]])
    True
    >>> has_header([["ada@example.com", "36"]])
    False
    """
    if not rows:
        return True
    filled = [cell.strip() for cell in rows[0] if cell.strip()]
    return not any(
        email_of(cell) or _reads_all([cell], "number") or _dates_in([cell])[0] for cell in filled
    )


def column_names(header: Sequence[str] | None, width: int) -> list[str]:
    """Name every column once: as the header does, told apart where it says a name twice.

    Examples
    --------
    >>> column_names(["id", "", "id"], 4)
    ['id', 'Column 2', 'id (2)', 'Column 4']
    """
    names: list[str] = []
    seen: set[str] = set()
    for index in range(max(width, len(header or ()))):
        said = " ".join(header[index].split())[:200] if header and index < len(header) else ""
        base = said.replace("\x00", "") or f"Column {index + 1}"
        name, number = base, 2
        while name.lower() in seen:
            name, number = f"{base} ({number})", number + 1
        seen.add(name.lower())
        names.append(name)
    return names


def mapping_guess(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    fields: Mapping[str, tuple[str, str]],
    topics: Iterable[str] = (),
) -> list[Guess]:
    """Propose what each column becomes.

    Parameters
    ----------
    names
        The columns.
    rows
        Some rows, to tell types by.
    fields
        The fields there are: {key: (name to show, type)}.
    topics
        The keys of the topics there are.
    """
    by_name = {_plain(name): key for key, (name, _) in fields.items()}
    by_name |= {_plain(key): key for key in fields}
    types = {key: field_type for key, (_, field_type) in fields.items()}
    known = _Known(types, by_name, {_plain(topic): topic for topic in topics})
    taken: set[str] = set()
    guesses = []
    for index, name in enumerate(names):
        values = [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
        guess = _guess(name, values, known)
        if guess.target is not None and guess.target in taken:
            guess = _new(name, values)
        if guess.target is not None and guess.target in taken:
            guess = Guess(None)
        taken.add(guess.target or "")
        guesses.append(guess)
    return _with_a_key(guesses, rows)


def type_guess(values: Sequence[str]) -> Guess:
    """Tell the type and the format that values have; `target` is left empty.

    Examples
    --------
    >>> type_guess(["15.06.2026", "1.7.2026"])
    Guess(target=None, type='datetime', format='dmy', sure=True)
    >>> type_guess(["01234", "10115"]).type
    'string'
    """
    values = values[:SAMPLED]
    if not values:
        return Guess(None, "string")
    words = {value.lower() for value in values}
    if _reads_all(values, "boolean") and not words <= {"0", "1", "x", "o", "j", "t", "f", "n", "y"}:
        return Guess(None, "boolean")
    order, sure = _dates_in(values)
    if order:
        return Guess(None, "datetime", order, sure)
    # A number that begins with a zero, or a very long one, is a code: adding it up means nothing.
    if not any(re.match(r"[+]|0\d|\d{13}", value) for value in values):
        for form in FORMATS["number"]:
            if _reads_all(values, "number", form) and _prefers(values, form):
                return Guess(None, "number", form)
    for separator in (";", "|"):
        listed = sum(separator in value for value in values)
        if listed * 3 >= len(values) and max(map(len, values)) < 500:
            return Guess(None, "list", separator)
    return Guess(None, "string")


def values_format(values: Sequence[str], field_type: str) -> Guess:
    """Tell in which format values of a known type are written; if in doubt the usual one."""
    if field_type == "datetime":
        order, sure = _dates_in(values)
        return Guess(None, field_type, order or "iso", sure)
    if field_type == "number":
        for form in FORMATS["number"]:
            if values and _reads_all(values, "number", form) and _prefers(values, form):
                return Guess(None, field_type, form)
    if field_type == "list":
        counts = {form: sum(form in value for value in values) for form in FORMATS["list"]}
        return Guess(None, field_type, max(counts, key=lambda form: counts[form]))
    return Guess(None, field_type, FORMATS[field_type][0] if FORMATS[field_type] else "")


@dataclass(frozen=True, slots=True)
class _Known:
    """The fields and topics there are, to be found by their plain names."""

    types: Mapping[str, str]
    by_name: Mapping[str, str]
    topic_of: Mapping[str, str]


def _guess(name: str, values: Sequence[str], known: _Known) -> Guess:
    plain = _plain(name)
    if plain in _IGNORED:
        return Guess(None)
    target = known.by_name.get(plain) or _TARGET_OF.get(plain)
    if target in ("score", "last_seen_at"):
        return Guess(None)
    if target == "name":
        return Guess(target, "string")
    if target is not None:
        found = values_format(values, known.types.get(target, "string"))
        return Guess(target, found.type, found.format, found.sure)
    if plain in known.topic_of:
        return Guess(f"consent:{known.topic_of[plain]}", "boolean")
    said = {value.lower() for value in values}
    if _CONSENTING.search(plain) and said and said <= YES | NO:
        only = next(iter(known.topic_of.values()), "")
        return Guess(f"consent:{only}", "boolean", sure=False) if only else _new(name, values)
    return _new(name, values) if values else Guess(None)


def _new(name: str, values: Sequence[str]) -> Guess:
    found = type_guess(values)
    return Guess(f"new:{name}", found.type, found.format, found.sure)


def _with_a_key(guesses: list[Guess], rows: Sequence[Sequence[str]]) -> list[Guess]:
    """Find the addresses by what is in the columns, if no column is called so."""
    if any(guess.target in ("email", "external_id") for guess in guesses):
        return guesses
    for index, _ in enumerate(guesses):
        values = [row[index] for row in rows if index < len(row) and row[index].strip()]
        if values and sum(email_of(value) is not None for value in values) * 10 > len(values) * 9:
            return [*guesses[:index], Guess("email", "string"), *guesses[index + 1 :]]
    return guesses


def _plain(name: str) -> str:
    """Bring spellings of one name together: `E-Mail`, `e_mail`, `firstName`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\W_]+", " ", spaced.lower()).split())


def _reads_all(values: Sequence[str], field_type: str, form: str = "") -> bool:
    """Whether all values can be read so, or all but one in twenty: files have their faults."""
    parse = parser_of(field_type, form)
    faults, most = 0, len(values) // 20
    for value in values:
        try:
            parse(value)
        except Misfit:
            faults += 1
            if faults > most:
                return False
    return True


def _prefers(values: Sequence[str], form: str) -> bool:
    """Between `1,234` and `1.234`: what stands last before the decimals decides."""
    commas = any(re.search(r",\d{1,2}$|,\d{4,}$|\.\d{3},", value) for value in values)
    return commas == (form == "comma")


def _dates_in(values: Sequence[str]) -> tuple[str, bool]:
    """Return in which order dates are written and whether that is sure; "" if none are."""
    most = len(values) // 20
    if sum(not _ISO.fullmatch(value) for value in values) <= most:
        return ("iso", True) if _reads_all(values, "datetime", "iso") else ("", True)
    if sum(not (_DATED.fullmatch(value) or _SPELLED.fullmatch(value)) for value in values) > most:
        return "", True
    reads: dict[str, Any] = {
        order: _reads_all(values, "datetime", order) for order in ("dmy", "mdy", "ymd")
    }
    fitting = [order for order, does in reads.items() if does]
    if not fitting:
        return "", True
    dotted = any("." in value for value in values)
    both = {"dmy", "mdy"} <= set(fitting) and not dotted and not any(map(_SPELLED.match, values))
    both = both and any(re.match(r"\d{1,2}[-/ ]\d{1,2}[-/ ]", value) for value in values)
    return fitting[0], not both
