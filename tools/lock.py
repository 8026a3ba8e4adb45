"""`python -m tools.lock`: write requirements.lock, the version and the hashes of every package beside the direct pins.

Torch and what it alone brings are left out: their files differ from one kind of accelerator to another. Versions in
the lock are kept where they still fit. Needs uv.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
# The oldest Python that the product supports; the Makefile names the newest.
OLDEST_PYTHON = "3.11"
NAME = re.compile(r"([a-z0-9][\w.-]*)==")


def main() -> int:
    """Write the lock."""
    LOCK.write_text(compiled("--no-annotate", without=brought_by("torch", compiled())), encoding="utf-8")
    return 0


def compiled(*options: str, without: Collection[str] = ()) -> str:
    """Return the lock as uv resolves it from the direct pins, without some packages."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / LOCK.name
        if LOCK.exists():
            shutil.copy(LOCK, lock)  # uv keeps the versions that it finds there
        command = ["uv", "pip", "compile", "requirements.txt", "--output-file", str(lock), "--universal"]
        command += ["--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-header", "--quiet", *options]
        command += [f"--no-emit-package={name}" for name in without]
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
        return lock.read_text(encoding="utf-8")


def brought_by(root: str, lock: str) -> set[str]:
    """Return a package and all that it alone brings, by the comments of an annotated lock."""
    needs: dict[str, set[str]] = {}
    for line in lock.splitlines():
        if match := NAME.match(line):
            name = match[1]
            needs[name] = set()
        elif match := re.match(r" +# +(?:via )?([-\w.]+)", line):
            needs[name] |= {match[1]} - {"via", "-c"}
    alone = {root}
    while more := {name for name, by in needs.items() if by and by <= alone} - alone:
        alone |= more
    return alone


if __name__ == "__main__":
    sys.exit(main())
