"""Random contacts and random rules: the compiled SQL and the in-memory evaluator say the same."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.rules import (
    ContactData,
    VisitData,
    compile_rule,
    evaluate,
    parse,
)
from segments.rules.values import folded, instant_of
from tests.casebook import segments_insert
from tests.rule_strategies import (
    FIELDS,
    NOW,
    SEGMENTS,
    ZONES,
    contacts,
    flow_rules,
    insert,
    instants,
    properties,
    rules,
)

pytestmark = pytest.mark.django_db


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    contact=contacts(), asked=st.lists(rules, min_size=4, max_size=8), zone=st.sampled_from(ZONES)
)
def test_sql_and_evaluator_agree(contact: ContactData, asked: list[Any], zone: str) -> None:
    with transaction.atomic():
        insert(contact, segments_insert(SEGMENTS))
        for data in asked:
            rule = parse(data, fields=FIELDS)
            compiled = compile_rule(rule, fields=FIELDS)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {compiled.text}, {compiled.whole} FROM contact c",
                    compiled.bind(NOW, zone),
                )
                one_by_one, at_once = cursor.fetchone()
            in_memory = evaluate(rule, contact, now=NOW, zone=zone, fields=FIELDS)
            assert one_by_one is in_memory, (data, compiled.text)
            assert at_once is in_memory, (data, compiled.whole)
        transaction.set_rollback(True)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    contact=contacts(),
    asked=st.lists(flow_rules, min_size=4, max_size=8),
    visit=st.builds(
        VisitData,
        entry_at=instants,
        step_at=instants,
        trigger=st.none() | properties,
        upto=st.integers(0, 5),
    ),
)
def test_sql_and_evaluator_agree_in_a_flow(
    contact: ContactData, asked: list[Any], visit: VisitData
) -> None:
    with transaction.atomic():
        insert(contact, segments_insert(SEGMENTS))
        for data in asked:
            rule = parse(data, fields=FIELDS, in_flow=True)
            compiled = compile_rule(rule, fields=FIELDS, in_flow=True)
            trigger = None if visit.trigger is None else json.dumps(visit.trigger)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {compiled.text} FROM contact c, (SELECT %(entry)s::timestamptz,"
                    " %(step)s::timestamptz, %(trigger)s::jsonb, %(upto)s::bigint)"
                    " w (entry_at, step_at, trigger, upto)",
                    {
                        **compiled.bind(NOW, "UTC"),
                        "entry": visit.entry_at,
                        "step": visit.step_at,
                        "trigger": trigger,
                        "upto": visit.upto,
                    },
                )
                (in_sql,) = cursor.fetchone()
            in_memory = evaluate(rule, contact, now=NOW, zone="UTC", fields=FIELDS, visit=visit)
            assert in_sql is in_memory, (data, compiled.text)
        transaction.set_rollback(True)


def test_case_folds_alike_for_every_letter() -> None:
    """Python and PostgreSQL may know different editions of Unicode; no letter in use may differ."""
    letters = [chr(code) for code in range(1, 0x10000) if not 0xD800 <= code <= 0xDFFF]
    with connection.cursor() as cursor:
        cursor.execute("SELECT v, folded(v) FROM unnest(%s::text[]) v", [letters])
        in_sql = dict(cursor.fetchall())
    differing = [letter for letter in letters if in_sql[letter] != folded(letter)]
    known = [letter for letter in differing if unicodedata.category(letter) != "Cn"]
    assert not known, "letters that Python's Unicode has must fold alike"


def test_instants_are_read_alike() -> None:
    texts = [
        "2026-02-31", "2026-02-28", "2026-03-29T02:30:00", "2026-03-29 02:30", "x", "",
        "2026-03-29T02:30:00.5Z", "2026-03-29T02:30:00.123456+0230", "2026-03-29T02:30:00-14:00",
        "2026-03-29T24:00:00", "2026-03-29T02:30:60", "20260329", "2026-W12", "now", "infinity",
        "2026-03-29\n", "2026-03-29T02:30:00 Z", "0001-01-01", "2999-12-31T23:59:59Z", "٢٠٢٦-٠٣-٢٩",
        "2024-02-29", "2026-03-29T02", "2026-03-29Z", "2026-03-29T02:30z", "2026-3-9",
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Tokyo'")
        cursor.execute(
            "SELECT v, extract(epoch FROM instant_of(v)) FROM unnest(%s::text[]) v", [texts]
        )
        in_sql = dict(cursor.fetchall())
        cursor.execute("SET LOCAL timezone = 'UTC'")
    for text in texts:
        read = instant_of(text)
        seconds = in_sql[text]
        assert (None if seconds is None else float(seconds)) == (
            None if read is None else read.timestamp()
        ), text
