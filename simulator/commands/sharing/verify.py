"""`verify`: check a bundle: its hashes, its signature, and every number, which is computed again."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator import terminal

HELP = "check a bundle: hashes, signature, and every number computed again; exit code 0 only if all of it holds"
KEYS = {
    "file": "path of the bundle",
    "ok": "whether everything holds; otherwise the exit code is 1, and 2 for a file that is no bundle",
    "hash": "hash of the numbers; null if they could not be computed again",
    "file_hash": "SHA-256 of the scenario in it; null if it could not be computed again",
    "findings": "list of {part, status, what, details}: of each part whether it matches, differs or is unchecked, a "
    "sentence, and the differences one by one",
    "made_by": "versions of what made the bundle, by name",
    "software": "versions here, by name",
}
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SIGNS = {"matches": "ok", "differs": "DIFFERS", "unchecked": "-"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the bundle and the list of signers."""
    parser.add_argument("bundle", type=Path, metavar="X.zip", help="a bundle")
    says = "a list of signers whom you trust, one a line: name@example.com ssh-ed25519 AAAA…"
    parser.add_argument("--signers", type=Path, metavar="FILE", help=says)


def run(options: argparse.Namespace) -> int:
    """Print what matches and what differs; return 1 if anything does. Raise PlanError for a file that is no bundle."""
    from simulator.output.bundle import archive, crate, verifying

    members = archive.unpacked(archive.content_of(options.bundle), str(options.bundle))
    with terminal.Progress("Check") as tell:
        found = verifying.verified(members, options.signers, tell)
    shown = {
        "file": str(options.bundle),
        "ok": found.ok,
        "hash": found.scenario and found.scenario.hash,
        "file_hash": found.scenario and found.scenario.file_hash,
        "findings": [{**vars(one), "details": list(one.details)} for one in found.findings],
        "made_by": dict(found.made_by),
        "software": crate.software(),
    }
    terminal.show(options, shown, _told)
    return 0 if found.ok else 1


def _told(shown: Mapping[str, Any]) -> str:
    """Return the lines without characters that a terminal would act on: names and values are a stranger's."""
    return "\n".join(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", line) for line in _lines(shown))


def _lines(shown: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each part, its differences below it, and whether everything holds."""
    for one in shown["findings"]:
        yield f"{SIGNS[one['status']]:<8} {one['part']:<22} {one['what']}"
        yield from (f"{'':<9}{detail}" for detail in one["details"])
    made, here = shown["made_by"], shown["software"]
    other = [f"{name} {made[name]}, here {here.get(name)}" for name in made if made[name] != here.get(name)]
    # Where a file was changed, nothing was computed that versions could explain.
    if other and not shown["ok"] and shown["findings"][0]["status"] == "matches":
        yield f"Made by other versions, which may explain differences: {'; '.join(other)}."
    signed = any(one["part"] == "signature" and one["status"] == "matches" for one in shown["findings"])
    ends = "" if signed else " Who made it is not known: it is not signed."
    yield f"Everything holds.{ends}" if shown["ok"] else "Not everything holds: do not rely on this bundle."
