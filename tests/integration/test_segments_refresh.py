"""Who joins and leaves when contacts are touched, as time passes, by hand, by builds and merges."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from common import jobs
from common.lanes import LANES, lane_of
from common.models import Job
from contacts.merging import delete_rows, merge_rows
from contacts.models import Touch
from segments import builds
from segments.builds import segment_build
from segments.catalogue import catalogue
from segments.models import HeldOut, Membership, MembershipChange, Segment
from segments.refresh import Touched, refresh, refresh_time
from segments.selectors import segment_sizes, sizes_recounted
from segments.services import (
    members_change,
    segment_create,
    segment_rebuild,
    segment_update,
)
from tests.casebook import contacts_insert, fields_insert

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
HOT = {"type": "field", "field": "score", "op": "gte", "value": 80}
BOUGHT = {"type": "event", "name": "Order Completed", "window": {"last": "P7D"}}


def build(segment: Segment, now: datetime = NOW) -> None:
    segment.refresh_from_db()
    job = Job.objects.get(detail__edition=str(segment.edition), status__in=("queued", "running"))
    segment_build(job.id, segment.id, clock=lambda: now)


def make(key: str, rule: Any, kind: str = "dynamic") -> Segment:
    segment = segment_create(key=key, name=key, kind=kind, rule=rule, now=NOW)
    if rule is not None:
        build(segment)
    return segment


def people(*fields: dict[str, Any]) -> list[int]:
    made = contacts_insert([{"id": str(n), "fields": one} for n, one in enumerate(fields)], {})
    return list(made.values())


def score(contact_id: int, value: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contact SET score = %s WHERE id = %s", [value, contact_id])


def touched(contact_ids: Iterable[int], key: str) -> list[Touched]:
    return [Touched(lane_of(one), one, key) for one in contact_ids]


def members(key: str) -> set[int]:
    return set(Membership.objects.filter(segment__key=key).values_list("contact_id", flat=True))


def history(key: str) -> list[tuple[int, str, str]]:
    changes = MembershipChange.objects.filter(segment__key=key).order_by("id")
    return list(changes.values_list("contact_id", "change", "cause"))


def test_a_build_fills_the_segment_and_bothers_nobody() -> None:
    hot, cold = people({"score": 90}, {"score": 10})
    segment = segment_create(key="hot", name="Hot", kind="dynamic", rule=HOT, now=NOW)
    assert (segment.status, members("hot")) == ("building", set())
    build(segment)
    segment.refresh_from_db()
    assert (segment.status, members("hot")) == ("ready", {hot})
    assert history("hot") == [(hot, "entered", "built")]
    assert segment_sizes([segment.id]) == {segment.id: 1}
    job = Job.objects.get()
    assert (job.status, job.done, job.total) == ("done", 100, 100)
    assert cold not in members("hot")
    assert not Touch.objects.filter(kind="segment").exists()


def test_a_build_tells_the_engine_if_anything_follows_the_segment() -> None:
    (hot,) = people({"score": 90})
    segment = segment_create(key="hot", name="Hot", kind="dynamic", rule=HOT, now=NOW)
    make("cool", {"type": "segment", "segment": "hot", "op": "not_in"})
    build(segment)
    touch = Touch.objects.get(kind="segment")
    assert (touch.contact_id, touch.name, touch.detail) == (
        hot, "hot", {"change": "entered", "cause": "built"},
    )  # fmt: skip


def test_the_three_kinds_on_one_rule() -> None:
    old, new = people({"score": 90}, {"score": 10})
    for kind in ("static", "growing", "dynamic"):
        make(kind, HOT, kind)
    score(new, 95)
    changes = refresh(touched([new], "field:score"), now=NOW)
    assert {(c.key, c.contact_id, c.change) for c in changes} == {
        ("growing", new, "entered"),
        ("dynamic", new, "entered"),
    }
    score(new, 0)
    score(old, 0)
    changes = refresh(touched([old, new], "score:"), now=NOW)
    assert {(c.key, c.contact_id, c.change) for c in changes} == {
        ("dynamic", new, "left"),
        ("dynamic", old, "left"),
    }
    assert (members("static"), members("growing"), members("dynamic")) == ({old}, {old, new}, set())
    assert sizes_recounted() == []


def test_only_segments_that_mention_the_touch_are_looked_at() -> None:
    (one,) = people({"score": 10})
    make("hot", HOT)
    score(one, 90)
    assert refresh(touched([one], "field:city"), now=NOW) == []
    assert refresh(touched([one], "event:Page Viewed"), now=NOW) == []
    assert [c.change for c in refresh(touched([one], "score:"), now=NOW)] == ["entered"]


def test_a_new_contact_is_asked_every_rule() -> None:
    make("all", {"type": "everyone"})
    make("no-city", {"type": "field", "field": "city", "op": "not_set"})
    (one,) = people({})
    assert {c.key for c in refresh(touched([one], "new:"), now=NOW)} == {"all", "no-city"}


def test_any_activity_is_touched_by_every_event() -> None:
    make("active", {"type": "event", "name": "*"})
    ids = contacts_insert(
        [{"id": "a", "events": [{"name": "Page Viewed", "at": "2026-06-15T11:00:00Z"}]}], {}
    )
    changes = refresh(touched(ids.values(), "event:Page Viewed"), now=NOW)
    assert [c.key for c in changes] == ["active"]


def test_removed_by_hand_stays_out_until_the_rule_has_been_false() -> None:
    (one,) = people({"score": 90})
    make("hot", HOT)
    members_change("hot", [one], change="remove", cause="manual", now=NOW)
    assert (members("hot"), HeldOut.objects.count()) == (set(), 1)
    score(one, 95)
    assert refresh(touched([one], "field:score"), now=NOW) == []
    score(one, 50)
    assert refresh(touched([one], "field:score"), now=NOW) == []
    assert HeldOut.objects.count() == 0
    score(one, 85)
    assert [c.change for c in refresh(touched([one], "field:score"), now=NOW)] == ["entered"]
    assert sizes_recounted() == []


def test_added_by_hand_stays_in_until_removed() -> None:
    (one,) = people({"score": 10})
    make("hot", HOT)
    added = members_change("hot", [one], change="add", cause="manual", now=NOW)
    assert [c.change for c in added] == ["entered"]
    score(one, 20)
    assert refresh(touched([one], "field:score"), now=NOW) == []
    assert members_change("hot", [one], change="add", cause="manual", now=NOW) == []
    removed = members_change("hot", [one], change="remove", cause="manual", now=NOW)
    assert [c.change for c in removed] == ["left"]
    assert HeldOut.objects.count() == 0, "the rule is false: there is nothing to hold out"
    assert history("hot") == [(one, "entered", "manual"), (one, "left", "manual")]


def test_adding_by_hand_ends_being_held_out_and_holds_in() -> None:
    (one,) = people({"score": 90})
    make("hot", HOT)
    members_change("hot", [one], change="remove", cause="manual", now=NOW)
    members_change("hot", [one], change="add", cause="manual", now=NOW)
    assert HeldOut.objects.count() == 0
    score(one, 10)
    assert refresh(touched([one], "field:score"), now=NOW) == []
    assert members("hot") == {one}


def test_a_member_by_rule_can_be_held_in() -> None:
    (one,) = people({"score": 90})
    make("hot", HOT)
    assert members_change("hot", [one], change="add", cause="manual", now=NOW) == []
    score(one, 10)
    assert refresh(touched([one], "field:score"), now=NOW) == []


def test_a_change_runs_through_the_segments_that_need_it_in_one_go() -> None:
    make("customers", {"type": "event", "name": "Order Completed"})
    make("leads", {"type": "segment", "segment": "customers", "op": "not_in"})
    warm = {"type": "segment", "segment": "leads", "op": "in"}
    make("warm", {"type": "all", "rules": [warm, {"type": "event", "name": "Page Viewed"}]})
    ids = contacts_insert(
        [{"id": "a", "events": [{"name": "Page Viewed", "at": "2026-06-15T11:00:00Z"}]}], {}
    )
    one = ids["a"]
    changes = refresh(touched([one], "new:"), now=NOW)
    assert [(c.key, c.change) for c in changes] == [("leads", "entered"), ("warm", "entered")]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO event (lane, contact_id, name, at, received_at)"
            " VALUES (%s, %s, 'Order Completed', %s, %s)",
            [lane_of(one), one, NOW, NOW],
        )
    changes = refresh(touched([one], "event:Order Completed"), now=NOW)
    assert [(c.key, c.change) for c in changes] == [
        ("customers", "entered"), ("leads", "left"), ("warm", "left"),
    ]  # fmt: skip


def test_time_alone_takes_contacts_out_and_what_needs_them_follows() -> None:
    make("buyers", BOUGHT)
    make("others", {"type": "segment", "segment": "buyers", "op": "not_in"})
    ids = contacts_insert(
        [{"id": "a", "events": [{"name": "Order Completed", "at": "2026-06-15T11:00:00Z"}]}], {}
    )
    refresh(touched(ids.values(), "new:"), now=NOW)
    lanes = list(range(LANES))
    assert refresh_time(now=NOW, lanes=lanes).changes == []
    later = NOW + timedelta(days=7)
    assert refresh_time(now=later, lanes=[lane_of(ids["a"]) ^ 1]).changes == []
    changes = refresh_time(now=later, lanes=lanes).changes
    assert [(c.key, c.change) for c in changes] == [("buyers", "left"), ("others", "entered")]
    assert sizes_recounted() == []


def test_an_edited_rule_is_built_anew_and_the_difference_written() -> None:
    hot, warm, by_hand = people({"score": 90}, {"score": 50}, {"score": 1})
    segment = make("hot", HOT)
    members_change("hot", [by_hand], change="add", cause="manual", now=NOW)
    rule = {"type": "field", "field": "score", "op": "between", "value": [40, 60]}
    segment_update("hot", rule=rule, now=NOW)
    build(segment)
    assert members("hot") == {warm, by_hand}
    assert history("hot")[-2:] in (
        [(hot, "left", "built"), (warm, "entered", "built")],
        [(warm, "entered", "built"), (hot, "left", "built")],
    )
    assert sizes_recounted() == []


def test_a_build_goes_on_where_it_was_stopped_and_can_be_cancelled() -> None:
    ids = people(*[{"score": 90}] * 70)
    segment = segment_create(key="hot", name="Hot", kind="dynamic", rule=HOT, now=NOW)
    job = Job.objects.get()
    with stopping(after=4), pytest.raises(WorkerDiedError):
        segment_build(job.id, segment.id, clock=lambda: NOW)
    half = members("hot")
    assert 0 < len(half) < 70
    again = segment_rebuild("hot", now=NOW)
    jobs.job_cancel(again.id, now=NOW)
    segment_build(again.id, segment.id, clock=lambda: NOW)
    assert members("hot") == half
    build(segment)
    assert members("hot") == set(ids)
    assert (Segment.objects.get().status, sizes_recounted()) == ("ready", [])


class WorkerDiedError(Exception):
    """Stands for the death of a worker between two pieces."""


@contextmanager
def stopping(*, after: int) -> Iterator[None]:
    """Have a build's worker die after so many pieces, which are small."""
    left = [after]

    def piece(*given: Any, **named: Any) -> bool:
        if not left[0]:
            raise WorkerDiedError
        left[0] -= 1
        return whole(*given, **named)

    whole = builds._piece
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(builds, "_piece", piece)
        patched.setattr(builds, "ROWS_PER_PIECE", 16)
        yield


