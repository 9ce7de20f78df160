"""A flow template put to use: its topics, fields, segments and mails, then the flow as a draft.

What the workspace has already, to the letter, is used again; what it calls by the same key and says
otherwise is left alone, and the new thing gets a free key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db import transaction
from django.utils.text import slugify

from accounts.permissions import Actor
from accounts.services import audit
from common.models import Workspace
from contacts.models import Topic
from contacts.services import field_create, topic_create
from flows.gallery.answers import answers_check, surroundings_now
from flows.gallery.files import flow_template
from flows.gallery.filling import Filled, Mail, filled, renamed
from flows.selectors import known_now
from flows.services import flow_create, plain
from messaging.models import Template
from messaging.services import template_create
from segments.models import Segment
from segments.services import RESERVED, segment_create

LONGEST_KEY: Final = 90
Thing = TypeVar("Thing")


@dataclass(slots=True)
class Used:
    """What came of a template: the key of its flow, and by kind the keys of what goes with it."""

    flow: str = ""
    made: dict[str, list[str]] = field(default_factory=dict)
    reused: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kinds in (self.made, self.reused):
            kinds.update({kind: [] for kind in ("segments", "templates", "topics", "fields")})

    def note(self, kind: str, own: str, key: str, *, new: bool) -> None:
        """Keep under which key a thing of the template stands in the workspace."""
        self.keys[kind, own] = key
        (self.made if new else self.reused)[f"{kind}s"].append(key)


@transaction.atomic
def template_use(
    key: str, answers: Mapping[str, Any], *, name: str = "", actor: Actor, now: datetime
) -> Used:
    """Make a draft of a flow template, with all that it needs.

    Parameters
    ----------
    answers
        By the keys of its questions; what is left out gets the answer that fits the workspace.
    name
        What the flow is called, if not as the template says.

    Raises
    ------
    NotFound
        If there is no such template.
    AnswersRefused
        If answers can't be used; nothing is made then.
    """
    template = flow_template(key)
    # Two that use templates at once take turns, so that they find each other's things.
    Workspace.objects.select_for_update().get()
    checked = answers_check(template, answers, surroundings_now())
    brought = filled(template, checked, settings=known_now().settings)
    used = Used()
    _fields(brought, used, now=now)
    _topics(brought, used)
    _segments(brought, used, now=now)
    _mails(brought.mails, used, now=now)
    ready = brought.under(used.keys)
    flow = flow_create(
        key=None,
        name=name.strip() or ready.name,
        graph=plain(ready.graph),
        settings=plain(ready.settings),
        actor=actor,
        now=now,
    )
    used.flow = flow.key
    detail = {"template": key, "made": used.made}
    audit(actor, "flow.made_from_template", f"flow:{flow.key}", detail, now=now)
    return used


def _fields(brought: Filled, used: Used, *, now: datetime) -> None:
    for key, kind in brought.fields.items():
        used.note("field", key, key, new=field_create(key=key, kind=kind, now=now))


def _topics(brought: Filled, used: Used) -> None:
    there = {topic.key: topic for topic in Topic.objects.all()}
    for said in brought.topics:
        own, opt_in = slugify(said["topic"]), said.get("opt_in", False)

        def same(one: Topic, opt_in: bool = opt_in) -> bool:
            return one.opt_in == opt_in

        key, new = _key_for(own, there, same)
        if new:
            there[key] = topic_create(key=key, name=said["name"], opt_in=opt_in)
        used.note("topic", said["topic"], key, new=new)


def _segments(brought: Filled, used: Used, *, now: datetime) -> None:
    there = {segment.key: segment for segment in Segment.every.all()}
    for said in brought.segments:
        rule, top = renamed(said.get("rule"), used.keys), said.get("top")
        content = (said["kind"], rule, top, False)

        def same(one: Segment, content: tuple[Any, ...] = content) -> bool:
            return (one.kind, one.rule, one.top, one.system) == content

        key, new = _key_for(slugify(said["segment"]), there, same, never=RESERVED)
        if new:
            there[key] = segment_create(
                key=key, name=said["name"], kind=said["kind"], rule=rule, top=top,
                description=said.get("description", ""), now=now,
            )  # fmt: skip
        used.note("segment", said["segment"], key, new=new)


def _mails(mails: Iterable[Mail], used: Used, *, now: datetime) -> None:
    there = {template.key: template for template in Template.objects.all()}
    for mail in mails:
        said = mail.parts.as_dict()

        def same(one: Template, said: Mapping[str, str] = said) -> bool:
            return all(getattr(one, part) == source for part, source in said.items())

        key, new = _key_for(mail.key, there, same)
        if new:
            there[key] = template_create(key=key, name=mail.name, parts=mail.parts, now=now)
        used.note("template", mail.key, key, new=new)


def _key_for(
    own: str,
    there: Mapping[str, Thing],
    same: Callable[[Thing], bool],
    *,
    never: Iterable[str] = (),
) -> tuple[str, bool]:
    """The key of what is there already and says the same, or else a free one; and whether new."""
    base = own[:LONGEST_KEY].strip("-_") or "one"
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, len(there) + 3))
    keys = [key for key in numbered if key not in set(never)]
    found = next((key for key in keys if key in there and same(there[key])), None)
    if found is not None:
        return found, False
    return next(key for key in keys if key not in there), True
