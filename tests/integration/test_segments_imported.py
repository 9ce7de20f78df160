"""Whom an import has created is asked only for what somebody without events can be in."""

import pytest

from segments.catalogue import catalogue
from segments.models import Segment
from segments.refresh import refresh
from tests.integration.test_segments_refresh import NOW, make, people, touched

pytestmark = pytest.mark.django_db


def test_who_an_import_has_created_is_asked_for_no_segment_that_awaits_an_event() -> None:
    did = {"type": "event", "name": "Login"}
    everyone = {"type": "everyone"}
    make("did", did)
    make("did-and-more", {"type": "all", "rules": [everyone, did]})
    make("paid", did | {"measure": {"sum": "total"}, "op": "gt", "value": 5})
    make("did-not", {"type": "not", "rule": did})
    make("did-or-all", {"type": "any", "rules": [did, everyone]})
    make("seldom", did | {"op": "lt", "value": 3})
    make("no-city", {"type": "all", "rules": [{"type": "field", "field": "city", "op": "not_set"}]})
    (one,) = people({})
    ids = {segment.id: segment.key for segment in Segment.objects.all()}
    asked = {ids[one] for one in catalogue().concerned("new:imported")}
    assert asked == {"did-not", "did-or-all", "seldom", "no-city"}
    changes = refresh(touched([one], "new:imported"), now=NOW)
    assert {change.key for change in changes} == asked
