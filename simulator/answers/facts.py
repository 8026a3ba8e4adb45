"""Facts: what a projection says about survival, profit and new customers, as the verdict asks for it.

A fact about trials may be open: true, false, or too close to its bound for the number of trials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.answers.kpis.funding import funding_months
from simulator.answers.kpis.registry import Drawn, Figures
from simulator.answers.kpis.winning import paying_new
from simulator.answers.outcomes import LINES, Flags, Outcomes, is_below, narrowing, share_of
from simulator.errors import Undefined

# A true share lies further from its estimate in fewer than three of a thousand scenarios.
ERRORS_APART = 3.0


@dataclass(frozen=True)
class Gap:
    """Money that the base case lacks: the first month below the floor, how much is missing, and what follows.

    `closes` is the month of the next funding after that, None if there is none; `missing` counts until then.
    It is rounded up to whole money. `recovers` says whether cash stays above the floor from then on.
    """

    month: int
    missing: float
    closes: int | None
    recovers: bool


@dataclass(frozen=True)
class Facts:
    """The figures of a projection, and the outcomes that they are judged by."""

    figures: Figures

    @property
    def from_trials(self) -> bool:
        """Whether trials stand behind the verdict, or the base case alone."""
        return self.figures.drawn is not Drawn.NOTHING and self.figures.outcomes.trials > 0

    @cached_property
    def outcomes(self) -> Outcomes:
        """The trials; without any, the base case as the only one."""
        if self.from_trials:
            return self.figures.outcomes
        lines = {name: self.figures.total(name)[:, None] for name in LINES}
        return Outcomes.of(lines, self.figures.cash_floor)

    def at_least(self, trials: Flags, share: float) -> bool | None:
        """Return whether something is true in this share of trials or more; None if the trials cannot tell."""
        found = share_of(trials)
        if self.from_trials:
            error = max(found.error, narrowing(trials) * math.sqrt(share * (1 - share) / len(trials)))
            if abs(found.value - share) <= ERRORS_APART * error:
                return None
        return found.value >= share

    def survives(self, chance_of_ruin: float) -> bool | None:
        """Return whether cash runs out in at most this share of trials."""
        return self.at_least(np.isinf(self.outcomes.broke), 1 - chance_of_ruin)

    def profits(self, chance: float) -> bool | None:
        """Return whether the last year makes an operating profit in at least this share of trials."""
        return self.at_least(self.outcomes.operating_income > 0, chance)

    def margin(self, least: float) -> bool | None:
        """Return whether the median gross margin is at least this high: whether half of the trials reach it."""
        return self.at_least(self.outcomes.margins("gross_profit") >= least, 0.5)

    def pays_back(self, months: float) -> bool:
        """Return whether new customers pay back within these months, or cost nothing; true where none are sought."""
        if self.seeks_nobody:
            return True
        return self.returns(1) and self._won("payback", free=0.0) <= months

    def returns(self, ratio: float) -> bool:
        """Return whether LTV is at least this multiple of CAC; true where no customers are sought."""
        return self.seeks_nobody or self._won("ratio", free=math.inf if self._won("value") > 0 else 0.0) >= ratio

    def _won(self, name: str, free: float = 0.0) -> float:
        """Return a figure of new customers: `free` if they cost nothing, infinite or 0 if it never comes."""
        never = math.inf if name == "payback" else 0.0
        try:
            if self.figures.won.cost() <= 0 and name != "value":
                return free
            return float(getattr(self.figures.won, name)())
        except Undefined:
            return never

    @property
    def seeks_nobody(self) -> bool:
        """Whether nobody is won in any month, and there are neither channels with a budget nor sellers with a quota.

        Other selling costs, such as those of account managers, keep the customers who are there.
        """
        ledger = self.figures.ledger
        spends = self.figures.total("marketing_spend").any() or self.figures.total("deals_by_role").any()
        return not spends and not any(won.any() for won in paying_new(ledger).values())

    @cached_property
    def gap(self) -> Gap | None:
        """The money that the base case lacks; None if its cash stays above the floor."""
        if (broke := self.figures.broke) is None:
            return None
        cash, floor = self.figures.total("cash"), self.figures.cash_floor
        closes = next((month for month in funding_months(self.figures.ledger) if month > broke), None)
        recovers = closes is not None and not is_below(cash[closes:], floor).any()
        return Gap(broke, math.ceil(floor - float(cash[:closes].min())), closes, recovers)

    @property
    def is_late(self) -> bool:
        """Whether funding comes after cash has run out, and would have been enough."""
        return self.gap is not None and self.gap.recovers

    @property
    def months_left(self) -> float:
        """How long cash lasts after the last month at the burn of the last quarter; infinite if none is burnt."""
        try:
            return self.figures.kpi("months_left")
        except Undefined:
            return math.inf

    @property
    def has_revenue(self) -> bool:
        """Whether the last year of the base case has any revenue."""
        return self.figures.last_year("revenue") > 0
