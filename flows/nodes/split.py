"""Condition: by chance, but always the same for one contact at one node."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import ConfigDict, Field

from flows.nodes.base import Config, Names, NodeType, Outcome, Walker, World

WHOLE = 100
_STEPS = 2**53


class Share(Config):
    """One way out and the percentage that takes it."""

    branch: str = Field(min_length=1, max_length=100)
    weight: float = Field(ge=0, le=WHOLE)


class SplitConfig(Config):
    """`branches`, whose weights add up to 100."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"branches": [{"branch": "a", "weight": 50}, {"branch": "b", "weight": 50}]}
            ]
        }
    )

    branches: list[Share] = Field(min_length=2, max_length=20)


class Split(NodeType[SplitConfig]):
    type = "split"
    group = "condition"
    icon = "percentage"
    title = "Split"
    description = "Sends a fixed share of the contacts each way, for tests."
    Config = SplitConfig

    def branches(self, config: SplitConfig) -> tuple[str, ...]:
        return tuple(share.branch for share in config.branches)

    def sentence(self, config: SplitConfig, names: Names) -> str:
        return "Split " + ", ".join(
            f"{share.weight:g} % {share.branch}" for share in config.branches
        )

    def faults(self, config: SplitConfig) -> Iterable[tuple[str, str, str]]:
        total = sum(share.weight for share in config.branches)
        if abs(total - WHOLE) > 1e-9:
            yield "branches", "weights", f"The shares add up to {total:g} %; make them 100 %."
        for branch, times in Counter(share.branch for share in config.branches).items():
            if times > 1:
                yield (
                    "branches",
                    "duplicate",
                    f"Two ways out are called “{branch}”; names must differ.",
                )

    def run(self, config: SplitConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        outcome = Outcome(leave={share.branch: [] for share in config.branches})
        for walker in walkers:
            outcome.leave[_branch(config, walker)].append(walker)
        return outcome


def _branch(config: SplitConfig, walker: Walker) -> str:
    place = chance(walker.flow_id, walker.node, walker.contact_id) * WHOLE
    passed = 0.0
    for share in config.branches:
        passed += share.weight
        if place < passed:
            return share.branch
    return config.branches[-1].branch


def chance(flow_id: int, node: str, contact_id: int) -> float:
    """A number in [0, 1) that is always the same for this contact at this node of this flow.

    Examples
    --------
    >>> chance(1, "ab", 7) == chance(1, "ab", 7)
    True
    """
    digest = hashlib.blake2b(f"{flow_id}/{node}/{contact_id}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / _STEPS
