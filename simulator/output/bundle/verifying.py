"""Checking a bundle: the hash of every file, the signature, and every number computed again.

Nothing is computed unless all hashes hold. Two computers may differ in the last digits of a figure, so numbers are
compared to nine digits, and near zero at the scale of their list.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from profiling.checks import parse_json
from profiling.errors import Phrase, brief
from profiling.results import record as records
from profiling.results.recomputed import Recomputed, recomputed
from simulator.answers.blocks.progress import Progress, quietly
from simulator.errors import BreakevenError, PlanError
from simulator.output.bundle import archive, crate, signing
from simulator.output.bundle.contents import MADE, Bundle, filled
from simulator.scenario.reading import parse
from simulator.scenario.records.carrying import records_of
from simulator.scenario.records.measured import MEASUREMENTS
from simulator.scenario.scenario import Scenario

Status = Literal["matches", "differs", "unchecked"]
SAME = 1e-9
# Differences that are told; of more, the number.
MOST_TOLD = 20
LONGEST_BYTES = 500
CHANGED = "{file} was changed: its SHA-256 is {found}, the manifest says {said}"


@dataclass(frozen=True)
class Finding:
    """What was found about one part of a bundle: whether it matches, in a sentence, and the differences one by one."""

    part: str
    status: Status
    what: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verified:
    """Everything that was found about a bundle. `scenario` is None where the bundle could not be computed again."""

    findings: tuple[Finding, ...]
    scenario: Scenario | None
    made_by: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether nothing differs, and everything could be computed again."""
        return self.scenario is not None and all(one.status != "differs" for one in self.findings)


def verified(members: Mapping[str, bytes], signers: Path | None = None, tell: Progress = quietly) -> Verified:
    """Return what is found about a bundle's members.

    With a list of signers, a bundle that none of them signed differs.
    """
    hashes, claims = hashes_of(members)
    findings = [hashes, _signature(members, signers)]
    if claims is None or hashes.status != "matches":
        return Verified(tuple(findings), None, claims.software if claims else {})
    with tempfile.TemporaryDirectory() as name:
        try:
            scenario = unfolded(members, Path(name))
            again = filled(scenario, claims.moment, claims.software, tell)
        except BreakevenError as error:
            found = Finding("scenario", "differs", "the scenario cannot be computed here", (str(error),))
            return Verified((*findings, found), None, claims.software)
        return Verified((*findings, *_compared(members, again, claims.software)), scenario, claims.software)


def hashes_of(members: Mapping[str, bytes]) -> tuple[Finding, crate.Listed | None]:
    """Return whether every file is the one that the manifest lists, and what the manifest claims."""
    if crate.MANIFEST not in members:
        what = Phrase("there is no {file}, so nothing says what the files should be", file=crate.MANIFEST)
        return Finding("files", "differs", what), None
    try:
        claims = crate.listed(members[crate.MANIFEST])
    except ValueError as error:
        why = brief(error.args[0], LONGEST_BYTES)
        what = Phrase("{file} is not a manifest of Breakeven ({error})", file=crate.MANIFEST, error=why)
        return Finding("files", "differs", what), None
    there = {name for name in members if name not in (crate.MANIFEST, crate.SIGNATURE)}
    told = [Phrase("{file} is missing", file=name) for name in sorted({*claims.files, *crate.DESCRIBED} - there)]
    told += [Phrase("{file} was added", file=name) for name in sorted(there - set(claims.files))]
    told += [
        Phrase(CHANGED, file=name, found=crate.sha256(members[name]), said=said[:80])
        for name, (said, size) in sorted(claims.files.items())
        if name in there and (crate.sha256(members[name]), len(members[name])) != (said, size)
    ]
    if told:
        return Finding("files", "differs", "files are not those of the manifest", _first(told)), claims
    return Finding("files", "matches", f"{len(there)} files have the hashes of the manifest"), claims