def test_what_the_pulse_asks_while_a_build_looks_is_left_as_the_pulse_has_it() -> None:
    falls, rises, stays = people({"score": 90}, {"score": 10}, {"score": 85})
    segment = segment_create(key="hot", name="Hot", kind="dynamic", rule=HOT, now=NOW)
    with stopping(after=2), pytest.raises(WorkerDiedError):
        segment_build(Job.objects.get().id, segment.id, clock=lambda: NOW)
    score(falls, 10)
    score(rises, 90)
    changes = refresh(touched([falls, rises], "score:"), now=NOW)
    assert [(c.contact_id, c.change) for c in changes] == [(rises, "entered")]
    build(segment)
    assert members("hot") == {rises, stays}
    assert history("hot") == [(rises, "entered", "rule"), (stays, "entered", "built")]


def test_a_build_whose_tables_are_gone_begins_anew() -> None:
    ids = people(*[{"score": 90}] * 3)
    segment = segment_create(key="hot", name="Hot", kind="dynamic", rule=HOT, now=NOW)
    with stopping(after=2), pytest.raises(WorkerDiedError):
        segment_build(Job.objects.get().id, segment.id, clock=lambda: NOW)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE segment_match, segment_judged")
    build(segment)
    assert members("hot") == set(ids)


def test_by_hand_wins_while_a_build_is_under_way() -> None:
    into, out = people({"score": 10}, {"score": 90})
    segment = make("hot", HOT)
    segment_rebuild("hot", now=NOW)
    rebuilt = Job.objects.order_by("-created_at", "-id").exclude(status="done").get()
    later = NOW + timedelta(seconds=1)
    with stopping(after=2), pytest.raises(WorkerDiedError):
        segment_build(rebuilt.id, segment.id, clock=lambda: NOW)
    members_change("hot", [into], change="add", cause="manual", now=later)
    members_change("hot", [out], change="remove", cause="manual", now=later)
    segment_build(rebuilt.id, segment.id, clock=lambda: later)
    assert members("hot") == {into}
    assert list(HeldOut.objects.values_list("contact_id", flat=True)) == [out]


