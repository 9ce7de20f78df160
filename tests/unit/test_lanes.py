"""Lanes: every contact has one, and it never changes."""

from hypothesis import given
from hypothesis import strategies as st

from common.lanes import LANES, by_lane, lane_of

ids = st.integers(1, 2**63 - 1)


@given(ids)
def test_a_lane_is_a_small_number(contact_id: int) -> None:
    assert 0 <= lane_of(contact_id) < LANES == 64


@given(st.lists(ids, unique=True))
def test_grouping_by_lane_loses_nobody(contact_ids: list[int]) -> None:
    grouped = by_lane(contact_ids)
    assert list(grouped) == sorted(grouped)
    assert sorted(i for lane in grouped.values() for i in lane) == sorted(contact_ids)
    assert all(lane_of(i) == lane for lane, members in grouped.items() for i in members)
