"""Scoring: rules that give contacts points, exactly once, and take them back.

`ledger` holds what the pulse calls (three functions, in sets), `services` what a person does to the
rules, `settling` the job that follows, `terms` the arithmetic of points (PURE). The entries are
rows of the contacts' `score_change`; a contact's score is their sum.
"""
