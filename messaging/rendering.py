"""Liquid: what a template says to one contact.

PURE: no Django, no IO, no clock; `context["now"]` is the instant of the rendering. A name that
nothing is known by fails the rendering (a typing error must not reach a thousand people as a gap),
a known field without a value is empty. Only HTML is escaped.

Limits, because a template is written by people: its length, its loops, its output, its nesting,
and what its filters may handle (`messaging.filters`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from liquid import DebugUndefined, DictLoader, Environment, FalsyStrictUndefined, Undefined
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from messaging.contexts import contact_values, context_of
from messaging.filters import ODD, guarded, rendering_budget
from messaging.markup import complete, inline_styles, text_of
from messaging.source import SourceError, line_of_broken, tags

MAX_SOURCE: Mapping[str, int] = {
    "subject": 1_000,
    "preheader": 1_000,
    "html": 200_000,
    "text": 100_000,
}
"""Characters that each part of a template may have."""
MAX_SUBJECT = 500
"""Characters of a subject once rendered; the rest is cut off."""
_MAX_OTHER = 10_000

Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """The sources of a template, in Liquid."""

    subject: str = ""
    preheader: str = ""
    html: str = ""
    text: str = ""

    def as_dict(self) -> dict[str, str]:
        """Part → source."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one contact reads. `html` is empty for a template of text alone."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a template, and where. `line` counts from 1."""

    part: str
    line: int
    code: str
    sentence: str


class RenderingError(Exception):
    """A template says nothing sensible to a contact; the sentence tells why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


class _Environment(Environment):
    block_nesting_limit: ClassVar[int] = 20
    context_depth_limit: ClassVar[int] = 20
    loop_iteration_limit: ClassVar[int | None] = 5_000
    local_namespace_limit: ClassVar[int | None] = 200_000
    output_stream_limit: ClassVar[int | None] = 500_000


def _environment(*, html: bool, undefined: type[Undefined]) -> Environment:
    made = _Environment(autoescape=html, undefined=undefined, loader=DictLoader({}))
    made.filters = guarded(made.filters)
    for tag in ("include", "render"):
        del made.tags[tag]
    return made


_ENVIRONMENTS = {
    (html, draft): _environment(
        html=html, undefined=DebugUndefined if draft else FalsyStrictUndefined
    )
    for html in (False, True)
    for draft in (False, True)
}


def faults(parts: Parts) -> list[Fault]:
    """Return what is wrong with a template as it is written: at most one fault per part."""
    return [
        fault
        for part, source in parts.as_dict().items()
        if (fault := source_fault(source, part=part)) is not None
    ]


def source_fault(source: str, *, part: str = "text") -> Fault | None:
    r"""Return what is wrong with one Liquid text as it is written, if anything is.

    Examples
    --------
    >>> source_fault("Hi {{ first_name }}") is None
    True
    >>> source_fault("Hi\n{% if %}").sentence
    'Line 2: missing expression'
    """
    limit = MAX_SOURCE.get(part, _MAX_OTHER)
    if len(source) > limit:
        return Fault(part, 1, "too_long", f"This is longer than {limit:,} characters.")
    try:
        template = _parse(source, part == "html", False)
        known = _ENVIRONMENTS[False, False].filters
        for name, spans in template.analyze().filters.items():
            if name not in known:
                line = spans[0].line_col(source)[0] if spans else 1
                return Fault(part, line, "liquid", f"Line {line}: there is no filter {name!r}")
    except (LiquidError, SourceError, RecursionError) as error:
        return _fault(part, source, error)
    return None


def render(parts: Parts, context: Context) -> Rendered:
    """Return what the template says to the contact of this context.

    Raises
    ------
    RenderingError
        If it can't be rendered, or says nothing.

    Examples
    --------
    >>> render(Parts(subject="Hi {{ name }}", text="{{ name }}!"), {"name": "A & B"}).subject
    'Hi A & B'
    """
    return _render(parts, context, draft=False)