def test_the_build_of_an_older_rule_ends_without_a_word() -> None:
    people({"score": 90})
    segment = segment_create(key="hot", name="Hot", kind="dynamic", rule=HOT, now=NOW)
    old = Job.objects.get()
    segment_update("hot", rule={**HOT, "value": 95}, now=NOW)
    segment_build(old.id, segment.id, clock=lambda: NOW)
    assert members("hot") == set()
    assert Segment.objects.get().status == "building"
    segment.delete()
    newer = Job.objects.exclude(id=old.id).get()
    segment_build(newer.id, segment.id, clock=lambda: NOW)
    newer.refresh_from_db()
    assert newer.status == "done"


def test_merged_contacts_keep_the_memberships_of_both() -> None:
    kept, lost = people({"score": 10}, {"score": 90})
    make("hot", HOT)
    make("hand", None, "static")
    members_change("hand", [kept, lost], change="add", cause="manual", now=NOW)
    with connection.cursor() as cursor:
        merge_rows(cursor, {lost: kept}, now=NOW)
    assert (members("hot"), members("hand")) == ({kept}, {kept})
    assert sizes_recounted() == []
    assert {contact for contact, *_ in history("hot")} == {kept}
    # The rule is asked again about the kept contact, of whom it is not true.
    keys = {f"{t.kind}:{t.name}" for t in Touch.objects.filter(contact_id=kept)}
    changes = refresh([Touched(lane_of(kept), kept, key) for key in keys], now=NOW)
    assert [(c.key, c.change) for c in changes] == [("hot", "left")]


