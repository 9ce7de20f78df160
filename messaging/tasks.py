"""The jobs of messaging: deliver what is due, make calls, and a sweep once a minute.

A job is never one message or call: it drains the outbox in chunks. The clock is read here, and
handed down.
"""

from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app

from common.clock import utcnow
from common.comebacks import AGAIN
from messaging.calling import calls_make, calls_recover
from messaging.delivery import deliver_due, messages_recover
from messaging.outgoing import HttpCaller
from messaging.transports import transport

CHUNKS_PER_JOB = 50
"""After so many chunks a job hands on to another, so that other work gets its turn."""


@app.task(name="messaging.deliver", queue="delivery", retry=AGAIN)
def deliver() -> None:
    """Deliver what is due."""
    if deliver_due(clock=utcnow, transport=transport(), chunks=CHUNKS_PER_JOB):
        deliver.defer()


@app.task(name="messaging.call", queue="calls", pass_context=True, retry=AGAIN)
def call(context: JobContext) -> None:
    """Make the calls that are due."""
    caller = HttpCaller(allow_private=settings.ALLOW_PRIVATE_WEBHOOKS)
    if calls_make(clock=utcnow, caller=caller, stop=context.should_abort):
        call.defer()


@app.periodic(cron="* * * * *")
@app.task(name="messaging.sweep", queue="delivery", queueing_lock="messaging.sweep")
def sweep(timestamp: int) -> None:
    """Take back what dead workers held, and take up what has become due meanwhile.

    This tick alone finds mails whose quiet hours are over, and later tries: no job waits for each.
    """
    if messages_recover(now=utcnow()):
        wake_delivery()
    if calls_recover(now=utcnow()):
        wake_calls()


def wake_delivery() -> None:
    """Have what is in the outbox delivered.

    The job is put in within the caller's transaction, so it begins when the messages can be seen.
    It has no queueing lock: a job that already waits could begin before this transaction is
    committed, and would miss its messages. One that finds nothing to do costs a millisecond.
    """
    deliver.defer()


def wake_calls() -> None:
    """Have the calls that are due made; within the caller's transaction, as `wake_delivery`."""
    call.defer()
