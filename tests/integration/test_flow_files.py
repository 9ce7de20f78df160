"""Flows out to files, in again, compared and tested: `manage.py flow`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.permissions import COMMAND
from flows.code.applying import flows_export
from flows.lives import flow_pause, flow_publish
from flows.models import Flow, FlowVersion
from flows.services import flow_create
from messaging.models import Message
from tests.builders import NOW
from tests.builders_flows import (
    CART,
    CART_EDGES,
    HOUR,
    LEAVE_ON_PURCHASE,
    MAIL,
    Stage,
    build_flow,
    build_graph,
    build_template,
    everything_adds_up,
    on,
)

pytestmark = pytest.mark.django_db

CART_FILE = """\
flow: cart
name: Cart
settings:
  exit_when:
    - type: event
      name: Order Completed
nodes:
  - id: cart
    type: event
    config:
      name: Product Added
    next: hour
  - id: hour
    type: wait
    config:
      for: PT1H
    next: remind
  - id: remind
    type: send_email
    config:
      template: hello
"""
TESTS = """\
tests:
  - name: a purchase stops the reminder
    contact:
      fields:
        plan: trial
    timeline:
      - at: PT5M
        event: Product Added
      - at: PT30M
        event: Order Completed
    expect:
      path:
        - cart
        - hour: PT5M
      outcome: exited
      emails: []
  - name: who does not buy is reminded
    timeline:
      - at: PT0S
        event: Product Added
    until: P1D
    expect:
      path:
        - cart
        - hour
        - remind: PT1H
      outcome: completed
      emails:
        - remind
