"""Action: an e-mail to the contact's sales rep. Whether there is one is decided in `messaging`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from flows.nodes.base import NEXT, Config, Names, NodeType, NotifyOwner, Outcome, Walker, World
from flows.nodes.texts import is_liquid, liquid_fault, storable

MAX_TEXT = 20_000


class NotifyOwnerConfig(Config):
    """`text` may hold Liquid over the contact; its first line is the subject."""

    text: str = Field(min_length=1, max_length=10_000)


class NotifyOwnerNode(NodeType[NotifyOwnerConfig]):
    type = "notify_owner"
    group = "action"
    icon = "bell-ringing"
    title = "Tell the sales rep"
    description = "Sends an e-mail to the contact's sales rep, if there is one."
    Config = NotifyOwnerConfig

    def sentence(self, config: NotifyOwnerConfig, names: Names) -> str:
        line = " ".join(config.text.split())
        return f"Tell the sales rep “{line if len(line) <= 60 else f'{line[:59]}…'}”"

    def faults(self, config: NotifyOwnerConfig) -> Iterable[tuple[str, str, str]]:
        return liquid_fault("text", config.text)

    def run(self, config: NotifyOwnerConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        if not is_liquid(config.text):
            return Outcome.all_by(NEXT, walkers, NotifyOwner(storable(config.text)))
        outcome = Outcome(leave={NEXT: []})
        rendered = world.render({"text": config.text}, walkers)
        for walker in walkers:
            said = rendered[walker.visit_id]
            if isinstance(said, Exception):
                outcome.failed.append((walker, str(said) or type(said).__name__))
                continue
            text = storable(said["text"])[:MAX_TEXT]
            outcome.leave[NEXT].append(walker)
            outcome.effects.append((NotifyOwner(text), [walker]))
        return outcome
