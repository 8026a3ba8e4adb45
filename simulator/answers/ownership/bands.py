"""Bands of ownership and of the payouts of a sale: what each holder has in the middle 90 % of the trials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simulator.answers.draws import draw, lucky
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import broke_in
from simulator.answers.ownership.investors import cap_tables, company_worth, payouts_at
from simulator.engine.model import Array
from simulator.errors import Undefined
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.scenario import Scenario

# The lines that a cap table and a sale are read from.
LINES = (
    *("money_raised", "safe_raised", "safe_converted", "note_repaid", "safe_balance", "options_granted"),
    *("loan_drawn", "debt", "cash", "company_value", "valuation_before"),
)
PERCENTILES = (5, 50, 95)
# Beyond this, more trials move a percentile by less than its last digit and only take longer.
MOST_TRIALS = 1_000


@dataclass(frozen=True)
class Band:
    """Three percentiles of the trials."""

    p05: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Bands:
    """What each holder has in the trials.

    `ownership` is that of the last month, over the trials that reach it. `proceeds` are the payouts of a sale in the
    last month over all trials, nothing where cash runs out before, as in `broke` trials. `unknown` trials are left out
    of both, since a round, a grant or a note does not fit the ones before it there.
    """

    trials: int
    broke: int
    unknown: int
    ownership: Mapping[str, Band]
    proceeds: Mapping[str, Band]


def ownership_bands(scenario: Scenario, trials: int, value: float | None = None) -> Bands:
    """Return the bands over `trials` trials, of a sale for `value`, by default for each trial's own value and cash.

    Raise Undefined if no trial can say: none was run, cash runs out in all of them, or none has a cap table.
    """
    if not trials:
        raise Undefined("No trials were run.")
    cap_tables(Ledger.of(scenario))
    owned: list[Mapping[str, float]] = []
    paid: list[Mapping[str, float]] = []
    unknown = 0
    for ledger in ledgers(scenario, trials):
        try:
            table = cap_tables(ledger)[-1]
            if broke_in(ledger.total("cash"), scenario.settings.cash_floor) is not None:
                paid.append({})
                continue
            split = payouts_at(ledger, table, company_worth(ledger) if value is None else value)
        except Undefined:
            unknown += 1
            continue
        owned.append({name: float(share) for name, share in table.ownership().items()})
        paid.append({name: float(amount) for name, amount in split.by_holder().items()})
    if unknown == trials:
        raise Undefined("Rounds, grants and SAFEs fit one another in no trial, so there is no cap table.")
    if not owned:
        raise Undefined("Cash runs out in every trial, so there is no sale.")
    return Bands(trials, len(paid) - len(owned), unknown, _bands(owned), _bands(paid))


def ledgers(scenario: Scenario, trials: int) -> Iterator[Ledger]:
    """Yield a ledger of each trial, with the lines that ownership and a sale are read from."""
    values = draw(scenario, trials)
    lines = simulation_of(scenario, values, lucky(scenario, trials)).keep(LINES)
    base = base_values(scenario)
    drawn = {path: one for path, one in values.items() if one.shape[1] > 1}
    for trial in range(1, 1 + trials):
        own = {name: line[:, :, min(trial, line.shape[2] - 1)] for name, line in lines.items()}
        yield Ledger(scenario, own, base | {path: one[:, trial : trial + 1] for path, one in drawn.items()})


def _bands(trials: list[Mapping[str, float]]) -> dict[str, Band]:
    """Return the percentiles by holder; a holder that a trial does not name has nothing in it."""
    names = dict.fromkeys(name for one in trials for name in one)
    found: Mapping[str, Array] = {name: np.array([one.get(name, 0.0) for one in trials]) for name in names}
    return {name: Band(*map(float, np.percentile(values, PERCENTILES))) for name, values in found.items()}
