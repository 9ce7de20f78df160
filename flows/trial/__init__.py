"""Trials: a flow tried out before anybody gets anything.

`simulate` carries one contact through flows in memory (no table is read while it
runs, none is written). `backtest` has the engine itself carry real contacts
through a past period, in a schema of its own.
"""

from flows.trial.shapes import (
    Answer,
    Answered,
    Boundary,
    Called,
    Change,
    Scene,
    SceneContact,
    SceneFlow,
    SceneSegment,
    SceneTopic,
    Simulation,
    StepTaken,
    TrialRefused,
    VisitMade,
    WrittenMessage,
)
from flows.trial.simulation import simulate

__all__ = [
    "Answer",
    "Answered",
    "Boundary",
    "Called",
    "Change",
    "Scene",
    "SceneContact",
    "SceneFlow",
    "SceneSegment",
    "SceneTopic",
    "Simulation",
    "StepTaken",
    "TrialRefused",
    "VisitMade",
    "WrittenMessage",
    "simulate",
]
