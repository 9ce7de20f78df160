"""The one HTML page; the browser's own router makes all pages of it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    """Answer any address that nothing else claims with the page and the CSRF cookie."""
    return render(request, "index.html", {"csp_nonce": str(getattr(request, "csp_nonce", ""))})


def unknown_api(request: HttpRequest) -> JsonResponse:
    """Answer an unknown address of the API in the API's own shape."""
    errors = [{"code": "not_found", "detail": "Not found.", "attr": None}]
    return JsonResponse({"type": "client_error", "errors": errors}, status=404)
