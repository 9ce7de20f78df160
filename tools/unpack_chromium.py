"""Unpack the Chromium of the npm package @sparticuz/chromium, with its libraries and fonts.

Usage: unpack_chromium.py <the package's bin folder> <where to>. Writes `run`, which starts it.
"""

import io
import sys
import tarfile
from pathlib import Path

import brotli

RUN = """#!/bin/sh
here="$(cd "$(dirname "$0")" && pwd)"
export LD_LIBRARY_PATH="$here/libraries/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -d /etc/fonts ] || export FONTCONFIG_PATH="$here/fonts/fonts"
exec "$here/browser/chromium" "$@"
"""


def main() -> None:
    """Unpack everything."""
    packed, target = Path(sys.argv[1]), Path(sys.argv[2])
    for name, folder in (
        ("swiftshader.tar.br", "browser"),
        ("al2023.tar.br", "libraries"),
        ("fonts.tar.br", "fonts"),
    ):
        with tarfile.open(fileobj=io.BytesIO(_unpacked(packed / name))) as archive:
            archive.extractall(target / folder, filter="data")
    chromium = target / "browser" / "chromium"
    chromium.write_bytes(_unpacked(packed / "chromium.br"))
    chromium.chmod(0o755)
    run = target / "run"
    run.write_text(RUN)
    run.chmod(0o755)


def _unpacked(path: Path) -> bytes:
    unpacked: bytes = brotli.decompress(path.read_bytes())
    return unpacked


if __name__ == "__main__":
    main()
