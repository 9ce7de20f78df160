"""Workers take a fair share of the lanes each, going round, and nobody's lane is forgotten."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.permissions import COMMAND
from common.lanes import LANES
from contacts.models import Touch
from flows.engine import worker
from flows.engine.pulse import pulse
from flows.engine.worker import Engine
from flows.models import Visit
from flows.services import contacts_add
from tests.builders import NOW
from tests.builders_flows import build_contacts, build_flow

pytestmark = pytest.mark.django_db
WAIT = {"in": ("manual", {}), "wait": ("wait", {"for": "P1D"})}


def everybody_asked_in(n: int = 128) -> None:
    ids = build_contacts(n)
    build_flow("walk", WAIT, ["in next wait"])
    for start in range(0, n, 64):
        contacts_add("walk", ids[start : start + 64], actor=COMMAND, now=NOW)


def test_a_pulse_takes_its_share_from_where_it_is_told_and_round() -> None:
    everybody_asked_in()
    tally, _changed, book = pulse(None, now=NOW, share=4, first=62)
    assert set(Visit.objects.values_list("lane", flat=True)) == {62, 63, 0, 1}
    assert (tally.lanes, tally.last_lane, tally.more) == (4, 1, True)
    tally, _changed, _book = pulse(book, now=NOW, share=LANES)
    assert (tally.lanes, tally.more) == (60, False)
    assert Visit.objects.count() == 128


def test_a_worker_goes_round_until_all_lanes_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_asked_in()
    monkeypatch.setattr(worker.Shares, "size", lambda _self: 10)
    engine = Engine(clock=lambda: NOW)
    assert engine.until_idle() == 7
    assert (Visit.objects.count(), Touch.objects.count()) == (128, 0)


def test_a_worker_counts_the_others_by_their_names() -> None:
    from django.db import connections

    others = [connections.create_connection("default") for _ in range(3)]
    try:
        for number, other in enumerate(others):
            other.settings_dict = {**connection.settings_dict}
            other.settings_dict["OPTIONS"] = {
                **connection.settings_dict["OPTIONS"],
                "application_name": f"millrace engine {number}",
            }
            other.ensure_connection()
        assert worker.Shares().size() == 22
    finally:
        for other in others:
            other.close()
