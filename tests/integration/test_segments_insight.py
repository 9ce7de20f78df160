"""The pages about segments over HTTP: the list, growth, forecast, overlap, members, export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from django.utils import timezone as django_timezone

from accounts.models import User
from common.models import Job, Workspace
from common.streaming import StreamedResponse
from segments.builds import KIND
from segments.insight import export, overlap
from segments.insight.growth import days_fold, growth_of, joins_forecast
from segments.insight.listing import ORDERS, trends_of
from segments.models import Segment, SegmentDay, SegmentSize
from segments.services import members_change, segment_update
from tests.builders import NOW
from tests.builders_flows import HOUR, build_contacts, build_flow
from tests.casebook import contacts_insert, fields_insert
from tests.doors import signed_in
from tests.segment_making import make

pytestmark = pytest.mark.django_db

EVERYONE = {"type": "everyone"}
PRO = {"type": "field", "field": "plan", "op": "eq", "value": "pro"}
TODAY = NOW.date()
LETS_IN = "lets contacts in when they enter"


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def people(*fields: dict[str, Any]) -> list[int]:
    custom = {"plan": "string", "note": "string", "tags": "list", "seats": "number"}
    fields_insert(custom)
    rows = [{"id": str(n), "fields": one} for n, one in enumerate(fields)]
    return list(contacts_insert(rows, custom).values())


def bare(number: int, *, size: int = 0, **given: Any) -> Segment:
    """Make a segment's row alone."""
    at = NOW + timedelta(minutes=number)
    segment = Segment.objects.create(
        **{"key": f"s{number:04}", "name": f"Segment {number}", "kind": "static",
           "created_at": at, "updated_at": at, "status": "ready", **given}
    )  # fmt: skip
    if size:
        SegmentSize.objects.create(lane=0, segment=segment, n=size)
    return segment


def day(segment: Segment, at: date, joined: int = 0, parted: int = 0, lane: int = 0) -> None:
    SegmentDay.objects.create(lane=lane, segment=segment, day=at, joined=joined, parted=parted)


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    found: list[dict[str, Any]] = []
    path = f"/api/segments/{query}"
    while path:
        page = client.get(path)
        assert page.status_code == 200, page.json()
        found += page.json()["results"]
        path = page.json()["next"]
    return found


# ── the list ────────────────────────────────────────────────────────────────────────────────────


def test_a_row_says_owner_trend_uses_and_naming(editor: Client) -> None:
    people({"plan": "pro"}, {"plan": "free"})
    make("pros", PRO, now=NOW)
    make("both", {"type": "segment", "segment": "pros", "op": "in"}, now=NOW)
    build_flow("hello", {"in": ("segment_entered", {"segment": "pros"}), "hour": HOUR},
               ["in next hour"], settings={"suppress": ["both"]})  # fmt: skip
    ada = User.objects.create(email="ada@example.org", name="Ada", created_at=NOW)
    patched = editor.patch("/api/segments/pros/", {"owner": ada.id}, "application/json")
    assert patched.json()["owner"] == {"id": ada.id, "email": "ada@example.org", "name": "Ada"}
    both, pros = listed(editor)
    assert pros["owner"]["name"] == "Ada"
    assert both["owner"] is None
    assert (len(pros["trend"]), pros["trend"][-1], pros["size"]) == (31, 1, 1)
    assert pros["used_in"] == [
        {"kind": "segment", "key": "both", "name": "both", "how": "its rule"},
        {
            "kind": "flow",
            "key": "hello",
            "name": "Hello",
            "how": "lets contacts in when they enter",
        },
    ]
    assert [use["how"] for use in both["used_in"]] == ["keeps contacts out"]
    assert (both["naming"], both["top"]) == ([], None)


def test_nobody_unknown_becomes_an_owner(editor: Client) -> None:
    bare(1)
    refused = editor.patch("/api/segments/s0001/", {"owner": 999}, "application/json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"] == "owner"
    assert (
        editor.patch("/api/segments/s0001/", {"owner": None}, "application/json").status_code == 200
    )


def test_owners_are_chosen_from_people_by_name(editor: Client) -> None:
    User.objects.create(email="gone@example.org", name="Gone", created_at=NOW, is_active=False)
    names = editor.get("/api/people/names/").json()
    assert [set(one) for one in names] == [{"id", "email", "name"}]
    assert editor.get("/api/people/").status_code == 403


