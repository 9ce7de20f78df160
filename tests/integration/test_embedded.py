"""The embedded database: started by the first, stopped by the last, and well after a crash."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded
from config.machine import EmbeddedFailed

QUICK = embedded.FOR_TESTS


@pytest.fixture(autouse=True)
def _stopped_in_the_end(var_dir: Path) -> Iterator[None]:
    """Stop what a failed test has left running: whoever leaves last does that."""
    yield
    if embedded.place(var_dir).data.exists():
        with embedded.running(var_dir):
            pass


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_last_user_stops_the_server_and_the_data_stays(var_dir: Path) -> None:
    with embedded.running(var_dir, extra=QUICK) as url:
        with embedded.running(var_dir) as same:
            assert same == url
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 'Zoë' AS name")
        assert answers(url)
    assert not answers(url)

    with embedded.running(var_dir, extra=QUICK), psycopg.connect(url) as connection:
        assert connection.execute("SELECT upper(name) FROM kept").fetchone() == ("ZOË",)


def test_it_is_set_up_as_the_product_needs_it_and_closed_to_others(var_dir: Path) -> None:
    with embedded.running(var_dir) as url, psycopg.connect(url) as connection:
        shown = {
            name: (connection.execute(f"SHOW {name}").fetchone() or ("",))[0]
            for name in (
                "jit", "synchronous_commit", "fsync", "listen_addresses", "TimeZone",
                "server_encoding", "work_mem", "max_wal_size",
            )
        }  # fmt: skip
        folder = embedded.place(var_dir).socket
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert shown == {
        "jit": "off",
        "synchronous_commit": "on",
        "fsync": "on",
        "listen_addresses": "",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "work_mem": "32MB",
        "max_wal_size": "4GB",
    }


def test_a_user_that_is_killed_does_not_keep_it_running(var_dir: Path) -> None:
    script = (
        "import pathlib, sys, time\n"
        "from config import embedded\n"
        "with embedded.running(pathlib.Path(sys.argv[1]), extra=embedded.FOR_TESTS):\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(var_dir)], stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "up\n"
        user.kill()
    url = embedded.database_url(var_dir)
    assert answers(url)
    with embedded.running(var_dir):
        assert answers(url)
    assert not answers(url)


def test_it_starts_again_after_a_crash_even_if_its_number_is_anothers_now(var_dir: Path) -> None:
    pid_file = embedded.place(var_dir).data / "postmaster.pid"
    with embedded.running(var_dir) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        lines = pid_file.read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGKILL)
        while Path(f"/proc/{lines[0]}").exists():
            time.sleep(0.01)
        # As after the restart of a container: the number belongs to somebody else.
        lines[0] = str(os.getppid())
        pid_file.write_text("\n".join(lines) + "\n")
        with embedded.running(var_dir), psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_long_path_moves_the_socket_and_not_the_data(var_dir: Path) -> None:
    deep = var_dir / ("d" * 60) / ("e" * 60)
    found = embedded.place(deep)
    assert len(bytes(found.socket)) < 100
    assert found.data.is_relative_to(deep)


def test_the_older_version_works_too(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVER_POSTGRES_VERSION", "16")
    with embedded.running(var_dir, extra=QUICK) as url, psycopg.connect(url) as connection:
        assert connection.info.server_version // 10_000 == 16
        assert connection.execute("SELECT lower('ÉÄ')").fetchone() == ("éä",)
    monkeypatch.delenv("PGSERVER_POSTGRES_VERSION")
    with embedded.running(var_dir, extra=QUICK) as url, psycopg.connect(url) as connection:
        assert connection.info.server_version // 10_000 == 16


def test_what_cannot_be_started_says_why(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVER_POSTGRES_VERSION", "9")
    with pytest.raises(EmbeddedFailed, match="is 18 or 16"), embedded.running(var_dir):
        pass


def test_who_uses_it_starts_it_again_when_it_has_been_killed(var_dir: Path) -> None:
    with embedded.running(var_dir) as url:
        assert not embedded.revive(var_dir), "it lives"
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        pid_file = embedded.place(var_dir).data / "postmaster.pid"
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)
        end = time.monotonic() + 30
        while not answers(url) and time.monotonic() < end:
            try:
                embedded.revive(var_dir)
            except EmbeddedFailed:  # what the dead one has left behind still ends
                time.sleep(0.1)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
