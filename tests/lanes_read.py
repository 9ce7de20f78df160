"""Reads SQL, and says which tables of contacts' rows it asks without naming the lane.

No parser of SQL: it cuts a statement at its parentheses, finds the tables that each piece names,
and looks whether the same piece compares the lane of each. The house's statements need no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LANED = frozenset({
    "contact", "event", "consent", "score_change", "touch",
    "membership", "held_out", "membership_change", "segment_size", "segment_tick", "time_edge",
    "touch_early", "score_award",
    "message", "call",
    "visit", "step", "flow_count", "flow_past", "lane_zone", "flow_timer_lane", "appointment",
    "gathered", "rollout_lane", "lane",
})  # fmt: skip
"""The tables whose rows belong to a lane."""

_TEXT = re.compile(r"'(?:[^']|'')*'|\$\$.*?\$\$", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_TABLE = re.compile(
    r"(?:\b(?P<how>FROM|JOIN|UPDATE|USING|INTO|COPY)|(?P<comma>,))\s+(?:ONLY\s+|LATERAL\s+)?"
    r'"?(?P<table>[a-z_]+)"?(?P<call>\s*\x00)?(?:\s+(?:AS\s+)?"?(?P<alias>[a-z_][a-z_0-9]*)"?)?',
    re.IGNORECASE,
)
_NO_ALIAS = frozenset({
    "where", "set", "on", "using", "join", "left", "inner", "cross", "order", "group", "limit",
    "for", "values", "select", "returning", "union", "full", "right", "natural", "having",
    "window", "offset", "as", "default", "from", "stdin",
})  # fmt: skip


def without_lane(statement: str) -> list[str]:
    """Return the tables that a statement asks without comparing their lane.

    Examples
    --------
    >>> without_lane("SELECT FROM visit v WHERE v.lane = 1 AND v.id = 2")
    []
    >>> without_lane("SELECT FROM visit v JOIN step s ON s.visit_id = v.id WHERE v.lane = 1")
    ['step s']
    """
    plain = _TEXT.sub("''", _COMMENT.sub(" ", statement))
    return [found for piece, whole in _pieces(plain) for found in _faults(piece, whole)]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Each piece between parentheses, what is nested in it cut out, and with it."""
    opened: list[int] = []
    spans: list[tuple[int, int]] = [(0, len(text))]
    for place, sign in enumerate(text):
        if sign == "(":
            opened.append(place + 1)
        elif sign == ")" and opened:
            spans.append((opened.pop(), place))
    for start, end in spans:
        whole = text[start:end]
        depth, kept = 0, []
        for sign in whole:
            depth -= sign == ")"
            if depth == 0:
                kept.append("\x00" if sign == "(" else sign)
            depth += sign == "("
        piece = "".join(kept)
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|COPY)\b", piece, re.IGNORECASE):
            # What stands after a UNION is a statement of its own.
            if "\x00" not in piece or not re.search(r"\bUNION\b", piece, re.IGNORECASE):
                yield piece, whole
            else:
                yield from ((part, whole) for part in re.split(r"(?i)\bUNION(?: ALL)?\b", piece))


def _faults(piece: str, whole: str) -> Iterator[str]:
    asks = re.search(r"\b(FROM|UPDATE|USING|JOIN|INTO|COPY)\b", piece, re.IGNORECASE)
    for match in _TABLE.finditer(piece):
        table = match["table"].lower()
        if table not in LANED or (match["comma"] and not _in_from(piece, match.start())):
            continue
        if match["how"] and match["how"].upper() in ("INTO", "COPY"):
            columns = re.search(rf'\b{table}"?(?:\s+AS\s+\w+)?\s*\(([^()]*)\)', whole)
            if columns is None or not re.search(r"\blane\b", columns[1]):
                yield table
            continue
        alias = match["alias"] or ""
        named = bool(alias) and alias.lower() not in _NO_ALIAS
        if asks and not _compares(whole, alias if named else table, alone=not named):
            yield f"{table} {alias}" if named else table


def _in_from(piece: str, place: int) -> bool:
    """Whether a comma stands in a list of tables."""
    last = None
    for match in re.finditer(
        r"\b(SELECT|FROM|WHERE|SET|ON|RETURNING|GROUP|ORDER|VALUES)\b", piece[:place], re.IGNORECASE
    ):
        last = match[1].upper()
    return last == "FROM"


def _compares(whole: str, name: str, *, alone: bool) -> bool:
    lane = rf'"?\b{name}"?\."?lane\b"?'
    if alone:
        lane = rf'(?:{lane}|(?<![.\w])"?lane\b"?)'
    sides = (
        rf"{lane}\s*(?:=|IN\b)",
        rf"=\s*{lane}",
        rf"\([^()]*{lane}[^()]*\)\s*(?:=|IN\b|NOT IN\b)",
        rf"(?:=|IN)\s*\([^()]*{lane}[^()]*\)",
        r"\bUSING\s*\([^()]*\blane\b",
    )
    return any(re.search(side, whole, re.IGNORECASE) for side in sides)
