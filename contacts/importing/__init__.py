"""Contacts from CSV files: uploaded in chunks, mapped, checked, and taken in piece by piece.

`decoding`, `reading`, `cells`, `guessing` and `mapping` are PURE: bytes to rows, rows to typed
values. `applying` writes one piece, `running` is the job that goes from piece to piece, `services`
what a person asks for. Rooms downstream register what a file's contacts may be put into
(`targets.register_target`).
"""
