"""Figures: what is drawn, never what is computed.

Colours are Okabe and Ito's, which everyone can tell apart; a dash or a pattern says the same a second time. The
page's theme paints text and background, so that each figure reads on light and on dark.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.parts.words import Words, escape
from profiling.results.drawing import CONFIG
from profiling.results.palette import BLUE, GREEN, GREY, LOOKS, ORANGE, VERMILLION
from profiling.results.record import Estimate

BAND = "rgba(86, 180, 233, 0.30)"
# Evidence from the strongest to the weakest, each with a pattern beside its colour.
EVIDENCE_LOOKS = {
    "measured": (GREEN, ""),
    "calibrated": (BLUE, "/"),
    "published": (ORANGE, "."),
    "assumed": (GREY, "x"),
}
HEIGHT = 340


def show(figure: go.Figure, sentence: str, key: str) -> None:
    """A figure and, below it, the sentence that says what it shows; screen readers get the same sentence."""
    st.plotly_chart(figure, config=CONFIG, alt=sentence, key=key)
    st.markdown(escape(sentence))


def framed(say: Words, x_title: str, y_title: str, height: int = HEIGHT) -> go.Figure:
    """An empty figure with its axes named and its numbers in the reader's style."""
    figure = go.Figure()
    decimal, group = say.number(1.5)[1], say.number(1234)[1]
    figure.update_layout(
        height=height,
        separators=decimal + group,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0},
        hovermode="x unified",
        dragmode=False,
    )
    figure.update_xaxes(title_text=x_title, automargin=True)
    figure.update_yaxes(title_text=y_title, automargin=True)
    return figure


def filled(colour: str, pattern: str) -> dict[str, Any]:
    """A bar's colour, with a pattern of fine light lines as the second cue."""
    return {
        "color": colour,
        "pattern": {
            "shape": pattern,
            "fillmode": "replace",
            "bgcolor": colour,
            "fgcolor": "rgba(255, 255, 255, 0.45)",
            "size": 7,
            "solidity": 0.25,
        },
    }


def money_axis(figure: go.Figure, say: Words, axis: str = "y") -> None:
    """Amounts of money along one axis, as $1.2M."""
    update = figure.update_yaxes if axis == "y" else figure.update_xaxes
    # d3's own "$" puts the minus before the sign, which a prefix would not.
    dollars = say.currency_symbol == "$"
    update(
        tickformat="$~s" if dollars else "~s",
        hoverformat="$,.0f" if dollars else ",.0f",
        ticksuffix="" if dollars else f" {say.currency_symbol}",
        zeroline=True,
    )


def lines(say: Words, dates: Sequence[date], series: Mapping[str, Sequence[float]], y_title: str) -> go.Figure:
    """Several amounts of money by month."""
    figure = framed(say, say("Month"), y_title)
    for (name, values), (colour, dash) in zip(series.items(), LOOKS, strict=False):
        figure.add_scatter(
            x=dates, y=values, name=name, mode="lines", line={"color": colour, "dash": dash, "width": 2.5}
        )
    money_axis(figure, say)
    return figure


def band(say: Words, dates: Sequence[date], series: Any, y_title: str, floor: float) -> go.Figure:
    """The base plan, the median trial, the band that nine trials in ten stay within, and the floor of ruin."""
    figure = framed(say, say("Month"), y_title)
    edge = {"mode": "lines", "line": {"width": 0}}
    figure.add_scatter(x=dates, y=series.p95, name=say("95% of trials are below"), showlegend=False, **edge)
    figure.add_scatter(x=dates, y=series.p05, name=say("nine trials in ten"), fill="tonexty", fillcolor=BAND, **edge)
    figure.add_scatter(
        x=dates, y=series.p50, name=say("median trial"), mode="lines", line={"color": VERMILLION, "dash": "dash"}
    )
    figure.add_scatter(x=dates, y=series.base, name=say("base plan"), mode="lines", line={"color": BLUE, "width": 3})
    figure.add_hline(y=floor, line={"color": GREY, "dash": "dot"}, annotation_text=say("cash floor"))
    money_axis(figure, say)
    return figure


