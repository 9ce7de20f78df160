"""Refuses, before any view, what no view could do anything good with."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from common import safejson

BIGINT_MAX = 2**63 - 1


class RefuseUnsafeInput:
    """Bounds the body and refuses text that PostgreSQL can't hold, in the address and in sign-in.

    - a body larger than `LARGEST_BODY`, or what `LARGEST_BODIES` says of its path: 413 (each door
      has a smaller limit of its own);
    - NUL, or bytes that are no UTF-8, in the path or the query: 400;
    - a path with a whole number beyond `bigint`: 404, as there can be no such row;
    - JSON to sign-in (`/_allauth/`, which reads it by itself) that `common.safejson` refuses: 400.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or refuse it."""
        return self._refusal(request) or self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        largest = settings.LARGEST_BODIES.get(request.path_info, settings.LARGEST_BODY)
        if _declared_size(request) > largest:
            return _refuse(413, "too_large", "This request is too large.")
        if _unsafe(request.path_info) or not _query_is_text(request.META.get("QUERY_STRING", "")):
            return _refuse(400, "unsafe_text", "The address contains what is no text.")
        if any(_beyond_bigint(part) for part in request.path_info.split("/")):
            return _refuse(404, "not_found", "Not found.")
        if request.path_info.startswith("/_allauth/") and request.body:
            try:
                safejson.loads(request.body)
            except safejson.JSONRefused as fault:
                return _refuse(400, "parse_error", f"This body is refused: {fault}.")
        return None


def _declared_size(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _unsafe(text: str) -> bool:
    return safejson.text_fault(text) is not None


def _query_is_text(query: str) -> bool:
    raw = unquote_to_bytes(query.replace("+", " "))
    try:
        return b"\x00" not in raw and not _unsafe(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _beyond_bigint(part: str) -> bool:
    return len(part) > 18 and part.isdecimal() and (len(part) > 100 or int(part) > BIGINT_MAX)


def _refuse(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(
        {"type": "client_error", "errors": [{"code": code, "detail": detail, "attr": None}]},
        status=status,
    )
