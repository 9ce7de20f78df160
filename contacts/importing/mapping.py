"""What the columns of a file become: checked once, then read row by row. PURE but for the errors.

`plan_of` turns what a person chose into a `Plan`, or says all that is wrong with it. `Plan.read`
then reads rows: a row without its key is refused, a cell that does not fit is left out and the row
is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from contacts.importing.cells import FORMATS, Misfit, Parse, consent_of, parser_of, shown, text_of
from contacts.importing.reading import Row
from contacts.intake.parsing import MAX_IDENTITY
from contacts.reach import MAX_TOPIC
from contacts.values import KEPT_BY_PRODUCT, MAX_KEY, email_of

KEYS: Final = ("email", "external_id")
EXISTING: Final = ("update", "fill_empty", "skip")
EMPTY: Final = ("leave", "erase")

_DEFUSED = re.compile(r"'[=+\-@\t\r]")
_KEPT_FOR_US: Final = KEPT_BY_PRODUCT - {"external_id"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a mapping: at a column, or (None) of it as a whole."""

    column: int | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is used. `kind` is `field`, `consent` or `name`; `key` the field's or topic's.

    `fresh` is the name of a field that is made for it.
    """

    index: int
    kind: str
    key: str
    type: str = "string"
    format: str = ""
    fresh: str = ""


@dataclass(slots=True)
class Said:
    """What one row says of one contact. `refusal` says why the row can't be taken in."""

    line: int
    cells: list[str]
    key: str = ""
    email: str | None = None
    external_id: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping that can be carried out."""

    columns: tuple[Column, ...]
    names: tuple[str, ...]
    key: str = "email"
    existing: str = "update"
    empty: str = "leave"
    segment: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON, for `plan_from_json`."""
        return asdict(self)

    def reader(self) -> Callable[[Row], Said]:
        """Return the function that reads rows by this plan."""
        return _RowReader(self).read

    def key_hash(self) -> Callable[[Row], int | None]:
        """Return the function that tells by which key a row goes, as 64 bits; None if by none."""
        at = next(one.index for one in self.columns if one.kind == "field" and one.key == self.key)
        read = _address_of if self.key == "email" else _id_of

        def hash_of(row: Row) -> int | None:
            found = read(row.cells[at]) if at < len(row.cells) and not row.fault else None
            if found is None:
                return None
            digest = hashlib.blake2b(found.lower().encode(), digest_size=8).digest()
            return int.from_bytes(digest, "big", signed=True)

        return hash_of


def plan_from_json(stored: Mapping[str, Any]) -> Plan:
    """Return the plan that `Plan.as_json` wrote."""
    columns = tuple(Column(**one) for one in stored["columns"])
    return Plan(**{**stored, "columns": columns, "names": tuple(stored["names"])})


def plan_of(
    mapping: Sequence[Mapping[str, Any]],
    *,
    names: Sequence[str],
    fields: Mapping[str, str],
    options: Mapping[str, Any],
) -> tuple[Plan, list[Problem]]:
    """Check a mapping and return the plan it makes; it can be carried out if no problems come.

    Parameters
    ----------
    mapping
        `{"column", "target", "type"?, "format"?}` of each column that is said anything of.
    names
        The columns of the file.
    fields
        The fields there are, with their types.
    options
        `key`, `existing`, `empty`, `segment`.
    """
    columns: list[Column] = []
    problems: list[Problem] = []
    used: dict[str, int] = {}
    for said in mapping:
        index, target = said["column"], said.get("target")
        if target is None:
            continue
        if not 0 <= index < len(names):
            problems.append(Problem(index, "unknown_column", "The file has no such column."))
            continue
        found = _column(index, target, said, fields)
        if isinstance(found, str):
            problems.append(Problem(index, "invalid_target", found))
            continue
        place = found.key if found.kind == "field" else f"{found.kind}:{found.key}"
        if place in used:
            other = names[used[place]]
            problems.append(Problem(index, "twice", f"The column “{other}” becomes this already."))
            continue
        used[place] = index
        columns.append(found)
    key = options["key"]
    if key not in used:
        what = "the e-mail address" if key == "email" else "the external id"
        problems.append(
            Problem(None, "no_key", f"Choose which column holds {what}: rows are told apart by it.")
        )
    plan = Plan(
        tuple(sorted(columns, key=lambda one: one.index)),
        tuple(names),
        key=key,
        existing=options["existing"],
        empty=options["empty"],
        segment=options["segment"],
    )
    return plan, problems


def field_key(name: str) -> str:
    """Make the key of a field out of the name that a person gave it.

    Examples
    --------
    >>> field_key("Favourite colour!")
    'favourite_colour'
    """
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")[:MAX_KEY]


def _column(
    index: int, target: str, said: Mapping[str, Any], fields: Mapping[str, str]
) -> Column | str:
    """Return what a column becomes, or a sentence why it can't."""
    asked, form = said.get("type") or "", said.get("format") or ""
    if target == "name":
        return Column(index, "name", "")
    if target.startswith("consent:"):
        topic = target.removeprefix("consent:").strip()
        if not 0 < len(topic) <= MAX_TOPIC:
            return "Choose the topic that this is a consent for."
        return Column(index, "consent", topic)
    kind = asked or "string"
    key, fresh = target, ""
    if target.startswith("new:"):
        fresh = " ".join(target.removeprefix("new:").split())[:MAX_KEY]
        key = field_key(fresh)
        refusal = _refusal_of_new(key, kind, fields)
    else:
        kind = fields.get(key, kind)
        refusal = _refusal_of_known(key, asked, fields)
    if not refusal and form and form not in FORMATS[kind]:
        known = ", ".join(FORMATS[kind]) or "none"
        refusal = f"“{form}” is no format of this type; there is {known}."
    return refusal or Column(index, "field", key, kind, form, fresh)


