"""A fixed random share of all contacts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from pydantic import StrictFloat, StrictInt

from segments.rules.base import Check, Condition, Text
from segments.rules.errors import Problem
from segments.rules.operators import said
from segments.rules.values import View

if TYPE_CHECKING:
    from segments.rules.compiling import SqlWriter


class SampleCondition(Condition):
    """The contact's hash with the salt lies in the first `percent` of all hashes.

    The hash is the first 32 bits of SHA-256 over `<salt>:<contact id>`, so a sample is the same in
    SQL and in memory, today and next year; another salt makes an independent sample.
    """

    type: Literal["sample"]
    percent: StrictInt | StrictFloat
    salt: Text = ""

    def faults(self, check: Check) -> Iterator[Problem]:
        if not 0 < self.percent <= 100:
            yield Problem("percent", "percent", "give a share above 0 and up to 100 percent")

    @property
    def _below(self) -> int:
        return int(Fraction(str(self.percent)) * 2**32 / 100)

    def sql(self, to: SqlWriter) -> str:
        hashed = f"sha256(convert_to({to.value(self.salt, 'text')} || ':' || c.id::text, 'UTF8'))"
        bits = f"('x' || encode(substring({hashed} FROM 1 FOR 4), 'hex'))::bit(32)::bigint"
        return f"({bits} < {to.value(self._below, 'bigint')})"

    def holds(self, view: View) -> bool:
        hashed = sha256(f"{self.salt}:{view.contact.id}".encode()).digest()
        return int.from_bytes(hashed[:4], "big") < self._below

    def words(self) -> str:
        return f"is in a random {said(self.percent)} percent"
