"""Named queries: how a room's SQL file is cut up, and what is refused."""

import pytest
from django.conf import settings

from common.sql import QueriesBroken, parse_queries, queries

FILE = """-- The queries of a room.

-- name: take_touches
-- The oldest touched contacts: 100% of them. Index: touch (lane, id).
SELECT id -- in order
FROM touch WHERE lane = ANY(%(lanes)s);

-- name: count_2
  -- How many.
SELECT count(*) FROM touch
"""


def test_each_name_has_its_statement_without_the_prose() -> None:
    assert parse_queries(FILE) == {
        "take_touches": (
            "/* take_touches */ SELECT id -- in order\nFROM touch WHERE lane = ANY(%(lanes)s)"
        ),
        "count_2": "/* count_2 */ SELECT count(*) FROM touch",
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT 1", "before the first"),
        ("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2", "twice"),
        ("-- name: a\n-- only words\n", "no statement"),
    ],
)
def test_a_malformed_file_is_refused(text: str, why: str) -> None:
    with pytest.raises(QueriesBroken, match=why):
        parse_queries(text)


def test_a_room_without_queries_is_refused() -> None:
    with pytest.raises(QueriesBroken, match="has no sql/"):
        queries("nowhere")


@pytest.mark.parametrize("room", settings.ROOMS)
def test_every_queries_file_of_the_product_can_be_read(room: str) -> None:
    for path in (settings.BASE_DIR / room / "sql").glob("*.sql"):
        assert queries(room, path.stem)