def _signature(members: Mapping[str, bytes], signers: Path | None) -> Finding:
    signature = members.get(crate.SIGNATURE)
    if signature is None:
        wanted: Status = "unchecked" if signers is None else "differs"
        return Finding("signature", wanted, "the bundle is not signed, so nothing says who made it")
    if shutil.which(signing.PROGRAM) is None:
        return Finding("signature", "differs", f"the signature cannot be checked: {signing.PROGRAM} is not installed")
    found = signing.checked(members.get(crate.MANIFEST, b""), signature, signers)
    return Finding("signature", "matches" if found.holds else "differs", found.what)


def scenario_in(members: Mapping[str, bytes], where: str) -> Scenario:
    """Return the scenario of a bundle to compute with; raise PlanError where a file of it was changed.

    Its records are read once, so that nothing of it stays on disk.
    """
    check_hashes(members, where)
    with tempfile.TemporaryDirectory() as name:
        return unfolded(members, Path(name))


def check_hashes(members: Mapping[str, bytes], where: str) -> None:
    """Raise PlanError unless every file of a bundle is the one that its manifest lists."""
    hashes, _ = hashes_of(members)
    if hashes.status != "matches":
        why = (*hashes.details, hashes.what)[0]
        raise PlanError(Phrase("this bundle is not as it was made: {why}", why=why), archive.AGAIN, where=where)


def unfolded(members: Mapping[str, bytes], folder: Path) -> Scenario:
    """Return the scenario of a bundle, its records written below a folder; raise ScenarioError."""
    for name, content in members.items():
        if name.startswith(f"{MEASUREMENTS}/"):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    return parse(members[crate.SCENARIO].decode("utf-8", "replace"), folder, crate.SCENARIO)


def _compared(members: Mapping[str, bytes], again: Bundle, made_by: Mapping[str, str]) -> Iterator[Finding]:
    """Yield how each part of a bundle compares with the same part made again."""
    scenario = again.scenario
    hashes = f"numbers {scenario.hash}, file {scenario.file_hash}"
    if scenario.text.encode() == members[crate.SCENARIO]:
        yield Finding("scenario", "matches", f"the scenario is read without mistakes: {hashes}")
    else:
        yield Finding("scenario", "differs", "the scenario is not text in UTF-8")
    yield _records(members, scenario)
    for name in (*MADE, crate.README):
        compare = COMPARED.get(PurePath(name).suffix, _text)
        yield compare(name, members[name], again.members[name])
    # Of the files as they are: which of them differ is told above.
    manifest = crate.manifest(members, scenario, again.moment, made_by)
    yield _text(crate.MANIFEST, members[crate.MANIFEST], manifest)


def _records(members: Mapping[str, bytes], scenario: Scenario) -> Finding:
    """Return whether the records' figures follow from their samples, and which of them no sample tells."""
    names = sorted(name for name in members if name.startswith(f"{MEASUREMENTS}/"))
    if not names:
        return Finding("records", "unchecked", "the scenario cites no record")
    wrong = [f"{name} is not cited by the scenario" for name in names if name not in records_of(scenario)]
    if wrong:
        return Finding("records", "differs", "the bundle has records that no number rests on", _first(wrong))
    found = [(name, one) for name in names for one in recomputed(records.load(scenario.folder / name))]
    if wrong := [f"{name}: {_claimed(one)}" for name, one in found if not one.agrees]:
        return Finding("records", "differs", "figures do not follow from their samples", _first(wrong))
    known = sum(one.found is not None for _, one in found)
    cited = f"{len(names)} record{'s' if len(names) > 1 else ''}"
    told = f"{known} of {len(found)} figures of {cited} follow from their samples"
    unknown = sorted({f"{name}: no sample tells {one.metric}" for name, one in found if one.found is None})
    return Finding("records", "matches", told, _first(unknown))


