"""Cells read as values, columns guessed by their names and values, mappings checked."""

from __future__ import annotations

from typing import Any

import pytest

from common.spreadsheets import defused
from contacts.importing.cells import Misfit, parser_of
from contacts.importing.guessing import mapping_guess, type_guess
from contacts.importing.mapping import Plan, plan_from_json, plan_of
from contacts.importing.reading import Row
from contacts.models import BUILTIN_FIELDS
from contacts.values import fit

DAY = "2026-06-15T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("field_type", "form", "cell", "value"),
    [
        ("string", "", "  Ada ", "Ada"),
        ("number", "", "42", 42),
        ("number", "", "-4.5", -4.5),
        ("number", "", "1,234,567.8", 1_234_567.8),
        ("number", "", "$ 12", 12),
        ("number", "", "7 %", 7),
        ("number", "", "1e3", 1000.0),
        ("number", "comma", "1.234,5", 1234.5),
        ("number", "comma", "1.234", 1234),
        ("number", "comma", "0,5", 0.5),
        ("boolean", "", "YES", True),
        ("boolean", "", "nein", False),
        ("boolean", "", "0", False),
        ("datetime", "", "2026-06-15", DAY),
        ("datetime", "", "2026-06-15T14:00:00+02:00", "2026-06-15T12:00:00.000000Z"),
        ("datetime", "dmy", "15.6.2026", DAY),
        ("datetime", "dmy", "15/06/26", DAY),
        ("datetime", "dmy", "15 June 2026", DAY),
        ("datetime", "dmy", "June 15, 2026", DAY),
        ("datetime", "mdy", "6/15/2026", DAY),
        ("datetime", "mdy", "15. Juni 2026", DAY),
        ("datetime", "mdy", "6/15/2026 12:05 am", "2026-06-15T00:05:00.000000Z"),
        ("datetime", "dmy", "15.06.2026 14:30:10", "2026-06-15T14:30:10.000000Z"),
        ("datetime", "ymd", "2026/06/15", DAY),
        ("datetime", "ymd", "20260615", DAY),
        ("datetime", "unix", "1781481600", DAY),
        ("datetime", "unix_ms", "1781481600000", DAY),
        ("list", "", "a; b ;;c", ["a", "b", "c"]),
        ("list", "|", "a|b", ["a", "b"]),
    ],
)
def test_cells_are_read(field_type: str, form: str, cell: str, value: Any) -> None:
    read = parser_of(field_type, form)(cell)
    assert read == value
    assert fit(read, field_type) == value


