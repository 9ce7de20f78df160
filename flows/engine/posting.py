"""What a pass wants done outside of contacts and flows, handed to `messaging` as rows."""

from __future__ import annotations

from datetime import datetime

from flows.engine.carry import Passage
from messaging.calls import NewCall, calls_queue
from messaging.notices import NewNotice, notices_queue


def calls_post(flow_key: str, passage: Passage, *, now: datetime) -> None:
    """Queue the calls that a pass wants."""
    if passage.calls:
        calls_queue(
            [
                NewCall(
                    walker.lane,
                    walker.contact_id,
                    flow_key,
                    walker.visit_id,
                    step,
                    node,
                    effect.kind,
                    effect.request,
                )
                for effect, walker, step, node in passage.calls
            ],
            now=now,
        )


def notices_post(flow_key: str, passage: Passage, *, now: datetime) -> None:
    """Queue the mails to sales reps that a pass wants, to whom they are now."""
    if passage.notices:
        notices_queue(
            [
                NewNotice(
                    walker.lane,
                    walker.contact_id,
                    flow_key,
                    walker.visit_id,
                    step,
                    node,
                    effect.text,
                )
                for effect, walker, step, node in passage.notices
            ],
            now=now,
        )
