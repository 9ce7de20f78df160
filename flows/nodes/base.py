"""What a node type is: the contract between a step on the canvas and the engine.

PURE: no Django, no IO, no clock, no randomness. A node receives the visits that stand at it (just
arrived, or woken because a deadline passed or something they wait for happened) and answers with an
`Outcome`: who leaves by which branch, who rests and until when, who ends, who failed, and which
effects are wanted. It never touches the database: what it needs to know it asks of the `World`,
which is PostgreSQL in the engine and plain dicts in a test.

One function serves arrival and waking alike, because a deadline is a function of the arrival, the
config and the contact's data. So a changed config or field moves the deadline with it.
"""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from contacts import reach

NEXT = "next"

Group = Literal["trigger", "wait", "condition", "action", "end"]
Json = Any


class Config(BaseModel):
    """Base of every node's config: unknown keys are refused, so that a typo is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoConfig(Config):
    """The config of a node that needs none."""


@dataclass(slots=True, eq=False)
class Walker:
    """One visit on its way through one flow, in memory for the length of a pass.

    Attributes
    ----------
    visit_id, lane, contact_id
        Which visit, of whom.
    entry_at
        What let the contact in: the trigger event's own instant, or that of the join (UTC).
    entered_at
        The pulse in which the visit began (UTC).
    arrived_at
        When it arrived at the node it stands at (UTC).
    node
        The node it stands at.
    steps
        How many steps it has taken; the number of the next one.
    trigger
        Properties of the event that let it in, or None.
    upto
        Only events with an id up to this one are seen by rules ("as if it had come alone").
    been
        Bit set of plan positions seen in this pass; guards against loops that spend no time.
    fresh
        The visit began in this pass and is not stored yet.
    version_id, flow_id
        The version it walks, of which flow.
    parked
        It has failed: it may be taken out, but not carried.
    """

    visit_id: int
    lane: int
    contact_id: int
    entry_at: datetime
    entered_at: datetime
    arrived_at: datetime
    node: str
    steps: int = 0
    trigger: Mapping[str, Json] | None = None
    upto: int = 2**63 - 1
    been: int = 0
    fresh: bool = False
    version_id: int = 0
    flow_id: int = 0
    parked: bool = False

    def step_at(self) -> datetime:
        """The instant that a window `since: step` counts from (rules.md)."""
        return self.entry_at if self.arrived_at == self.entered_at else self.arrived_at


class BrokenError(ValueError):
    """A step can do nothing for anybody, such as one whose rule names what is no more; why."""


class World(Protocol):
    """What a node may ask. `now` is the instant of the pulse, never the wall clock.

    `zone` is the workspace's time zone, for contacts without one of their own.
    """

    now: datetime
    zone: str

    def fulfils(self, rule: Json, walkers: Sequence[Walker]) -> set[int]:
        """The visit ids among `walkers` whose contact fulfils `rule` now."""

    def next_looks(self, rule: Json, walkers: Sequence[Walker]) -> Mapping[int, datetime]:
        """Per visit id, when time alone may next change the answer; absent where it never does.

        May come too early, never too late: whoever waits for the rule asks it anew then.
        """

    def field_values(
        self, keys: Sequence[str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, Json]]:
        """Per contact id, the present values of these fields (missing ones absent)."""

    def render(
        self, texts: Mapping[str, str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, str] | Exception]:
        """Per visit id, the Liquid `texts` rendered over the contact, or the error it met."""

    def calls_of(self, walkers: Sequence[Walker]) -> Mapping[int, str]:
        """How the calls stand that these visits asked for at the step where they are, by visit id.

        `next` or `failed` once a call has ended so, "" while it is under way; without a call, the
        visit is absent.
        """


@dataclass(frozen=True, slots=True)
class SendEmail:
    """Wanted: an e-mail from this template, once for this visit and step."""

    template: str
    topic: str | None
    from_email: str | None
    subject: str | None


@dataclass(frozen=True, slots=True)
class UpdateFields:
    """Wanted: these fields set, those erased."""

    set: Mapping[str, Json]
    unset: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdjustScore:
    """Wanted: the score changed by so many points."""

    by: float


@dataclass(frozen=True, slots=True)
class SetConsent:
    """Wanted: the contact's choice for a topic."""

    topic: str
    state: str


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Wanted: an event recorded about the contact."""

    name: str
    properties: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ChangeFlow:
    """Wanted: the contact added to, or removed from, another flow."""

    flow: str
    change: Literal["add", "remove"]


@dataclass(frozen=True, slots=True)
class ChangeSegment:
    """Wanted: the contact added to, or removed from, a segment as by hand."""

    segment: str
    change: Literal["add", "remove"]


@dataclass(frozen=True, slots=True)
class CallOut:
    """Wanted: an HTTP call to another system, made once for this visit and step.

    `request` holds method, url, headers, body and timeout (seconds) of a webhook; text of a Slack
    message.
    """

    kind: Literal["webhook", "slack"]
    request: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class NotifyOwner:
    """Wanted: an e-mail to the contact's sales rep, once for this visit and step."""

    text: str


