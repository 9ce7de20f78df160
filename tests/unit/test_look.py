"""The look is kept: tokens are those of docs/design.md, readable, and nothing goes past them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "frontend/src"
TOKENS = (SOURCES / "app/tokens.css").read_text()
DESIGN = (ROOT / "docs/design.md").read_text()
SHEETS = sorted(path for path in SOURCES.rglob("*.css") if path.name != "tokens.css")

Tokens = dict[str, str]


def tokens_after(opening: str) -> Tokens:
    """Return the tokens that the block with this beginning sets."""
    start = TOKENS.index(opening)
    block = TOKENS[start : TOKENS.index("}", start)]
    return dict(re.findall(r"(--[\w-]+): ([^;]+);", block))


LIGHT = tokens_after(":root {")
DARK = tokens_after(':root[data-mantine-color-scheme="dark"]')

INKS = ("--ink", "--ink-2", "--ink-3", "--accent", "--bad", "--warn")
READ = (
    *((ink, ground) for ink in INKS for ground in ("--bg", "--panel")),
    *((ink, "--accent-ground") for ink in ("--ink", "--ink-2", "--accent")),
    ("--bad", "--bad-ground"),
    ("--warn", "--warn-ground"),
    ("--on-accent", "--accent"),
    ("--on-accent", "--accent-hover"),
)
TILES = tuple(f"--{group}" for group in ("trigger", "wait", "condition", "action", "end"))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2 of a colour such as `#0b7a75`."""
    values = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(tokens: Tokens, text: str, ground: str) -> float:
    """Return the contrast of two tokens."""
    least, most = sorted((luminance(tokens[text]), luminance(tokens[ground])))
    return (most + 0.05) / (least + 0.05)


def test_dark_is_the_same_whether_the_system_or_a_person_chose_it() -> None:
    assert tokens_after(':root:not([data-mantine-color-scheme="light"])') == DARK


def test_the_design_names_every_colour_and_size_with_its_value() -> None:
    rows = re.findall(r"^\| `(--[\w-]+)` \| `([^`]+)` \|(?: `([^`]+)` \|)?", DESIGN, re.MULTILINE)
    unlisted = re.compile(r"--(shadow|backdrop|ring|font)")
    assert {name for name, _, _ in rows} == {name for name in LIGHT if not unlisted.match(name)}
    assert {name: value for name, value, _ in rows} == {name: LIGHT[name] for name, _, _ in rows}
    in_dark = {name: value for name, _, value in rows if value}
    assert in_dark == {name: DARK[name] for name in in_dark}


@pytest.mark.parametrize("tokens", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
def test_every_text_can_be_read_and_every_tile_told(tokens: Tokens) -> None:
    pale = [pair for pair in READ if contrast(tokens, *pair) < 4.5]
    pale += [
        (tile, f"{tile}-ground") for tile in TILES if contrast(tokens, tile, f"{tile}-ground") < 3
    ]
    assert not pale


REFUSED = {
    "a colour is a token": re.compile(r"#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch)a?\(", re.IGNORECASE),
    "a size of type is a token": re.compile(r"font-size: [\d.]"),
    "a corner of 6, 8, 10 or 12 is a token": re.compile(r"border-radius: (6|8|10|12)px;"),
    "a change takes var(--pace)": re.compile(r"transition: .*\d+m?s\b"),
}
"""What no style sheet but the tokens' own may say, and why."""


def faults(sheet: Path) -> Iterator[str]:
    """Yield the lines of a style sheet that go past the tokens."""
    for number, line in enumerate(sheet.read_text().splitlines(), 1):
        for why, pattern in REFUSED.items():
            if pattern.search(line):
                yield f"{sheet.relative_to(SOURCES)}:{number}: {line.strip()} ({why})"


def test_no_style_sheet_goes_past_the_tokens() -> None:
    assert [fault for sheet in SHEETS for fault in faults(sheet)] == []


def test_every_token_that_is_used_is_there() -> None:
    texts = {sheet.relative_to(SOURCES): sheet.read_text() for sheet in SHEETS}
    own = {name for text in texts.values() for name in re.findall(r"(--[\w-]+):", text)}
    scripts = "".join(path.read_text() for path in SOURCES.rglob("*.tsx"))
    own |= set(re.findall(r"'(--[\w-]+)'", scripts))
    missing = {
        (str(name), token)
        for name, text in texts.items()
        for token in re.findall(r"var\((--[\w-]+)", text)
        if token not in LIGHT and token not in own and not re.match(r"--(mantine|xy)-", token)
    }
    assert missing == set()
