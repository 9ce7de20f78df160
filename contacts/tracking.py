"""The tracking API of the Segment spec: `/v1/track` and its like, for servers and browsers.

A plain Django view: the body is checked, written to the inbox in one statement and answered. It
lets any origin call it, because browsers of other sites do, and never looks at cookies.
"""

from __future__ import annotations

import base64
import binascii
import time
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.keys import key_digest
from common.clock import utcnow
from contacts.intake.body import CALLS, MAX_BATCH, Batch, BodyRefused, batch_of, document, unpacked
from contacts.intake.inbox import RejectedRow, SourceGone, append, set_aside
from contacts.intake.parsing import MessageRefused, parse

KEY_CACHED_SECONDS: Final = 30.0
"""So long a write key is believed without a look; the inbox still refuses a removed source's."""

_CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Max-Age": "86400",
}
_SOURCES: dict[str, tuple[int, float]] = {}


@csrf_exempt
def call(request: HttpRequest, name: str) -> HttpResponse:
    """Answer one call: 200 once everything is durable, else the reason."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=_CORS)
    if request.method != "POST":
        return _refuse(405, "method_not_allowed", "Send it with POST.")
    try:
        return _accept(request, CALLS[name], utcnow())
    except BodyRefused as refusal:
        return _refuse(400, refusal.code, refusal.reason)
    except SourceGone:
        _SOURCES.clear()
        return _refuse_key()


@csrf_exempt
def browser_settings(request: HttpRequest, key: str) -> HttpResponse:
    """Answer what `@segment/analytics-next` asks before it sends: where to, and that is all."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=_CORS)
    if request.method not in ("GET", "HEAD"):
        return _refuse(405, "method_not_allowed", "Ask with GET.")
    if source_of(key, utcnow()) is None:
        return _refuse(404, "not_found", "There is no source with this write key.")
    destination: dict[str, object] = {
        "apiKey": key,
        "apiHost": f"{request.get_host()}/v1",
        "protocol": "https" if request.is_secure() else "http",
        "unbundledIntegrations": [],
        "addBundledMetadata": False,
    }
    return JsonResponse({"integrations": {"Segment.io": destination}, "plan": {}}, headers=_CORS)


def source_of(key: str, now: datetime) -> int | None:
    """Return the id of the source that a write key belongs to."""
    if not key.isascii():
        return None
    digest = key_digest(key)
    held = _SOURCES.get(digest)
    if held is not None and held[1] > time.monotonic():
        return held[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE source SET last_used_at = %s WHERE digest = %s RETURNING id", [now, digest]
        )
        found = cursor.fetchone()
    if found is None:
        _SOURCES.pop(digest, None)
        return None
    _SOURCES[digest] = (found[0], time.monotonic() + KEY_CACHED_SECONDS)
    return int(found[0])


def _accept(request: HttpRequest, kind: str, now: datetime) -> HttpResponse:
    key = _basic_user(request)
    source_id = source_of(key, now) if key is not None else None
    if key is not None and source_id is None:
        return _refuse_key()
    read = document(unpacked(_body(request), request.headers.get("Content-Encoding", "")))
    if source_id is None:
        key = read.get("writeKey")
        source_id = source_of(key, now) if isinstance(key, str) else None
    if source_id is None:
        return _refuse_key()
    batch = batch_of(read, kind)
    if kind != "batch":
        try:
            parse(batch.messages[0], received_at=now)
        except MessageRefused as refusal:
            raise BodyRefused(refusal.code, refusal.reason) from None
    _store(batch, source_id, kind, now)
    return JsonResponse({"success": True}, headers=_CORS)


def _body(request: HttpRequest) -> bytes:
    """Read the body, but not more of it than a batch may have and one byte."""
    body: bytes = request.read(MAX_BATCH + 1)
    return body


def _store(batch: Batch, source_id: int, kind: str, now: datetime) -> None:
    if not batch.bad:
        _append(batch, source_id, kind, now)
        return
    with transaction.atomic():
        _append(batch, source_id, kind, now)
        set_aside(
            [
                RejectedRow(now, source_id, message, code, reason)
                for message, code, reason in batch.bad
            ]
        )


def _append(batch: Batch, source_id: int, kind: str, now: datetime) -> None:
    if batch.written:
        append(source_id, batch.payload, size=len(batch.written), kind=kind, now=now)


def _basic_user(request: HttpRequest) -> str | None:
    """Return the user name of HTTP Basic auth; the empty one is nobody's."""
    scheme, _, packed = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(packed.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return pair.partition(":")[0]


def _refuse_key() -> HttpResponse:
    return _refuse(401, "invalid_write_key", "This write key is not known.")


def _refuse(status: int, code: str, detail: str) -> HttpResponse:
    answer = {"type": "client_error", "errors": [{"code": code, "detail": detail, "attr": None}]}
    return JsonResponse(answer, status=status, headers=_CORS)
