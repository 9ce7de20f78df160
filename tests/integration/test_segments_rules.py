"""Every shared rule case, asked of PostgreSQL through the compiled SQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from segments.rules import compile_rule, parse, segments_needed
from tests.casebook import RuleCase, contacts_insert, rule_cases, segments_insert

pytestmark = pytest.mark.django_db


def true_for(rule: Any, fields: Mapping[str, str], now: datetime, zone: str = "UTC") -> set[int]:
    """Ask PostgreSQL for whom a rule is true."""
    parsed = parse(rule, fields=fields)
    compiled = compile_rule(parsed, fields=fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id, {compiled.text}, {compiled.whole} FROM contact c",
            compiled.bind(now, zone),
        )
        rows = cursor.fetchall()
    assert {truth for _, truth, _ in rows} <= {True, False}, "a rule has no third value"
    assert all(truth is at_once for _, truth, at_once in rows), "asked of everybody at once"
    return {contact_id for contact_id, truth, _ in rows if truth}


@pytest.mark.parametrize(
    "case",
    [case for case in rule_cases() if not case.name.startswith("random")],
    ids=lambda case: case.name,
)
def test_the_compiled_sql_says_what_the_case_expects(case: RuleCase) -> None:
    segments_insert(segments_needed(parse(case.rule, fields=case.fields)))
    ids = contacts_insert(case.contacts, case.fields)
    expected = {ids[one] for one in case.expect}
    assert true_for(case.rule, case.fields, case.now) == expected


def test_the_compiled_sql_says_what_the_random_cases_expect() -> None:
    cases = [case for case in rule_cases() if case.name.startswith("random")]
    assert len(cases) == 300
    for case in cases:
        segments_insert(segments_needed(parse(case.rule, fields=case.fields)))
    ids = contacts_insert(cases[0].contacts, cases[0].fields)
    for case in cases:
        expected = {ids[one] for one in case.expect}
        assert true_for(case.rule, case.fields, case.now) == expected, (case.name, case.rule)
