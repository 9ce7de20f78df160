"""Segments out to files, in again, and compared: `manage.py segment`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from segments.models import Segment
from segments.services import segment_create
from tests.builders import NOW

pytestmark = pytest.mark.django_db

HOT: dict[str, Any] = {"type": "field", "field": "score", "op": "gte", "value": 80}
IN_Z = {"type": "segment", "segment": "z", "op": "in"}
FILES = """\
segment: a
name: A
kind: growing
rule:
  type: segment
  segment: z
  op: in
---
segment: z
name: Größe
kind: dynamic
description: who may buy
rule:
  type: field
  field: score
  op: gte
  value: 80
"""


def run(*words: str) -> str:
    out = StringIO()
    call_command("segment", *words, stdout=out)
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as found:
        run(*words)
    return str(found.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "segments.yaml"
    path.write_text(FILES, encoding="utf-8")
    return path


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_what_is_exported_can_be_applied(file: Path, tmp_path: Path) -> None:
    segment_create(
        key="z", name="Größe", kind="dynamic", rule=HOT, description="who may buy", now=NOW
    )
    segment_create(key="a", name="A", kind="growing", rule=IN_Z, now=NOW)
    assert run("export") == FILES
    assert run("export", "a") == FILES.partition("---\n")[0]
    assert run("apply", str(file)).split() == ["left", "z", "left", "a"]
    Segment.objects.all().delete()
    assert run("apply", str(file)).split() == ["made", "z", "made", "a"]
    assert run("export") == FILES
    folder = tmp_path / "folder"
    run("export", "--to", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["a.yaml", "z.yaml"]
    assert run("apply", str(folder)).split() == ["left", "z", "left", "a"]


def test_a_diff_tells_what_applying_would_change_and_ends_with_1(file: Path) -> None:
    run("apply", str(file))
    assert run("diff", str(file)) == "a: the same\nz: the same\n"
    edit(file, "value: 80", "value: 90")
    edit(file, "name: A\n", "name: B\n")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("segment", "diff", str(file), stdout=out)
    assert ended.value.code == 1
    assert out.getvalue().splitlines() == [
        "a:",
        "  The name is now “B” (was: “A”).",
        "z:",
        "  The rule is now: score is at least 90 (was: score is at least 80).",
    ]
    assert "Nothing was done" in run("apply", str(file), "--dry-run")
    assert Segment.objects.get(key="z").rule == HOT
    assert "changed z" in run("apply", str(file))
    assert Segment.objects.get(key="z").rule == {**HOT, "value": 90}


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("kind: growing", "kine: growing", 3, "“kine” is not known here"),
        ("kind: growing\n", "", 1, "“kind” is missing"),
        ("kind: growing", "kind: lasting", 3, "there is no kind"),
        ("segment: z\n  op", "segment: y\n  op", 4, "there is no segment “y”"),
        ("value: 80", "value: many", 17, "give a number"),
        ("op: gte", "op: over", 16, "op"),
        ("segment: z\nname", "segment: Z Z\nname", 9, "a key is made of"),
        ("segment: z\nname", "segment: a\nname", 9, "is in"),
        ("segment: a\n", "flow: a\n", 1, "a segment begins with"),
    ],
)
def test_what_can_not_be_used_is_refused_as_a_whole_with_its_line(
    file: Path, before: str, after: str, line: int, said: str
) -> None:
    edit(file, before, after)
    told = refused("apply", str(file))
    assert told.startswith(f"{file}, line {line}: "), told
    assert said in told
    assert Segment.objects.count() == 0


def test_a_segment_that_is_not_there_can_not_be_exported() -> None:
    segment_create(key="a", name="A", kind="dynamic", rule=HOT, now=NOW)
    assert "there is no segment “b”" in refused("export", "a", "b")


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\xff")
    assert refused("apply", str(file))
