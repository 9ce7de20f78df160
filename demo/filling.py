"""Fills an empty database with the demo shop: what was, what is drawn, and what runs already.

Three weeks of visitors go in by the intake's own door, before there is any flow, so that nobody
enters one for what is long past. Then segments are built and flows published as of some minutes
ago, and these minutes are played through the engine on a clock of their own: whoever looks at a
flow for the first time sees people at every step.

All of it is one transaction: a start that is broken off leaves the database empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.db import connection, transaction

from accounts.permissions import COMMAND
from accounts.services import workspace_change
from common.models import Job, Workspace
from contacts.intake import accept, take
from contacts.models import Topic
from contacts.services import topic_create
from demo.audience import AUDIENCES
from demo.drawings import DRAWINGS
from demo.keys import key_renew
from demo.mails import MAILS
from demo.office import MailBox, Office
from demo.people import Customer
from demo.shop import MESSAGES_PER_VISIT, Happening, Shop
from flows.engine.worker import Engine
from flows.lives import flow_publish
from flows.models import Flow
from flows.services import flow_create
from messaging.delivery import deliver_due
from messaging.models import Template
from messaging.rendering import Parts
from messaging.services import template_create
from messaging.transports import OutboxOnly
from segments.builds import KIND as JOB_KIND
from segments.builds import segment_build
from segments.models import Segment
from segments.services import segment_create

SEED: Final = "millrace"
DAYS: Final = 21
VISITS_PER_HOUR: Final = 9.5
HISTORY_PACE: Final = 0.05
"""In the past people take a day or two where the running demo gives them a minute or two."""
RATE: Final = 3.0
"""Messages a second in the running demo."""
LIVE_PACE: Final = 60.0
LIVE_SWING: Final = 0.3
LIVE_NEWCOMERS: Final = 0.25
PREFIXES_SINCE: Final = 1_767_225_600
"""The first second of 2026: every start of the running shop numbers its newcomers anew."""
PLAYED: Final = timedelta(minutes=5)
STEP: Final = timedelta(seconds=12)
BATCH: Final = 5_000

TOPICS: Final = (("offers", "Offers and reminders", False), ("news", "The letter", True))
WORKSPACE: Final = {
    "name": "The Demo Outfitter",
    "from_email": "shop@example.com",
    "postal_address": "1 Example Street, 12345 Sampleton",
}


def is_empty() -> bool:
    """Whether nobody has made a segment, a flow or a template yet."""
    return not (Segment.objects.exists() or Flow.objects.exists() or Template.objects.exists())


@transaction.atomic
def fill(
    *,
    now: datetime,
    days: float = DAYS,
    seed: str = SEED,
    say: Callable[[str], None] = lambda words: None,
) -> bool:
    """Fill the database if it is empty; returns whether it was.

    Parameters
    ----------
    now
        Up to when the shop has run.
    days
        How much past it gets.
    seed
        Decides everything about the visitors.
    say
        Told what is being done.
    """
    if not is_empty():
        return False
    started = now - PLAYED
    source_id = _furnish(now=started)
    past = Shop(
        seed,
        since=started - timedelta(days=days),
        visits_per_hour=VISITS_PER_HOUR,
        pace=HISTORY_PACE,
    )
    happenings = list(past.run(started))
    say(f"taking in {len(happenings):,} messages of the last {days:g} days")
    _take_in(happenings, source_id, now=started)
    say("building the segments, publishing the flows")
    _draw(now=started)
    say(f"playing the last {PLAYED.seconds // 60} minutes")
    for customer in past.customers.values():
        customer.cart = []
    _play(past.customers.values(), source_id, seed=seed, started=started, now=now)
    return True


def shop_now(seed: str, *, since: datetime, rate: float, customers: Iterable[Customer]) -> Shop:
    """Return the shop as it runs in the demo: quick decisions, and always somebody there."""
    return Shop(
        seed,
        since=since,
        visits_per_hour=rate * 3600 / MESSAGES_PER_VISIT,
        customers=customers,
        pace=LIVE_PACE,
        swing=LIVE_SWING,
        newcomers=LIVE_NEWCOMERS,
        prefix=f"{int(since.timestamp()) - PREFIXES_SINCE:x}-",
    )


def _furnish(*, now: datetime) -> int:
    """Put in what needs no visitors; returns the id of the shop's source."""
    if Workspace.objects.get(pk=1).postal_address == "":
        workspace_change(COMMAND, WORKSPACE, now=now)
    known = {*Topic.objects.values_list("key", flat=True)}
    for key, name, opt_in in TOPICS:
        if key not in known:
            topic_create(key=key, name=name, opt_in=opt_in)
    for mail in MAILS:
        parts = Parts(subject=mail.subject, preheader=mail.preheader, html=mail.html)
        template_create(key=mail.key, name=mail.name, now=now, parts=parts)
    return key_renew(now=now)[0]


