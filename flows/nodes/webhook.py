"""Action: an HTTP call to another system; the contact rests here until it has ended.

The call itself is made by a job (`messaging.calling`), never here. It is named by the visit and the
step, so being asked for twice makes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, field_validator

from common.durations import parse_duration
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
from messaging.addresses import (
    MAX_URL,
    AddressRefusedError,
    address_checked,
    header_fault,
    is_private,
)

FAILED = "failed"
MAX_BODY = 100_000
"""Characters of a body, as written and as rendered."""
SHORTEST, LONGEST = 1.0, 30.0
"""Seconds that a timeout may be."""


class WebhookConfig(Config):
    """`url` (after the host), `headers` and `body` may hold Liquid over contact and trigger."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    url: str = Field(min_length=1, max_length=MAX_URL)
    headers: dict[str, str] = Field(default_factory=dict, max_length=50)
    body: str = Field(default="", max_length=MAX_BODY)
    timeout: str = "PT10S"

    @field_validator("timeout")
    @classmethod
    def _is_short(cls, value: str) -> str:
        if not SHORTEST <= parse_duration(value).total_seconds() <= LONGEST:
            raise ValueError("A call may take 1 to 30 seconds.")
        return value

    def seconds(self) -> float:
        """How long one try may take."""
        return parse_duration(self.timeout).total_seconds()


class Webhook(NodeType[WebhookConfig]):
    type = "webhook"
    group = "action"
    icon = "webhook"
    title = "Call a web address"
    description = "Calls another system, tries again if that fails, and goes on by how it ended."
    awaits_call = True
    secrets = ("headers",)
    Config = WebhookConfig

    def branches(self, config: WebhookConfig) -> tuple[str, ...]:
        return (NEXT, FAILED)

    def sentence(self, config: WebhookConfig, names: Names) -> str:
        return f"Call {config.method} {config.url.partition('?')[0]}"

    def references(self, config: WebhookConfig) -> Iterable[Reference]:
        if is_private(config.url):
            yield Reference("setting", "private_webhooks", "url")

    def faults(self, config: WebhookConfig) -> Iterable[tuple[str, str, str]]:
        try:
            address_checked(config.url, may_hold_liquid=True)
        except AddressRefusedError as refused:
            yield "url", refused.code, str(refused)
        for name, value in config.headers.items():
            fault = header_fault(name, value)
            if fault:
                yield "headers", "invalid", fault
        yield from liquid_fault("url", config.url)
        yield from liquid_fault("body", config.body)
        for name, value in config.headers.items():
            yield from liquid_fault("headers", value, f"{name}: ")

    def run(self, config: WebhookConfig, walkers: Sequence[Walker], world: World) -> Outcome:
        outcome = Outcome(leave={NEXT: [], FAILED: []})
        stand = world.calls_of([walker for walker in walkers if not walker.fresh])
        asking: list[Walker] = []
        for walker in walkers:
            branch = stand.get(walker.visit_id)
            if branch is None:
                asking.append(walker)
            elif branch == "":
                outcome.rest.append((walker, None))
            else:
                outcome.leave[branch].append(walker)
        if asking:
            self._ask(config, asking, world, outcome)
        return outcome

    def _ask(
        self, config: WebhookConfig, walkers: list[Walker], world: World, outcome: Outcome
    ) -> None:
        texts = {"url": config.url, "body": config.body}
        texts |= {f"header {name}": value for name, value in config.headers.items()}
        liquid = {name: text for name, text in texts.items() if is_liquid(text)}
        if not liquid:
            outcome.rest += [(walker, None) for walker in walkers]
            outcome.effects.append((CallOut("webhook", _request(config, {})), walkers))
            return
        rendered = world.render(liquid, walkers)
        for walker in walkers:
            said = rendered[walker.visit_id]
            if isinstance(said, Exception):
                outcome.failed.append((walker, str(said) or type(said).__name__))
                continue
            try:
                request = _request(config, said)
            except ValueError as refused:
                outcome.failed.append((walker, str(refused)))
                continue
            outcome.rest.append((walker, None))
            outcome.effects.append((CallOut("webhook", request), [walker]))


def _request(config: WebhookConfig, rendered: Mapping[str, str]) -> dict[str, Any]:
    """The request as it will be made.

    Raises
    ------
    ValueError
        With a sentence, if what was rendered makes no request.
    """
    url = storable(rendered.get("url", config.url)).strip()
    address_checked(url, may_hold_liquid=False)
    headers = {
        name: storable(rendered.get(f"header {name}", value)).strip()
        for name, value in config.headers.items()
    }
    for name, value in headers.items():
        fault = header_fault(name, value)
        if fault:
            raise ValueError(fault)
    body = storable(rendered.get("body", config.body))
    if len(body) > MAX_BODY:
        raise ValueError(f"The body is longer than {MAX_BODY:,} characters for this contact.")
    return {
        "method": config.method,
        "url": url,
        "headers": headers,
        "body": body,
        "timeout": config.seconds(),
    }
