"""Signing a manifest, and checking who signed it, by `ssh-keygen -Y`: whoever receives a bundle has that program.

Source: PROTOCOL.sshsig and the manual of ssh-keygen, OpenSSH 8.1 or newer.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from profiling.errors import brief
from profiling.files import is_file
from simulator.errors import PlanError
from simulator.output.bundle.crate import MANIFEST, SIGNATURE

PROGRAM = "ssh-keygen"
# A signature holds for this use alone, so that one of a commit or of a mail cannot stand in for it.
NAMESPACE = "breakeven"
KIND = "ssh-ed25519"
# A person may have to type a passphrase.
LONGEST_SECONDS = 300
BEGIN, FINISH = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
MAGIC = b"SSHSIG\x00\x00\x00\x01"


@dataclass(frozen=True)
class Signed:
    """A signature that was checked: whether it holds, whose it is, and the sentence that says so.

    `key` is the fingerprint of the key that it names, empty where it names none; `signer` is the name in the list of
    signers, empty without a list or where the key is not in it.
    """

    holds: bool
    key: str
    signer: str
    what: str


def check_key(key: Path) -> None:
    """Raise PlanError where there is no file of a key, before anything is computed that would be signed by it."""
    if not is_file(key):
        raise PlanError("there is no such key", f"make one: {PROGRAM} -t ed25519 -f {key.name}", where=str(key))


def signed(manifest: bytes, key: Path) -> bytes:
    """Return the signature of a manifest by a private key in a file; raise PlanError."""
    check_key(key)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MANIFEST
        path.write_bytes(manifest)
        done = _ran(["-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(path)])
        if done.returncode:
            raise PlanError(f"signing failed ({_last(done.stderr)})", "give an Ed25519 key of yours", where=str(key))
        signature = (Path(folder) / SIGNATURE).read_bytes()
    try:
        kind, _ = _key(signature)
    except ValueError:
        kind = "unknown"
    if kind != KIND:
        todo = f"give an Ed25519 key: {PROGRAM} -t ed25519 makes one"
        raise PlanError(f"the key is of the kind {kind}", todo, where=str(key))
    return signature


def checked(manifest: bytes, signature: bytes, signers: Path | None = None) -> Signed:
    """Return whether a signature of a manifest holds; with a list of signers, whether one of them made it.

    The list has lines such as `name@example.com ssh-ed25519 AAAA…`. Raises PlanError without ssh-keygen, or without the
    list.
    """
    try:
        kind, key = _key(signature)
    except ValueError:
        return Signed(False, "", "", "the signature cannot be read")
    if kind != KIND:
        return Signed(False, key, "", f"the signature is of the kind {kind}, not {KIND}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SIGNATURE
        path.write_bytes(signature)
        proof = ["-n", NAMESPACE, "-s", str(path)]
        if _ran(["-Y", "check-novalidate", *proof], manifest).returncode:
            return Signed(False, key, "", "the signature is of another manifest, or was made for another use")
        if signers is None:
            return Signed(True, key, "", f"signed by the key {key}; give --signers to check whose it is")
        if not is_file(signers):
            raise PlanError("there is no such list of signers", "check the path", where=str(signers))
        for name in _names(path, signers):
            if not _ran(["-Y", "verify", "-f", str(signers), "-I", name, *proof], manifest).returncode:
                return Signed(True, key, name, f"signed by {name} ({key})")
    return Signed(False, key, "", f"the key {key} is not that of a signer in {signers}")


def _names(signature: Path, signers: Path) -> list[str]:
    """Return the names under which the list has the key of a signature; none where it has not, or cannot be read."""
    done = _ran(["-Y", "find-principals", "-s", str(signature), "-f", str(signers)])
    lines = done.stdout.decode("utf-8", "replace").splitlines() if not done.returncode else []
    return [name for line in lines for name in line.split(",") if name]


def _ran(arguments: Sequence[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen, which asks for a passphrase at the terminal if it needs one; raise PlanError without it."""
    try:
        return subprocess.run(
            [PROGRAM, *arguments], input=given, capture_output=True, check=False, timeout=LONGEST_SECONDS
        )
    except FileNotFoundError:
        raise PlanError(f"{PROGRAM} is not installed", "install OpenSSH, which has it") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PlanError(f"{PROGRAM} does not answer ({brief(str(error), 200)})", "try it by hand") from None


def _last(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return brief(lines[-1].strip(), 200) if lines else "no reason given"


def _key(signature: bytes) -> tuple[str, str]:
    """Return the kind and the fingerprint of the key that a signature names; raise ValueError where it is none.

    The signature is `SSHSIG`, its version, then the key as a counted string that begins with its kind, counted too.
    """
    lines = signature.decode("ascii").strip().splitlines()
    if len(lines) < 3 or (lines[0], lines[-1]) != (BEGIN, FINISH):
        raise ValueError("no armour")
    try:
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if not blob.startswith(MAGIC):
        raise ValueError("no signature")
    key = _counted(blob[len(MAGIC) :])
    digits = base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
    return _counted(key).decode("ascii"), f"SHA256:{digits}"


def _counted(blob: bytes) -> bytes:
    """Return a string that begins with its length in four bytes; raise ValueError where it is cut off."""
    length = int.from_bytes(blob[:4], "big")
    if len(blob) < 4 or len(blob) < 4 + length:
        raise ValueError("cut off")
    return blob[4 : 4 + length]
