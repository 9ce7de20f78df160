"""Whatever a draft holds: exported, applied to an empty database and exported again, it is the same
to the letter, and nothing of it is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import COMMAND
from common.yamltext import as_text, documents, in_order
from flows.code.applying import flows_apply, flows_compare, flows_export, flows_read
from flows.models import Flow
from flows.services import flow_create
from tests.builders import NOW

pytestmark = pytest.mark.django_db

letters = st.characters(categories=None, exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(
    st.text(letters, max_size=30),
    st.sampled_from(
        ["", "yes", "no", "on", "null", "~", "12:30", "1e3", "0x1F", "2026-01-01", "- a", "a: b",
         "# no", "'", '"', "| x", "a\n b\n", "\n", " x ", "*a", "&a", "!x", "%", "é😀", ".5", "=",
         "<<", "a\r\nb", "tab\tx", "-", "?", "[", "{", "1_000", "007", "\u2028", "\ufeffx", "\x85"]
    ),
)  # fmt: skip
numbers = st.one_of(
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False, width=32).filter(lambda n: n != 0 or n == 0.0),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)
ids = st.text("abc.:_-9", min_size=1, max_size=3)
kinds = st.sampled_from(["wait", "event", "condition", "split", "send_email", "nothing", "no"])
nodes = st.fixed_dictionaries(
    {"id": ids, "type": kinds},
    optional={
        "config": st.dictionaries(texts, values, max_size=3),
        "note": texts,
        "position": st.fixed_dictionaries(
            {"x": st.floats(-1e6, 1e6, width=32), "y": st.integers(-1000, 1000)}
        ),
    },
)
edges = st.fixed_dictionaries(
    {"source": st.one_of(ids, texts), "target": st.one_of(ids, texts)},
    optional={"branch": st.one_of(st.sampled_from(["next", "yes", "no"]), texts)},
)
notes = st.fixed_dictionaries(
    {"id": ids},
    optional={
        "text": texts,
        "position": st.fixed_dictionaries({"x": st.floats(-1e6, 1e6, width=32), "y": st.just(7)}),
        "width": st.floats(120, 800),
    },
)
graphs = st.fixed_dictionaries(
    {"nodes": st.lists(nodes, max_size=5), "edges": st.lists(edges, max_size=8)},
    optional={"notes": st.lists(notes, max_size=3, unique_by=lambda note: note["id"])},
)
drafts = st.fixed_dictionaries(
    {},
    optional={
        "reentry": st.sampled_from([{"type": "once"}, {"type": "after_exit", "gap": "P7D"}]),
        "goal": st.dictionaries(texts, values, max_size=3),
        "suppress": st.lists(texts, max_size=3),
        "exit_when": st.lists(
            st.builds(
                lambda name, where: {"type": "event", "name": f"x{name}", "where": [where]},
                texts,
                st.dictionaries(texts, values, max_size=2),
            ),
            max_size=2,
        ),
    },
)


@given(values)
@settings(max_examples=300)
def test_any_json_is_the_same_when_it_is_read_again(value: Any) -> None:
    thing = {"it": value}
    text = as_text([thing, thing])
    assert [one.data for one in documents(text, file="f")] == [thing, thing]
    assert as_text([documents(text, file="f")[0].data] * 2) == text
    assert in_order(thing) == thing


@given(graphs, drafts, texts.filter(bool))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_flow_survives_the_way_through_a_file(
    graph: dict[str, Any], agreed: dict[str, Any], name: str
) -> None:
    with transaction.atomic():
        made = flow_create(key="k", name=name, graph=graph, settings=agreed, actor=COMMAND, now=NOW)
        made.refresh_from_db()
        text = flows_export()["k"]
        (same,) = flows_compare(flows_read({"k.yaml": text}))
        assert same.same
        Flow.objects.all().delete()
        flows_apply(flows_read({"k.yaml": text}), actor=COMMAND, now=NOW)
        assert flows_export()["k"] == text
        again = Flow.objects.get()
        assert (again.name, again.settings) == (made.name, made.settings)
        assert again.graph["nodes"] == made.graph["nodes"]
        assert again.graph["notes"] == made.graph["notes"]
        assert sorted(map(repr, again.graph["edges"])) == sorted(map(repr, made.graph["edges"]))
        (left,) = flows_apply(flows_read({"k.yaml": text}), actor=COMMAND, now=NOW)
        assert left.what == "left"
        transaction.set_rollback(True)
