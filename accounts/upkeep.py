"""What of accounts does not stay for ever: old rows of the audit log, and ended sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from common.clock import utcnow
from common.sql import queries
from common.upkeep import Upkeep, bites

SQL: Final = queries("accounts", "upkeep")


def audit_clean(before: datetime) -> Iterator[int]:
    """Remove rows of the audit log from before an instant."""
    return bites(SQL["old_audit"], {"before": before})


def sessions_clean(_before: datetime) -> Iterator[int]:
    """Remove sessions that nobody can use any more: they bear the end of their time themselves."""
    return bites(SQL["ended_sessions"], {"now": utcnow()})


UPKEEPS: Final = (
    Upkeep("audit_log", "rows of the audit log", "P1825D", audit_clean),
    Upkeep("sessions", "sessions that have ended", "P1D", sessions_clean),
)
