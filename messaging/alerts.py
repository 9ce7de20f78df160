"""What needs attention in messaging: failing calls, hosts left alone, mails that do not go out."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from common.alerts import Alert
from common.sql import queries
from messaging.calls import calls_failing, circuits_open

SQL = queries("messaging", "alerts")

LATELY = timedelta(days=1)


def messaging_alerts(now: datetime) -> Iterable[Alert]:
    """Return what is the matter now: three statements, each on an index of its own."""
    for open_one in circuits_open():
        yield Alert(
            kind="circuit_open",
            severity="error" if open_one.waiting else "warning",
            title=f"{open_one.host} does not answer",
            detail=f"Calls to it wait until it does. Last: {open_one.error}",
            to="/flows",
            since=open_one.since,
            count=open_one.waiting,
        )
    for failing in calls_failing(now=now, within=LATELY):
        calls = "1 call has" if failing.count == 1 else f"{failing.count:,} calls have"
        yield Alert(
            kind="webhook_failing",
            severity="warning",
            title=f"{calls} finally failed",
            detail="Look at the answers, and try them again once the receiver takes them.",
            to=f"/flows/{failing.flow}" if failing.flow else "/flows",
            since=failing.first_at,
            count=failing.count,
            flow=failing.flow,
            node=failing.node,
        )
    yield from _mails(now)


def _mails(now: datetime) -> Iterable[Alert]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["mails_failing"], {"since": now - LATELY})
        failed, failed_at, failure = cursor.fetchone()
        cursor.execute(SQL["mails_put_off"])
        put_off, put_off_at, trouble = cursor.fetchone()
    if failed:
        mails = "1 e-mail has" if failed == 1 else f"{failed:,} e-mails have"
        yield Alert(
            kind="mail_failing",
            severity="warning",
            title=f"{mails} failed since yesterday",
            detail=failure,
            to="/messages?status=failed",
            since=failed_at,
            count=failed,
        )
    if put_off:
        yield Alert(
            kind="mail_failing",
            severity="error",
            title="The mail server takes no e-mails at present",
            detail=f"They are tried again. Last: {trouble}",
            to="/messages?status=queued",
            since=put_off_at,
            count=put_off,
        )
