"""What the demo shop sells, and what its visitors search for. PURE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Product:
    """One article. `price` is in euros."""

    sku: str
    name: str
    category: str
    price: float

    @property
    def path(self) -> str:
        """Where the shop shows it."""
        return f"/{self.category}/{self.sku}"

    def properties(self) -> dict[str, Any]:
        """Return what the ecommerce events of Segment's spec say about a product."""
        return {
            "product_id": self.sku,
            "sku": self.sku,
            "name": self.name,
            "category": self.category,
            "price": self.price,
            "currency": "EUR",
        }


PRODUCTS: Final = tuple(
    Product(sku, name, category, price)
    for category, articles in {
        "shoes": (
            ("trail-shoes", "Trail shoes", 129.0),
            ("hiking-boots", "Hiking boots", 189.0),
            ("camp-slippers", "Camp slippers", 39.0),
        ),
        "jackets": (
            ("rain-jacket", "Rain jacket", 189.0),
            ("down-jacket", "Down jacket", 249.0),
            ("wind-vest", "Wind vest", 79.0),
        ),
        "camping": (
            ("tent-two", "Tent for two", 340.0),
            ("sleeping-bag", "Sleeping bag", 160.0),
            ("camp-lamp", "Camp lamp", 24.0),
            ("gas-stove", "Gas stove", 54.0),
            ("enamel-mug", "Enamel mug", 14.0),
        ),
        "packs": (
            ("day-pack", "Day pack", 89.0),
            ("trek-pack", "Trekking pack", 210.0),
            ("hip-bag", "Hip bag", 35.0),
        ),
        "small-things": (
            ("wool-socks", "Wool socks", 12.0),
            ("steel-bottle", "Steel bottle", 29.0),
            ("head-torch", "Head torch", 45.0),
            ("pocket-knife", "Pocket knife", 32.0),
            ("map-case", "Map case", 18.0),
        ),
    }.items()
    for sku, name, price in articles
)

SEARCHES: Final = (
    "waterproof",
    "winter sleeping bag",
    "light tent",
    "vegan boots",
    "gift under 50",
    "women's rain jacket",
    "trail running",
    "ultralight",
)

PLAN_PRICES: Final = {"club": 6.0, "expedition": 15.0}
"""What the shop's membership plans cost a month, in euros."""
