"""Every shared rule case, asked of the in-memory evaluator and of the explainer."""

import pytest

from segments.rules import evaluate, explain, parse
from tests.casebook import RuleCase, as_data, rule_cases


@pytest.mark.parametrize("case", rule_cases(), ids=lambda case: case.name)
def test_the_evaluator_says_what_the_case_expects(case: RuleCase) -> None:
    rule = parse(case.rule, fields=case.fields)
    true_for = [
        contact["id"]
        for contact in case.contacts
        if evaluate(
            rule, as_data(contact, case.fields), now=case.now, zone="UTC", fields=case.fields
        )
    ]
    assert sorted(true_for) == sorted(case.expect)


@pytest.mark.parametrize("case", rule_cases(), ids=lambda case: case.name)
def test_the_explanation_says_what_the_case_expects(case: RuleCase) -> None:
    rule = parse(case.rule, fields=case.fields)
    true_for = [
        contact["id"]
        for contact in case.contacts
        if explain(
            rule, as_data(contact, case.fields), now=case.now, zone="UTC", fields=case.fields
        )["is_true"]
    ]
    assert sorted(true_for) == sorted(case.expect)
