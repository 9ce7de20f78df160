"""Names by a convention: what is built, what is found wrong, and in which words."""

from __future__ import annotations

from datetime import date

import pytest

from segments.naming import (
    SUGGESTED,
    Part,
    Template,
    name_build,
    name_check,
    template_problems,
    values_usual,
)

DATE = Part("date", "Date", "date")
TEAM = Part("team", "Department", "choice", ("Sales", "Support"))
WHAT = Part("what", "Campaign")
REGION = Part("region", "Region", "choice", ("EU", "US"), required=False)
OWNER = Part("owner", "Owner", "owner", required=False)
TEMPLATE = Template((DATE, TEAM, WHAT, REGION, OWNER), owners=frozenset({"Ada", "Grace"}))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("2026-06 · Sales · Spring", {"date": "2026-06", "team": "Sales", "what": "Spring"}),
        (
            "2026-06 · Sales · Spring · EU",
            {"date": "2026-06", "team": "Sales", "what": "Spring", "region": "EU"},
        ),
        (
            "2026-06 · Sales · Spring · Ada",
            {"date": "2026-06", "team": "Sales", "what": "Spring", "owner": "Ada"},
        ),
        (
            "2026-06 · Sales · Spring · US · Grace",
            {"date": "2026-06", "team": "Sales", "what": "Spring", "region": "US",
             "owner": "Grace"},
        ),
        ("2026-06 · Sales · EU", {"date": "2026-06", "team": "Sales", "what": "EU"}),
    ],
)  # fmt: skip
def test_a_name_that_keeps_the_convention(name: str, values: dict[str, str]) -> None:
    found = name_check(name, TEMPLATE)
    assert (found.problems, found.values) == ((), values)
    assert name_build(values, TEMPLATE) == (name, [])


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("Sales · Spring", ["the date is missing: it comes first, as YYYY-MM"]),
        (
            "2026-06 · Spring",
            ["the department is missing: it comes after the date, one of Sales, Support"],
        ),
        ("2026-13 · Sales · Spring", ["“2026-13” is no date as YYYY-MM"]),
        ("2026-06 · sales · Spring", ["write “Sales”, not “sales”"]),
        (
            "2026-06 · Ops · Spring",
            ["“Ops” is no department: it is one of Sales, Support"],
        ),
        (
            "2026-06 · Sales · Spring · EU · Ada · more",
            ["“more” is no part of the convention"],
        ),
        (
            "2026-06 · Sales · a·b",
            ["“a·b”: write “ · ” between the parts, nothing more or less"],
        ),
        ("2026-06 · Sales ·  · EU", ["the campaign is empty"]),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(name: str, problems: list[str]) -> None:
    assert list(name_check(name, TEMPLATE).problems) == problems


def test_an_empty_name_lacks_every_part_that_is_required() -> None:
    assert len(name_check("", TEMPLATE).problems) == 3


def test_without_parts_every_name_is_right() -> None:
    assert name_check("anything · at all", Template()).problems == ()


def test_building_says_what_does_not_fit() -> None:
    name, problems = name_build({"date": "June", "odd": "x", "what": " Spring "}, TEMPLATE)
    assert name == "June · Spring"
    assert problems == [
        "there is no part “odd”",
        "“June” is no date as YYYY-MM",
        "the department is missing",
    ]


def test_any_owner_is_right_while_nobody_is_known() -> None:
    template = Template((WHAT, OWNER))
    assert name_check("Spring · Whoever", template).problems == ()


@pytest.mark.parametrize(
    ("template", "word"),
    [
        (Template((DATE,), separator="-"), "separator"),
        (Template((Part("a", "A", "choice", ("x/y",)),), separator=" / "), "separator"),
        (Template((WHAT, WHAT)), "two parts"),
        (Template((Part("a", "A", "choice"),)), "say of what"),
        (Template((Part("a", "A", "date", format="MM/YY"),)), "can be written"),
        (Template((WHAT,), separator=""), "between"),
        (Template(tuple(Part(f"p{n}", "P") for n in range(13))), "at most"),
    ],
)
def test_a_template_that_can_not_be_used(template: Template, word: str) -> None:
    assert any(word in problem for problem in template_problems(template))


def test_the_suggested_template_can_be_used() -> None:
    assert template_problems(SUGGESTED) == []
    assert [part.key for part in SUGGESTED.parts] == [
        "date", "department", "campaign", "purpose", "region", "owner",
    ]  # fmt: skip


def test_usual_values_are_today_and_whoever_asks() -> None:
    template = Template((DATE, Part("owner", "Owner", "owner")))
    usual = values_usual(template, today=date(2026, 6, 15), owner="Ada")
    assert usual == {"date": "2026-06", "owner": "Ada"}
