"""Action: an e-mail from a template. Whether it may go out is decided in `messaging`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from flows.nodes.base import (
    NEXT,
    Config,
    Names,
    NodeType,
    Outcome,
    Reference,
    SendEmail,
    Walker,
    World,
)


class SendEmailConfig(Config):
    """`from`: the sender if not the workspace's; `subject`: if not the template's."""

    template: str = Field(min_length=1)
    topic: str | None = None
    from_: str | None = Field(default=None, alias="from", max_length=320)
    subject: str | None = Field(default=None, max_length=500)


class SendEmailNode(NodeType[SendEmailConfig]):
    type = "send_email"
    group = "action"
    icon = "mail-forward"
    title = "Send an e-mail"
    description = "Sends an e-mail, unless the contact has unsubscribed or cannot be reached."
    Config = SendEmailConfig

    def sentence(self, config: SendEmailConfig, names: Names) -> str:
        return f"Send “{names('template', config.template)}”"

    def references(self, config: SendEmailConfig) -> Iterable[Reference]:
        yield Reference("template", config.template, "template")
        if config.topic:
            yield Reference("topic", config.topic, "topic")

    def run(self, config: SendEmailConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        wanted = SendEmail(config.template, config.topic, config.from_, config.subject)
        return Outcome.all_by(NEXT, walkers, wanted)