def _take_in(happenings: Sequence[Happening], source_id: int, *, now: datetime) -> None:
    """Take the past in as if it had been received when it happened."""
    for first in range(0, len(happenings), BATCH):
        batch = happenings[first : first + BATCH]
        accept(source_id, [one.message for one in batch], batch[-1].at)
        while take(batch[-1].at, limit=BATCH):
            pass
    office = Office()
    for _, week in groupby(happenings, key=lambda one: one.at.isocalendar()[:2]):
        told = list(week)
        office.tell(_summed(told), now=told[-1].at)
    _forget_touches()
    with connection.cursor() as cursor:
        # Statistics, which the planner would not have of rows that are not committed yet.
        cursor.execute("ANALYZE contact, event, identity, consent, score_change")


def _summed(happenings: Iterable[Happening]) -> Iterable[Happening]:
    """One entry in the score ledger per contact, rather than one per click."""
    points: dict[str, float] = defaultdict(float)
    for one in happenings:
        if one.subscribes:
            yield one
        if one.external_id and one.points:
            points[one.external_id] += one.points
    for external_id, total in points.items():
        yield Happening(one.at, {}, external_id, round(total, 1), "visits of the week")


def _forget_touches() -> None:
    """Empty the engine's queue: as long as there is no flow, nobody listens to what changed."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE touch")


def _draw(*, now: datetime) -> None:
    """Make the segments with their members, then the flows."""
    for audience in AUDIENCES:
        segment = segment_create(
            key=audience.key,
            name=audience.name,
            kind=audience.kind,
            rule=audience.rule,
            description=audience.description,
            now=now,
        )
        job = Job.objects.get(kind=JOB_KIND, detail__segment=segment.key)
        segment_build(job.id, segment.id, clock=lambda: now)
    # Who is a member now has not just become one.
    _forget_touches()
    for drawing in DRAWINGS:
        flow_create(
            key=drawing.key,
            name=drawing.name,
            graph=drawing.graph,
            settings=drawing.settings,
            actor=COMMAND,
            now=now,
        )
        if drawing.live:
            flow_publish(drawing.key, actor=COMMAND, now=now)


def _play(
    customers: Iterable[Customer],
    source_id: int,
    *,
    seed: str,
    started: datetime,
    now: datetime,
) -> None:
    """Let the shop, the engine and the post run from `started` to `now`, a step at a time."""
    shop = shop_now(seed, since=started, rate=RATE, customers=customers)
    office, mail_box = Office(), MailBox(since=started)
    instant = started

    def clock() -> datetime:
        return instant

    engine = Engine(clock=clock)
    while instant < now:
        instant = min(instant + STEP, now)
        happenings = list(shop.run(instant))
        accept(source_id, [one.message for one in happenings], instant)
        engine.turn()
        office.tell(happenings, now=instant)
        deliver_due(clock=clock, transport=OutboxOnly())
        for mail in mail_box.look(now=instant):
            shop.mail_arrived(mail)
    engine.until_idle()
