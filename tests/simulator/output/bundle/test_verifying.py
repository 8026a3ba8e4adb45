"""A bundle is checked by computing it again: what was changed is found, even where all hashes were made to fit."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bundles import CITED, RECORD, forged, recorded, small_bundle
from made import SMALL

from simulator.__main__ import main
from simulator.errors import PlanError
from simulator.output.bundle import archive, crate, signing
from simulator.output.bundle.contents import bundle_of
from simulator.output.bundle.verifying import Finding, Verified, verified
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[4] / "scenarios"


def differing(found: Verified) -> dict[str, Finding]:
    """Return the parts that differ."""
    return {one.part: one for one in found.findings if one.status == "differs"}


def changed(name: str, old: str, new: str) -> dict[str, bytes]:
    """Return a member of the small bundle with a piece of text replaced."""
    text = small_bundle().members[name].decode()
    assert old in text
    return {name: text.replace(old, new, 1).encode()}


def results(**changes: Any) -> dict[str, bytes]:
    """Return the results of the small bundle with some of them changed."""
    return {crate.RESULTS: json.dumps({**json.loads(small_bundle().members[crate.RESULTS]), **changes}).encode()}


def test_a_bundle_as_it_was_made_holds():
    """Every part is computed again and is the same; only the missing signature stays open."""
    found = verified(small_bundle().members)
    assert found.ok
    assert {one.part for one in found.findings if one.status != "matches"} == {"signature"}
    assert "1 of 1 figures of 1 record follow" in str(found.findings)


def test_a_text_of_many_lines_is_compared_at_once():
    """Whoever forges a page of a hundred thousand lines does not keep the reader waiting; each line is told once."""
    lines = "".join(f"{number}\n" for number in range(100_000))
    members = forged({crate.LIVE: f"forged\nforged\n{lines}".encode()})
    began = time.process_time()
    found = differing(verified(members))[crate.LIVE]
    assert time.process_time() - began < 10
    assert found.details[:2] == ("claimed: forged", "claimed: 0")


def test_processes_that_hash_in_another_way_make_the_same_bytes(tmp_path: Path):
    """Sets have another order in each process, and no order of a set may reach a file."""
    (tmp_path / "small.yaml").write_text(SMALL.replace("months: 14", "months: 5"), encoding="utf-8")
    bundles = [tmp_path / f"{seed}.zip" for seed in ("1", "2")]
    made = [
        subprocess.Popen(
            [sys.executable, "-m", "simulator", "bundle", str(tmp_path / "small.yaml"), "--out", str(path)],
            cwd=SHIPPED.parent,
            env={**os.environ, "PYTHONHASHSEED": path.stem},
            stdout=subprocess.DEVNULL,
        )
        for path in bundles
    ]
    assert [one.wait(timeout=120) for one in made] == [0, 0]
    assert bundles[0].read_bytes() == bundles[1].read_bytes()


@pytest.mark.soak
@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_bundle_of_every_scenario_that_ships_holds(path: Path):
    """Alone and under a what-if, read from the zip file; the same bytes each time."""
    for overlays in ([], [SHIPPED / "overlays" / "price-war.yaml"]):
        content = bundle_of(load(path, overlays)).zipped()
        assert bundle_of(load(path, overlays)).zipped() == content
        assert verified(archive.unpacked(content, path.name)).ok


@pytest.mark.parametrize(
    "name", [crate.SCENARIO, crate.RESULTS, crate.CARDS, crate.WORKBOOK, crate.LIVE, crate.README, RECORD]
)
def test_a_file_that_was_changed_is_named(name: str):
    """Nothing is computed then: there is no telling what the numbers rest on."""
    found = verified({**small_bundle().members, name: small_bundle().members[name] + b" "})
    assert not found.ok
    assert f"{name} was changed" in differing(found)["files"].details[0]
    assert found.scenario is None


def test_a_file_that_was_added_or_taken_away_is_named():
    """A member that nothing lists, and one that is listed and not there."""
    members = {**small_bundle().members, "run.sh": b"rm -rf /"}
    del members[crate.CARDS]
    assert differing(verified(members))["files"].details == ("cards.json is missing", "run.sh was added")


def test_a_better_result_is_found_though_its_hash_fits():
    """The scenario does not give it."""
    members = forged(changed(crate.RESULTS, '"grade": "', '"grade": "gold mine, not '))
    assert set(differing(verified(members))) == {crate.RESULTS}
    kpis = json.loads(small_bundle().members[crate.RESULTS])["kpis"]
    kpis["end_cash"]["value"] *= 1.001
    found = differing(verified(forged(results(kpis=kpis))))[crate.RESULTS]
    assert "kpis.end_cash.value: " in found.details[0]


def test_a_last_digit_is_no_difference():
    """Another computer may round otherwise."""
    ruin = [share * (1 + 1e-12) for share in json.loads(small_bundle().members[crate.RESULTS])["ruin"]]
    found = verified(forged(results(ruin=ruin)))
    assert not [one for one in differing(found) if one == crate.RESULTS]
    assert any("to nine digits" in one.what for one in found.findings)


def test_another_price_is_found_though_its_hash_fits():
    """The results, the workbook and the hashes in the manifest are those of the old one."""
    found = differing(verified(forged(changed(crate.SCENARIO, "price: 400", "price: 900"))))
    assert {crate.RESULTS, crate.WORKBOOK, crate.MANIFEST, crate.README} <= set(found)


def test_another_source_is_found_though_its_hash_fits():
    """No number changes, and yet the file's hash does."""
    found = differing(verified(forged(changed(crate.SCENARIO, "source: the law", "source: the judge"))))
    assert crate.RESULTS in found
    assert any(detail.startswith("file_hash: ") for detail in found[crate.RESULTS].details)


