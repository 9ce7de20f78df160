"""Failures: parked and told apart, retried and skipped, one, all of a kind, all; nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.permissions import COMMAND
from common.errors import Refused
from common.models import Job
from flows import people
from flows.failures import failure_groups, failures_retry, failures_skip
from flows.lives import flow_pause, flow_resume
from flows.models import Step, Visit
from flows.people import Chosen, people_act, people_job
from messaging.models import Message
from segments.models import Segment
from segments.services import segment_delete
from tests.builders_flows import (
    HOUR,
    MAIL,
    Nodes,
    Stage,
    build_flow,
    build_segment,
    everything_adds_up,
    on,
    redraw,
)

pytestmark = pytest.mark.django_db
ALL = Chosen(everybody=True)

FRAGILE: Nodes = {
    "come": on("Product Added"),
    "note": ("update_fields", {"set": {"note": "{{ trigger.n | divided_by: trigger.by }}"}}),
    "mail": MAIL,
}
FRAGILE_EDGES = ["come next note", "note next mail"]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def fragile(stage: Stage, *names: str) -> None:
    """A flow whose second step fails for these, and not for `fine`."""
    build_flow(nodes=FRAGILE, edges=FRAGILE_EDGES)
    for name in names:
        stage.accepts(name, "Product Added", n=1, by=0)
    stage.accepts("fine", "Product Added", n=1, by=1)
    stage.settle()


def mend(*names: str, stage: Stage) -> None:
    """What made the step fail for these is so no more."""
    ids = [stage.id_of(name) for name in names]
    Visit.objects.filter(contact_id__in=ids).update(trigger={"n": 1, "by": 1})


def test_who_fails_is_parked_with_error_kind_and_instant_and_the_others_go_on(stage: Stage) -> None:
    fragile(stage, "ada", "bob")
    assert stage.states(name="fine") == ["completed"]
    for name in ("ada", "bob"):
        visit = stage.visit(name)
        assert (visit.state, visit.node, visit.failed_at) == ("failed", "note", stage.now)
        assert visit.error
        assert visit.failure
        assert visit.due_at is None
    (group,) = failure_groups("cart")
    assert (group["node"], group["count"]) == ("note", 2)
    assert group["first_at"] == group["last_at"] == stage.now
    everything_adds_up()