def chance(say: Words, dates: Sequence[date], shares: Sequence[float]) -> go.Figure:
    """A probability by month, from 0 to 100%."""
    figure = framed(say, say("Month"), say("share of trials"), height=260)
    figure.add_scatter(
        x=dates,
        y=shares,
        mode="lines",
        line={"color": VERMILLION, "width": 2.5, "shape": "hv"},
        fill="tozeroy",
        fillcolor="rgba(213, 94, 0, 0.15)",
        name=say("out of cash by then"),
    )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", range=[0, max(0.1, 1.1 * max(shares))])
    return figure


def evidence(say: Words, shares: Mapping[str, float]) -> go.Figure:
    """One bar cut into the kinds of evidence, from the strongest to the weakest."""
    figure = framed(say, "", "", height=110)
    for name, share in shares.items():
        figure.add_bar(
            x=[share],
            y=[""],
            orientation="h",
            marker=filled(*EVIDENCE_LOOKS[name]),
            name=say(name),
            text=f"{say(name)} {say.share(share)}" if share >= 0.15 else "",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=f"{say(name)}: {say.share(share)}<extra></extra>",
        )
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0, showlegend=False, margin={"t": 8})
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(visible=False)
    return figure


def tornado(say: Words, low: Mapping[str, float], high: Mapping[str, float], base: float, x_title: str) -> go.Figure:
    """One bar an assumption, from the outcome at its low end to the outcome at its high end."""
    figure = framed(say, x_title, "", height=90 + 34 * len(low))
    for name, ends, colour, pattern in (
        (say("at its low end"), low, VERMILLION, "/"),
        (say("at its high end"), high, BLUE, ""),
    ):
        figure.add_bar(
            x=[end - base for end in ends.values()],
            y=list(ends),
            base=base,
            orientation="h",
            name=name,
            marker=filled(colour, pattern),
            customdata=[say.money(end) for end in ends.values()],
            hovertemplate="%{customdata}",
        )
    figure.add_vline(x=base, line={"color": GREY, "dash": "dot"})
    figure.update_layout(barmode="overlay", hovermode="y unified")
    figure.update_yaxes(autorange="reversed")
    money_axis(figure, say, axis="x")
    return figure


def heatmap(
    say: Words,
    x: Sequence[float],
    y: Sequence[float],
    z: Any,
    *,
    x_title: str,
    y_title: str,
    here: tuple[float, float],
    text: Any,
    tickformat: str,
) -> go.Figure:
    """An outcome over two levers, with the plan's own point marked."""
    figure = framed(say, x_title, y_title, height=420)
    figure.add_heatmap(
        x=x,
        y=y,
        z=z,
        text=text,
        hovertemplate="%{text}<extra></extra>",
        colorscale="Cividis",
        colorbar={"thickness": 12, "tickformat": tickformat},
    )
    figure.add_scatter(
        x=[here[0]],
        y=[here[1]],
        mode="markers",
        name=say("this plan"),
        showlegend=True,
        hoverinfo="skip",
        marker={"symbol": "x", "size": 14, "color": "white", "line": {"color": "black", "width": 2}},
    )
    figure.update_layout(hovermode="closest")
    return figure


def against_ceiling(say: Words, names: Sequence[str], shares: Sequence[Estimate]) -> go.Figure:
    """How much of the measured ceiling each case reached, with its interval; the line is all of it."""
    figure = framed(say, say("share of the measured ceiling"), "", height=110 + 40 * len(names))
    figure.add_bar(
        x=[share.value for share in shares],
        y=[two_lines(name) for name in names],
        orientation="h",
        marker={"color": BLUE},
        name=say("measured"),
        error_x={
            "type": "data",
            "color": GREY,
            "array": [share.high - share.value for share in shares],
            "arrayminus": [share.value - share.low for share in shares],
        },
    )
    figure.add_vline(x=1, line={"color": VERMILLION, "dash": "dash"}, annotation_text=say("measured ceiling"))
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", nticks=5, tickangle=0)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(hovermode="closest", showlegend=False)
    return figure


def two_lines(name: str) -> str:
    """A label that leaves a narrow screen room for the bars."""
    parts = name.split(", ")
    middle = (len(parts) + 1) // 2
    return ", ".join(parts[:middle]) + "<br>" + ", ".join(parts[middle:])
