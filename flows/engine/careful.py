"""The careful world: the database's troubles become the troubles of single visits.

A pulse that fails is done again with this world between the nodes and PostgreSQL. Each question and
each effect has a savepoint of its own; what the database refuses comes back as an error that
`carry` understands, so that it halves the set and parks those at fault where they stand. Everybody
else goes on. It costs two statements more for each question, which is why it is not always so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from django.db import InterfaceError, OperationalError, transaction

from common.errors import NotFound
from flows.engine.carry import ActingWorld, CannotApplyError
from flows.nodes.base import BrokenError, Effect, Walker

Answer = TypeVar("Answer")


class UnanswerableError(ValueError):
    """The world cannot say: for at least one of those it was asked about."""


class CarefulWorld:
    """Another world, each question and effect in a savepoint of its own."""

    def __init__(self, world: ActingWorld) -> None:
        self._world = world

    @classmethod
    def around(cls, world: ActingWorld) -> ActingWorld:
        """A careful world around another one; it answers whatever that one answers."""
        return cast(ActingWorld, cls(world))

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._world, name)
        return _guarded(value) if callable(value) else value

    def render(
        self, texts: Mapping[str, str], walkers: Sequence[Walker]
    ) -> Mapping[int, Mapping[str, str] | Exception]:
        """As the other world; a text that no database can hold is an error of its contact."""
        found = _guarded(self._world.render)(texts, walkers)
        return {visit_id: _storable(said) for visit_id, said in found.items()}

    def apply(self, effects: Sequence[tuple[Effect, Sequence[Walker]]]) -> None:
        """All of it, or nothing and `CannotApplyError`."""
        try:
            with transaction.atomic():
                self._world.apply(effects)
        except (OperationalError, InterfaceError, NotFound):
            raise
        except Exception as trouble:
            raise CannotApplyError(f"{type(trouble).__name__}: {trouble}") from trouble


def _guarded(ask: Callable[..., Answer]) -> Callable[..., Answer]:
    def asked(*args: Any, **kwargs: Any) -> Answer:
        try:
            with transaction.atomic():
                return ask(*args, **kwargs)
        except (OperationalError, InterfaceError, BrokenError):
            raise  # the database is at fault, or the step itself, and no visit
        except Exception as trouble:
            raise UnanswerableError(f"{type(trouble).__name__}: {trouble}") from trouble

    return asked


def _storable(said: Mapping[str, str] | Exception) -> Mapping[str, str] | Exception:
    if isinstance(said, Exception):
        return said
    if any("\0" in text for text in said.values()):
        return ValueError("a text holds a character that cannot be stored")
    return said
