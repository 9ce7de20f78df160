"""Trigger: a person, a program or another flow adds contacts."""

from __future__ import annotations

from flows.nodes.base import Names, NoConfig, Trigger


class Manual(Trigger[NoConfig]):
    type = "manual"
    icon = "hand-finger"
    title = "Added by hand"
    description = "Lets in whom a person, the API or another flow adds."
    Config = NoConfig

    def sentence(self, config: NoConfig, names: Names) -> str:
        return "Added by hand or by another flow"
