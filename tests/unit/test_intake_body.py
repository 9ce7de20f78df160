"""Bodies of the tracking API are read with bounds, and one bad message does not spoil a batch."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from contacts.intake.body import MAX_BATCH, BodyRefused, batch_of, document, unpacked

GOOD = {"type": "track", "userId": "u1", "event": "Paid"}


def test_gzip_is_unpacked() -> None:
    assert unpacked(gzip.compress(b"{}", mtime=0), "gzip") == b"{}"


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (b"x" * (MAX_BATCH + 1), "", "too_large"),
        (gzip.compress(b"0" * 50_000_000, 9, mtime=0), "gzip", "too_large"),
        (b"{}", "gzip", "not_gzip"),
        (zlib.compress(b"{}"), "gzip", "not_gzip"),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip", "not_gzip"),
        (gzip.compress(b"{}", mtime=0) + b"more", "gzip", "not_gzip"),
        (b"{}", "br", "unknown_encoding"),
    ],
)
def test_packed_bodies_are_bounded(body: bytes, encoding: str, code: str) -> None:
    with pytest.raises(BodyRefused) as refused:
        unpacked(body, encoding)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(BodyRefused) as refused:
        document(body)
    assert refused.value.code == "not_json"


@pytest.mark.parametrize(
    "bad",
    [
        "text",
        {**GOOD, "properties": {"x": "\x00"}},
        {**GOOD, "properties": {"x": "\ud800"}},
        {**GOOD, "properties": {"x": 10**400}},
        {**GOOD, "properties": {"x": float("nan")}},
        {**GOOD, "properties": {"x": 2**64}},
        {**GOOD, "properties": {"x": "y" * 33_000}},
        {**GOOD, "properties": {"x": "ü" * 17_000}},
    ],
    ids=["text", "nul", "surrogate", "digits", "nan", "bigint", "long", "long in bytes"],
)
def test_a_bad_message_is_handed_back_apart(bad: Any) -> None:
    batch = batch_of(document(json.dumps({"batch": [GOOD, bad, GOOD]}).encode()), "batch")
    assert len(batch.written) == 2
    assert [code for _, code, _ in batch.bad] in (["not_a_message"], ["unsafe"], ["too_large"])


def test_a_message_nested_too_deep_is_handed_back_apart() -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    batch = batch_of({"batch": [{**GOOD, "properties": {"x": deep}}, GOOD]}, "batch")
    assert len(batch.written) == 1
    assert "deeper" in batch.bad[0][2]


@pytest.mark.parametrize(
    ("read", "call", "code"),
    [
        ({}, "batch", "invalid"),
        ({"batch": {}}, "batch", "invalid"),
        ({"batch": [{"type": "track", "event": "Paid"}] * 3}, "batch", "no_identity"),
        ({"batch": [0] * 5_001}, "batch", "too_large"),
        ({"userId": "u", "event": "x", "properties": {"a": "y" * 33_000}}, "track", "too_large"),
        ({"userId": "u", "event": "\x00"}, "track", "unsafe"),
    ],
)
def test_whole_bodies_are_refused_with_a_reason(read: dict[str, Any], call: str, code: str) -> None:
    with pytest.raises(BodyRefused) as refused:
        batch_of(read, call)
    assert refused.value.code == code


def test_a_batch_of_nothing_is_nothing() -> None:
    assert batch_of({"batch": []}, "batch").written == []


def test_the_batchs_sent_at_is_every_messages() -> None:
    sent = {"batch": [dict(GOOD), {**GOOD, "sentAt": "own"}], "sentAt": "batch's"}
    assert [m["sentAt"] for m in batch_of(sent, "batch").messages] == ["batch's", "own"]


def test_a_single_call_has_the_type_of_its_address_and_keeps_no_key() -> None:
    batch = batch_of({"userId": "u", "event": "Paid", "writeKey": "k", "type": "page"}, "track")
    assert batch.messages == [{"userId": "u", "event": "Paid", "type": "track"}]