def test_a_record_whose_rate_was_raised_is_found_by_its_samples():
    """Everything else was made anew to fit."""
    record = recorded()
    rate = record["cases"][0]["metrics"]["tokens_per_second"]  # type: ignore[index]
    rate |= {"value": rate["value"] * 1.1, "high": rate["high"] * 1.1}
    found = differing(verified(forged({RECORD: json.dumps(record).encode()})))
    assert "its samples give" in found["records"].details[0]
    assert crate.RESULTS in found


def test_a_record_that_nothing_cites_is_named():
    """It would lend weight to numbers that do not rest on it."""
    members = dict(forged({}))
    manifest = json.loads(members[crate.MANIFEST])
    entity = next(one for one in manifest["@graph"] if one["@id"] == RECORD)
    manifest["@graph"].append({**entity, "@id": "measurements/other.json", "name": "measurements/other.json"})
    members |= {"measurements/other.json": members[RECORD], crate.MANIFEST: json.dumps(manifest).encode()}
    assert "measurements/other.json is not cited" in differing(verified(members))["records"].details[0]


@pytest.mark.parametrize(
    "text",
    ["", "breakeven: 1", "a: &a [*a]", "title: x\n" * 3, "!!python/object:os.system {}", "\x00"],
    ids=["empty", "incomplete", "alias", "twice", "tag", "zero"],
)
def test_a_scenario_that_cannot_be_read_is_answered(text: str):
    """In the words of its mistakes."""
    found = verified(forged({crate.SCENARIO: text.encode()}))
    assert differing(found)["scenario"].details
    assert not found.ok


NO_MANIFESTS = (
    *(b"", b"[]", b"null", b'{"@graph": []}', b'{"@graph": [7]}', b"[" * 5_000, b'{"@graph": [{"@id": "./"}]}'),
    *(b'{"@graph": [{"@id": "./", "datePublished": "%s-01-01T00:00:00Z"}]}' % year for year in (b"0001", b"9999")),
    *(b'{"@graph": [{"@id": "./", "datePublished": "2027"}]}', b'{"@graph": [{"@id": "a", "@type": "File"}]}'),
)


@pytest.mark.parametrize("content", NO_MANIFESTS)
def test_a_manifest_that_is_none_is_answered(content: bytes):
    """Nothing is taken on trust then."""
    assert "manifest" in differing(verified({**small_bundle().members, crate.MANIFEST: content}))["files"].what


@pytest.mark.parametrize("name", [crate.RESULTS, crate.CARDS, crate.WORKBOOK])
def test_a_part_that_cannot_be_read_differs(name: str):
    """Though its hash fits."""
    assert name in differing(verified(forged({name: b"\xff{"})))


