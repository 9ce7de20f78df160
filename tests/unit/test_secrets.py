"""Secrets are made once, kept, and closed to others."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.secrets import kept


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    made = kept("secret_key", tmp_path)
    assert len(made) == 64
    assert kept("secret_key", tmp_path) == made
    assert kept("another", tmp_path) != made
    path = tmp_path / "secrets" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(p.name for p in path.parent.iterdir()) == ["another", "secret_key"]


def test_who_comes_at_the_same_moment_gets_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: kept("key", tmp_path), range(8)))) == 1
