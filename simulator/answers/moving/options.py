"""Options between which a measurement may decide: today's scenario, what-ifs, and single changes of assumptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from profiling.errors import Phrase
from simulator.answers.committing.commitments import commitments
from simulator.errors import PlanError
from simulator.lines import CHARGES
from simulator.scenario.document import read
from simulator.scenario.overlays import Overlay, parse_overlay, read_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

TODAY = "As planned"


@dataclass(frozen=True)
class Option:
    """A scenario that could be chosen, with its name for people."""

    title: str
    scenario: Scenario


def _prices(percent: int) -> str:
    """Return the what-if that moves every price of every plan by this many percent."""
    title = f"Prices {abs(percent)}% {'lower' if percent < 0 else 'higher'}"
    lines = "".join(f"    {name}: {{times: {1 + percent / 100}}}\n" for name in CHARGES)
    return f"overlay: 1\ntitle: {title}\nplans:\n  '*':\n{lines}"


# A price as an option, with any other number of percent.
PRICE = re.compile(r"price([+-]\d{1,3})%")
# Options that fit any scenario, by name: each a what-if with its title.
SHIPPED: Mapping[str, str] = {
    "price+10%": _prices(10),
    "price-10%": _prices(-10),
    "raise-later": "overlay: 1\ntitle: Rounds close half as late again\nrounds:\n  '*': {close_month: {times: 1.5}}\n",
    "rent": "overlay: 1\ntitle: Devices on demand alone\npools:\n  '*': {reserved_devices: 0, wanted_devices: 0}\n",
}
# An option that is computed for each scenario, and its title.
COMMIT, COMMITTED = "commit", "Cheapest commitments of devices"
OPTIONS = (*SHIPPED, COMMIT)


def option_of(scenario: Scenario, named: str, file_of: Callable[[str], Path]) -> Option:
    """Return the option that a user names: one of `OPTIONS`, price+N%, a what-if, or NAME=VALUE, joined by commas.

    `file_of` finds the file of a what-if. Raise BreakevenError where there is no such option, or it does not fit.
    """
    if named == COMMIT:
        return Option(COMMITTED, committed(scenario))
    if named in SHIPPED:
        return laid(scenario, parse_overlay(SHIPPED[named], named))
    if price := PRICE.fullmatch(named):
        if int(price[1]) < -100:
            raise PlanError(
                Phrase("{named} takes more off each price than all of it", named=named), "write price-100% or less"
            )
        return laid(scenario, parse_overlay(_prices(int(price[1])), named))
    if "=" in named:
        pairs = [change.partition("=") for change in named.split(",")]
        if not all(name.strip() and value.strip() for name, _, value in pairs):
            raise PlanError(
                Phrase("--option {named!r} changes nothing", named=named), "write NAME=VALUE, as in plans.team.price=79"
            )
        changes = {name.strip(): read(f"value: {value}", "--option")["value"] for name, _, value in pairs}
        return Option(named, scenario.with_values(changes))
    return laid(scenario, read_overlay(file_of(named)))


def committed(scenario: Scenario) -> Scenario:
    """Return the scenario with the commitments of each pool that cost least in its base case.

    Raise PlanError where every pool stays as it is.
    """
    found, refused = scenario, PlanError("today's commitments cost least in the base case", "choose another option")
    for pool in scenario.entities["pool"]:
        try:
            found = commitments(found, pool, 0).applied()
        except PlanError as error:  # nothing to compare with, as for devices without a price
            refused = error
    if found.hash == scenario.hash:
        raise refused
    return found


def laid(scenario: Scenario, overlay: Overlay) -> Option:
    """Return a scenario, its edits included, under a what-if; raise ScenarioError where it does not fit."""
    return Option(overlay.title, parse(scenario.to_yaml(), scenario.folder, scenario.file, [overlay]))


def with_today(scenario: Scenario, options: Sequence[Option]) -> tuple[Option, ...]:
    """Return the options after today's scenario, which is always one; raise PlanError without another."""
    if not options:
        raise PlanError(
            "there is nothing to choose between", Phrase("name an option, such as {listed}", listed=", ".join(OPTIONS))
        )
    return (Option(TODAY, scenario), *options)
