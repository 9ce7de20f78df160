"""Editions of a flow over HTTP: differences, previews, the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flows.models import Flow
from tests.builders_flows import (
    CART,
    CART_EDGES,
    HOUR,
    Stage,
    build_flow,
    build_graph,
    everything_adds_up,
    on,
)
from tests.doors import error_of, send, signed_in

pytestmark = pytest.mark.django_db

CART_AT = "/api/flows/cart/"
SHORTER = {**CART, "hour": ("wait", {"for": "PT30M"})}


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


def save(client: Client, nodes: Any = SHORTER, edges: Any = CART_EDGES, **more: Any) -> None:
    """Draw the cart flow anew."""
    body = {"name": "Cart", "graph": build_graph(nodes, edges), "settings": {}, "revision": 1}
    assert send(client, "PUT", CART_AT, {**body, **more}).status_code == 200


def test_what_differs_between_what_is_live_and_the_draft(editor: Client) -> None:
    build_flow()
    assert editor.get(f"{CART_AT}diff/").json()["same"] is True
    save(editor, settings={"suppress": []}, nodes={**SHORTER, "day": HOUR},
         edges=[*CART_EDGES, "remind next day"])  # fmt: skip
    found = editor.get(f"{CART_AT}diff/?from=live&to=draft").json()
    assert found.keys() == {"nodes", "edges", "settings", "notes", "words", "same"}
    assert found["nodes"]["added"] == [{"id": "day", "type": "wait", "sentence": "Wait 1 hour"}]
    assert found["nodes"]["changed"] == [
        {
            "id": "hour",
            "type": "wait",
            "before": "Wait 1 hour",
            "after": "Wait 30 minutes",
            "fields": [
                {
                    "field": "for",
                    "before": "PT1H",
                    "after": "PT30M",
                    "words": "for: 1 hour → 30 minutes",
                }
            ],
            "moved": False,
        }
    ]
    assert found["edges"]["added"] == [{"source": "remind", "target": "day", "branch": "next"}]
    back = editor.get(f"{CART_AT}diff/?from=draft&to=1").json()
    assert [node["id"] for node in back["nodes"]["removed"]] == ["day"]


@pytest.mark.parametrize("word", ["first", "-1", "1.0", "²", "99999999999"])
def test_an_edition_that_is_none_is_refused(editor: Client, word: str) -> None:
    build_flow()
    assert error_of(editor.get(f"{CART_AT}diff/", {"to": word}))["attr"] == "to"
    assert error_of(editor.get(f"{CART_AT}diff/?from=7"), 404)
    assert error_of(editor.get("/api/flows/nowhere/diff/"), 404)


def test_a_draft_that_was_never_published_differs_from_nothing(editor: Client) -> None:
    build_flow(live=False)
    found = editor.get(f"{CART_AT}diff/").json()
    assert len(found["nodes"]["added"]) == 3


def test_secrets_are_not_told_by_a_difference(editor: Client) -> None:
    hook = {"method": "POST", "url": "https://example.org/", "headers": {"X-Key": "old"}}
    build_flow("cart", {"in": on("A"), "hook": ("webhook", hook)}, ["in next hook"])
    changed = {"in": on("A"), "hook": ("webhook", {**hook, "headers": {"X-Key": "new"}})}
    save(editor, nodes=changed, edges=["in next hook"])
    text = editor.get(f"{CART_AT}diff/").content.decode()
    assert "another secret" in text
    assert "old" not in text
    assert "new" not in text


def test_a_preview_has_the_shape_that_the_builder_reads(editor: Client) -> None:
    stage = Stage()
    build_flow()
    stage.does("ada", "Product Added")
    save(editor)
    told = send(editor, "POST", f"{CART_AT}publish/preview/", {"inside": "move"}).json()
    assert told.keys() == {
        *("version", "problems", "enters_now", "inside", "due_now"),
        *("exact", "spread", "diff", "words"),
    }
    assert told["inside"] == [
        {
            "version": 1,
            "node": "hour",
            "title": "Wait 1 hour",
            "count": 1,
            "failed": 0,
            "exists": True,
            "to": "hour",
        }
    ]
    assert (told["version"], told["problems"], told["spread"]) == (2, [], None)
    assert Flow.objects.get().live_version is not None
    assert Flow.objects.get().versions.count() == 1


def test_a_preview_takes_as_many_statements_for_few_as_for_many(editor: Client) -> None:
    stage = Stage()
    build_flow()
    save(editor)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            send(editor, "POST", f"{CART_AT}publish/preview/", {"inside": "move"})
        return len(asked)

    stage.does("ada", "Product Added")
    before = statements()
    for i in range(30):
        stage.accepts(f"c{i}", "Product Added")
    stage.settle()
    assert statements() == before
    assert before <= 45


def test_people_are_spread_moved_and_rolled_back_over_http(editor: Client) -> None:
    stage = Stage()
    build_flow()
    stage.does("ada", "Product Added")
    save(editor)
    odd: list[Any] = ["soon", "P2D", "PT0S", 7, []]
    for spread in odd:
        body = {"inside": "move", "spread": spread}
        assert error_of(send(editor, "POST", f"{CART_AT}publish/", body))["attr"] == "spread"
    body = {"inside": "move", "spread": "PT20M"}
    assert send(editor, "POST", f"{CART_AT}publish/", body).json() == {"version": 2}
    assert stage.visit("ada").version.number == 2
    body = {"version": 1, "inside": "move"}
    assert send(editor, "POST", f"{CART_AT}rollback/", body).json() == {"version": 3}
    assert error_of(send(editor, "POST", f"{CART_AT}rollback/", {"version": 3}), 409)
    assert error_of(send(editor, "POST", f"{CART_AT}rollback/", {"version": 9}), 404)
    for version in (0, -1, 2**40, "x", None):
        assert error_of(send(editor, "POST", f"{CART_AT}rollback/", {"version": version}))
    assert error_of(send(editor, "POST", f"{CART_AT}rollback/", {}))["attr"] == "version"
    assert send(editor, "POST", f"{CART_AT}publish/", {"version": 2}).json() == {"version": 4}
    everything_adds_up()


def test_a_version_is_restored_into_the_draft_unless_that_is_stale(editor: Client) -> None:
    build_flow()
    save(editor)
    path = f"{CART_AT}versions/1/restore/"
    assert error_of(send(editor, "POST", path, {"revision": 1}), 409)["code"] == "stale_revision"
    flow = send(editor, "POST", path, {"revision": 2}).json()
    assert (flow["revision"], flow["graph"]["nodes"][1]["config"]) == (3, {"for": "PT1H"})
    assert error_of(send(editor, "POST", f"{CART_AT}versions/7/restore/", {"revision": 3}), 404)
    assert error_of(
        send(editor, "POST", f"{CART_AT}versions/{2**40}/restore/", {"revision": 3}), 404
    )
    assert error_of(send(editor, "POST", path, {}))["attr"] == "revision"


def test_a_viewer_may_look_and_not_change() -> None:
    build_flow()
    viewer = signed_in("viewer")
    assert viewer.get(f"{CART_AT}diff/").status_code == 200
    assert send(viewer, "POST", f"{CART_AT}publish/preview/", {}).status_code == 200
    assert error_of(send(viewer, "POST", f"{CART_AT}rollback/", {"version": 1}), 403)
    assert error_of(send(viewer, "POST", f"{CART_AT}versions/1/restore/", {"revision": 1}), 403)
