"""Addresses that people type for calls, and the headers with them: which can be called. PURE."""

import re
from urllib.parse import urlsplit

MAX_URL = 2_000
MAX_HEADER = 4_000

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
_HOST = re.compile(r"[^\s/?#@\\{}%<>\"'^`|]+")


class AddressRefusedError(ValueError):
    """An address that can't be called; the sentence says why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def address_checked(url: str, *, may_hold_liquid: bool) -> None:
    """Refuse what is no address of another system's.

    Liquid may fill in the path and the query, so the host is the same for everybody: no contact's
    data decides whom we call.

    Raises
    ------
    AddressRefusedError
        With a sentence.

    Examples
    --------
    >>> address_checked("https://crm.example/leads/{{ external_id }}", may_hold_liquid=True)
    >>> address_checked("https://{{ host }}/", may_hold_liquid=True)
    Traceback (most recent call last):
        ...
    messaging.addresses.AddressRefusedError: Liquid can fill in the path, but not the host.
    """
    if len(url) > MAX_URL:
        raise AddressRefusedError("too_long", f"The address is longer than {MAX_URL:,} characters.")
    scheme, colon, rest = url.partition("://")
    if not colon or scheme.lower() not in ("http", "https"):
        raise AddressRefusedError("invalid", "The address begins with https:// or http://.")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if may_hold_liquid and "{" in host:
        raise AddressRefusedError(
            "liquid_in_host", "Liquid can fill in the path, but not the host."
        )
    if "@" in host:
        raise AddressRefusedError(
            "credentials", "Put the user and password into a header, not into the address."
        )
    try:
        parts = urlsplit(f"{scheme}://{host}")
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_whole = False
    if not is_whole or not _HOST.fullmatch(host):
        raise AddressRefusedError("invalid", "The address has no host such as api.example.com.")
    if not may_hold_liquid and re.search(r"[\x00-\x1f\x7f]", url):
        raise AddressRefusedError("invalid", "The address holds a line break.")


def header_fault(name: str, value: str) -> str | None:
    """What is wrong with a header, in a sentence; None if nothing is.

    Examples
    --------
    >>> header_fault("Authorization", "Bearer abc") is None
    True
    >>> header_fault("Host", "a")
    'The header Host is set by the call itself.'
    """
    if not _NAME.fullmatch(name):
        return f"“{name[:100]}” is no name of a header."
    if name.lower() in _OURS:
        return f"The header {name} is set by the call itself."
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
        return f"The header {name} holds a line break."
    if len(value) > MAX_HEADER:
        return f"The header {name} is longer than {MAX_HEADER:,} characters."
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return f"The header {name} may hold only plain letters (Latin-1)."
    return None
