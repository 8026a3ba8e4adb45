"""`bundle`: pack a scenario, all that its numbers rest on, and what they come to, into one file that can be checked."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.errors import PlanError

HELP = "pack a scenario with its records, prices, workbook and results into one file that anybody can check"
KEYS = {
    "file": "path of the bundle",
    "bytes": "its size",
    "hash": "hash of the numbers",
    "file_hash": "SHA-256 of the scenario in it, sources and notes included",
    "key": "fingerprint of the key that signed it; null without --sign",
    "members.MEMBER": "SHA-256 of each file in it",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the bundle's path and the key."""
    terminal.add_scenario(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="X.zip", help="path of the bundle to write")
    says = "sign it with this private Ed25519 key, by ssh-keygen"
    parser.add_argument("--sign", type=Path, metavar="KEY", help=says)


def run(options: argparse.Namespace) -> int:
    """Write the bundle; raise PlanError where its path cannot be written."""
    from simulator.output.bundle import contents, crate, signing

    if options.out.suffix != ".zip":
        raise PlanError(f"{options.out} does not end in .zip", "name the bundle so, or no system will open it")
    terminal.check_folder(options.out)
    if options.sign is not None:
        signing.check_key(options.sign)
    with terminal.Progress("Bundle") as tell:
        made = contents.bundle_of(terminal.scenario_of(options), tell)
    key = None
    if options.sign is not None:
        made = made.signed(signing.signed(made.manifest, options.sign))
        key = signing.checked(made.manifest, made.members[crate.SIGNATURE]).key
    content = made.zipped()
    terminal.write(options.out, content)
    written = {
        "file": str(options.out),
        "bytes": len(content),
        "hash": made.scenario.hash,
        "file_hash": made.scenario.file_hash,
        "key": key,
        "members": {name: crate.sha256(made.members[name]) for name in sorted(made.members)},
    }
    return terminal.show(options, written, _told)


def _told(written: dict[str, object]) -> str:
    """Return what was written: the bundle, its hashes, and by whom it is signed."""
    from simulator.output.tables import hashes

    signed = f"signed by the key {written['key']}" if written["key"] else "not signed"
    return f"{written['file']}: {written['bytes']:,} bytes, {signed}\n{hashes(written)}"
