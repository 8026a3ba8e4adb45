"""When and why cash runs out: before each round, cash at risk, the worst trials, and one of them again."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.parts import charts, members
from dashboard.parts.choices import from_list
from dashboard.parts.explaining.naming import named
from dashboard.parts.explaining.titles import whose
from dashboard.parts.tables import show
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.chance.replay import Replay, replay
from simulator.answers.chance.survival import before_rounds
from simulator.answers.chance.worst import Unusual, Worst, worst
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.errors import Undefined
from simulator.output.chance.risk import low_sentence, why_sentence
from simulator.scenario.scenario import Scenario


def rounds(projection: Projection, say: Words) -> None:
    """Draw the chance of running out before each round, SAFE or loan, and how low cash falls in bad trials."""
    outcomes, scenario = projection.figures.trials, projection.scenario
    found = before_rounds(projection.ledger, outcomes)
    if found:
        heads = [say("Before this closes"), say("Month"), say("Chance of running out of cash")]
        rows = [
            [
                members.named(scenario, one.kind, one.name),
                say.month_number(one.month),
                say.estimate(one.chance.value, "share", one.chance.error),
            ]
            for one in found
        ]
        show(pd.DataFrame(rows, columns=heads), say("Chance of running out before each round"), texts=heads[1:2])
    st.markdown(escape(low_sentence(outcomes, scenario, say)))


def why(projection: Projection, say: Words) -> None:
    """Draw what was unusual in the worst trials, and let the reader see one of them again."""
    st.header(say("Why the worst trials fail"))
    scenario = projection.scenario
    try:
        found = worst(scenario, projection.ledger, projection.figures.trials)
    except Undefined as reason:
        small(say(reason.text, **reason.values))
        return
    names = {one.path: title(one, scenario, say) for one in found.unusual}
    st.markdown(escape(why_sentence(found, names, say)))
    if found.unusual:
        heads = [say("Unusual"), say("in the worst trials"), say("in the others")]
        rows = [
            [names[one.path], *(say.quantity(end, one.unit) for end in (one.inside, one.outside))]
            for one in found.unusual
        ]
        show(pd.DataFrame(rows, columns=heads), say("Unusual in the worst trials"))
        small(say("Medians; of what is yes or no, how often it is yes. Luck is 0% at its worst and 100% at its best."))
    again(found, projection, say)


def title(one: Unusual, scenario: Scenario, say: Words) -> str:
    """Return the name of an assumption, or of a count with its member."""
    if not one.is_luck:
        return named(say, scenario.assumptions[one.path], scenario)
    line, _, label = one.path.partition("[")
    owner = whose(line, label.removesuffix("]"), scenario) if label else ""
    return " · ".join(filter(None, [say(readable(line)), owner]))


def again(found: Worst, projection: Projection, say: Words) -> None:
    """List the worst trials, and draw the cash of one beside the base case."""
    texts = {str(one.number): say("Trial {number}", number=str(one.number)) for one in found.listed}
    heads = [say("Worst trials"), say("Out of cash in"), say("Lowest cash"), say("Cash at the end")]
    rows = [
        [
            texts[str(one.number)],
            "–" if one.broke is None else say.month_number(one.broke),
            say.quantity(one.lowest_cash, projection.currency),
            say.quantity(one.end_cash, projection.currency),
        ]
        for one in found.listed
    ]
    with st.expander(say("The worst trials, one by one"), key="worst-trials", on_change="rerun") as expander:
        if not expander.open:
            return
        show(pd.DataFrame(rows, columns=heads), say("The worst trials, one by one"), texts=heads[1:2])
        number = from_list(say("Show again"), list(texts), "worst-trial", lambda one: texts.get(one, one), width=260)
        shown = replay(projection.scenario, int(number))
        curves = {say("base case"): shown.base, texts[number]: shown.cash}
        axis = say("cash, {currency}", currency=projection.currency)
        figure = charts.curves(say, dict.fromkeys(curves, projection.dates), curves, axis, "money")
        charts.show(figure, unusual_sentence(shown, say), key="worst-trial-chart")


def unusual_sentence(shown: Replay, say: Words) -> str:
    """Return the assumption that is most unusual in a trial; where none is drawn, that counts alone make it differ."""
    number = str(shown.number)
    if not shown.drawn:
        text = "No assumption of this scenario has a range: trial {number} differs by the luck of counts alone."
        return say(text, number=number)
    first = shown.drawn[0]
    name = named(say, shown.scenario.assumptions[first.path], shown.scenario)
    text = "In trial {number}, {name} is the most unusual: it is higher than in {share} of the trials around it."
    return say(text, name=name, number=number, share=say.share(first.rank))
