"""Options granted to staff out of the pool, per grant, with their strike; the cap table moves them out of the pool.

Stock compensation (`people`) is a cost and dilutes nobody: only these grants, and the pool, are shares. Vesting is not
modelled: at a sale, all options granted by then count.
"""

from typing import Annotated

import numpy as np

from simulator.engine.quantities import CalendarMonth, Numbers, Stock
from simulator.engine.units import quantity

PER = "option_grant"

PricePerShare = Annotated[Numbers, quantity("money/stock", 0)]


def options_granted(month, grant_month: CalendarMonth, options: Stock) -> Stock:
    """Options that the grant takes out of the pool, in the month in which it is made; otherwise 0.

    grant_month: Month in which the options are granted; 0 for options granted before the scenario begins.
    options: Number of options granted, taken out of the pool.
    """
    return np.where(month == np.ceil(grant_month), options, 0)


def exercise_price(strike: PricePerShare = 0.0) -> PricePerShare:
    """Strike of the grant: what its holders pay for each share when the company is sold.

    strike: Price that holders of the options pay for each share, mostly the common share's value at the grant.
    """
    return strike
