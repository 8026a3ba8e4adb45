"""Signatures by ssh-keygen: made by an Ed25519 key for this use alone, and checked by whoever has OpenSSH."""

import shutil
import subprocess
from pathlib import Path

import pytest

from simulator.errors import PlanError
from simulator.output.bundle.signing import PROGRAM, checked, signed

MANIFEST = b"hashes of many files"
needs_openssh = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="OpenSSH is not installed")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the keys of a founder, of a stranger and of the kind RSA, and a list of signers."""
    folder = tmp_path_factory.mktemp("keys")
    for name, kind in (("founder", "ed25519"), ("stranger", "ed25519"), ("old", "rsa")):
        made = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(made, check=True)
    public = (folder / "founder.pub").read_text()
    (folder / "signers").write_text(f"# trusted\nfounder@example.com,me {public}")
    return folder


@needs_openssh
def test_a_signature_says_by_which_key_and_by_whom(keys: Path):
    """Without a list of signers the key's fingerprint; the same key signs to the same bytes."""
    signature = signed(MANIFEST, keys / "founder")
    assert signature == signed(MANIFEST, keys / "founder")
    found = checked(MANIFEST, signature)
    told = subprocess.run(["ssh-keygen", "-l", "-f", str(keys / "founder.pub")], check=True, capture_output=True)
    assert found.holds
    assert found.key in told.stdout.decode()
    assert checked(MANIFEST, signature, keys / "signers").signer == "founder@example.com"


@needs_openssh
def test_a_signature_is_checked_by_openssh_alone(keys: Path, tmp_path: Path):
    """As README.txt in a bundle says."""
    (tmp_path / "sig").write_bytes(signed(MANIFEST, keys / "founder"))
    call = ["ssh-keygen", "-Y", "verify", "-n", "breakeven", "-f", str(keys / "signers"), "-I", "me"]
    call += ["-s", str(tmp_path / "sig")]
    assert subprocess.run(call, input=MANIFEST, check=False, capture_output=True).returncode == 0


@needs_openssh
@pytest.mark.parametrize(
    ("signer", "namespace", "manifest", "says"),
    [
        ("stranger", "breakeven", MANIFEST, "is not that of a signer"),
        ("founder", "git", MANIFEST, "made for another use"),
        ("founder", "breakeven", b"another", "of another manifest"),
        ("old", "breakeven", MANIFEST, "of the kind ssh-rsa"),
    ],
    ids=["a stranger", "another use", "another manifest", "another kind"],
)
def test_a_signature_that_does_not_hold_says_why(keys: Path, signer: str, namespace: str, manifest: bytes, says: str):
    """Whose it is, what it is of, and what it is for all count."""
    call = ["ssh-keygen", "-Y", "sign", "-f", str(keys / signer), "-n", namespace]
    done = subprocess.run(call, input=manifest, check=True, capture_output=True)
    found = checked(MANIFEST, done.stdout, keys / "signers")
    assert (found.holds, found.signer) == (False, "")
    assert says in found.what


ARMOUR = b"-----BEGIN SSH SIGNATURE-----\n%s\n-----END SSH SIGNATURE-----\n"


@pytest.mark.parametrize(
    "content", [b"", b"\xff", ARMOUR % b"!", ARMOUR % b"U1NIU0lH", ARMOUR % b"U1NIU0lHAAAAAf////8="]
)
def test_a_signature_that_cannot_be_read_does_not_hold(content: bytes):
    """No armour, no base64, no mark, or cut off."""
    found = checked(MANIFEST, content)
    assert (found.holds, found.what) == (False, "the signature cannot be read")


@needs_openssh
@pytest.mark.parametrize(("name", "says"), [("old", "ssh-rsa"), ("none", "no such key"), ("signers", "signing failed")])
def test_only_an_ed25519_key_signs(keys: Path, name: str, says: str):
    """Anything else is refused in words."""
    with pytest.raises(PlanError, match=says):
        signed(MANIFEST, keys / name)


@needs_openssh
def test_a_list_of_signers_that_is_not_there_is_missed(keys: Path, tmp_path: Path):
    """It must not look like a list without the signer."""
    with pytest.raises(PlanError, match="no such list of signers"):
        checked(MANIFEST, signed(MANIFEST, keys / "founder"), tmp_path / "none")


def test_without_openssh_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Signing needs it."""
    monkeypatch.setattr("simulator.output.bundle.signing.PROGRAM", "no-such-program")
    (tmp_path / "key").write_text("key")
    with pytest.raises(PlanError, match="install OpenSSH"):
        signed(MANIFEST, tmp_path / "key")
