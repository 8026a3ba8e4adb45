"""Numbers of tokens that differ from request to request: a few, a range, or a lognormal distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from profiling.errors import Phrase, WorkloadError
from profiling.workload.limits import MOST_TOKENS

WAYS = "write '50 to 400' (each equally likely), 'lognormal 1000 0.8' (median and sigma), or '128 512 4096'"
# A spread by a factor of 150 either way, for one value in three.
LARGEST_SIGMA = 5.0
# Quantiles from which a mean is taken.
QUANTILES = 200
BELOW_ONE = math.nextafter(1.0, 0.0)


@dataclass(frozen=True)
class Lengths:
    """A distribution of numbers of tokens, by its quantiles."""

    values: tuple[int, ...]  # equally likely; the ends of a range; or the median
    way: str = "list"
    sigma: float = 0.0

    @classmethod
    def parse(cls, text: str, where: str) -> Lengths:
        """Return the distribution that a text names; raise WorkloadError for any other text."""
        words = text.split()
        try:
            if words[:1] == ["lognormal"]:
                found = cls((int(words[1]),), "lognormal", float(words[2]))
                fits = len(words) == 3 and 0 <= found.sigma <= LARGEST_SIGMA
            elif words[1:2] == ["to"]:
                found = cls((int(words[0]), int(words[2])), "range")
                fits = len(words) == 3 and found.values[0] <= found.values[1]
            else:
                found = cls(tuple(map(int, words)))
                fits = bool(words)
        except (ValueError, IndexError):
            fits = False
        if not fits or not all(1 <= value <= MOST_TOKENS for value in found.values):
            raise WorkloadError(Phrase("{typed!r} gives no lengths", typed=text[:60]), where=where, todo=WAYS)
        return found

    def at(self, share: float) -> int:
        """Return the number of tokens below which that share of the requests lies, for a share from 0 to below 1."""
        if self.way == "lognormal":
            spread = self.sigma * NormalDist().inv_cdf(max(share, 1e-12))
            return min(MOST_TOKENS, max(1, round(self.values[0] * math.exp(spread))))
        if self.way == "range":
            low, high = self.values
            return low + int(share * (high - low + 1))
        return sorted(self.values)[int(share * len(self.values))]

    def mean_of_longest(self, count: int, most: int) -> float:
        """Return the expected length of the longest of `count` texts, each cut to `most` tokens.

        The longest of n lies below a quantile u with probability u^n, so its own quantiles are those at u^(1/n).
        """
        # Of very many texts, the share would round to 1, below which all lie.
        shares = [min(BELOW_ONE, ((place + 0.5) / QUANTILES) ** (1 / count)) for place in range(QUANTILES)]
        return sum(min(most, self.at(share)) for share in shares) / QUANTILES
