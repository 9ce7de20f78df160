"""Everything that changes contacts, but for intake. Each service writes the touches.

All run in a transaction (their own if none is open) and take `now`.
"""

from contacts.services.by_hand import (
    contact_create,
    contact_delete,
    contact_update,
    contacts_merge,
)
from contacts.services.registry import (
    field_create,
    rejected_retry,
    source_create,
    source_delete,
    topic_create,
)
from contacts.services.sets import (
    MAX_EVENT_NAME,
    ConsentChange,
    FieldChange,
    FieldLeftOut,
    NewEvent,
    ScoreDelta,
    consents_set,
    events_record,
    fields_update,
    heard_always,
    scores_adjust,
)
from contacts.services.touching import NewTouch, touches_write

__all__ = [
    "MAX_EVENT_NAME",
    "ConsentChange",
    "FieldChange",
    "FieldLeftOut",
    "NewEvent",
    "NewTouch",
    "ScoreDelta",
    "consents_set",
    "contact_create",
    "contact_delete",
    "contact_update",
    "contacts_merge",
    "events_record",
    "field_create",
    "fields_update",
    "heard_always",
    "rejected_retry",
    "scores_adjust",
    "source_create",
    "source_delete",
    "topic_create",
    "touches_write",
]