def _claimed(one: Recomputed) -> str:
    """Return what a record claims, and what its samples give."""
    ends = "" if one.interval is None else f" ({one.interval[0]:.6g} to {one.interval[1]:.6g})"
    claim = f"{one.claimed.value:.6g} ({one.claimed.low:.6g} to {one.claimed.high:.6g})"
    return f"{one.case}: {one.metric} is {claim}, and its samples give {one.found:.6g}{ends}"


def _json(name: str, claimed: bytes, computed: bytes) -> Finding:
    """Return whether a member of plain values says what is computed again."""
    if claimed == computed:
        return Finding(name, "matches", "every value is the same, to the last digit")
    try:
        told = list(_differing(parse_json(claimed), parse_json(computed), ""))
    except ValueError as error:
        return Finding(name, "differs", f"not a JSON file ({error})")
    if told:
        return Finding(name, "differs", f"values that are not those computed: {len(told):,}", _first(told))
    return Finding(name, "matches", "every value is the same, to nine digits")


def _differing(claimed: Any, found: Any, place: str) -> Iterator[str]:
    """Yield each value that differs, with its place, what the bundle claims and what was computed."""
    if isinstance(claimed, dict) and isinstance(found, dict):
        for key in {**claimed, **found}:
            inner = f"{place}.{key}".lstrip(".")
            if key not in claimed or key not in found:
                yield f"{inner[:200]} is {'missing' if key in found else 'not computed'}"
            else:
                yield from _differing(claimed[key], found[key], inner)
    elif isinstance(claimed, list) and isinstance(found, list) and len(claimed) == len(found):
        scale = max((abs(one) for one in found if _is_number(one)), default=0.0)
        for index, (one, other) in enumerate(zip(claimed, found, strict=True)):
            if not _same(one, other, scale):
                yield from _differing(one, other, f"{place}[{index}]")
    elif not _same(claimed, found, 0.0):
        yield f"{place[:200]}: {_brief(claimed)} is claimed, {_brief(found)} is computed"


def _same(one: Any, other: Any, scale: float) -> bool:
    if _is_number(one) and _is_number(other):
        return bool(abs(one - other) <= SAME * max(abs(one), abs(other), scale))
    return type(one) is type(other) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _brief(value: Any) -> str:
    text = f"a list of {len(value)}" if isinstance(value, list) else str(value)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _workbook(name: str, claimed: bytes, computed: bytes) -> Finding:
    """Return whether the workbook has the same parts; they are compared unpacked, as packing may differ."""
    if claimed != computed:
        try:
            old, new = (archive.parts(one, name) for one in (claimed, computed))
        except PlanError as error:
            return Finding(name, "differs", str(error))
        if told := [f"its part {part} differs" for part in sorted({*old, *new}) if old.get(part) != new.get(part)]:
            return Finding(name, "differs", "the workbook is not the one that the scenario gives", _first(told))
    return Finding(name, "matches", "the workbook is the one that the scenario gives")


def _text(name: str, claimed: bytes, written: bytes) -> Finding:
    """Return whether a text is the one that is written again, with its lines that differ."""
    if claimed == written:
        return Finding(name, "matches", "says what is computed again")
    old, new = (dict.fromkeys(one.decode("utf-8", "replace").splitlines()) for one in (claimed, written))
    told = [f"claimed: {line.strip()[:200]}" for line in old if line not in new]
    told += [f"computed: {line.strip()[:200]}" for line in new if line not in old]
    return Finding(name, "differs", "does not say what is computed again", _first(told))


# How members of a kind are compared; all others are text.
COMPARED: Mapping[str, Callable[[str, bytes, bytes], Finding]] = {".json": _json, ".xlsx": _workbook}


def _first(told: Sequence[str]) -> tuple[str, ...]:
    """Return the first lines, each of a length that people read, and how many more there are."""
    shown = tuple(brief(line, LONGEST_BYTES) for line in told[:MOST_TOLD])
    more = len(told) - MOST_TOLD
    return (*shown, f"and {more:,} more") if more > 0 else shown
