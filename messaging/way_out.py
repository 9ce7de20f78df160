"""The page behind a mail's unsubscribe link.

Looking changes nothing: programs open the links of mails to check them. Only a POST unsubscribes,
from the page's button or from the mail program's own (RFC 8058). It needs no sign-in and no CSRF
token: the signed token in the address is all that a reader has, and all they need.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.clock import utcnow
from common.models import Workspace
from contacts.models import Topic
from messaging.models import Message
from messaging.services import message_unsubscribe
from messaging.unsubscribing import message_id_of

EVERYTHING = "everything"


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask (GET), or unsubscribe (POST): from the mail's topic, or `scope=everything`."""
    message_id = message_id_of(token)
    message = None if message_id is None else Message.objects.filter(id=message_id).first()
    if message is None:
        return _page(request, state="unknown", status=404)
    topic = message.topic
    if request.method != "POST":
        return _page(request, state="ask", topic=topic)
    if request.POST.get("scope") == EVERYTHING:
        topic = None
    message_unsubscribe(message, topic=topic, now=utcnow())
    return _page(request, state="done", topic=topic)


def _page(
    request: HttpRequest, *, state: str, topic: str | None = None, status: int = 200
) -> HttpResponse:
    """Show the page. It names nobody: a mail that was forwarded must not tell whom it was for."""
    known = Topic.objects.filter(key=topic).first() if topic else None
    return render(
        request,
        "messaging/unsubscribe.html",
        {
            "state": state,
            "topic": known.name if known else topic,
            "workspace": Workspace.objects.get(),
        },
        status=status,
    )
