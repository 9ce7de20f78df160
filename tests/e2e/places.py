"""Every place of the product: each route of the router, its tabs, and what opens there.

The routes and tabs are read from the browser's own code, so that a new one cannot be forgotten:
`test_accessibility.py` refuses one that has no place here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import Page, expect

from tests.e2e.browsing import ROOT

SOURCES = ROOT / "frontend/src"
SCHEMES: Final[tuple[Literal["light"], Literal["dark"]]] = ("light", "dark")
Do = Callable[[Page], object]

NAMED_IN_ADDRESSES = {
    "{flow}": "$key",
    "{draft}": "$key",
    "{segment}": "$key",
    "{template}": "$key",
    "{contact}": "$id",
    "{import}": "$id",
    "{gallery}": "$template",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Somewhere to look: `address` may name things in braces; `do` opens what opens there."""

    name: str
    address: str
    do: Do | None = None
    route: str = ""

    def __post_init__(self) -> None:
        """Work out the route from the address where it is not said."""
        if not self.route:
            path = self.address.partition("?")[0]
            for name, parameter in NAMED_IN_ADDRESSES.items():
                path = path.replace(name, parameter)
            object.__setattr__(self, "route", path)

    @property
    def needs(self) -> frozenset[str]:
        """What must exist for it: "flow", "contact"."""
        return frozenset(re.findall(r"{(\w+)}", self.address))


def routes() -> set[str]:
    """Return every path of the router."""
    text = (SOURCES / "app/router.tsx").read_text()
    return set(re.findall(r"^  path: '([^']+)'", text, re.MULTILINE))


def tabs() -> dict[str, set[str]]:
    """Return the tabs of each route that has some, as their addresses name them."""
    router = (SOURCES / "app/router.tsx").read_text()
    flow = re.search(r"FLOW_TABS = \[([^\]]+)\]", router)
    assert flow is not None
    return {
        "/flows/$key": set(re.findall(r"'(\w+)'", flow[1])),
        "/segments/$key": _values("segments/SegmentEditor.tsx", "value"),
        "/contacts/$id": _values("contacts/ContactPage.tsx", "value"),
        "/settings": _values("settings/SettingsPage.tsx", "tab"),
    }


def _values(path: str, word: str) -> set[str]:
    found = re.findall(rf"{{ {word}: '(\w+)', (?:label|name):", (SOURCES / path).read_text())
    assert found, f"no tabs are found in {path}"
    return set(found)


def _button(name: str, *, exact: bool = True) -> Do:
    return lambda page: page.get_by_role("button", name=name, exact=exact).first.click()


def _pressed(key: str) -> Do:
    def press(page: Page) -> None:
        page.locator(".react-flow__node").first.wait_for()
        page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
        page.keyboard.press(key)

    return press


def _hovered(page: Page) -> None:
    page.get_by_role("row").nth(2).hover()


def _palette(text: str) -> Do:
    def type_it(page: Page) -> None:
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Go to").fill(text)
        expect(page.get_by_role("option").first).to_be_visible()

    return type_it


def _rule_changed(page: Page) -> None:
    """Ask what another kind of segment would change."""
    page.get_by_role("radio", name="Static").click()
    page.get_by_role("button", name="Save…").click()
    expect(page.get_by_role("dialog").get_by_text("in it then")).to_be_visible()


def _step_chosen(page: Page) -> None:
    page.locator(".react-flow__node").nth(1).click()


def _followed(page: Page) -> None:
    """Follow the first of those inside."""
    page.get_by_role("link", name=re.compile("^Follow .* on the canvas$")).first.click()
    page.get_by_role("heading", name=re.compile("^Following ")).wait_for()


def _tabbed(base: str, route: str) -> Iterator[Place]:
    for tab in sorted(tabs()[route]):
        yield Place(name=f"{base}-{tab}", address=f"{_address(base)}?tab={tab}")


def _address(base: str) -> str:
    return {
        "flow": "/flows/{flow}",
        "segment": "/segments/{segment}",
        "contact": "/contacts/{contact}",
        "settings": "/settings",
    }[base]


