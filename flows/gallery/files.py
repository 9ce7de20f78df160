"""Flow templates as files: what each holds, read and checked. No database.

A file is one YAML document each for the template itself, its topics, its segments (as `manage.py
segment export` writes them), its mails, and last its flow (as `manage.py flow export` does). Where
an answer belongs there stands `$(key)`; `flows.gallery.answers` puts it in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from common.errors import NotFound
from common.yamltext import Document, documents
from flows.code.files import shaped
from segments.code import SegmentInFile

FOLDER: Final = FilePath(__file__).parent / "templates"
GROUPS: Final = ("Shop", "Trials and plans", "Relations", "Sales", "Upkeep")
PLACE: Final = re.compile(r"\$\((\w+)\)")
"""Where an answer belongs."""

AskType = Literal["text", "segment", "field", "event", "duration", "number", "email", "url"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ask(_Strict):
    """One question.

    Attributes
    ----------
    default
        The answer where the workspace has none that fits.
    usual
        Answers in the order in which they are looked for in the workspace: events that were seen,
        fields of `field_type`, values of the field that the question `values_of` is answered by.
    path
        For a `url`: what follows the address of the workspace's site.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    help: str = ""
    type: AskType
    default: Any = None
    required: bool = True
    usual: list[str] = Field(default_factory=list)
    values_of: str | None = None
    field_type: Literal["string", "number", "boolean", "datetime", "list"] | None = None
    path: str | None = None


class Head(_Strict):
    """What a template is, and what it asks."""

    template: str
    name: str
    group: Literal["Shop", "Trials and plans", "Relations", "Sales", "Upkeep"]
    summary: str
    description: str
    enters: str
    stops: str
    goal: str
    hint: str = ""
    asks: list[Ask]


class TopicInFile(_Strict):
    """A topic of the mails."""

    topic: str
    name: str
    opt_in: bool = False


class Button(_Strict):
    """The one thing to click in a mail."""

    words: str
    to: str


class MailInFile(_Strict):
    """A mail; `body` is HTML, put into the layout that all of them share."""

    mail: str
    name: str
    subject: str
    preheader: str
    body: str
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class FlowTemplate:
    """One template as its file says it, with the answers not put in yet."""

    head: Head
    topics: Sequence[Mapping[str, Any]]
    segments: Sequence[Mapping[str, Any]]
    mails: Sequence[Mapping[str, Any]]
    flow: Mapping[str, Any]
    document: Document

    @property
    def key(self) -> str:
        """What it is called in addresses and on the command line."""
        return self.head.template


@cache
def flow_templates() -> Mapping[str, FlowTemplate]:
    """Every template by its key, group by group."""
    found = [template_of(path.read_text("utf-8"), path.name) for path in FOLDER.glob("*.yaml")]
    found.sort(key=lambda one: (GROUPS.index(one.head.group), one.head.name))
    return {one.key: one for one in found}


def flow_template(key: str) -> FlowTemplate:
    """The template of this key.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = flow_templates().get(key)
    if found is None:
        raise NotFound(f"There is no flow template “{key}”.")
    return found


def template_of(text: str, file: str) -> FlowTemplate:
    """Read the file of one template.

    Raises
    ------
    TextRefused
        With the line of the first fault.
    """
    first, *others = documents(text, file=file)
    by_kind: dict[str, list[Mapping[str, Any]]] = {
        "topic": [], "segment": [], "mail": [], "flow": [],
    }  # fmt: skip
    models: Mapping[str, type[BaseModel]] = {
        "topic": TopicInFile, "segment": SegmentInFile, "mail": MailInFile,
    }  # fmt: skip
    flow = first
    for document in others:
        kind = next(iter(document.data))
        if kind not in by_kind:
            raise document.refuse(f"a part of a template is no “{kind}”")
        if kind in models:
            shaped(models[kind], document)
        else:
            flow = document
        by_kind[kind].append(document.data)
    head = shaped(Head, first)
    if len(by_kind["flow"]) != 1:
        raise first.refuse("a template has one flow")
    _places_known(head, first, *others)
    return FlowTemplate(
        head, by_kind["topic"], by_kind["segment"], by_kind["mail"], by_kind["flow"][0], flow
    )


def _places_known(head: Head, *parts: Document) -> None:
    asked = {ask.key for ask in head.asks}
    for document in parts:
        for name in PLACE.findall(str(document.data)):
            if name not in asked:
                raise document.refuse(f"nothing asks for $({name})")
