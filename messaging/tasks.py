"""The jobs of messaging: deliver what is due, and a sweep once a minute.

A job is never one message: it drains the outbox in chunks. The clock is read here, and handed down.
"""

from procrastinate.contrib.django import app

from common.clock import utcnow
from messaging.delivery import deliver_due, messages_recover
from messaging.transports import transport

CHUNKS_PER_JOB = 50
"""After so many chunks a job hands on to another, so that other work gets its turn."""


@app.task(name="messaging.deliver", queue="delivery")
def deliver() -> None:
    """Deliver what is due."""
    if deliver_due(clock=utcnow, transport=transport(), chunks=CHUNKS_PER_JOB):
        deliver.defer()


@app.periodic(cron="* * * * *")
@app.task(name="messaging.sweep", queue="delivery", queueing_lock="messaging.sweep")
def sweep(timestamp: int) -> None:
    """Take back what dead workers held, and deliver what has become due for another try."""
    if messages_recover(now=utcnow()):
        wake_delivery()


def wake_delivery() -> None:
    """Have what is in the outbox delivered.

    The job is put in within the caller's transaction, so it begins when the messages can be seen.
    It has no queueing lock: a job that already waits could begin before this transaction is
    committed, and would miss its messages. One that finds nothing to do costs a millisecond.
    """
    deliver.defer()
