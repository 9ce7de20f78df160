"""Jobs whose database went away under them: they are not failed, they are done again.

A database that is started anew, a connection that is cut, a full disk: the job did nothing wrong,
and whoever waits for it need not know. Jobs do their work in pieces, each its own transaction, so
to be done again is to go on.
"""

from __future__ import annotations

from typing import Final

from django.db import InterfaceError, OperationalError
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

LONGEST_PAUSE: Final = 60
"""Seconds between two tries, once it has lasted."""
_AWAY: Final = ("08", "40", "53", "57P")
"""SQLSTATEs: connections; deadlocks; no disk, no memory, too many connections; shutting down."""


def database_is_away(error: BaseException) -> bool:
    """Whether a job failed by the database's fault, so that another try may do.

    Examples
    --------
    >>> database_is_away(OperationalError("the connection is lost"))
    True
    >>> database_is_away(ValueError("no"))
    False
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or str(state).startswith(_AWAY)


class WhenDatabaseIsBack(BaseRetryStrategy):
    """Try again until the database is there, after longer and longer pauses."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Decide by what the job met; what is its own fault fails it."""
        if not database_is_away(exception):
            return None
        return RetryDecision(retry_in={"seconds": min(LONGEST_PAUSE, 1 + 3 * job.attempts)})


AGAIN: Final = WhenDatabaseIsBack()
"""For `@app.task(retry=…)` of every job that nothing else would begin again."""
