"""What keeps everything alive says what it does, and lives on where nobody can be told."""

import errno
import io

from config.management.commands.serve import Command


class FullDisk(io.StringIO):
    """A log whose disk is full."""

    tried = 0

    def write(self, text: str, /) -> int:
        self.tried += 1
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_on_a_full_disk_does_not_end_it() -> None:
    log = FullDisk()
    Command(stdout=log)._say("web ended (-9); starting it again in 1 s")
    assert log.tried == 1


def test_it_says_what_it_does() -> None:
    log = io.StringIO()
    Command(stdout=log)._say("stopping")
    assert log.getvalue() == "millrace: stopping\n"
