"""Key figures: each with its definition and its source; what is undefined is None, with the reason.

Figures are computed from the finished base plan, and the chance of ruin from all trials. Shares are fractions, months
are counted from 0, and "last year" is the plan's last twelve months. Where the field disagrees on a definition the
variants have names; a scenario chooses one under `definitions`, and the others stand beside it.
"""

from simulator.answers.kpis import efficiency, growth, investors, margins, serving, survival
from simulator.answers.kpis.registry import DEFINITIONS, TOPICS, Figures, Kpi, key_figures

# Each of these modules registers its figures when it is imported.
MODULES = (survival, growth, margins, efficiency, serving, investors)

__all__ = ["DEFINITIONS", "MODULES", "TOPICS", "Figures", "Kpi", "key_figures"]
