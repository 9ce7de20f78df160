"""Workers in processes of their own, on the test's database, for tests that kill them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections


@pytest.fixture
def processes() -> Iterator[Callable[..., Any]]:
    """Start workers in processes of their own; those left over are ended."""
    context = multiprocessing.get_context("fork")
    started: list[Any] = []

    def start(target: Callable[..., None], *args: Any) -> Any:
        settings = dict(connection.settings_dict)
        connections.close_all()
        process = context.Process(target=_on_its_own, args=(settings, target, *args))
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        if process.is_alive():
            process.kill()
        process.join(10)


def _on_its_own(settings: dict[str, Any], target: Callable[..., None], *args: Any) -> None:
    connections["default"].settings_dict.update(settings)
    target(*args)
    connections.close_all()