"""


def run(*words: str) -> str:
    out = StringIO()
    call_command("flow", *words, stdout=out)
    return out.getvalue()


def code_of(*words: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out = StringIO()
    try:
        call_command("flow", *words, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as found:
        run(*words)
    assert found.value.returncode == 2
    return str(found.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cart.yaml"
    path.write_text(CART_FILE, encoding="utf-8")
    return path


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


# ── export and apply ────────────────────────────────────────────────────────────────────────────


def test_a_flow_reads_along_its_ways(file: Path) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    assert run("export") == CART_FILE
    assert run("export", "cart") == CART_FILE


def test_applied_and_exported_again_it_is_the_same_to_the_letter(file: Path) -> None:
    file.write_text(CART_FILE + TESTS, encoding="utf-8")
    assert "made cart" in run("apply", str(file))
    assert run("export") == file.read_text(encoding="utf-8")
    assert "left cart" in run("apply", str(file))
    assert Flow.objects.get().revision == 1


def test_files_go_to_a_folder_and_come_from_it(tmp_path: Path) -> None:
    build_flow()
    build_flow("other", live=False)
    folder = tmp_path / "flows"
    run("export", "--to", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["cart.yaml", "other.yaml"]
    assert run("apply", str(folder)).split() == ["left", "cart", "left", "other"]
    both = tmp_path / "both.yaml"
    both.write_text(run("export"), encoding="utf-8")
    assert run("diff", str(both)).split("\n")[:2] == ["cart: the same", "other: the same"]


def test_what_is_live_can_be_exported_instead_of_the_draft(file: Path) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    build_flow("other", live=False)
    edit(file, "PT1H", "PT2H")
    run("apply", str(file))
    assert run("export", "--live") == CART_FILE
    assert "PT2H" in run("export", "cart")


def test_a_draft_with_all_its_faults_survives(tmp_path: Path) -> None:
    graph: dict[str, Any] = {
        "nodes": [
            {"id": "a", "type": "nothing", "config": {"x": [1, {"y": None}], "no": "yes"}},
            {"id": "a", "type": "wait", "note": "two\nlines ", "position": {"x": 1.5, "y": -3}},
            {"id": "1", "type": "condition", "config": {}},
        ],
        "edges": [
            {"source": "1", "target": "a", "branch": "no"},
            {"source": "1", "target": "?", "branch": "yes"},
            {"source": "1", "target": "1", "branch": "yes"},
            {"source": "lost", "target": "a"},
        ],
    }
    flow_create(key="odd", name="odd", graph=graph, settings={}, actor=COMMAND, now=NOW)
    text = run("export")
    Flow.objects.all().delete()
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    run("apply", str(path))
    assert run("export") == text
    stored = Flow.objects.get().graph
    assert stored["nodes"] == [
        {"config": {}, "note": "", "position": {"x": 0.0, "y": 0.0}, **node}
        for node in graph["nodes"]
    ]
    assert {tuple(sorted(edge.items())) for edge in stored["edges"]} == {
        tuple(sorted({"branch": "next", **edge}.items())) for edge in graph["edges"]
    }


def test_a_change_is_told_in_words_and_the_revision_goes_up(file: Path) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    edit(file, "PT1H", "PT45M")
    edit(file, "name: Cart\n", "name: Abandoned cart\n")
    told = run("apply", str(file))
    assert "changed cart" in told
    assert "It is called “Abandoned cart” (was: “Cart”)." in told
    assert "“Wait 1 hour” is now “Wait 45 minutes”." in told
    assert Flow.objects.get().revision == 2
    assert FlowVersion.objects.count() == 1


def test_files_are_applied_all_or_none(tmp_path: Path, file: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("flow: new\nname: x\nnodes: []\n", encoding="utf-8")
    told = refused("apply", str(file), str(bad))
    assert told == f"{bad}, line 1: “new” cannot be a key: choose another."
    assert not Flow.objects.exists()


def test_what_somebody_has_saved_since_is_not_written_over(file: Path) -> None:
    build_flow()
    edit(file, "name: Cart\n", "name: Cart\nrevision: 1\n")
    assert "changed cart" in run("apply", str(file))
    edit(file, "PT1H", "PT3H")
    told = refused("apply", str(file))
    assert f"{file}, line 3: the draft has revision 2 by now" in told
    assert "PT3H" not in run("export")


def test_a_dry_run_does_nothing_and_says_what_would_be(file: Path) -> None:
    build_template()
    told = run("apply", str(file), "--publish", "--dry-run")
    assert "made cart, would be published as version 1" in told
    assert "Nothing was done" in told
    assert not Flow.objects.exists()


def test_publishing_moves_or_leaves_those_inside(file: Path) -> None:
    stage = Stage()
    build_template()
    assert "made cart, published as version 1" in run("apply", str(file), "--publish")
    stage.does("ada", "Product Added")
    assert run("apply", str(file), "--publish").split() == ["left", "cart"]
    edit(file, "PT1H", "PT2H")
    told = run("apply", str(file), "--publish", "--inside", "move")
    assert "changed cart, published as version 2" in told
    assert stage.visit("ada").version.number == 2
    everything_adds_up()


def test_who_is_at_a_removed_step_goes_where_the_command_says(file: Path) -> None:
    stage = Stage()
    build_template()
    run("apply", str(file), "--publish")
    for name in ("ada", "bob"):
        stage.does(name, "Product Added")
    edit(file, "hour", "pause")
    publish = ("apply", str(file), "--publish", "--inside", "move")
    told = run(*publish, "--to", "hour=pause", "--dry-run")
    assert "would be published as version 2" in told
    assert "No flow of these files loses a step “gone”." in refused(*publish, "--to", "gone=pause")
    assert "there is no step “x” to move people to" in refused(*publish, "--to", "hour=x")
    assert "is not of the form OLD=NEW" in refused(*publish, "--to", "hour")
    assert "only when you publish and move" in refused("apply", str(file), "--to", "hour=pause")
    assert Flow.objects.get(live_version__number=1)
    run(*publish, "--to", "hour=pause")
    assert [stage.visit(name).node for name in ("ada", "bob")] == ["pause", "pause"]
    edit(file, "pause", "rest")
    run(*publish, "--to", "pause=")
    assert stage.states() == ["exited", "exited"]
    everything_adds_up()


def test_a_paused_flow_is_not_resumed_by_a_file(file: Path) -> None:
    build_flow()
    flow_pause("cart", actor=COMMAND, now=NOW)
    assert "is paused, and publishing would resume it" in refused("apply", str(file), "--publish")
    assert "PT1H" in run("export")
    assert Flow.objects.get().settings.get("exit_when") == []


def test_what_keeps_a_flow_from_being_published_is_told_with_its_line(file: Path) -> None:
    told = refused("apply", str(file), "--publish")
    assert told == f"{file}, line 18: There is no template “hello”. Choose another or create it."
    assert not Flow.objects.exists()


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("next: hour", "nxt: hour", 12, "“nxt” is not known here"),
        ("name: Cart", "title: Cart", 2, "“title” is not known here"),
        ("name: Cart\n", "", 1, "“name” is missing"),
        ("flow: cart", "segment: cart", 1, "a flow begins with `flow: <its key>`"),
        ("id: hour", "id: an hour", 13, "id: "),
        ("      for: PT1H\n", "      for: PT1H\n      for: PT2H\n", 17, "stands here twice"),
        ("type: wait", "type: 7", 14, "type: "),
        ("exit_when:", "leave_when:", 4, "“leave_when” is not known here"),
        ("    next: remind\n", "    next: remind\n    ways: {a: b}\n", 18, "not both"),
        ("name: Cart", "name: [", 4, "this is no YAML"),
        ("name: Cart", "name: &x Cart\nrevision: *x", 2, "an alias"),
        ("flow: cart", "flow: Ä ö", 1, "A key holds small letters"),
    ],
)
def test_what_can_not_be_used_is_refused_with_its_line(
    file: Path, before: str, after: str, line: int, said: str
) -> None:
    edit(file, before, after)
    told = refused("apply", str(file))
    assert told.startswith(f"{file}, line {line}: "), told
    assert said in told
    assert not Flow.objects.exists()


def test_one_flow_in_two_files_and_files_that_are_none_are_refused(
    tmp_path: Path, file: Path
) -> None:
    twin = tmp_path / "twin.yaml"
    twin.write_text(CART_FILE, encoding="utf-8")
    assert f"{twin}, line 1: the flow “cart” is in {file} already" in refused(
        "apply", str(file), str(twin)
    )
    twin.write_bytes(b"\xff\xfe\xff")
    assert refused("apply", str(twin))
    assert refused("apply", str(tmp_path / "nowhere.yaml"))
    assert "There is no flow “b”." in refused("export", "b")


# ── diff ────────────────────────────────────────────────────────────────────────────────────────


def test_a_diff_tells_what_applying_would_change_and_ends_with_1(file: Path) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    assert code_of("diff", str(file)) == (0, "cart: the same\n")
    edit(file, "PT1H", "P1D")
    edit(file, "    next: remind\n", "    next: again\n")
    file.write_text(
        file.read_text(encoding="utf-8")
        + "  - id: again\n    type: wait\n    config:\n      for: PT2H\n    next: remind\n",
        encoding="utf-8",
    )
    code, told = code_of("diff", str(file))
    assert (code, told.splitlines()) == (
        1,
        [
            "cart:",
            "  “Wait 2 hours” is new, between “Wait 1 day” and “Send ‘hello’”.",
            "  “Wait 1 hour” is now “Wait 1 day”.",
        ],
    )
    assert Flow.objects.get().revision == 1


def test_a_diff_looks_at_the_draft_or_at_what_is_live(file: Path) -> None:
    build_flow(settings=LEAVE_ON_PURCHASE)
    edit(file, "PT1H", "P1D")
    run("apply", str(file))
    assert code_of("diff", str(file))[0] == 0
    assert code_of("diff", "--live", str(file))[0] == 1
    flow_publish("cart", actor=COMMAND, now=NOW)
    assert code_of("diff", "--live", str(file))[0] == 0


def test_a_flow_that_is_not_there_yet_differs(file: Path) -> None:
    assert code_of("diff", str(file)) == (
        1,
        "cart:\n  There is no such flow yet: applying makes it.\n",
    )


# ── tests in files ──────────────────────────────────────────────────────────────────────────────


def test_the_tests_in_a_file_run_against_the_flow_in_it(file: Path) -> None:
    build_flow("cart", {"in": on("A"), "hour": HOUR, "mail": MAIL}, ["in next hour"], live=False)
    file.write_text(CART_FILE + TESTS, encoding="utf-8")
    code, told = code_of("test", str(file))
    assert (code, told.splitlines()) == (
        0,
        [
            "  ok  cart: a purchase stops the reminder",
            "  ok  cart: who does not buy is reminded",
            "2 tests, all well",
        ],
    )
    code, told = code_of("test", str(file), "-k", "REMINDED")
    assert (code, told.count("ok")) == (0, 1)
    assert not Message.objects.exists()


def test_a_test_that_fails_says_where_and_how(file: Path) -> None:
    file.write_text(CART_FILE + TESTS, encoding="utf-8")
    edit(file, "PT1H\n    next", "PT10M\n    next")
    code, told = code_of("test", str(file))
    assert code == 1
    assert "FAIL  cart: a purchase stops the reminder" in told
    assert f"{file}, line 23: expected the path cart → hour (at PT5M), and it was cart" in told
    assert "expected the outcome “exited”, and it was “completed”" in told
    assert "2 tests, 2 failed" in told


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("outcome: exited", "outcom: exited", 36, "“outcom” is not known here"),
        ("outcome: exited", "outcome: lost", 36, "outcome"),
        ("until: P1D", "until: soon", 38, "who does not buy is reminded: "),
        ("at: PT30M", "at: never", 30, "a purchase stops the reminder: "),
    ],
)
def test_a_test_that_can_not_be_read_is_refused_with_its_line(
    file: Path, before: str, after: str, line: int, said: str
) -> None:
    file.write_text(CART_FILE + TESTS, encoding="utf-8")
    edit(file, before, after)
    told = refused("test", str(file))
    assert said in told
    assert told.startswith(f"{file}, line {line}: "), told


def test_a_flow_with_faults_is_not_tested(file: Path) -> None:
    file.write_text(CART_FILE.replace("for: PT1H", "for: soon") + TESTS, encoding="utf-8")
    assert f"{file}, line 13: " in refused("test", str(file))


def test_exports_hold_nothing_of_archived_flows() -> None:
    build_flow()
    Flow.objects.update(status="archived")
    assert flows_export() == {}
    assert list(flows_export(["cart"])) == ["cart"]
    assert build_graph(CART, CART_EDGES)["nodes"]
