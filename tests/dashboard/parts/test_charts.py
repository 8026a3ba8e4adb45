"""Charts keep series apart, escape names from a file, and choose a scale that can be read."""

from __future__ import annotations

import json
import re

import plotly.graph_objects as go
import pytest

from dashboard.parts.charts import bars, curves, look, stacked, tick
from dashboard.parts.frame import axes
from dashboard.parts.words import Words
from profiling.results.drawn.drawing import without_links


def test_a_seventh_series_has_a_look_of_its_own():
    """Colour, dash and pattern never agree before thirty-six series have been drawn."""
    assert len({look(position) for position in range(36)}) == 36


def test_a_name_from_a_file_is_no_markup_in_a_chart():
    """plotly reads tags; a title has none."""
    figure = stacked(Words(), [1, 2], {"<b>bold</b>": [1, 2]}, "heads")
    assert figure.data[0].name == "&lt;b>bold&lt;/b>"


@pytest.mark.parametrize(("values", "scale"), [([100.0, 1.0], "log"), ([10.0, 9.0], None), ([100.0, 0.0], None)])
def test_amounts_far_apart_are_drawn_on_a_logarithmic_scale(values: list[float], scale: str | None):
    """Zero has no logarithm, and amounts close together need none."""
    figure = curves(Words(), [1, 2], {"cost": values}, "USD", "money", wide=True)
    assert figure.layout.yaxis.type == scale


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("year to Nov 2027", "year to<br>Nov 2027"),
        ("2027", "2027"),
        ("截至 2027年11月 的一年", "截至<br>2027年<br>11月<br>的一年"),
    ],
)
def test_names_of_periods_are_narrow(name: str, text: str):
    """Five years stand side by side on a phone."""
    assert tick(name) == text


def test_only_as_many_periods_are_named_as_fit():
    """Of 20 quarters every fourth is named, and the tenths of customers all are."""
    quarters = [f"quarter to {one}" for one in range(20)]
    assert len(bars(Words(), quarters, {"a": [*range(20)]}, "a", "number").layout.xaxis.tickvals) == 5
    chinese = [f"截至 {2027 + one // 4}年{3 * (one % 4) + 2}月 的季度" for one in range(20)]
    assert len(bars(Words("zh"), chinese, {"a": [*range(20)]}, "a", "number").layout.xaxis.tickvals) == 7
    assert len(bars(Words(), list(range(1, 11)), {"a": [*range(10)]}, "a", "number").layout.xaxis.tickvals) == 10


@pytest.mark.parametrize(
    ("language", "currency", "drawn", "text"),
    [("zh", "CNY", "¥2M", "¥200万"), ("zh", "USD", "−US$500k", "−US$50万"), ("en", "EUR", "€2M", "€2M")],
)
def test_ticks_are_written_in_the_readers_way(language: str, currency: str, drawn: str, text: str):
    """plotly knows millions only in English; a tick that it may draw gets the reader's text."""
    figure = curves(Words(language, currency), [1, 2], {"cash": [-3e6, 4e6]}, "cash", "money")
    assert figure.layout.yaxis.labelalias[drawn] == text


def test_billions_are_not_called_giga():
    """d3 abbreviates a billion as G, which nobody uses for money."""
    figure = curves(Words(), [1, 2], {"cash": [1e9, 8e9]}, "cash", "money")
    assert figure.layout.yaxis.labelalias["$2G"] == "$2B"


def test_every_tick_between_the_largest_and_its_tenth_has_a_text():
    """An axis of several stacked areas reaches their sum."""
    labels = axes.short(Words("zh", "CNY"), [[2.1e6], [9.5e6]], money=True)
    assert {"¥200k", "¥2M", "¥10M", "¥12M"} <= labels.keys()


def test_an_axis_that_begins_far_from_zero_has_its_texts():
    """From 38 to 41 million, plotly draws every million: none of these is a multiple of ten million."""
    labels = axes.short(Words("zh", "CNY"), [[38.05e6, 41.24e6]], money=True)
    assert {"¥38M": "¥3800万", "¥39M": "¥3900万", "¥40M": "¥4000万", "¥41M": "¥4100万"}.items() <= labels.items()
    assert labels["¥40.5M"] == "¥4050万"


def test_no_text_of_a_chart_becomes_a_link():
    """Plotly follows links in titles, names and labels; what our own charts use stays."""
    figure = go.Figure(go.Bar(x=["a<br>b", '<a href="http://x">y</a>'], y=[1, 2], name="<A HREF='x'>z", text=["1 < 2"]))
    figure.update_layout(title="<b>kept</b>")
    content = json.dumps(without_links(figure))
    assert not re.search(r"(<|u003c)/?a\b", content, re.IGNORECASE)
    assert without_links(figure)["data"][0]["x"][0] == "a<br>b"
    plain = go.Figure(go.Bar(x=[1], y=[2]))
    assert without_links(plain) == plain.to_plotly_json()
