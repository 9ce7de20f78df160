"""The signed token in every mail by which its reader unsubscribes, and where it leads.

It names the message, not the contact: a contact that has been merged meanwhile is found by it, and
one that has been deleted is not. It never expires, since a mail may be read years later.
"""

from django.conf import settings
from django.core import signing

_SALT = "messaging.unsubscribe"


def token_of(message_id: int) -> str:
    """Return the token for a message."""
    return signing.Signer(salt=_SALT).sign(str(message_id)).replace(":", ".", 1)


def message_id_of(token: str) -> int | None:
    """Return which message a token was made for; None if nobody here made it."""
    number, _, signature = token.partition(".")
    try:
        return int(signing.Signer(salt=_SALT).unsign(f"{number}:{signature}"))
    except (signing.BadSignature, ValueError):
        return None


def unsubscribe_url(message_id: int | None) -> str:
    """Return the address of the page for a message; of a page that does nothing for a preview."""
    return f"{settings.PUBLIC_URL}/u/{'preview' if message_id is None else token_of(message_id)}/"
