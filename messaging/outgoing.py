"""How a call leaves the house: one HTTP request, within bounds, and never into the house itself.

The address was typed by a person, so the host's name is resolved once, private, loopback and
link-local addresses are refused, and the connection goes to the very address that was looked at: a
name that changes its mind meanwhile (DNS rebinding) gains nothing. Redirects are not followed,
proxies of the environment not used, cookies not kept. It knows no database, so that no network ever
waits inside a transaction.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol

import requests
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from standardwebhooks import Webhook

from messaging.circuits import Answer

MAX_READ = 65_536
"""Bytes that are read of an answer; the rest is left unread."""
MAX_KEPT = 2_048
"""Characters of an answer that are kept in the log."""
CONNECT_SECONDS = 5.0
USER_AGENT = "Millrace/1"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to be made: once per try.

    Attributes
    ----------
    key
        The same at each try: `webhook-id`, by which a receiver knows a repetition.
    signed_at
        The instant of this try.
    secrets
        What to sign with (`whsec_…`), the newest first; none for what is not to be signed.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    timeout: float
    key: str
    signed_at: datetime
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Caller(Protocol):
    """Makes requests; may be asked by several threads at once."""

    def __call__(self, request: Request) -> Answer:
        """Make one request and say what came of it; never raises."""


class HttpCaller:
    """Calls over HTTP, with connections kept open per host.

    Parameters
    ----------
    allow_private
        Whether addresses of the house's own network may be called: for who hosts it for themselves.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._config = Config(
            ip_filter_enable=not allow_private,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(CONNECT_SECONDS, CONNECT_SECONDS),
            user_agent_override=None,
        )
        self._own = threading.local()

    def __call__(self, request: Request) -> Answer:
        """Make one request and say what came of it."""
        began = time.monotonic()
        try:
            answer = self._call(request, deadline=began + request.timeout)
        except InvalidIPAddress as refused:
            answer = Answer(
                refused=True, error=f"{refused} is a private address, which may not be called."
            )
        except requests.exceptions.Timeout:
            answer = Answer(error=f"No answer within {request.timeout:g} seconds.")
        except requests.exceptions.SSLError as error:
            answer = Answer(error=f"No trusted connection: {_said(error)}")
        except requests.exceptions.ConnectionError as error:
            answer = Answer(error=f"No connection: {_said(error)}")
        except (requests.exceptions.RequestException, ValueError, TypeError) as error:
            # An address or a header that can't be one, whatever part of the libraries says so.
            answer = Answer(refused=True, error=f"This can't be called: {_said(error)}")
        except Exception as error:  # noqa: BLE001 - one call's trouble is kept with that call
            answer = Answer(error=f"{type(error).__name__}: {_said(error)}")
        return answer.timed(round((time.monotonic() - began) * 1000))

    def _call(self, request: Request, *, deadline: float) -> Answer:
        with self._session().request(
            request.method,
            request.url,
            headers={**request.headers, **_signature(request), "User-Agent": USER_AGENT},
            data=request.body.encode() if request.body else None,
            timeout=(min(CONNECT_SECONDS, request.timeout), request.timeout),
            allow_redirects=False,
            stream=True,
        ) as response:
            read = b""
            for piece in response.iter_content(8_192):
                read += piece
                if time.monotonic() > deadline:
                    raise requests.exceptions.ReadTimeout
                if len(read) >= MAX_READ:
                    break
            return Answer(
                code=response.status_code,
                body=read[: 4 * MAX_KEPT].decode("utf-8", "replace").replace("\0", "")[:MAX_KEPT],
                retry_after=_retry_after(response.headers.get("Retry-After"), request.signed_at),
            )

    def _session(self) -> HTTPSession:
        """The thread's own session."""
        session: HTTPSession | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = HTTPSession(self._config)
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session


def _signature(request: Request) -> dict[str, str]:
    """The headers of Standard Webhooks; a signature by each secret."""
    if not request.secrets:
        return {}
    at = request.signed_at.astimezone(UTC)
    signatures = [Webhook(one).sign(request.key, at, request.body) for one in request.secrets]
    return {
        "webhook-id": request.key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds until a server wants to be asked again: it gives them, or an instant."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        instant = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (instant.astimezone(UTC) - now).total_seconds()


def _said(error: BaseException) -> str:
    """What went wrong, without the libraries' wrapping of it."""
    inner = error
    while inner.args and isinstance(inner.args[0], BaseException):
        inner = inner.args[0]
    reason = getattr(inner, "reason", None)
    said = reason if isinstance(reason, BaseException) else inner
    return " ".join(str(said).split())[:300] or type(error).__name__