def preview(parts: Parts, context: Context) -> tuple[Rendered, list[Fault]]:
    """Return what a draft says, with unknown names shown in place, and what would fail in sending.

    A part that can't be rendered at all is empty.
    """
    problems: list[Fault] = []
    shown: dict[str, str] = {}
    for part, source in parts.as_dict().items():
        shown[part] = ""
        problem = source_fault(source, part=part)
        if problem is None:
            for draft in (True, False):
                try:
                    text = _part(part, source, context, draft=draft)
                except RenderingError as failed:
                    problem = failed.fault
                else:
                    shown[part] = shown[part] or text
        if problem is not None:
            problems.append(problem)
    if not (parts.html.strip() or parts.text.strip()):
        problems.append(Fault("html", 1, "empty", "The template has neither HTML nor text."))
    if not parts.subject.strip():
        problems.append(Fault("subject", 1, "empty", "The subject is empty."))
    return _assembled(shown, context), problems


def render_text(source: str, context: Context) -> str:
    """Render one Liquid text that is no HTML, such as a field's new value.

    Raises
    ------
    RenderingError
        With a sentence, if it can't be rendered for this contact.
    """
    return _part("text", source, context, draft=False)


def render_texts(
    texts: Mapping[str, str],
    *,
    fields: Context,
    trigger: Context | None,
    known: Iterable[str] = (),
    now: datetime | None = None,
) -> dict[str, str] | Exception:
    """Render several short Liquid texts over one contact, or return the error the first met.

    Parameters
    ----------
    fields
        The contact's fields, by key; `known` are those that it may lack without an error.
    trigger
        Properties of the event that let the visit in, if one did.
    now
        The instant that `"now" | date` speaks of.

    Examples
    --------
    >>> render_texts({"hi": "Hi {{ first_name }}"}, fields={"first_name": "Ada"}, trigger=None)
    {'hi': 'Hi Ada'}
    """
    said = context_of(contact=contact_values(fields, known=known), trigger=trigger, now=now)
    try:
        return {name: render_text(source, said) for name, source in texts.items()}
    except RenderingError as failure:
        return failure


def _render(parts: Parts, context: Context, *, draft: bool) -> Rendered:
    shown = {
        part: _part(part, source, context, draft=draft) for part, source in parts.as_dict().items()
    }
    rendered = _assembled(shown, context)
    if not rendered.subject:
        raise RenderingError(Fault("subject", 1, "empty", "The subject is empty."))
    if not (shown["html"].strip() or shown["text"].strip()):
        raise RenderingError(
            Fault("html", 1, "empty", "The template has neither HTML nor text for this contact.")
        )
    return rendered


def _assembled(shown: Mapping[str, str], context: Context) -> Rendered:
    """Make whole mails of the rendered parts: one subject line, text beside HTML, a way out."""
    subject = " ".join(shown["subject"].split())[:MAX_SUBJECT]
    way_out = str(context.get("unsubscribe_url", ""))
    address = str((context.get("workspace") or {}).get("postal_address") or "")
    html = shown["html"]
    text = shown["text"].strip() or text_of(html)
    if way_out and way_out not in text:
        text = f"{text}\n\n-- \nUnsubscribe: {way_out}"
        text = f"{text}\n{address}" if address else text
    if html.strip():
        html = complete(
            html,
            preheader=shown["preheader"],
            way_out="" if way_out in html else way_out,
            address=address,
        )
        html = inline_styles(html)
    else:
        html = ""
    return Rendered(subject, html, text.strip() + "\n")


def _part(part: str, source: str, context: Context, *, draft: bool) -> str:
    if "{" not in source:
        return source
    try:
        with rendering_budget():
            return _parse(source, part == "html", draft).render(**context)
    except (LiquidError, *ODD) as error:
        raise RenderingError(_fault(part, source, error)) from error


@lru_cache(maxsize=512)
def _parse(source: str, html: bool, draft: bool) -> BoundTemplate:
    if len(source) > MAX_SOURCE["html"]:
        raise SourceError(1, "this is too long")
    for _tag in tags(source):
        pass  # only looking whether they can be told apart: see messaging.source
    return _ENVIRONMENTS[html, draft].from_string(source)


def _fault(part: str, source: str, error: Exception) -> Fault:
    if isinstance(error, LiquidError):
        where = error.context()
        line = where[0] if where else line_of_broken(source, _reads)
        detail = str(error.message)
    elif isinstance(error, SourceError):
        line, detail = error.line, str(error)
    else:
        line, detail = 1, str(error) or "this is nested too deeply"
    return Fault(part, line, "liquid", f"Line {line}: {detail}")


def _reads(piece: str) -> bool:
    try:
        _ENVIRONMENTS[False, False].from_string(piece)
    except LiquidError:
        return False
    return True
