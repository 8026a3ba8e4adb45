"""Charts keep series apart, escape names from a file, and choose a scale that can be read."""

from __future__ import annotations

import pytest

from dashboard.parts.charts import curves, look, stacked
from dashboard.parts.words import Words


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