@pytest.mark.parametrize(
    ("field_type", "form", "cell"),
    [
        ("string", "", "x" * 33_000),
        ("string", "", "a\x00b"),
        ("number", "", "seven"),
        ("number", "", "1.2.3"),
        ("number", "", "nan"),
        ("number", "", "1e999"),
        ("number", "", "9" * 5_000),
        ("number", "", "1_000"),
        ("number", "", "٣"),
        ("boolean", "", "perhaps"),
        ("datetime", "", "15.06.2026"),
        ("datetime", "", "2026-02-30"),
        ("datetime", "dmy", "31.31.2026"),
        ("datetime", "dmy", "15.06"),
        ("datetime", "mdy", "13:00 pm"),
        ("datetime", "unix", "99999999999999"),
        ("datetime", "unix", "soon"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(field_type: str, form: str, cell: str) -> None:
    with pytest.raises(Misfit) as misfit:
        parser_of(field_type, form)(cell)
    assert len(str(misfit.value)) < 150


@pytest.mark.parametrize(
    ("values", "field_type", "form"),
    [
        (["a", "b"], "string", ""),
        (["1", "2.5"], "number", "point"),
        (["1.234,50", "2,5"], "number", "comma"),
        (["01234", "10115"], "string", ""),
        (["+49 30 1", "+49 30 2"], "string", ""),
        (["4006381333931"], "string", ""),
        (["yes", "no", "yes"], "boolean", ""),
        (["1", "0"], "number", "point"),
        (["2026-06-15", "2026-06-16T12:00:00Z"], "datetime", "iso"),
        (["15.06.2026"], "datetime", "dmy"),
        (["06/15/2026"], "datetime", "mdy"),
        (["red;blue", "green", "blue;red"], "list", ";"),
        ([*["15.06.2026"] * 9, "some day"], "string", ""),
        ([*["15.06.2026"] * 39, "some day"], "datetime", "dmy"),
        ([], "string", ""),
    ],
)
def test_types_are_guessed(values: list[str], field_type: str, form: str) -> None:
    found = type_guess(values)
    assert (found.type, found.format) == (field_type, form)


def test_an_order_of_day_and_month_that_can_be_either_is_not_sure() -> None:
    assert not type_guess(["01/02/2026", "03/04/2026"]).sure
    assert type_guess(["01/02/2026", "13/04/2026"]).sure
    assert type_guess(["01.02.2026"]).sure


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("E-Mail", "email"),
        ("emailAddress", "email"),
        ("Vorname", "first_name"),
        ("LAST_NAME", "last_name"),
        ("Full name", "name"),
        ("Customer ID", "external_id"),
        ("Postleitzahl", "new:Postleitzahl"),
        ("Favourite Colour", "favourite_colour"),
        ("Score", None),
        ("news", "consent:news"),
        ("What happened", None),
    ],
)
def test_columns_are_guessed_by_name(name: str, target: str | None) -> None:
    fields = {key: (key, kind) for key, kind in BUILTIN_FIELDS.items()}
    fields["favourite_colour"] = ("Favourite colour", "string")
    (guess,) = mapping_guess([name], [["x"]], fields=fields, topics=["news"])
    assert guess.target == target


def test_no_two_columns_are_guessed_to_be_one() -> None:
    fields = {key: (key, kind) for key, kind in BUILTIN_FIELDS.items()}
    rows = [["a@x.io", "b@x.io", ""]]
    guesses = mapping_guess(["mail", "Email", "nothing"], rows, fields=fields)
    assert [guess.target for guess in guesses] == ["email", "new:Email", None]


OPTIONS = {"key": "email", "existing": "update", "empty": "leave", "segment": None}


def plan(mapping: list[dict[str, Any]], names: list[str], **options: Any) -> Plan:
    fields = {**BUILTIN_FIELDS, "age": "number"}
    made, problems = plan_of(mapping, names=names, fields=fields, options={**OPTIONS, **options})
    assert problems == []
    return made


def test_a_plan_survives_being_stored() -> None:
    made = plan(
        [{"column": 0, "target": "email"}, {"column": 1, "target": "new:Plan", "type": "list"}],
        ["e", "p"],
    )
    assert plan_from_json(made.as_json()) == made


def test_rows_are_read_by_a_plan() -> None:
    mapping = [
        {"column": 0, "target": "email"},
        {"column": 1, "target": "age"},
        {"column": 2, "target": "name"},
        {"column": 3, "target": "consent:news"},
    ]
    read = plan(mapping, ["e", "a", "n", "c"]).reader()
    said = read(Row(2, 9, [" Ada@x.io", "'-36", "Ada King Lovelace", "ja"]))
    assert (said.email, said.key, said.values, said.consents, said.faults) == (
        "Ada@x.io",
        "ada@x.io",
        {"age": -36, "first_name": "Ada", "last_name": "King Lovelace"},
        {"news": "subscribed"},
        [],
    )
    said = read(Row(3, 9, ["ada@x.io", "old", "A\x00", "?"]))
    assert [column for column, _ in said.faults] == [1, 2, 3]
    assert read(Row(4, 9, ["x"])).refusal == "“x” is not an e-mail address."
    assert "4 columns" in read(Row(5, 9, ["a@x.io", "1", "", "", "!"])).refusal


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("\tx", "'\tx"),
        ("-5", "-5"),
        ("+49 (0)30 123", "+49 (0)30 123"),
        ("Ada", "Ada"),
    ],
)
def test_a_report_runs_nothing_in_a_spreadsheet(cell: str, written: str) -> None:
    assert defused(cell) == written
