"""A hundred faults under load, one after another; afterwards nothing is lost or doubled.

`make chaos` runs it. `ROUNDS` (100), `SEED` (a new one each time, printed), `CHAOS_SUMMARY` (a file
that gets the summary).
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from tests.chaos.days import Days
from tests.chaos.house import House, small_disk
from tests.chaos.post import PostOffice

ROUNDS = int(os.environ.get("ROUNDS", "100"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def test_nothing_is_lost_or_doubled_whatever_dies() -> None:
    sys.stdout.write(f"\nSEED={SEED} ROUNDS={ROUNDS}\n")
    with small_disk() as (folder, why_not), PostOffice() as post:
        house = House(folder / "var", mail_port=post.port)
        try:
            house.open()
            days = Days(house, post, seed=SEED, with_disk=not why_not)
            days.start()
            try:
                for number in range(ROUNDS):
                    days.round(number)
            finally:
                days.stop()
            days.rest()
            story = days.story(why_not)
            sys.stdout.write(f"\n{story}\n")
            days.reckon()
        finally:
            house.close()
    if summary := os.environ.get("CHAOS_SUMMARY"):
        with Path(summary).open("a") as file:
            file.write(
                f"{story}\n  afterwards   every number as it was told, check_counts agrees\n"
            )