def test_filters(editor: Client) -> None:
    me = User.objects.get(email="editor@example.org")
    other = User.objects.create(email="ada@example.org", name="Ada", created_at=NOW)
    bare(1, owner=me, kind="dynamic")
    bare(2, owner=other)
    bare(3, rule={"type": "segment", "segment": "s0001", "op": "in"})

    def keys(query: str) -> list[str]:
        return [row["key"] for row in listed(editor, query)]

    assert keys("?owner=me") == ["s0001"]
    assert keys(f"?owner={other.id}") == ["s0002"]
    assert keys("?owner=none") == ["s0003"]
    assert keys("?kind=dynamic") == ["s0001"]
    assert keys("?used=true") == ["s0001"]
    assert keys("?used=false") == ["s0002", "s0003"]
    assert keys("?search=gment%202") == ["s0002"]
    for bad in ("owner=you", "kind=odd", "used=perhaps", "ordering=color", "search=%00"):
        assert editor.get(f"/api/segments/?{bad}").status_code == 400, bad


@pytest.mark.parametrize("ordering", ORDERS)
def test_pages_in_any_order_show_each_segment_once(editor: Client, ordering: str) -> None:
    for number in range(12):
        bare(number, size=(number % 3) * 10, name=f"{'Same' if number % 2 else 'other'}")
    rows = listed(editor, f"?ordering={ordering}&limit=5")
    assert len({row["key"] for row in rows}) == len(rows) == 12
    field = ordering.removeprefix("-")
    values = [row[field].lower() if field == "name" else row[field] for row in rows]
    assert values == sorted(values, reverse=ordering.startswith("-"))


def test_many_of_one_size_are_all_reached(editor: Client) -> None:
    now = django_timezone.now()
    Segment.objects.bulk_create(
        Segment(
            key=f"s{n}", name="x", kind="static", created_at=now, updated_at=now, status="ready"
        )
        for n in range(3_000)
    )
    for ordering in ("size", "-size", "name", "-updated_at"):
        rows = listed(editor, f"?ordering={ordering}&limit=200")
        assert len({row["key"] for row in rows}) == len(rows) == 3_000


