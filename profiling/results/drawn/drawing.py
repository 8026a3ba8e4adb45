"""Figures of a record drawn with plotly, for a page and for a file; `figures` decides what they show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from profiling.results.drawn.palette import GREY, LOOKS, MARKERS, VERMILLION
from profiling.results.figures import Figure, Point
from profiling.results.sentence import Say

HEIGHT = 360
# Any tag but those that our own charts use, none of which leads anywhere.
FOREIGN_TAG = re.compile(r"<(?=\s*/?\s*[a-zA-Z])(?!/?(?:b|br|i|extra)\s*/?>)")
# plotly.js would offer to upload the figure to a cloud; its other buttons only take room on a phone.
CONFIG = {"showSendToCloud": False, "displaylogo": False, "displayModeBar": False, "scrollZoom": False}


def as_it_stands(text: str) -> str:
    """Return a text with its markup escaped, so that plotly shows it unchanged."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def without_links(figure: go.Figure) -> dict[str, Any]:
    """Return the figure as data, every tag escaped that plotly would follow or style by, whoever wrote the text."""
    plain: dict[str, Any] = _defused(figure.to_plotly_json())
    return plain


def _defused(part: Any) -> Any:
    """Return a part of a figure with its foreign tags escaped; the part itself where it has none."""
    if isinstance(part, str):
        return FOREIGN_TAG.sub("&lt;", part) if "<" in part else part
    if isinstance(part, dict):
        found: Any = {name: _defused(one) for name, one in part.items()}
        return found if any(found[name] is not one for name, one in part.items()) else part
    if isinstance(part, np.ndarray) and part.dtype.kind not in "OUS":
        return part
    if isinstance(part, list | tuple | np.ndarray):
        found = [_defused(one) for one in part]
        return found if any(new is not one for new, one in zip(found, part, strict=True)) else part
    return part


def draw(figure: Figure, say: Say) -> go.Figure:
    """Return the drawn figure with its intervals; `say` translates titles, names and intervals."""
    drawn = go.Figure()
    for place, (name, points) in enumerate(figure.series.items()):
        _series(drawn, name, points, place, say)
    for name, corners in figure.limits.items():
        x, y = zip(*corners, strict=True)
        drawn.add_scatter(x=x, y=y, name=say(name), mode="lines", line={"color": GREY, "dash": "dash"})
    if figure.missing:
        drawn.add_scatter(
            x=[point.x for point in figure.missing],
            y=[point.y for point in figure.missing],
            name=say("did not fit"),
            mode="markers",
            marker={"symbol": "x", "size": 11, "color": VERMILLION},
            text=[as_it_stands(point.told(say)) for point in figure.missing],
            hovertemplate="%{text}<extra></extra>",
        )
    drawn.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0},
        hovermode="closest",
        dragmode=False,
    )
    drawn.update_xaxes(title_text=say(figure.x_title), automargin=True, type="log" if figure.log_x else None)
    drawn.update_yaxes(title_text=say(figure.y_title), automargin=True, type="log" if figure.log_y else None)
    if not figure.log_y:
        drawn.update_yaxes(rangemode="tozero")
    return drawn


def _series(drawn: go.Figure, name: str, points: Sequence[Point], place: int, say: Say) -> None:
    """Draw points joined by a line, each with its interval and label."""
    colour, dash = LOOKS[place % len(LOOKS)]
    drawn.add_scatter(
        x=[point.x for point in points],
        y=[point.y for point in points],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [point.high - point.y for point in points],
            "arrayminus": [point.y - point.low for point in points],
        },
        name=as_it_stands(name),
        mode="lines+markers",
        line={"color": colour, "dash": dash, "width": 2},
        marker={"symbol": MARKERS[place % len(MARKERS)], "size": 8},
        text=[as_it_stands(point.told(say)) for point in points],
        hovertemplate="%{text}<extra></extra>",
    )
