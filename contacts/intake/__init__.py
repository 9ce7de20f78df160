"""The way in: messages are accepted into the inbox, and taken from it in sets of thousands.

`accept` makes a batch durable, `take` turns messages into contacts, fields, events and touches, and
`watermark` tells up to which instant everything accepted has been taken in.
"""

from contacts.intake.inbox import accept, watermark
from contacts.intake.taking import take

__all__ = ["accept", "take", "watermark"]