PLACES: tuple[Place, ...] = (
    Place(name="home", address="/"),
    Place(name="home.palette", address="/", do=_palette("a")),
    Place(name="home.account", address="/", do=_button("Account and appearance")),
    Place(name="flows", address="/flows"),
    Place(name="flows.hover", address="/flows", do=_hovered),
    Place(name="flows.new", address="/flows", do=_button("New flow")),
    Place(name="gallery", address="/flows/templates"),
    Place(name="gallery.none", address="/flows/templates?search=zebra"),
    Place(name="gallery-template", address="/flows/templates/{gallery}"),
    *_tabbed("flow", "/flows/$key"),
    Place(name="flow-live.step", address="/flows/{flow}?tab=live&node={step}"),
    Place(name="flow-live.followed", address="/flows/{flow}?tab=live", do=_followed),
    Place(name="flow-design.step", address="/flows/{flow}?tab=design", do=_step_chosen),
    Place(name="flow-design.keys", address="/flows/{flow}?tab=design", do=_pressed("?")),
    Place(name="flow-design.find", address="/flows/{flow}?tab=design", do=_pressed("Control+f")),
    Place(name="flow-design.draft", address="/flows/{draft}?tab=design"),
    Place(name="flow-design.publish", address="/flows/{draft}?tab=design", do=_button("Publish…")),
    Place(name="flow-try.backtest", address="/flows/{flow}?tab=try&way=backtest"),
    Place(name="flow-people.failed", address="/flows/{flow}?tab=people&outcome=failed"),
    Place(name="segments", address="/segments"),
    Place(name="segments.none", address="/segments?search=zebra"),
    Place(name="segment-new", address="/segments/new", route="/segments/$key"),
    *_tabbed("segment", "/segments/$key"),
    Place(
        name="segment-people.add",
        address="/segments/{segment}?tab=people",
        do=_button("Add people"),
    ),
    Place(name="segment-rule.save", address="/segments/{segment}", do=_rule_changed),
    Place(name="contacts", address="/contacts"),
    Place(name="contacts.none", address="/contacts?search=zebra-quagga"),
    Place(name="contacts.new", address="/contacts", do=_button("New contact")),
    Place(name="imports", address="/contacts/import"),
    Place(name="import", address="/contacts/import/{import}"),
    *_tabbed("contact", "/contacts/$id"),
    Place(name="messages", address="/messages"),
    Place(name="templates", address="/templates"),
    Place(name="templates.new", address="/templates", do=_button("New template")),
    Place(name="template", address="/templates/{template}"),
    *_tabbed("settings", "/settings"),
    Place(name="settings-sources.new", address="/settings?tab=sources", do=_button("New source")),
    Place(name="nowhere", address="/there/is/no/such/page", route="/$"),
)
"""All places behind sign-in. `/login` is before it."""


class Tour:
    """One page that goes from place to place, by links where it can: then little is loaded anew."""

    def __init__(self, page: Page, found: Mapping[str, str | int]) -> None:
        self.page = page
        self.found = found
        self._fresh = True

    def to(self, place: Place, *, fresh: bool = False) -> None:
        """Be at a place, with what it shows loaded."""
        address = place.address.format_map(self.found)
        if fresh or self._fresh:
            self.page.goto(address)
        else:
            self.page.evaluate(_GO_THERE, address)
        settled(self.page)
        # What has been opened there would still be open at the next place.
        self._fresh = place.do is not None
        if place.do:
            place.do(self.page)
            settled(self.page)


_GO_THERE = """async (address) => {
  history.pushState({}, '', address);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""

_QUIET = """() => new Promise((done) => {
  const running = () => document.getAnimations().some(
    (one) => one.playState === 'running' && one.effect?.getComputedTiming().iterations !== Infinity
  );
  const look = (left) => (left && running() ? setTimeout(look, 30, left - 1) : done());
  requestAnimationFrame(() => requestAnimationFrame(() => look(40)));
})"""


def in_scheme(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Have the page drawn light or dark, as the system would ask for it."""
    page.emulate_media(color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
    page.evaluate(_QUIET)


def settled(page: Page) -> None:
    """Wait until the page has what it asked for, and nothing moves to its place any more."""
    expect(page.get_by_role("heading", level=1, include_hidden=True)).to_have_count(1)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate(_QUIET)
