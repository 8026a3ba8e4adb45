"""KPIs: each with its title, definition and source; an undefined one has the value None and a reason.

Most KPIs are written as lines of the model over the months of the base case: they have a formula in words and in Excel,
a tree of inputs and a value for every month. What no such formula can say is a value: rates of return, figures of the
trials, and what new customers cost and bring. Shares are fractions, months count from 0, and "the last year" is the
last twelve months of the projection. If the field disagrees on a definition, the variants have names: a scenario
chooses one under `definitions`, and the others are listed beside it.
"""

from simulator.answers.kpis import efficiency, growth, investors, margins, serving, survival
from simulator.answers.kpis.registry import DEFINITIONS, HEADLINES, TOPICS, Figures, KeyFigures, Kpi, measures

# Importing one of these modules registers its KPIs.
MODULES = (survival, growth, margins, efficiency, serving, investors)

__all__ = ["DEFINITIONS", "HEADLINES", "MODULES", "TOPICS", "Figures", "KeyFigures", "Kpi", "measures"]
