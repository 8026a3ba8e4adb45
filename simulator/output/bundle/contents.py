"""What a bundle holds: a scenario with the records and prices that it cites, and everything that follows from them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.projection import Projection, project, settle
from simulator.errors import PlanError
from simulator.output.book import workbook
from simulator.output.bundle import archive, crate
from simulator.output.live.page import page
from simulator.output.plain import as_json
from simulator.scenario.cards.card import Card
from simulator.scenario.cards.catalogue import find_card
from simulator.scenario.cards.pool import CARD
from simulator.scenario.document import edited
from simulator.scenario.overlays import shipped
from simulator.scenario.reading import parse
from simulator.scenario.records.carrying import carried, records_of
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import LONGEST_TEXT

EPOCH = "SOURCE_DATE_EPOCH"
README = """{title}

A scenario of Breakeven, which plans startups that train and serve large models, with all that its numbers rest on, and
what they come to.

{listing}

Numbers  {hash}
File     {file_hash}
The first changes with any number or the evidence behind it, and with nothing else; the second is the SHA-256 of
scenario.yaml, sources and notes included. Times in this file are those of the scenario's first month, or of
SOURCE_DATE_EPOCH.

Check it without Breakeven
  Each file has the SHA-256 that ro-crate-metadata.json says. If ro-crate-metadata.json.sig is there, the manifest is
  signed. With the signer's public key in a file `signers`, as `name@example.com ssh-ed25519 AAAA…`:
  ssh-keygen -Y verify -n breakeven -f signers -I name@example.com \\
      -s ro-crate-metadata.json.sig < ro-crate-metadata.json

Check it with Breakeven, which computes every number again
  python -m simulator verify BUNDLE.zip --signers signers

Make the same bundle again
  {epoch}={seconds} python -m simulator bundle scenario.yaml --out again.zip
"""

# About the share of the time that trials take, with the percentiles of all lines; `SHARES` has those of the members.
TRIALS = 0.35


@dataclass(frozen=True)
class Bundle:
    """A scenario as it was packed, its members by name, and the moment that they carry."""

    scenario: Scenario
    members: Mapping[str, bytes]
    moment: datetime

    @property
    def manifest(self) -> bytes:
        """The manifest, which has the hash of every other member."""
        return self.members[crate.MANIFEST]

    def signed(self, signature: bytes) -> Bundle:
        """Return the bundle with a signature of its manifest."""
        return Bundle(self.scenario, {**self.members, crate.SIGNATURE: signature}, self.moment)

    def zipped(self) -> bytes:
        """Return the bundle as a zip file; raise PlanError where nobody would open one of that size."""
        content = archive.packed(self.members, self.moment)
        unfolded = sum(map(len, self.members.values()))
        if len(content) > archive.LARGEST_BYTES or unfolded > archive.LARGEST_UNPACKED_BYTES:
            what = f"the bundle has {len(content):,} bytes and unfolds to {unfolded:,}, which `verify` refuses"
            raise PlanError(what, "project fewer months")
        if len(self.members) > archive.MOST_MEMBERS:
            raise PlanError(f"the bundle has {len(self.members)} files, and `verify` takes {archive.MOST_MEMBERS}")
        return content


def bundle_of(scenario: Scenario, tell: Progress = quietly) -> Bundle:
    """Return the bundle of a scenario; raise BreakevenError.

    Edits and what-ifs are merged into its file, whose title then names them.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        moment = moment_of(scenario)
        kept = carried(scenario, folder)
        text = kept.to_yaml()
        if scenario.overlays:
            title = " + ".join((scenario.title, *scenario.overlays))[:LONGEST_TEXT]
            text = edited(text, crate.SCENARIO, {("title",): title})
        return filled(parse(text, folder, crate.SCENARIO), moment, crate.software(), tell)


def filled(scenario: Scenario, moment: datetime, made_by: Mapping[str, str], tell: Progress = quietly) -> Bundle:
    """Return the bundle of a scenario that lies beside its records; raise BreakevenError."""
    tell(0)
    projection, done = settle(project(scenario, percentiles=True)), TRIALS
    members = {name: (scenario.folder / name).read_bytes() for name in records_of(scenario)}
    members[crate.SCENARIO] = scenario.text.encode()
    for name, made in MADE.items():
        tell(done)
        members[name] = made(projection, moment)
        done += SHARES[name]
    members[crate.README] = _readme([*members, crate.README, crate.MANIFEST], scenario, moment)
    members[crate.MANIFEST] = crate.manifest(members, scenario, moment, made_by)
    return Bundle(scenario, members, moment)


def moment_of(scenario: Scenario) -> datetime:
    """Return the moment that all times carry: SOURCE_DATE_EPOCH, or the scenario's first day; raise PlanError."""
    if not (told := os.environ.get(EPOCH)):
        return datetime(scenario.start.year, scenario.start.month, 1, tzinfo=UTC)
    if told.isdecimal() and crate.EARLIEST.timestamp() <= int(told) <= crate.LATEST.timestamp():
        return datetime.fromtimestamp(int(told), UTC)
    raise PlanError(f"{EPOCH} is {told[:40]!r}", "give whole seconds since 1970, from 1980 to 2107, or unset it")


def results_of(projection: Projection, _: datetime) -> bytes:
    """Return the projection as `run --json` prints it."""
    return f"{json.dumps(as_json(projection), ensure_ascii=False, allow_nan=False)}\n".encode()


def cards_of(projection: Projection, _: datetime) -> bytes:
    """Return the price cards that the pools name, with every price and the day from which it holds."""
    names = sorted({about[CARD] for about in projection.scenario.about.values() if CARD in about})
    shown = {name: _card(find_card(name)) for name in names}
    return f"{json.dumps(shown, indent=1, ensure_ascii=False)}\n".encode()


def _card(card: Card) -> dict[str, Any]:
    rates = [{name: _plain(value) for name, value in asdict(one).items()} for one in card.rates]
    return {"vendor": card.vendor, "source": card.source, "as_of": card.as_of.isoformat(), "prices": rates}


def _plain(value: Any) -> Any:
    """Return a price exactly as its vendor states it, and the day of one that has always held as null."""
    if isinstance(value, date):
        return None if value == date.min else value.isoformat()
    return value if isinstance(value, bool | int | None) else str(value)


def workbook_of(projection: Projection, _: datetime) -> bytes:
    """Return the workbook, which carries the scenario's first day as its date."""
    return workbook(projection)[0]


def live_of(projection: Projection, _: datetime) -> bytes:
    """Return the live file, with the what-ifs that ship."""
    return page(projection, shipped()).encode()


# What follows from a scenario, each member with the function that makes it; `crate.DESCRIBED` says what it is.
MADE: Mapping[str, Callable[[Projection, datetime], bytes]] = {
    crate.RESULTS: results_of,
    crate.CARDS: cards_of,
    crate.WORKBOOK: workbook_of,
    crate.LIVE: live_of,
}
SHARES = {crate.RESULTS: 0.15, crate.CARDS: 0, crate.WORKBOOK: 0.3, crate.LIVE: 0.2}


def _readme(names: list[str], scenario: Scenario, moment: datetime) -> bytes:
    says = {**crate.DESCRIBED, crate.MANIFEST: "The hash of every file."}
    width = max(map(len, names))
    return README.format(
        title=crate.one_line(scenario.title),
        listing="\n".join(f"{name:<{width}}  {says.get(name, crate.RECORD)}" for name in sorted(names)),
        hash=scenario.hash,
        file_hash=scenario.file_hash,
        epoch=EPOCH,
        seconds=int(moment.timestamp()),
    ).encode()
