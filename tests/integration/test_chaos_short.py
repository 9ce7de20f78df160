"""A short form of `make chaos`: a few faults on a whole Millrace under load, each kind of process.

Afterwards nothing that was acknowledged is lost or doubled, and all is well again by itself.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from tests.chaos.days import Days
from tests.chaos.house import House
from tests.chaos.post import PostOffice

FAULTS = ("mail", "engine", "postmaster", "worker", "cut", "backend")


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_one_of_each_dies() -> None:
    # Not in pytest's folder: see `var_dir` in tests/conftest.py.
    with (
        tempfile.TemporaryDirectory(prefix="millrace-test-", ignore_cleanup_errors=True) as folder,
        PostOffice() as post,
    ):
        house = House(Path(folder) / "var", mail_port=post.port)
        try:
            house.open()
            days = Days(house, post, seed=7, with_disk=False)
            days.start()
            try:
                post.become("takes and dies")
                for number, fault in enumerate(FAULTS):
                    days.round(number, fault)
            finally:
                days.stop()
            days.rest()
            sys.stdout.write(f"\n{days.story()}\n")
            days.reckon()
        finally:
            house.close()
