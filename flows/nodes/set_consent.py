"""Action: the contact's choice for a topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    Config,
    Names,
    NodeType,
    Outcome,
    Reference,
    SetConsent,
    Walker,
    World,
)


class SetConsentConfig(Config):
    """`topic` and what the contact is taken to have chosen for it."""

    topic: str = Field(min_length=1)
    state: Literal["subscribed", "unsubscribed"] = "subscribed"


class SetConsentNode(NodeType[SetConsentConfig]):
    type = "set_consent"
    group = "action"
    icon = "checkbox"
    title = "Set a consent"
    description = "Subscribes the contact to a topic, or unsubscribes them."
    Config = SetConsentConfig

    def sentence(self, config: SetConsentConfig, names: Names) -> str:
        verb = "Subscribe to" if config.state == "subscribed" else "Unsubscribe from"
        return f"{verb} {names('topic', config.topic)}"

    def references(self, config: SetConsentConfig) -> Iterable[Reference]:
        return (Reference("topic", config.topic, "topic"),)

    def run(self, config: SetConsentConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        return Outcome.all_by(NEXT, walkers, SetConsent(config.topic, config.state))
