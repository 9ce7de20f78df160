"""The segments of the demo shop, as data: key, name, kind, rule, and why it is there. PURE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audience:
    """One segment."""

    key: str
    name: str
    kind: str
    description: str
    rule: Rule


def _did(name: str, **more: Any) -> Rule:
    return {"type": "event", "name": name, **more}


def _field(field: str, op: str, value: Any = None, **more: Any) -> Rule:
    given = {} if value is None else {"value": value}
    return {"type": "field", "field": field, "op": op, **given, **more}


AUDIENCES: Final = (
    Audience(
        "bought-7-days",
        "Bought in the last 7 days",
        "dynamic",
        "Whoever enters it leaves the flow Abandon cart at once.",
        _did("Order Completed", window={"last": "P7D"}),
    ),
    Audience(
        "abandoned-cart",
        "Abandoned cart",
        "dynamic",
        "Put something into the cart in the last three hours, has not bought since, and can be "
        "written to. In the demo, a minute stands for an hour.",
        {
            "type": "all",
            "rules": [
                _did(
                    "Product Added",
                    window={"last": "PT3H"},
                    not_followed_by={"name": "Order Completed"},
                ),
                _field("email", "set"),
            ],
        },
    ),
    Audience(
        "trial-users",
        "Trial users",
        "dynamic",
        "Tries a membership now.",
        _field("plan", "eq", "trial"),
    ),
    Audience(
        "hot-leads",
        "Hot leads",
        "dynamic",
        "A score above 80: they look, search and come back.",
        _field("score", "gt", 80),
    ),
    Audience(
        "newsletter",
        "Newsletter",
        "dynamic",
        "Has asked for the letter and can be written to.",
        {
            "type": "all",
            "rules": [
                {"type": "consent", "topic": "news", "op": "subscribed"},
                {"type": "reachable", "channel": "email"},
            ],
        },
    ),
    Audience(
        "vip",
        "VIP",
        "growing",
        "Has bought for 500 € or more in all. Once in, they stay.",
        _did("Order Completed", measure={"sum": "total"}, op="gte", value=500),
    ),
    Audience(
        "inactive-14-days",
        "Inactive for 14 days",
        "dynamic",
        "Known, and not seen for two weeks.",
        {
            "type": "all",
            "rules": [_field("email", "set"), _field("last_seen_at", "older_than", "P14D")],
        },
    ),
    Audience(
        "tent-lookers",
        "Looked at tents, bought none",
        "dynamic",
        "Interest from several actions: looked at camping things twice or searched for a tent.",
        {
            "type": "all",
            "rules": [
                {
                    "type": "any",
                    "rules": [
                        _did(
                            "Product Viewed",
                            where=[{"property": "category", "op": "eq", "value": "camping"}],
                            window={"last": "P14D"},
                            value=2,
                        ),
                        _did(
                            "Products Searched",
                            where=[{"property": "query", "op": "contains", "value": "tent"}],
                            window={"last": "P14D"},
                        ),
                    ],
                },
                _did("Order Completed", window={"last": "P14D"}, op="eq", value=0),
            ],
        },
    ),
    Audience(
        "founding-members",
        "Founding members",
        "static",
        "Chosen once, when the demo was filled; changes only by hand.",
        _field("plan", "eq", "paid"),
    ),
)
