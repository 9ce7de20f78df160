"""`manage.py check_counts`: it says which counter is wrong, mends it, and stops nobody."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.models import FlowCount
from flows.recount import differences, repair
from tests.builders_flows import Stage, build_contacts, build_flow, everything_adds_up, minutes

pytestmark = pytest.mark.django_db


def three_walk() -> None:
    stage = Stage()
    build_flow()
    for name in ("ada", "bob", "cyd"):
        stage.does(name, "Product Added")
    stage.run_until(stage.now + minutes(90))


def spoil() -> None:
    FlowCount.objects.filter(node="remind", what="in").update(n=7)
    FlowCount.objects.filter(node="", what="completed").delete()


def checked(*options: str) -> str:
    out = StringIO()
    call_command("check_counts", *options, stdout=out)
    return out.getvalue()


def test_when_all_agree_it_says_so() -> None:
    three_walk()
    assert checked() == "All counters agree with the rows.\n"


def test_each_wrong_counter_is_named_and_the_command_fails() -> None:
    three_walk()
    spoil()
    out = StringIO()
    with pytest.raises(CommandError, match="2 counters differ; --fix"):
        call_command("check_counts", stdout=out)
    assert out.getvalue().splitlines() == [
        "cart (flow) completed: counter 0, rows 3",
        "cart remind in: counter 7, rows 3",
    ]


def test_it_mends_what_is_wrong_by_the_difference_and_keeps_the_rest() -> None:
    three_walk()
    spoil()
    assert checked("--fix").splitlines()[-1] == "repaired"
    assert differences() == []
    everything_adds_up()
    assert repair() == []


def test_it_asks_a_fixed_number_of_statements_and_holds_no_lane() -> None:
    three_walk()
    with CaptureQueriesContext(connection) as few:
        differences()
    build_contacts(100)
    with CaptureQueriesContext(connection) as many:
        differences()
    assert len(few) == len(many) <= 4
    assert not any("FOR UPDATE" in one["sql"] for one in many)
