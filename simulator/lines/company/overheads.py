"""Overheads, per overhead: a cost of running the company besides its people, from one month to another.

Examples are legal work, privacy, security audits, ISO 42001, the steps of the AI Act, ethics review, monitoring and
insurance.
"""

import numpy as np

from simulator.engine.quantities import Amount, CalendarMonth, GeneralCost, MonthlyAmount

PER = "overhead"


def overhead_cost(
    month, begins: CalendarMonth = 0.0, once: Amount = 0.0, monthly: MonthlyAmount = 0.0, ends: CalendarMonth = 1_000.0
) -> GeneralCost:
    """Cost of the overhead this month: a single cost when it begins, and a monthly cost until it ends.

    begins: Month in which the overhead begins, counted from 0.
    once: Cost of the overhead that is paid once, when it begins.
    monthly: Cost of the overhead in each month until it ends.
    ends: Month from which the overhead costs nothing more, counted from 0.
    """
    under_way = np.logical_and(month >= np.ceil(begins), month < np.ceil(ends))
    return np.where(month == np.ceil(begins), once, 0) + np.where(under_way, monthly, 0)