def _refusal_of_new(key: str, kind: str, fields: Mapping[str, str]) -> str:
    if not key:
        return "Give the new field a name of letters or digits."
    if key in fields:
        return f"There is a field “{key}” already: choose it, or give this one another name."
    return "" if kind in FORMATS else f"There is no type “{kind}”."


def _refusal_of_known(key: str, asked: str, fields: Mapping[str, str]) -> str:
    if key in _KEPT_FOR_US:
        return f"{key} is kept by the product and can't be imported."
    if key not in fields:
        return f"There is no field “{key}”."
    if asked and asked != fields[key]:
        return f"The field “{key}” holds {_HOLDS[fields[key]]}; its type is fixed."
    return ""


_HOLDS: Final[Mapping[str, str]] = {
    "string": "texts",
    "number": "numbers",
    "boolean": "yes or no",
    "datetime": "dates",
    "list": "lists of texts",
}


class _RowReader:
    """Reads rows; what follows from the plan alone is worked out once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._width = len(plan.names)
        self._erases = plan.empty == "erase" and plan.existing == "update"
        self._fields: list[tuple[int, str, Parse]] = []
        self._identities: dict[str, int] = {}
        self._consents: list[tuple[int, str]] = []
        self._name: int | None = None
        for one in plan.columns:
            if one.kind == "consent":
                self._consents.append((one.index, one.key))
            elif one.kind == "name":
                self._name = one.index
            elif one.key in KEYS:
                self._identities[one.key] = one.index
            else:
                self._fields.append((one.index, one.key, parser_of(one.type, one.format)))

    def read(self, row: Row) -> Said:
        """Read one row."""
        said = Said(row.line, row.cells)
        cells = row.cells
        if row.fault:
            said.refusal = row.fault
        elif len(cells) > self._width and any(map(str.strip, cells[self._width :])):
            said.refusal = (
                f"The row has {len(cells)} cells, the file {self._width} columns: a delimiter in a "
                "cell has to be quoted."
            )
        else:
            self._identify(said)
        if said.refusal:
            return said
        for index, key, parse in self._fields:
            if index >= len(cells):
                continue
            cell = cells[index]
            if not cell or cell.isspace():
                if self._erases:
                    said.erased.append(key)
                continue
            try:
                said.values[key] = parse(_armed(cell))
            except Misfit as misfit:
                said.faults.append((index, str(misfit)))
        self._rest(said)
        return said

    def _identify(self, said: Said) -> None:
        cells, key = said.cells, self._plan.key
        for kind, index in self._identities.items():
            cell = cells[index].strip() if index < len(cells) else ""
            if not cell:
                if kind == key:
                    said.refusal = f"The row has no {_CALLED[kind]}."
                elif kind == "email" and self._erases and index < len(cells):
                    said.erased.append("email")
                continue
            found = email_of(_armed(cell)) if kind == "email" else _id_of(cell)
            fault = ""
            if found is None and kind == "email":
                fault = f"{shown(cell)} is not an e-mail address"
            elif found is None:
                fault = f"an external id has up to {MAX_IDENTITY} characters"
            elif "\x00" in found:
                fault, found = "it holds a NUL, which can't be stored", None
            if fault and kind == key:
                said.refusal = f"{fault[0].upper()}{fault[1:]}."
            elif fault:
                said.faults.append((index, fault))
            elif kind == "email":
                said.email = found
            else:
                said.external_id = found
        said.key = ((said.email if key == "email" else said.external_id) or "").lower()
        if key == "external_id":
            said.key = said.external_id or ""

    def _rest(self, said: Said) -> None:
        """Read the full name and the consents."""
        cells = said.cells
        if self._name is not None and self._name < len(cells) and cells[self._name].strip():
            try:
                first, _, last = text_of(cells[self._name]).partition(" ")
            except Misfit as misfit:
                said.faults.append((self._name, str(misfit)))
            else:
                said.values.setdefault("first_name", first)
                if last.strip():
                    said.values.setdefault("last_name", last.strip())
        for index, topic in self._consents:
            if index < len(cells) and cells[index].strip():
                try:
                    said.consents[topic] = consent_of(cells[index])
                except Misfit as misfit:
                    said.faults.append((index, str(misfit)))


_CALLED: Final[Mapping[str, str]] = {"email": "e-mail address", "external_id": "external id"}


def _armed(cell: str) -> str:
    """Undo what a report of refused lines does to cells that a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and _DEFUSED.match(cell) else cell


def _address_of(cell: str) -> str | None:
    return email_of(_armed(cell.strip()))


def _id_of(cell: str) -> str | None:
    text = _armed(cell.strip())
    return text if 0 < len(text) <= MAX_IDENTITY and len(text.encode()) <= 2_000 else None