def test_what_a_stranger_wrote_does_not_reach_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A name may hold what clears a screen; it is printed as what cannot be printed."""
    manifest = json.loads(small_bundle().manifest)
    manifest["@graph"].append({"@id": "\x1b[2Jgone", "@type": "File", "sha256": "\x9b2J", "contentSize": "1"})
    members = {**small_bundle().members, crate.MANIFEST: json.dumps(manifest).encode()}
    (tmp_path / "odd.zip").write_bytes(archive.packed(members, small_bundle().moment))
    assert main(["verify", str(tmp_path / "odd.zip")]) == 1
    said = capsys.readouterr().out
    assert "gone is missing" in said
    assert not {"\x1b", "\x9b"} & set(said)


def test_a_bundle_is_compared_with_a_later_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What changed since it was sent; one of which a file was changed is no version of anything."""
    (tmp_path / "sent.zip").write_bytes(small_bundle().zipped())
    later = small_bundle().members[crate.SCENARIO].decode().replace("price: 400", "price: 450")
    (tmp_path / "later.yaml").write_text(later.replace(f"{{measured: {RECORD}, metric: tokens_per_second}}", "9"))
    call = ["diff", str(tmp_path / "sent.zip"), str(tmp_path / "later.yaml"), "--trials", "0"]
    assert main(call) == 0
    said = capsys.readouterr().out
    assert "Price · Team, EUR/customer/month: 400 → 450" in said
    assert "evidence: measured → assumed" in said
    (tmp_path / "sent.zip").write_bytes(archive.packed(forged({}) | {crate.CARDS: b"{}"}, small_bundle().moment))
    assert main(call) == 2
    assert "cards.json was changed" in capsys.readouterr().err


def test_the_manifest_is_that_of_an_ro_crate():
    """Its descriptor names the specification, and its root has all that version 1.2 demands."""
    graph = {one["@id"]: one for one in json.loads(small_bundle().manifest)["@graph"]}
    assert graph[crate.MANIFEST]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert {"@type", "name", "description", "datePublished", "license"} <= set(graph["./"])
    parts = {part["@id"] for part in graph["./"]["hasPart"]}
    assert (
        parts
        == {name for name, one in graph.items() if one["@type"] == "File"}
        == {*small_bundle().members} - {crate.MANIFEST}
    )
    named = [ref["@id"] for one in graph.values() for value in one.values() for ref in _references(value)]
    assert {name for name in named if "://" not in name} <= set(graph)


def _references(value: Any) -> list[Mapping[str, str]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def test_edits_and_what_ifs_are_merged_into_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The file says what is computed, under a title that names the what-if, at the moment that the environment says."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    dear = parse_overlay("overlay: 1\ntitle: Dear\nplans: {team: {price: 450}}\n", "dear.yaml")
    scenario = parse(
        CITED.replace(f"{{measured: {RECORD}, metric: tokens_per_second}}", "9"), tmp_path, overlays=[dear]
    )
    made = bundle_of(scenario.with_value("tax_rate", 0.3))
    text = made.members[crate.SCENARIO].decode()
    assert all(words in text for words in ("title: Small + Dear", "price: 450", "value: 0.3"))
    assert (made.scenario.title, made.scenario.overlays) == ("Small + Dear", ())
    assert "2027-01-15T08:00:00Z" in made.manifest.decode()
    assert verified(made.members).ok


@pytest.mark.parametrize("told", ["yesterday", "-1", "0", "9" * 30])
def test_a_moment_that_is_none_is_refused(told: str, small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """SOURCE_DATE_EPOCH counts seconds, and a zip file knows the years from 1980."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", told)
    with pytest.raises(PlanError, match="whole seconds"):
        bundle_of(small)


@pytest.mark.skipif(shutil.which(signing.PROGRAM) is None, reason="OpenSSH is not installed")
def test_a_signed_bundle_says_by_whom(tmp_path: Path):
    """With a list of signers; whoever gives one gets no unsigned bundle, so taking a signature away does not help."""
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(tmp_path / "key")]
    subprocess.run(made, check=True)
    (tmp_path / "signers").write_text(f"founder@example.com {(tmp_path / 'key.pub').read_text()}")
    bundle = small_bundle().signed(signing.signed(small_bundle().manifest, tmp_path / "key"))
    found = verified(bundle.members, tmp_path / "signers")
    assert found.ok
    assert "signed by founder@example.com" in str(found.findings)
    bare = verified({**small_bundle().members, crate.README: b""}, tmp_path / "signers")
    assert "not signed" in differing(bare)["signature"].what


@pytest.mark.parametrize("content", [b"", b"\xff"])
def test_a_signature_that_cannot_be_read_differs(content: bytes):
    """In a sentence."""
    members = {**small_bundle().members, crate.SIGNATURE: content, crate.README: b""}
    assert differing(verified(members))["signature"].what == "the signature cannot be read"
