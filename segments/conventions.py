"""The naming convention of this workspace: read, changed, and applied to segments' names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from accounts.models import User
from common.errors import Refused
from segments.models import NamingConvention
from segments.naming import SUGGESTED, Part, Template, name_check, template_problems


@dataclass(frozen=True, slots=True)
class Convention:
    """A template and how it is enforced: `off`, `warn` or `refuse`."""

    template: Template = SUGGESTED
    enforce: str = NamingConvention.Enforce.OFF.value


class NameRefused(Refused):
    """A segment's name breaks the convention; `problems` says how."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems[0], code="naming", attr="name")
        self.problems = tuple(problems)


def convention() -> Convention:
    """Return the convention, or the suggested one, not enforced, while nobody has agreed on one."""
    row = NamingConvention.objects.filter(id=1).first()
    if row is None:
        return Convention()
    parts = tuple(Part(**{**part, "choices": tuple(part["choices"])}) for part in row.parts)
    owners = _owners() if any(part.kind == "owner" for part in parts) else frozenset()
    return Convention(Template(parts, row.separator, owners), row.enforce)


def convention_set(*, parts: Sequence[Part], separator: str, enforce: str) -> Convention:
    """Agree on a convention for all segments' names.

    Raises
    ------
    Refused
        If names could not be told apart into these parts.
    """
    template = Template(tuple(parts), separator)
    problems = template_problems(template)
    if problems:
        raise Refused(problems[0], code="invalid", attr="parts")
    rows: list[dict[str, Any]] = [
        {**asdict(part), "choices": list(part.choices)} for part in template.parts
    ]
    NamingConvention.objects.update_or_create(
        id=1, defaults={"parts": rows, "separator": separator, "enforce": enforce}
    )
    return convention()


def name_problems(name: str, agreed: Convention) -> list[str]:
    """Return how a name breaks the convention, in sentences; [] where nobody wants to know."""
    if agreed.enforce == NamingConvention.Enforce.OFF:
        return []
    return list(name_check(name, agreed.template).problems)


def name_allow(name: str) -> None:
    """Let a name pass, unless names that break the convention are refused.

    Raises
    ------
    NameRefused
        If it breaks the convention.
    """
    agreed = convention()
    if agreed.enforce != NamingConvention.Enforce.REFUSE:
        return
    problems = name_problems(name, agreed)
    if problems:
        raise NameRefused(problems)


def _owners() -> frozenset[str]:
    people = User.objects.filter(is_active=True).values_list("name", "email")
    return frozenset(name or email for name, email in people)
