"""Taking a first publishing back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.permissions import COMMAND
from common.errors import Conflict
from flows.lives import flow_publish
from flows.models import Flow, Visit
from flows.unpublishing import flow_unpublish
from tests.builders_flows import Stage, build_flow

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_first_publishing_is_taken_back_with_whoever_came_in() -> None:
    stage = Stage()
    build_flow()
    Flow.objects.get(key="cart").versions.update(published_at=stage.now)
    stage.does("ada", "Product Added")
    flow, ended = flow_unpublish("cart", version=1, actor=COMMAND, now=stage.now)
    assert (flow.status, flow.live_version, ended) == ("draft", None, 1)
    [visit] = Visit.objects.all()
    assert (visit.state, visit.reason) == ("exited", "unpublished")
    stage.does("bob", "Product Added")
    assert Visit.objects.count() == 1
    again = flow_publish("cart", actor=COMMAND, now=stage.now)
    assert again.number == 2
    stage.does("cyd", "Product Added")
    assert Visit.objects.filter(version=again).count() == 1


def test_what_was_published_long_ago_or_is_not_live_is_not_taken_back() -> None:
    stage = Stage()
    build_flow()
    Flow.objects.get(key="cart").versions.update(published_at=stage.now)
    with pytest.raises(Conflict, match="is not live"):
        flow_unpublish("cart", version=2, actor=COMMAND, now=stage.now)
    late = stage.now + timedelta(minutes=3)
    with pytest.raises(Conflict, match="too long ago"):
        flow_unpublish("cart", version=1, actor=COMMAND, now=late)