Effect = (
    SendEmail
    | UpdateFields
    | AdjustScore
    | SetConsent
    | RecordEvent
    | ChangeFlow
    | ChangeSegment
    | CallOut
    | NotifyOwner
)

ADDRESSING: Final = frozenset({"email", "timezone", "owner"})
"""Fields by which mail is decided about: an address, the hours of the night, the sales rep."""


def sways_mail(effect: Effect) -> bool:
    """Whether an effect may change what becomes of a mail to the same contact.

    Examples
    --------
    >>> sways_mail(SetConsent("news", "subscribed")), sways_mail(AdjustScore(5))
    (True, False)
    """
    match effect:
        case SetConsent():
            return True
        case UpdateFields():
            return not ADDRESSING.isdisjoint((*effect.set, *effect.unset))
        case RecordEvent():
            return effect.name in reach.TELLING
    return False


Ending = Literal["completed", "converted", "exited"]


@dataclass(slots=True)
class Outcome:
    """What a node decided about a batch. Every walker of the batch is in exactly one list."""

    leave: dict[str, list[Walker]] = field(default_factory=dict)
    rest: list[tuple[Walker, datetime | None]] = field(default_factory=list)
    end: list[tuple[Walker, Ending, str]] = field(default_factory=list)
    failed: list[tuple[Walker, str]] = field(default_factory=list)
    effects: list[tuple[Effect, list[Walker]]] = field(default_factory=list)

    @classmethod
    def all_by(cls, branch: str, walkers: Sequence[Walker], *effects: Effect) -> Outcome:
        """Everybody leaves by one branch, each with these effects."""
        everybody = list(walkers)
        return cls(leave={branch: everybody}, effects=[(effect, everybody) for effect in effects])


@dataclass(frozen=True, slots=True)
class Reference:
    """A thing of another kind that a config names, and the config field that names it."""

    kind: Literal["segment", "template", "field", "topic", "flow", "setting"]
    key: str
    field: str


Names = Callable[[str, str], str]
"""`names(kind, key)` gives the name a person knows a thing by."""


def plain_names(kind: str, key: str) -> str:
    """The names when nothing is known about the workspace: the keys themselves."""
    return key


C = TypeVar("C", bound=Config)


class NodeType(ABC, Generic[C]):
    """A kind of step. One subclass per file, listed literally in `flows.nodes`."""

    type: ClassVar[str]
    group: ClassVar[Group]
    icon: ClassVar[str]
    title: ClassVar[str]
    description: ClassVar[str]
    awaits_call: ClassVar[bool] = False
    """Whether a visit rests here until a call it asked for has ended."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Config fields (names with values) whose values are shown only to who may edit."""
    Config: builtins.type[C]

    def branches(self, config: C) -> tuple[str, ...]:
        """The ways out, in the order in which the canvas shows them."""
        return (NEXT,)

    @abstractmethod
    def sentence(self, config: C, names: Names) -> str:
        """What the node does, in one sentence a person can read aloud."""

    def references(self, config: C) -> Iterable[Reference]:
        """What the config names that must exist when the flow is published."""
        return ()

    def rules(self, config: C) -> Mapping[str, Json]:
        """The rules in the config, by the config field that holds each."""
        return {}

    def listens_to_rule(self, config: C) -> Json | None:
        """A rule that may free a resting visit the moment data make it true."""
        return None

    def asks_fields(self, config: C) -> tuple[str, ...]:
        """Fields on which a resting visit's deadline depends."""
        return ()

    def misfits(self, config: C, fields: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
        """Faults that only the workspace's fields with their types show: as `faults`."""
        return ()

    def faults(self, config: C) -> Iterable[tuple[str, str, str]]:
        """Faults the schema cannot state: (config field, code, sentence)."""
        return ()

    @abstractmethod
    def run(self, config: C, walkers: Sequence[Walker], world: World) -> Outcome:
        """Decide about the visits that stand at this node now."""


class Trigger(NodeType[C]):
    """A node that lets contacts in: it hands everybody on."""

    group = "trigger"

    def run(self, config: C, walkers: Sequence[Walker], world: World) -> Outcome:
        return Outcome.all_by(NEXT, walkers)


class Wait(NodeType[C]):
    """A node at which time passes; every loop of a flow must go through one."""

    group = "wait"


def rest_or_leave(
    walkers: Sequence[Walker],
    deadline: Callable[[Walker], datetime],
    now: datetime,
    *,
    branch: str = NEXT,
) -> Outcome:
    """Leave by `branch` once the deadline has come, else rest until it."""
    leaving: list[Walker] = []
    resting: list[tuple[Walker, datetime | None]] = []
    for walker in walkers:
        due = deadline(walker)
        if due <= now:
            leaving.append(walker)
        else:
            resting.append((walker, due))
    return Outcome(leave={branch: leaving}, rest=resting)
