"""The lock holds every direct pin with its hashes, except torch."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    found = PIN.findall((ROOT / name).read_text(encoding="utf-8"))
    return {re.sub(r"[-_.]+", "-", package.lower()): version for package, version in found}


def test_every_direct_pin_but_torch_is_locked():
    """After a change of requirements.txt, `make lock` writes the lock again."""
    direct, locked = pins("requirements.txt"), pins("requirements.lock")
    assert direct.pop("torch")
    assert "torch" not in locked
    assert direct.items() <= locked.items()


def test_every_locked_package_has_a_hash():
    """pip refuses a file whose content is another."""
    entries = re.split(r"^(?=[\w.-]+==)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip())
