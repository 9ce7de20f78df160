"""Action: points added to, or taken from, the contact's score."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    AdjustScore,
    Config,
    Names,
    NodeType,
    Outcome,
    Walker,
    World,
)


class AdjustScoreConfig(Config):
    """`by`: points, negative ones take away."""

    by: float = Field(allow_inf_nan=False, ge=-1e9, le=1e9)


class AdjustScoreNode(NodeType[AdjustScoreConfig]):
    type = "adjust_score"
    group = "action"
    icon = "trending-up"
    title = "Adjust the score"
    description = "Adds points to the contact's score, or takes some away."
    Config = AdjustScoreConfig

    def sentence(self, config: AdjustScoreConfig, names: Names) -> str:
        return f"{'Add' if config.by >= 0 else 'Take'} {abs(config.by):g} points"

    def run(self, config: AdjustScoreConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        return Outcome.all_by(NEXT, walkers, AdjustScore(config.by))
