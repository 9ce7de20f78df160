"""Flows over HTTP: what each door gives, what it refuses, and to whom."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flows.models import Flow, Visit
from flows.nodes import NODE_TYPES
from tests.builders_flows import (
    CART,
    Stage,
    build_flow,
    build_graph,
    build_template,
    everything_adds_up,
    on,
)
from tests.doors import error_of, send, signed_in

pytestmark = pytest.mark.django_db

FLOWS = "/api/flows/"


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


# ── drafts ──────────────────────────────────────────────────────────────────────────────────────


def test_a_flow_is_made_read_and_listed(editor: Client) -> None:
    made = send(editor, "POST", FLOWS, {"name": "Abandon Cart", "graph": build_graph()})
    assert made.status_code == 201
    flow = made.json()
    assert (flow["key"], flow["status"], flow["version"]) == ("abandon-cart", "draft", None)
    assert [node["id"] for node in flow["graph"]["nodes"]] == list(CART)
    assert [(problem["node"], problem["code"]) for problem in flow["problems"]] == [
        ("remind", "unknown_template")
    ]
    assert editor.get(f"{FLOWS}abandon-cart/").json() == flow
    (row,) = editor.get(FLOWS).json()["results"]
    assert (row["key"], row["problems"], row["totals"]["entered"]) == ("abandon-cart", 1, 0)


def test_two_flows_of_one_name_have_two_keys(editor: Client) -> None:
    keys = [send(editor, "POST", FLOWS, {"name": "New flow"}).json()["key"] for _ in range(3)]
    assert keys == ["new-flow", "new-flow-2", "new-flow-3"]
    assert send(editor, "POST", FLOWS, {"name": "日本"}).json()["key"] == "flow"
    long = send(editor, "POST", FLOWS, {"name": "a" * 200})
    assert long.status_code == 201


def test_a_key_that_is_taken_reserved_or_no_slug_is_refused(editor: Client) -> None:
    assert send(editor, "POST", FLOWS, {"name": "x", "key": "x"}).status_code == 201
    assert error_of(send(editor, "POST", FLOWS, {"name": "x", "key": "x"}), 409)
    for key in ("validate", "sentences", "new", "A", "a b", "ä", "a" * 95, "", 5.5, ["a"]):
        answer = send(editor, "POST", FLOWS, {"name": "x", "key": key})
        assert error_of(answer)["attr"] == "key", key


def test_a_draft_is_saved_with_all_its_faults(editor: Client) -> None:
    send(editor, "POST", FLOWS, {"name": "x", "key": "x"})
    nodes = {"lost": ("wait", {}), "odd": ("no_such_type", {"a": [1, {"b": None}]})}
    body = {"name": "Y", "graph": build_graph(nodes, ["lost nowhere odd"]), "revision": 1}
    saved = send(editor, "PUT", f"{FLOWS}x/", {**body, "settings": {"suppress": ["nobody"]}})
    assert saved.status_code == 200
    assert (saved.json()["name"], saved.json()["revision"]) == ("Y", 2)
    assert saved.json()["graph"]["nodes"][1]["config"] == {"a": [1, {"b": None}]}
    codes = {problem["code"] for problem in saved.json()["problems"]}
    assert {"no_trigger", "required", "unknown_type", "unknown_segment"} <= codes


def test_a_stale_revision_is_refused_and_nothing_is_lost(editor: Client) -> None:
    send(editor, "POST", FLOWS, {"name": "x", "key": "x"})
    body = {"name": "mine", "graph": build_graph(), "settings": {}, "revision": 1}
    assert send(editor, "PUT", f"{FLOWS}x/", body).status_code == 200
    stale = send(editor, "PUT", f"{FLOWS}x/", {**body, "name": "theirs", "graph": {}})
    assert error_of(stale, 409)["code"] == "stale_revision"
    kept = editor.get(f"{FLOWS}x/").json()
    assert (kept["name"], kept["revision"], len(kept["graph"]["nodes"])) == ("mine", 2, 3)


def test_a_draft_can_be_checked_without_being_saved(editor: Client) -> None:
    answer = send(editor, "POST", f"{FLOWS}validate/", {"graph": build_graph()})
    assert [problem["code"] for problem in answer.json()["problems"]] == ["unknown_template"]
    assert not Flow.objects.exists()


def test_every_node_reads_as_a_sentence_even_an_unfinished_one(editor: Client) -> None:
    build_template()
    nodes = build_graph({**CART, "blank": ("wait", {}), "odd": ("no_such_type", {})})["nodes"]
    assert send(editor, "POST", f"{FLOWS}sentences/", {"nodes": nodes}).json() == {
        "cart": "Does Product Added",
        "hour": "Wait 1 hour",
        "remind": "Send “hello”",
        "blank": "Wait",
        "odd": "no_such_type",
    }


def test_the_palette_knows_every_node_type(editor: Client) -> None:
    types = editor.get("/api/node-types/").json()
    assert {one["type"] for one in types} == NODE_TYPES.keys()
    for one in types:
        assert one["config_schema"]["type"] == "object"
        assert one["title"]
        assert one["icon"]
        assert one["branches"] or one["group"] == "end", one["type"]


def test_a_draft_is_deleted_and_what_was_published_is_not(editor: Client) -> None:
    build_flow("gone", live=False)
    build_flow("kept")
    assert editor.delete(f"{FLOWS}gone/").status_code == 204
    assert editor.get(f"{FLOWS}gone/").status_code == 404
    assert error_of(editor.delete(f"{FLOWS}kept/"), 409)
    assert Flow.objects.get().key == "kept"


# ── lives ───────────────────────────────────────────────────────────────────────────────────────


def test_publishing_is_refused_with_every_fault(editor: Client) -> None:
    send(editor, "POST", FLOWS, {"name": "x", "key": "x", "graph": build_graph()})
    answer = send(editor, "POST", f"{FLOWS}x/publish/", {})
    assert error_of(answer)["code"] == "unknown_template"
    assert answer.json()["type"] == "validation_error"
    body = {"name": "x", "graph": {}, "settings": {"suppress": ["a", "b"]}, "revision": 1}
    send(editor, "PUT", f"{FLOWS}x/", body)
    answer = send(editor, "POST", f"{FLOWS}x/publish/", {})
    assert [error["code"] for error in answer.json()["errors"]] == [
        "no_trigger",
        "unknown_segment",
        "unknown_segment",
    ]
    assert Flow.objects.get().status == "draft"


def test_a_flow_lives_pauses_resumes_and_ends(editor: Client) -> None:
    build_flow(live=False)
    assert send(editor, "POST", f"{FLOWS}cart/publish/", {}).json() == {"version": 1}
    assert send(editor, "POST", f"{FLOWS}cart/publish/", {}).json() == {"version": 2}
    for verb, status in (("pause", "paused"), ("resume", "live"), ("archive", "archived")):
        assert send(editor, "POST", f"{FLOWS}cart/{verb}/").json()["status"] == status
        assert error_of(send(editor, "POST", f"{FLOWS}cart/{verb}/"), 409)
    assert error_of(send(editor, "POST", f"{FLOWS}cart/add/", {"contact": 1}), 404)
    assert error_of(send(editor, "POST", f"{FLOWS}cart/publish/", {}), 409)
    assert editor.get(f"{FLOWS}cart/").json()["status"] == "archived"


def test_a_version_never_changes(editor: Client) -> None:
    build_flow()
    body = {"name": "x", "graph": build_graph({"in": on("A")}, []), "settings": {}, "revision": 1}
    send(editor, "PUT", f"{FLOWS}cart/", body)
    send(editor, "POST", f"{FLOWS}cart/publish/", {})
    rows = editor.get(f"{FLOWS}cart/versions/").json()
    assert [(row["number"], row["current"]) for row in rows] == [(2, True), (1, False)]
    assert rows[0]["published_by"] == "editor@example.org"
    first = editor.get(f"{FLOWS}cart/versions/1/").json()
    assert [node["id"] for node in first["graph"]["nodes"]] == list(CART)
    for number in ("3", "0", str(2**40)):
        assert editor.get(f"{FLOWS}cart/versions/{number}/").status_code == 404


def test_people_can_be_moved_to_a_new_version_over_http(editor: Client) -> None:
    stage = Stage()
    build_flow()
    stage.does("ada", "Product Added")
    nodes = {"cart": on("Product Added"), "half": ("wait", {"for": "PT30M"})}
    graph = build_graph(nodes, ["cart next half"])
    body = {"name": "x", "graph": graph, "settings": {}, "revision": 1}
    send(editor, "PUT", f"{FLOWS}cart/", body)
    wrong = {"inside": "move", "moves": {"hour": "nowhere"}}
    assert error_of(send(editor, "POST", f"{FLOWS}cart/publish/", wrong))["attr"] == "moves"
    assert error_of(send(editor, "POST", f"{FLOWS}cart/publish/", {"inside": "fly"}))
    right = {"inside": "move", "moves": {"hour": "half"}}
    assert send(editor, "POST", f"{FLOWS}cart/publish/", right).json() == {"version": 2}
    assert stage.visit("ada").node == "half"
    everything_adds_up()


def test_contacts_are_added_and_removed_by_hand(editor: Client) -> None:
    stage = Stage()
    build_flow()
    ada = stage.contact("ada")
    assert send(editor, "POST", f"{FLOWS}cart/add/", {"contact": ada}).status_code == 202
    stage.settle()
    assert stage.states() == ["inside"]
    assert send(editor, "POST", f"{FLOWS}cart/remove/", {"contact": ada}).status_code == 202
    stage.settle()
    assert stage.visit("ada").reason == "removed by editor@example.org"
    for contact in (0, -1, 2**63, "x", None, [ada], {"id": ada}):
        assert error_of(send(editor, "POST", f"{FLOWS}cart/add/", {"contact": contact}))
    assert error_of(send(editor, "POST", f"{FLOWS}cart/add/", {"contact": 2**60}), 404)
    send(editor, "POST", f"{FLOWS}cart/pause/")
    assert error_of(send(editor, "POST", f"{FLOWS}cart/add/", {"contact": ada}), 409)


# ── numbers and people ──────────────────────────────────────────────────────────────────────────


def three_inside() -> Stage:
    """Ada has gone through; bob and cyd wait; dan is out."""
    stage = Stage()
    exits = [{"type": "event", "name": "Order Completed"}]
    build_flow(settings={"exit_when": exits})
    stage.contact("ada", first_name="Ada", last_name="Lovelace")
    stage.does("ada", "Product Added")
    stage.after("PT1H")
    for name in ("bob", "cyd", "dan"):
        stage.does(name, "Product Added")
    stage.does("dan", "Order Completed")
    return stage


def test_the_counts_are_absolute_and_add_up(editor: Client) -> None:
    three_inside()
    counts = editor.get(f"{FLOWS}cart/counts/").json()
    assert (counts["version"], counts["status"]) == (1, "live")
    assert counts["totals"] == {
        "entered": 4, "inside": 2, "completed": 1, "converted": 0, "exited": 1, "failed": 0,
    }  # fmt: skip
    hour = counts["nodes"]["hour"]
    assert (hour["here"], hour["entered"], hour["left"], hour["failed"]) == (2, 4, 2, 0)
    assert hour["out"] == {"next": 1}
    assert hour["next_due"] == "2026-05-01T14:00:00Z"
    assert editor.get(FLOWS).json()["results"][0]["totals"] == counts["totals"]


def test_the_people_of_a_flow_are_found_by_node_and_by_outcome(editor: Client) -> None:
    stage = three_inside()

    def names(query: str) -> list[str]:
        rows = editor.get(f"{FLOWS}cart/visits/{query}").json()["results"]
        return [row["contact"]["external_id"] for row in rows]

    assert names("") == ["dan", "cyd", "bob", "ada"]
    assert names("?outcome=inside") == ["cyd", "bob"]
    assert names("?outcome=exited") == ["dan"]
    assert names("?node=hour&outcome=inside") == ["cyd", "bob"]
    assert names("?node=hour") == ["dan", "cyd", "bob"]
    assert names("?node=nowhere") == names("?outcome=lost") == []
    row = editor.get(f"{FLOWS}cart/visits/?outcome=completed").json()["results"][0]
    assert row["contact"] == {
        "id": stage.ids["ada"],
        "external_id": "ada",
        "email": "ada@example.org",
        "name": "Ada Lovelace",
    }
    assert row["left_at"] == "2026-05-01T13:00:00Z"


def test_pages_of_people_neither_miss_nor_repeat_anybody(editor: Client) -> None:
    stage = Stage()
    build_flow()
    for i in range(7):
        stage.accepts(f"c{i}", "Product Added")
    stage.settle()
    seen: list[str] = []
    path = f"{FLOWS}cart/visits/?limit=3"
    while path:
        page = editor.get(path).json()
        seen += [row["contact"]["external_id"] for row in page["results"]]
        if len(seen) == 3:
            stage.does("late", "Product Added")
        path = page["next"]
    assert seen == [f"c{i}" for i in reversed(range(7))]


def test_a_contact_page_shows_each_visit_with_its_path(editor: Client) -> None:
    stage = three_inside()
    (visit,) = editor.get(f"/api/contacts/{stage.ids['ada']}/visits/").json()["results"]
    assert (visit["flow"], visit["version"], visit["outcome"]) == ("cart", 1, "completed")
    assert [(step["node"], step["branch"]) for step in visit["path"]] == [
        ("cart", "next"),
        ("hour", "next"),
        ("remind", "next"),
    ]
    assert (visit["rests_at"], visit["until"]) == (None, None)
    (visit,) = editor.get(f"/api/contacts/{stage.ids['bob']}/visits/").json()["results"]
    assert (visit["rests_at"], visit["until"]) == ("hour", "2026-05-01T14:00:00Z")
    assert editor.get("/api/contacts/999999999/visits/").status_code == 404


def test_lists_take_the_same_number_of_statements_however_long(editor: Client) -> None:
    stage = Stage()
    build_flow("f0")
    for i in range(2):
        stage.accepts(f"c{i}", "Product Added")
    stage.settle()
    paths = [FLOWS, f"{FLOWS}f0/visits/", f"{FLOWS}f0/counts/"]
    paths += [f"/api/contacts/{stage.id_of('c0')}/visits/"]
    for path in paths:
        editor.get(path)

    def statements() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert editor.get(path).status_code == 200
            found.append(len(asked))
        return found

    before = statements()
    for i in range(1, 6):
        build_flow(f"f{i}")
    for i in range(20):
        stage.accepts(f"c{i}", "Product Added")
    stage.settle()
    assert Visit.objects.count() == 2 + 18 + 5 * 20
    assert statements() == before
    assert max(before) <= 14, before


# ── roles ───────────────────────────────────────────────────────────────────────────────────────


def test_a_viewer_sees_everything_and_changes_nothing() -> None:
    three_inside()
    viewer = signed_in("viewer")
    for path in ("", "cart/", "cart/counts/", "cart/visits/", "cart/versions/", "cart/versions/1/"):
        assert viewer.get(FLOWS + path).status_code == 200, path
    assert send(viewer, "POST", f"{FLOWS}validate/", {"graph": {}}).status_code == 200
    assert send(viewer, "POST", f"{FLOWS}sentences/", {"nodes": []}).status_code == 200
    verbs = ("publish", "pause", "resume", "archive", "add", "remove")
    writes = [("POST", f"cart/{verb}/") for verb in verbs]
    for method, path in [("POST", ""), ("PUT", "cart/"), ("DELETE", "cart/"), *writes]:
        assert error_of(send(viewer, method, FLOWS + path, {}), 403), path
    assert Flow.objects.get().status == "live"
