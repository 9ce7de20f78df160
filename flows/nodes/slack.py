"""Action: a message to the workspace's Slack; the contact goes on at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    CallOut,
    Config,
    Names,
    NodeType,
    Outcome,
    Reference,
    Walker,
    World,
)
from flows.nodes.texts import is_liquid, liquid_fault, storable

MAX_TEXT = 4_000
"""Characters of a message that Slack shows well; the rest is cut off."""


class SlackConfig(Config):
    """`text` may hold Liquid over the contact."""

    text: str = Field(min_length=1, max_length=10_000)


class Slack(NodeType[SlackConfig]):
    type = "slack"
    group = "action"
    icon = "brand-slack"
    title = "Tell Slack"
    description = "Posts a message to the workspace's Slack channel."
    Config = SlackConfig

    def sentence(self, config: SlackConfig, names: Names) -> str:
        return f"Tell Slack “{_short(config.text)}”"

    def references(self, config: SlackConfig) -> Iterable[Reference]:
        yield Reference("setting", "slack_webhook", "text")

    def faults(self, config: SlackConfig) -> Iterable[tuple[str, str, str]]:
        return liquid_fault("text", config.text)

    def run(self, config: SlackConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        if not is_liquid(config.text):
            return Outcome.all_by(NEXT, walkers, _message(config.text))
        outcome = Outcome(leave={NEXT: []})
        rendered = world.render({"text": config.text}, walkers)
        for walker in walkers:
            said = rendered[walker.visit_id]
            if isinstance(said, Exception):
                outcome.failed.append((walker, str(said) or type(said).__name__))
                continue
            outcome.leave[NEXT].append(walker)
            outcome.effects.append((_message(said["text"]), [walker]))
        return outcome


def _message(text: str) -> CallOut:
    return CallOut("slack", {"text": storable(text).strip()[:MAX_TEXT] or "(an empty message)"})


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
