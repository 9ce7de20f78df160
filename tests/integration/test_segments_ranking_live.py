"""Ranked segments beside the running engine: flows they let into, segments that ask for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from segments.builds import segment_build
from segments.models import Segment
from segments.ranking import rankings_refresh
from segments.selectors import builds_open, sizes_recounted
from segments.services import segment_create, segment_delete
from tests.builders_flows import HOUR, Stage, build_flow, build_segment, everything_adds_up
from tests.segment_making import members

pytestmark = pytest.mark.django_db

EVERYONE = {"type": "everyone"}


def ranked(stage: Stage, key: str, limit: int) -> Segment:
    segment = segment_create(
        key=key, name=key, kind="dynamic", rule=EVERYONE, top={"by": "seats", "limit": limit},
        now=stage.now,
    )  # fmt: skip
    segment_build(builds_open([key])[key], segment.id, clock=lambda: stage.now)
    return segment


def test_rising_into_the_first_lets_into_a_flow_and_falling_out_of_them_leads_out() -> None:
    stage = Stage()
    ada, bob = stage.contact("ada", seats=10), stage.contact("bob", seats=20)
    ranked(stage, "best", 1)
    nodes = {"in": ("segment_entered", {"segment": "best"}), "hour": HOUR}
    settings = {"exit_when": [{"type": "segment_left", "segment": "best"}]}
    build_flow("hello", nodes, ["in next hour"], settings=settings, now=stage.now)
    stage.settle()
    stage.sets("ada", seats=30)
    assert (members("best"), stage.visits("hello")) == ({bob}, [])
    stage.now += timedelta(minutes=5)
    rankings_refresh(now=stage.now)
    stage.settle()
    assert (members("best"), stage.states("hello")) == ({ada}, ["inside"])
    stage.sets("ada", seats=5)
    stage.now += timedelta(minutes=5)
    rankings_refresh(now=stage.now)
    stage.settle()
    assert (members("best"), stage.states("hello", "ada")) == ({bob}, ["exited"])
    assert stage.states("hello", "bob") == ["inside"]
    everything_adds_up()


def test_segments_follow_a_ranked_one_and_it_follows_them() -> None:
    stage = Stage()
    ada, bob, eve = (stage.contact(name, seats=n) for n, name in enumerate(("ada", "bob", "eve")))
    ranked(stage, "best", 2)
    build_segment("rest", {"type": "segment", "segment": "best", "op": "not_in"})
    stage.settle()
    assert members("rest") == {ada}
    stage.sets("ada", seats=9)
    stage.now += timedelta(minutes=5)
    rankings_refresh(now=stage.now)
    stage.settle()
    assert (members("best"), members("rest")) == ({ada, eve}, {bob})
    assert sizes_recounted() == []


def test_a_ranked_segment_that_is_deleted_or_whose_contact_is_gone_hurts_nobody() -> None:
    stage = Stage()
    stage.contact("ada", seats=1)
    segment = ranked(stage, "best", 2)
    segment_delete("best")
    stage.now += timedelta(minutes=5)
    assert rankings_refresh(now=stage.now) == []
    stage.settle()
    assert not Segment.objects.filter(id=segment.id).exists()
