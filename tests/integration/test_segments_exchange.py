"""Segments out to YAML and in again."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from segments.models import Segment
from segments.services import segment_create
from tests.builders import NOW

pytestmark = pytest.mark.django_db

HOT: dict[str, Any] = {"type": "field", "field": "score", "op": "gte", "value": 80}
IN_A = {"type": "segment", "segment": "z", "op": "in"}


def run(*words: str) -> str:
    out = StringIO()
    call_command("segment", *words, stdout=out)
    return out.getvalue()


def test_what_is_exported_can_be_applied(tmp_path: Path) -> None:
    segment_create(key="z", name="Größe", kind="dynamic", rule=HOT, now=NOW)
    segment_create(key="a", name="A", kind="growing", rule=IN_A, now=NOW)
    text = run("export")
    file = tmp_path / "segments.yaml"
    file.write_text(text, encoding="utf-8")
    assert sorted(run("apply", str(file)).split()) == ["a", "left", "left", "z"]
    Segment.objects.all().delete()
    assert "made z" in run("apply", str(file))
    assert run("export") == text
    assert run("export", "a").count("key:") == 1
    changed = yaml.safe_load(text)
    changed["segments"][1]["rule"]["value"] = 90
    file.write_text(yaml.safe_dump(changed), encoding="utf-8")
    assert "changed z" in run("apply", str(file))
    assert Segment.objects.get(key="z").rule == {**HOT, "value": 90}


@pytest.mark.parametrize(
    "text",
    ["{", "segments: 5", "segments: [{key: a}]", "segments: [{key: a, name: A, kind: x, rule: 5}]"],
)
def test_what_can_not_be_used_is_refused_as_a_whole(tmp_path: Path, text: str) -> None:
    file = tmp_path / "segments.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError):
        run("apply", str(file))
    assert Segment.objects.count() == 0


def test_a_segment_that_is_not_there_can_not_be_exported() -> None:
    segment_create(key="a", name="A", kind="dynamic", rule=HOT, now=NOW)
    with pytest.raises(CommandError, match="there is no segment “b”"):
        run("export", "a", "b")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "segments.yaml"
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CommandError):
        run("apply", str(file))
