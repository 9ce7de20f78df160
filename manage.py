#!/usr/bin/env python3
"""Millrace's command line. A command that needs the embedded database finds it or starts it."""

import os
import socket
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from django.core.management import execute_from_command_line

from config import embedded
from config.machine import EmbeddedFailed

ROOT = Path(__file__).resolve().parent
WITHOUT_DATABASE = {"help", "serve", "makemessages", "collectstatic", "spectacular", "version"}

CONNECTIONS = {
    # Requests come and go: a pool, larger than the number of views that run at once.
    "web": {"DATABASE_POOL": "20"},
    # These work without end on one connection (seconds).
    "engine": {"DATABASE_CONN_MAX_AGE": "3600"},
    "worker": {"DATABASE_CONN_MAX_AGE": "3600"},
}


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    # How this process is called in pg_stat_activity; /api/health/ counts the engines by it.
    os.environ["PGAPPNAME"] = f"millrace {command} {socket.gethostname()[:24]}:{os.getpid()}"
    for name, value in CONNECTIONS.get(command, {}).items():
        os.environ.setdefault(name, value)
    asks_help = {"-h", "--help", "--version"} & set(sys.argv[1:])
    database: AbstractContextManager[str] = nullcontext("")
    if not (os.environ.get("DATABASE_URL") or command in WITHOUT_DATABASE or asks_help):
        database = embedded.running(Path(os.environ.get("VAR_DIR") or ROOT / "var"))
    try:
        with database:
            execute_from_command_line(sys.argv)
    except EmbeddedFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
