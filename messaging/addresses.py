"""Addresses that people type for calls, and the headers with them: which can be called. PURE."""

import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
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
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{0,16}|[0-9]{1,20}")
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


def is_private(url: str) -> bool:
    """Whether an address names this machine or the own network, as far as its letters tell.

    What a name stands for is only known when the call is made, and looked at then.

    Examples
    --------
    >>> [is_private(f"http://{host}/") for host in ("localhost:8000", "[::1]", "0x7f.1")]
    [True, True, True]
    >>> is_private("https://crm.example/10.0.0.7"), is_private("https://8.8.8.8/")
    (False, False)
    """
    try:
        host = (urlsplit(re.split(r"[{\s]", url, maxsplit=1)[0]).hostname or "").rstrip(".")
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and (not address.is_global or address.is_multicast)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is written as, in any of the forms that clients take."""
    with suppress(ValueError):
        return ip_address(host.partition("%")[0])
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    *first, last = (_number(part) for part in parts)
    if last >= 256 ** (4 - len(first)) or any(part > 255 for part in first):
        return None
    return IPv4Address(sum(n << (24 - 8 * place) for place, n in enumerate(first)) + last)


def _number(text: str) -> int:
    """A part of an IPv4 address: decimal, octal (0…) or hexadecimal (0x…)."""
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8) if text[0] == "0" and set(text) <= set("01234567") else int(text)


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
