"""Cells of a CSV that a spreadsheet may open."""

from __future__ import annotations

import re

_RUNS = re.compile(r"[=+\-@\t\r]")
_HARMLESS = re.compile(r"[+-][\d .,()/-]*")


def defused(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula.

    Examples
    --------
    >>> defused("=1+1"), defused("+49 30 123"), defused("-5")
    ("'=1+1", '+49 30 123', '-5')
    """
    return f"'{cell}" if _RUNS.match(cell) and not _HARMLESS.fullmatch(cell) else cell