def test_a_deleted_contact_leaves_the_sizes_right() -> None:
    one, other = people({"score": 90}, {"score": 95})
    segment = make("hot", HOT)
    with connection.cursor() as cursor:
        delete_rows(cursor, [one])
    assert members("hot") == {other}
    assert segment_sizes([segment.id]) == {segment.id: 1}
    assert sizes_recounted() == []


def test_a_rule_whose_field_is_gone_selects_nobody() -> None:
    fields_insert({"plan": "string"})
    (one,) = people({})
    rule = {"type": "not", "rule": {"type": "field", "field": "plan", "op": "eq", "value": "x"}}
    make("not-x", rule)
    assert members("not-x") == {one}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM field WHERE key = 'plan'")
    compiled = catalogue().by_key("not-x")
    assert compiled is not None
    assert compiled.compiled.text == "false"
    refresh(touched([one], "new:"), now=NOW)
    assert members("not-x") == set()


def test_refreshing_costs_the_same_number_of_statements_for_any_number_of_contacts(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ids = people(*[{"score": n} for n in range(200)])
    for n in range(10):
        make(f"above-{n}", {**HOT, "value": n * 10})
    make("top", {"type": "segment", "segment": "above-9", "op": "in"})
    catalogue()
    score(ids[0], 100)
    with django_assert_num_queries(3):
        refresh(touched(ids[:1], "field:score"), now=NOW)
    for one in ids:
        score(one, 100)
    with django_assert_num_queries(3):  # the state, one generation, and the one that needs it
        refresh(touched(ids, "field:score"), now=NOW)
    assert members("top") == set(ids)
    with django_assert_num_queries(1):
        refresh(touched(ids, "field:city"), now=NOW)
    with django_assert_num_queries(0):
        refresh([], now=NOW)


def test_taking_many_in_by_hand_is_four_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ids = people(*[{}] * 100)
    make("hand", None, "static")
    catalogue()
    with django_assert_num_queries(6):  # with the savepoint and its release
        members_change("hand", [*ids, 10**12], change="add", cause="import", now=NOW)
    assert members("hand") == set(ids)
