"""The course of a value over the months, as a figure with a sentence, while it is being put together."""

from dashboard.parts.charts import Kind, framed, line, scaled, show
from dashboard.parts.charts_results import BAND
from dashboard.parts.values.texts import number_text, unit_in_words
from dashboard.parts.words import Words
from profiling.results.drawn.palette import BLUE
from simulator.answers.search import readable
from simulator.engine.dates import months_from
from simulator.engine.model import Array, Input
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import is_percent
from simulator.scenario.typed.spread import course


def preview(found: Assumption, needed: Input, scenario: Scenario, say: Words) -> None:
    """Draw the base case and the 90% interval by month, with a sentence about the first and the last month."""
    low, base, high = course(found, scenario.months)
    months = months_from(scenario.start, len(base))
    unit = unit_in_words(needed, found.unit, say)
    figure = framed(say("Month"), unit or say(readable(needed.name)), height=240)
    edge = {"mode": "lines", "line": {"width": 0}}
    if found.is_uncertain:
        figure.add_scatter(x=months, y=high, name=say("P95"), showlegend=False, **edge)
        figure.add_scatter(x=months, y=low, name=say("90% interval"), fill="tonexty", fillcolor=BAND, **edge)
    line(figure, months, base, say("base case"), BLUE, shape="hv")
    kind: Kind = "share" if is_percent(needed) else "money" if found.unit.startswith(scenario.currency) else "number"
    scaled(figure, say, kind, high)
    figure.update_yaxes(rangemode="tozero")  # one number in all months would fill the axis with its last digits
    show(figure, sentence(found, needed, say, (low, base, high)), key="value-preview")


def sentence(found: Assumption, needed: Input, say: Words, series: tuple[Array, Array, Array]) -> str:
    """Return what the figure shows: where the value begins and ends, and how wide its interval is at the end."""
    ends = [[number_text(float(f"{float(s[place]):.4g}"), needed, say) for s in series] for place in (0, -1)]
    (_, first, _), (low, last, high) = ends
    told = (
        say("{value} in each month of the base case.", value=first)
        if first == last
        else say("From {first} in the first month to {last} in the last, in the base case.", first=first, last=last)
    )
    if not found.is_uncertain:
        return told
    return f"{told} {say('In the last month, 90% of the trials lie from {low} to {high}.', low=low, high=high)}"
