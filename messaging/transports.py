"""How a mail leaves the house: over SMTP where that is configured, else into the outbox page alone.

A transport sends one chunk and says of each mail what became of it. It knows no database, so that
no network ever waits inside a transaction.
"""

import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Literal, Protocol

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be sent.

    Attributes
    ----------
    key
        The same at each try; the receiving server knows a repetition by it.
    unsubscribe_url
        For `List-Unsubscribe`, where one click unsubscribes (RFC 8058); "" for what is no
        marketing.
    """

    message_id: int
    to: str
    from_email: str
    subject: str
    html: str
    text: str
    key: str
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one mail.

    `sent`; `refused` for good; `later`: it was tried and may succeed another time; `untried`: the
    server could not be reached, which is not this mail's fault.
    """

    outcome: Literal["sent", "refused", "later", "untried"]
    error: str = ""


class Transport(Protocol):
    """Sends chunks of at most `chunk` mails."""

    chunk: int

    def send(self, mails: Sequence[Mail]) -> Iterator[Result]:
        """Send each, in order; yields one result per mail."""


class OutboxOnly:
    """Sends nothing: what a mail says can be read on the outbox page."""

    chunk = 500

    def send(self, mails: Sequence[Mail]) -> Iterator[Result]:
        """Take every mail as sent."""
        return (Result("sent") for _ in mails)


class Smtp:
    """One SMTP connection per chunk, and small chunks.

    Between the last check and the sending of a chunk's last mail lies the time the others take.
    """

    chunk = 25

    def __init__(self, connect: Callable[[], BaseEmailBackend] = get_connection) -> None:
        self._connect = connect

    def send(self, mails: Sequence[Mail]) -> Iterator[Result]:
        """Send each; after the connection has failed twice running, the rest stays untried."""
        connection = self._connect()
        is_fresh = True
        lost = ""
        try:
            for mail in mails:
                if lost:
                    yield Result("untried", lost)
                    continue
                try:
                    connection.open()
                except (OSError, smtplib.SMTPException) as error:
                    lost = _words(error)
                    yield Result("untried", lost)
                    continue
                result = _send(mail, connection)
                if result.outcome == "untried":
                    # The server hung up in mid-mail: perhaps it takes only so many per connection.
                    lost = result.error if is_fresh else ""
                    result = Result("later", result.error)
                    _close(connection)
                    connection = self._connect()
                    is_fresh = True
                else:
                    is_fresh = False
                yield result
        finally:
            _close(connection)


def transport() -> Transport:
    """Return the transport that the settings ask for."""
    return Smtp() if settings.EMAIL_CONFIGURED else OutboxOnly()


def _send(mail: Mail, connection: BaseEmailBackend) -> Result:
    try:
        _composed(mail, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()), (550, b"refused"))
        return _refusal(code, _said(answer))
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == 421:
            return Result("untried", _words(error))
        return _refusal(error.smtp_code, _said(error.smtp_error))
    except smtplib.SMTPNotSupportedError as error:
        return Result("refused", _words(error))
    except (OSError, smtplib.SMTPException) as error:
        return Result("untried", _words(error))
    except (AttributeError, BadHeaderError, LookupError, TypeError, ValueError) as error:
        # What Django and the standard library raise on addresses and headers that are none.
        return Result("refused", f"This can't be made a mail: {error}")
    return Result("sent")


def _composed(mail: Mail, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    domain = parseaddr(mail.from_email)[1].rpartition("@")[2] or "localhost"
    composed = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=mail.from_email,
        to=[mail.to],
        connection=connection,
        headers={
            "Message-ID": f"<{mail.key}@{domain}>",
            "X-Idempotency-Key": mail.key,
            **_way_out(mail),
        },
    )
    if mail.html:
        composed.attach_alternative(mail.html, "text/html")
    return composed


def _way_out(mail: Mail) -> dict[str, str]:
    if not mail.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{mail.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _refusal(code: int, answer: str) -> Result:
    """Take a server's answer at its word: 4xx is for now, 5xx is for good (RFC 5321, 4.2.1)."""
    return Result("later" if 400 <= code < 500 else "refused", f"{code} {answer}")


def _said(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:500]


def _words(error: Exception) -> str:
    return f"{_said(str(error)) or type(error).__name__}"


def _close(connection: BaseEmailBackend) -> None:
    with suppress(OSError, smtplib.SMTPException):
        connection.close()
