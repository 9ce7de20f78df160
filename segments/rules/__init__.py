"""The rule language: one small JSON language for "which contacts". PURE: no Django, no IO.

`parse` reads and checks, `compile_rule` makes SQL, `evaluate` asks plain data; both answer the
same, which tests hold them to. `describe` says a rule, `explain` says why it is true of a contact,
`mentions` and `depends_on_time` tell when it must be asked again.
"""

from segments.rules.asking import awaits_events, depends_on_time, mentions, segments_needed
from segments.rules.base import Condition, Rule
from segments.rules.compiling import NOBODY, Compiled, compile_rule
from segments.rules.describing import describe
from segments.rules.errors import Problem, RuleRefused
from segments.rules.evaluating import evaluate
from segments.rules.explaining import explain
from segments.rules.parsing import parse
from segments.rules.passing import Slice
from segments.rules.properties import matches_where
from segments.rules.schema import rule_schema
from segments.rules.until import until
from segments.rules.values import (
    BUILTIN_FIELDS,
    ContactData,
    EventData,
    ReachData,
    ScoreData,
    VisitData,
)

__all__ = [
    "BUILTIN_FIELDS",
    "NOBODY",
    "Compiled",
    "Condition",
    "ContactData",
    "EventData",
    "Problem",
    "ReachData",
    "Rule",
    "RuleRefused",
    "ScoreData",
    "Slice",
    "VisitData",
    "awaits_events",
    "compile_rule",
    "depends_on_time",
    "describe",
    "evaluate",
    "explain",
    "matches_where",
    "mentions",
    "parse",
    "rule_schema",
    "segments_needed",
    "until",
]