@pytest.mark.parametrize("n", [0, 3, 300])
def test_a_page_takes_the_same_statements_for_any_number(
    editor: Client, n: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(n):
        bare(number, size=5, rule=PRO)
    with django_assert_max_num_queries(13):
        page = editor.get("/api/segments/?used=false&ordering=-size&limit=200").json()
    assert len(page["results"]) == min(n, 200)


# ── trend, growth, forecast ─────────────────────────────────────────────────────────────────────


def test_a_trend_is_reckoned_backwards_from_the_size_now() -> None:
    segment = bare(1, size=10)
    day(segment, TODAY, joined=4, parted=1)
    day(segment, TODAY, joined=1, lane=5)
    day(segment, TODAY - timedelta(days=1), parted=3)
    day(segment, TODAY - timedelta(days=29), joined=2)
    day(segment, TODAY - timedelta(days=30), joined=100)
    empty = bare(2)
    trends = trends_of([segment.id, empty.id], today=TODAY)
    assert trends[segment.id] == [7] + [9] * 28 + [6, 10]
    assert trends[empty.id] == [0] * 31


def test_the_lanes_of_days_that_are_over_are_added_up() -> None:
    segment = bare(1, size=10)
    for ago in range(5):
        for lane in (0, 3, 7):
            day(segment, TODAY - timedelta(days=ago), joined=ago + lane, parted=1, lane=lane)
    before = growth_of(segment, days=10, today=TODAY)
    days_fold(now=NOW)
    days_fold(now=NOW)
    assert growth_of(segment, days=10, today=TODAY) == before
    assert SegmentDay.objects.count() == 3 * 3 + 2


def test_growth_by_day() -> None:
    segment = bare(1, size=10)
    day(segment, TODAY, joined=4, parted=1)
    day(segment, TODAY - timedelta(days=2), joined=7)
    found = growth_of(segment, days=4, today=TODAY)
    assert [(one.size, one.joined, one.left) for one in found] == [
        (0, 0, 0), (7, 7, 0), (7, 0, 0), (10, 4, 1),
    ]  # fmt: skip
    assert found[-1].day == TODAY


def test_growth_over_http(editor: Client) -> None:
    bare(1)
    found = editor.get("/api/segments/s0001/growth/?days=3").json()["days"]
    assert [set(one) for one in found] == [{"day", "size", "joined", "left"}] * 3
    assert len(editor.get("/api/segments/s0001/growth/").json()["days"]) == 90
    for bad in ("0", "9999", "x"):
        assert editor.get(f"/api/segments/s0001/growth/?days={bad}").status_code == 400


def test_a_forecast_leaves_out_days_of_builds_and_of_earlier_rules(editor: Client) -> None:
    now = django_timezone.now()
    today = now.date()
    segment = bare(1, kind="dynamic", rule=PRO, created_at=now - timedelta(days=100))

    def job(ago: int, edition: str) -> None:
        at = now - timedelta(days=ago)
        detail = {"segment": "s0001", "edition": edition}
        Job.objects.create(kind=KIND, title="", created_at=at, finished_at=at, detail=detail)

    for ago in range(100):
        day(segment, today - timedelta(days=ago), joined=5)
    job(90, str(uuid4()))
    job(50, str(segment.edition))
    job(20, str(segment.edition))
    for built in (90, 50, 20):
        SegmentDay.objects.filter(day=today - timedelta(days=built)).update(joined=1_000_000)
    found = joins_forecast(segment, days=10, today=today, zone=UTC)
    assert (len(found.basis), {n for _, n in found.basis}) == (48, {5})
    shown = editor.get("/api/segments/s0001/forecast/?days=10").json()
    assert (shown["enough"], shown["basis_days"], shown["days"]) == (True, 48, 10)
    assert shown["low"] <= 50 <= shown["high"]
    assert shown["expected"] == pytest.approx(50, rel=0.1)
    assert (len(shown["series"]), len(shown["history"]), shown["confidence"]) == (10, 48, 0.8)


def test_without_history_there_is_no_forecast(editor: Client) -> None:
    people({"plan": "pro"})
    make("pros", PRO, now=NOW)
    bare(1)
    shown = editor.get("/api/segments/s0001/forecast/").json()
    assert (shown["enough"], shown["series"]) == (False, [])
    assert "static" in shown["sentence"]
    Segment.objects.filter(key="pros").update(created_at=django_timezone.now())
    shown = editor.get("/api/segments/pros/forecast/").json()
    assert (shown["enough"], shown["sentence"][:8]) == (False, "There is")


def test_days_are_of_the_workspaces_zone(editor: Client) -> None:
    Workspace.objects.update(timezone="Pacific/Kiritimati")
    people({"plan": "pro"})
    make("pros", PRO, now=datetime(2026, 6, 1, 11, 0, tzinfo=UTC))
    assert {row.day for row in SegmentDay.objects.all()} == {date(2026, 6, 2)}


# ── overlap ─────────────────────────────────────────────────────────────────────────────────────


def regions(found: Any) -> dict[frozenset[str], int]:
    return {frozenset(region["in"]): region["count"] for region in found["regions"]}


def overlapping() -> list[int]:
    ids = people(*[{}] * 10)
    for key, members in (("a", ids[:6]), ("b", ids[4:8]), ("c", ids[5:6]), ("d", [])):
        make(key, None, kind="static", now=NOW)
        members_change(key, members, change="add", cause="manual", now=NOW)
    return ids


def test_regions_are_those_in_exactly_these_segments(editor: Client) -> None:
    overlapping()
    found = editor.get("/api/segments/a/overlap/?with=b,c,d").json()
    assert found["exact"]
    assert [(one["key"], one["size"]) for one in found["sets"]] == [
        ("a", 6), ("b", 4), ("c", 1), ("d", 0),
    ]  # fmt: skip
    expected = {frozenset("a"): 4, frozenset("b"): 2, frozenset("ab"): 1, frozenset("abc"): 1}
    assert regions(found) == expected
    for one in found["sets"]:
        inside = sum(n for within, n in regions(found).items() if one["key"] in within)
        assert inside == one["size"]


def test_those_that_share_most_are_compared_unless_others_are_named(editor: Client) -> None:
    overlapping()
    found = editor.get("/api/segments/a/overlap/").json()
    assert [one["key"] for one in found["sets"]] == ["a", "b", "c"]
    assert [one["key"] for one in editor.get("/api/segments/d/overlap/").json()["sets"]] == ["d"]


def test_what_can_not_be_compared(editor: Client) -> None:
    overlapping()
    assert editor.get("/api/segments/a/overlap/?with=nope").status_code == 404
    many = ",".join(f"k{n}" for n in range(6))
    assert editor.get(f"/api/segments/a/overlap/?with={many}").status_code == 400
    assert len(editor.get("/api/segments/a/overlap/?with=a,b,b").json()["sets"]) == 2


def test_much_overlap_is_counted_in_some_lanes(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = build_contacts(6_400)
    for key, members in (("a", ids), ("b", ids[:3_200])):
        make(key, None, kind="static", now=NOW)
        members_change(key, members, change="add", cause="manual", now=NOW)
    monkeypatch.setattr(overlap, "EXACT_UP_TO", 2_000)
    found = editor.get("/api/segments/a/overlap/?with=b").json()
    assert not found["exact"]
    assert regions(found)[frozenset("ab")] == pytest.approx(3_200, rel=0.1)
    assert [one["size"] for one in found["sets"]] == [6_400, 3_200]


# ── members, history, export ────────────────────────────────────────────────────────────────────


def test_members_are_searched_and_narrowed(editor: Client) -> None:
    ada, grace, _other = people(
        {"plan": "pro", "email": "Ada@Example.org", "first_name": "Ada", "last_name": "Lovelace"},
        {"plan": "pro", "first_name": "Grace", "email": "g_h@example.org"},
        {"plan": "free", "first_name": "Ada"},
    )
    make("pros", PRO, now=NOW)
    members_change("pros", [grace], change="add", cause="manual", now=NOW)

    def found(query: str) -> list[int]:
        answer = editor.get(f"/api/segments/pros/members/?{query}").json()
        return [one["contact"]["id"] for one in answer["results"]]

    assert found("search=ada") == [ada]
    assert found("search=ADA%20LOVE") == [ada]
    assert found("search=g_h") == [grace]
    assert found("search=g%25h") == []
    assert found("search=") == [grace, ada]
    assert found("by_hand=true") == [grace]
    assert found("by_hand=false") == [ada]
    assert found("by_hand=true&search=ada") == []
    assert editor.get("/api/segments/pros/members/?search=%00").status_code == 400


def test_history_is_narrowed_by_change_and_cause(editor: Client) -> None:
    ada, grace = people({"plan": "pro"}, {"plan": "pro"})
    make("pros", PRO, now=NOW)
    members_change("pros", [ada], change="remove", cause="manual", now=NOW)
    segment_update("pros", kind="growing", now=NOW)

    def found(query: str) -> list[tuple[int, str, str]]:
        answer = editor.get(f"/api/segments/pros/history/?{query}").json()
        return [(one["contact"]["id"], one["change"], one["cause"]) for one in answer["results"]]

    assert found("change=left") == [(ada, "left", "manual")]
    assert {one[0] for one in found("cause=built")} == {ada, grace}
    assert found("change=entered&cause=manual") == []
    assert len(found("")) == 3
    assert editor.get("/api/segments/pros/history/?change=odd").status_code == 400


def exported(client: Client, key: str = "pros") -> list[dict[str, str]]:
    answer = client.get(f"/api/segments/{key}/export/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="{key}.csv"'
    text = answer.getvalue().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_export_has_every_member_with_all_fields(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH", 2)
    ids = people(
        {"plan": "pro", "email": "a@example.org", "first_name": "Ada", "last_name": 'L, "x"\n'},
        {"plan": "pro", "note": "=HYPERLINK(1)", "tags": ["a", "b"], "seats": -5},
        {"plan": "pro", "first_name": "@cmd", "last_name": "+1", "external_id": "-1"},
        {"plan": "pro"}, {"plan": "pro"}, {"plan": "free"},
    )  # fmt: skip
    make("pros", PRO, now=NOW)
    rows = exported(editor)
    assert [int(row["id"]) for row in rows] == ids[4::-1]
    ada = rows[-1]
    assert (ada["first_name"], ada["last_name"], ada["plan"]) == ("Ada", 'L, "x"\n', "pro")
    assert (ada["since"], ada["by_hand"]) == ("2026-05-01T12:00:00.000000Z", "false")
    risky = rows[-2]
    assert (risky["note"], risky["tags"], risky["seats"]) == ("'=HYPERLINK(1)", "a; b", "-5")
    assert (rows[-3]["first_name"], rows[-3]["last_name"]) == ("'@cmd", "+1")


def test_an_empty_segment_exports_its_columns_alone(editor: Client) -> None:
    bare(1)
    assert exported(editor, "s0001") == []
    for key, status in (("nope", 404), ("s0001", 200)):
        answer = editor.get(f"/api/segments/{key}/export/", headers={"accept": "text/csv"})
        assert answer.status_code == status


def test_the_export_streams_where_it_is_served_asynchronously() -> None:
    people(*[{"plan": "pro"}] * 3)
    make("pros", PRO, now=NOW)
    user = User.objects.create(email="v@example.org", role="viewer", created_at=NOW)

    async def ask() -> bytes:
        client = AsyncClient()
        await client.aforce_login(user)
        answer = await client.get("/api/segments/pros/export/")
        parts = [part async for part in cast("StreamedResponse", answer)]
        assert len(parts) == 2  # made one after another, while they are sent
        return b"".join(parts)

    assert len(async_to_sync(ask)().splitlines()) == 4
