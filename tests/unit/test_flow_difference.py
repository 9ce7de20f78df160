"""What differs between two editions of a flow, as data and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flows.graph import Difference, Graph, Settings, difference
from tests.builders_flows import CART, CART_EDGES, HOUR, MAIL, build_graph, on

PRO = {"type": "field", "field": "plan", "op": "eq", "value": "pro"}


def drawn(nodes: Mapping[str, Any] = CART, *edges: str) -> Graph:
    return Graph.model_validate(build_graph(nodes, edges or CART_EDGES))


def names(kind: str, key: str) -> str:
    return {"hello": "Come back", "vips": "Good customers"}.get(key, key)


def between(before: Graph, after: Graph, **settings: Any) -> Difference:
    was, now = (Settings.model_validate(settings.get(key, {})) for key in ("was", "now"))
    return difference(before, after, was, now, names=names)


def test_an_edition_is_the_same_as_itself() -> None:
    found = between(drawn(), drawn())
    assert (found.same, found.words, found.moved) == (True, (), ())


def test_a_node_that_is_only_drawn_elsewhere_is_moved_and_not_changed() -> None:
    data = build_graph()
    data["nodes"][1]["position"] = {"x": 5, "y": 6}
    found = between(drawn(), Graph.model_validate(data))
    assert (found.same, found.changed, found.moved) == (True, (), ("hour",))


def test_a_changed_wait_is_said_before_and_after_with_its_field() -> None:
    found = between(drawn(), drawn({**CART, "hour": ("wait", {"for": "P1D"})}))
    (change,) = found.changed
    assert (change.before, change.after, change.moved) == ("Wait 1 hour", "Wait 1 day", False)
    assert [(one.field, one.before, one.after) for one in change.fields] == [("for", "PT1H", "P1D")]
    assert found.words == ("“Wait 1 hour” is now “Wait 1 day”.",)


def test_two_ways_to_choose_nothing_are_the_same() -> None:
    said = {**CART, "remind": ("send_email", {"template": "hello", "topic": None})}
    assert between(drawn(), drawn(said)).same


def test_what_the_sentence_does_not_say_is_said_by_fields() -> None:
    mail = ("send_email", {"template": "hello", "subject": "Still here?"})
    found = between(drawn(), drawn({**CART, "remind": mail}))
    assert found.words == (
        "“Send ‘Come back’” is changed: subject: “Still here?”, which was not there.",
    )


def test_a_step_put_between_two_others_is_said_by_its_place() -> None:
    nodes = {**CART, "day": ("wait", {"for": "P1D"}), "again": MAIL}
    found = between(drawn(), drawn(nodes, *CART_EDGES, "remind next day", "day next again"))
    assert [node.id for node in found.added] == ["day", "again"]
    assert [(edge.source, edge.target) for edge in found.edges_added] == [
        ("remind", "day"),
        ("day", "again"),
    ]
    assert found.words == (
        "“Wait 1 day” is new, between “Send ‘Come back’” and “Send ‘Come back’”.",
        "“Send ‘Come back’” is new, after “Wait 1 day”.",
    )


def test_a_removed_step_and_the_way_that_closes_over_it() -> None:
    nodes = {"cart": on("Product Added"), "remind": MAIL}
    found = between(drawn(), drawn(nodes, "cart next remind"))
    assert [node.id for node in found.removed] == ["hour"]
    assert found.words == (
        "“Wait 1 hour” is removed, between “Does Product Added” and “Send ‘Come back’”.",
        "“Does Product Added” leads to “Send ‘Come back’” instead of “Wait 1 hour”.",
    )


def test_a_way_that_leads_elsewhere_names_its_branch() -> None:
    nodes = {"in": on("A"), "pro": ("condition", {"rule": PRO}), "hour": HOUR, "mail": MAIL}
    before = drawn(nodes, "in next pro", "pro yes hour", "hour next mail")
    after = drawn(nodes, "in next pro", "pro no hour", "hour next mail")
    first, second = between(before, after).words
    assert "by “yes”, no longer leads to “Wait 1 hour”." in first
    assert "by “no”, leads to “Wait 1 hour”." in second


def test_another_type_and_a_note_are_changes() -> None:
    data = build_graph({**CART, "hour": ("wait_for", {"rule": PRO, "timeout": "PT1H"})})
    data["nodes"][2]["note"] = "ask Ann"
    found = between(drawn(), Graph.model_validate(data))
    assert [one.field for change in found.changed for one in change.fields] == [
        "type", "rule", "timeout", "for", "note",
    ]  # fmt: skip
    assert found.words[1] == "“Send ‘Come back’” has another note: “ask Ann”, which was not there."


def test_settings_are_said_one_by_one() -> None:
    leave = {"type": "event", "name": "Order Completed"}
    found = between(
        drawn(),
        drawn(),
        was={"suppress": ["vips"]},
        now={
            "reentry": {"type": "after_exit", "gap": "P7D"},
            "exit_when": [leave, {"type": "segment_left", "segment": "vips"}],
            "goal": PRO,
        },
    )
    assert [one.field for one in found.settings] == ["reentry", "exit_when", "suppress", "goal"]
    assert found.words == (
        "Coming again: after leaving, 7 days later (was: never).",
        "Takes out who: now also did Order Completed, leaves Good customers.",
        "Keeps out the members of: no longer Good customers.",
        "The goal is now: plan is “pro”.",
    )


def test_the_terms_of_mails_are_said_as_people_say_them() -> None:
    before = Settings.model_validate({"email_limit": {"count": 3, "per": "P1D"}})
    after = Settings.model_validate(
        {
            "quiet_hours": {"from": "22:00", "to": "08:00"},
            "email_limit": {"count": 1, "per": "P1W"},
        }
    )
    there = difference(drawn(), drawn(), before, after)
    assert sorted(there.words) == [
        "Email limit: 1 e-mail per contact in 7 days (was: 3 e-mails per contact in 1 day).",
        "Quiet hours: 22:00–08:00 in the contact's time zone.",
    ]
    vienna = {"quiet_hours": {"from": "21:30", "to": "whenever", "timezone": "Europe/Vienna"}}
    words = difference(drawn(), drawn(), after, Settings.model_validate(vienna)).words
    assert "Email limit: no longer 1 e-mail per contact in 7 days." in words
    assert (
        "Quiet hours: 21:30–whenever in the time of Europe/Vienna "
        "(was: 22:00–08:00 in the contact's time zone)." in words
    )


def test_a_draft_full_of_faults_can_be_compared() -> None:
    odd = Graph.model_validate(
        {
            "nodes": [
                {"id": "a", "type": "nothing", "config": {"x": [1, {"y": None}]}},
                {"id": "a", "type": "wait", "config": {"for": 7}},
            ],
            "edges": [{"source": "a", "target": "a"}, {"source": "?", "target": "b"}] * 2,
        }
    )
    assert between(Graph(), odd).words
    assert between(odd, Graph()).words
    assert between(odd, odd).same


ids = st.sampled_from("abcd")
nodes = st.builds(
    lambda key, hours: {"id": key, "type": "wait", "config": {"for": f"PT{hours}H"}},
    ids,
    st.integers(1, 3),
)
edges = st.builds(lambda a, b: {"source": a, "target": b}, ids, ids)
graphs = st.builds(
    lambda some, ways: Graph.model_validate({"nodes": some, "edges": ways}),
    st.lists(nodes, unique_by=lambda node: node["id"]),
    st.lists(edges, unique_by=lambda edge: (edge["source"], edge["target"])),
)


@given(graphs, graphs)
def test_the_difference_leads_from_one_to_the_other_and_back(before: Graph, after: Graph) -> None:
    there, back = difference(before, after), difference(after, before)
    assert {node.id for node in there.added} == {node.id for node in back.removed}
    assert set(there.edges_added) == set(back.edges_removed)
    built = {node.id: node for node in before.nodes}
    for node in there.removed:
        del built[node.id]
    for node in (*there.added, *(n for n in after.nodes if n.id in {c.id for c in there.changed})):
        built[node.id] = node
    assert built == {node.id: node for node in after.nodes}
    ways = (set(before.edges) - set(there.edges_removed)) | set(there.edges_added)
    assert ways == set(after.edges)
    assert there.same == (built == {n.id: n for n in before.nodes} and ways == set(before.edges))


def test_notes_on_the_canvas_are_told_apart_from_their_places() -> None:
    was, now = (
        Graph.model_validate(build_graph() | {"notes": notes})
        for notes in (
            [{"id": "a", "text": "Ask Ada"}, {"id": "b", "text": "Old"}],
            [
                {"id": "a", "text": "Ask Bea", "position": {"x": 5, "y": 6}},
                {"id": "c", "text": "Before\nChristmas"},
            ],
        )
    )
    found = between(was, now)
    assert not found.same
    assert found.words == (
        "The note “Old” is removed.",
        "The note “Before Christmas” is new.",
        "The note “Ask Ada” now reads “Ask Bea”.",
    )
    lain = [note.model_copy(update={"position": now.notes[0].position}) for note in was.notes]
    assert between(was, was.model_copy(update={"notes": lain})).same
