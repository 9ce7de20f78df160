"""What a simulation is given and what it answers. Plain data, no IO.

A *scene* is the workspace as the simulation knows it: segments, flows, fields, templates, topics.
The timeline is a sequence of happenings, each a mapping with `at` (an instant, or a duration after
the start such as `PT2H`) and one of

- `event` (a name), with `properties`, and `message_of` (a node: the event speaks of the e-mail that
  this node sent last, as `Email Opened` does),
- `fields` (a mapping; `null` erases; `score` sets the score), `unset` (a list of keys),
- `consents` (topic → `subscribed` or `unsubscribed`),
- `score` (points added or taken),
- `mail` (what becomes of an e-mail that the trial has sent: `flows.trial.mailbox.DEEDS`), with
  `message_of` (a node, or its number in order of sending; the latest if it is not said) and `link`,
- `answers` (node → `next`, `failed` or an HTTP status: how its calls end from then on),
- `add_to_segment`, `remove_from_segment`, `add_to_flow`, `remove_from_flow` (a key).

Things of one instant happen in the order given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from common.errors import Refused
from messaging.rendering import Parts
from segments.rules import EventData, ReachData, ScoreData

Answered = Literal["next", "failed"]
"""How a call to the outside is taken to have ended."""
Answer = Answered | int
"""The same, or the HTTP status that it is taken to have been answered with."""


class TrialRefused(Refused):
    """What was asked for cannot be tried; the sentence says why."""

    default_code = "trial_refused"


@dataclass(frozen=True, slots=True)
class Boundary:
    """How much one simulation may do."""

    happenings: int = 1_000
    span: timedelta = timedelta(days=366)
    steps: int = 5_000
    instants: int = 20_000


@dataclass(frozen=True, slots=True)
class SceneSegment:
    """A segment: `kind` is static, growing or dynamic; a ranked one (`top`) stays as it stands."""

    key: str
    kind: str = "dynamic"
    rule: Any = None
    top: Any = None


@dataclass(frozen=True, slots=True)
class SceneFlow:
    """A flow that is live from the start of the simulation.

    `id` matters to splits alone: they are fixed by flow, node and contact.
    """

    key: str
    graph: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True)
class SceneTopic:
    """A topic; with `opt_in`, silence means no."""

    name: str
    opt_in: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """The workspace.

    Attributes
    ----------
    fields
        Custom fields with their types; values of others register theirs, as they do in life.
    templates
        By key. A missing one is taken for one whose subject and text are its key if `lenient`.
    score_rules
        Rows of rules that give points (`flows.trial.points.PointsRule`).
    """

    segments: Sequence[SceneSegment] = ()
    flows: Sequence[SceneFlow] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, Parts] = field(default_factory=dict)
    topics: Mapping[str, SceneTopic] = field(default_factory=dict)
    score_rules: Sequence[Any] = ()
    zone: str = "UTC"
    workspace: Mapping[str, str] = field(default_factory=dict)
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class SceneContact:
    """The contact as they stand at the start.

    Attributes
    ----------
    fields
        Built-in and custom fields by key; instants as text or aware datetimes.
    segments
        Keys of the segments the contact is in, each with whether by hand.
    as_rules_say
        Whether the contact is, besides, in whatever segments the rules say at the start; that sets
        nothing off.
    held_out
        Keys of segments whose rule is true, and from which the contact was removed by hand.
    visits
        Earlier visits, for rules that ask for them: flow, state, entered_at, left_at.
    awards
        What score rules gave so far (`flows.trial.points.Award`).
    """

    id: int = 1
    fields: Mapping[str, Any] = field(default_factory=dict)
    field_times: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[EventData] = ()
    consents: Mapping[str, str] = field(default_factory=dict)
    scores: Sequence[ScoreData] = ()
    reach: ReachData = field(default_factory=ReachData)
    segments: Mapping[str, bool] = field(default_factory=dict)
    as_rules_say: bool = True
    held_out: Collection[str] = ()
    visits: Sequence[Mapping[str, Any]] = ()
    awards: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class StepTaken:
    """An arrival at a node: `branch` is the way by which it was left, `reason` says why."""

    node: str
    at: datetime
    branch: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class VisitMade:
    """A visit: `outcome` as a visit's state; `at` is when it ended; `until` when the rest ends."""

    path: Sequence[StepTaken]
    outcome: str
    at: datetime | None
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """An e-mail as it would look."""

    at: datetime
    flow: str
    node: str
    to: str
    subject: str
    html: str
    text: str
    status: str
    reason: str
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A call to the outside that would be made; it is taken to have ended as `branch` says."""

    at: datetime
    flow: str
    node: str
    kind: str
    request: Mapping[str, Any]
    branch: str


@dataclass(frozen=True, slots=True)
class Change:
    """A join or a leave of a segment."""

    at: datetime
    change: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """What would happen.

    `visits` and `segments` are by the key of the flow and of the segment; `fields` as they stand at
    the end; `notes` say what was assumed or could not be known.
    """

    visits: Mapping[str, Sequence[VisitMade]]
    messages: Sequence[WrittenMessage]
    segments: Mapping[str, Sequence[Change]]
    calls: Sequence[Called]
    fields: Mapping[str, Any]
    notes: Sequence[str]
