"""A figure as inline SVG, in the colours of the page around it; `figures` decides what it shows.

Text in the drawing is only the numbers at the axes, so that it stays legible on a phone; titles and names stand around
it.  Pointing at a mark shows its label.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from profiling.results.drawn.palette import GREY, LOOKS, MARKERS, VERMILLION
from profiling.results.figures import Figure, Point

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 10, 24
# An interval that reaches further than this many times beyond the points would press them flat; it is cut there.
FURTHEST_END = 3.0
MOST_TICKS = 6
PAD = 0.05

Place = tuple[float, float]

DASHES = {
    **{"solid": "none", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"},
    **{"longdash": "12 4", "longdashdot": "12 3 2 3"},
}
SHAPES = {
    "circle": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "square": "M-4 -4h8v8h-8z",
    "diamond": "M0 -5l5 5l-5 5l-5 -5z",
    "triangle-up": "M0 -5l5 9h-10z",
    "cross": "M-1.5 -5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
    "x": "M-5 -3l2 -2l3 3l3 -3l2 2l-3 3l3 3l-2 2l-3 -3l-3 3l-2 -2l3 -3z",
}


@dataclass(frozen=True)
class Axis:
    """Numbers from `low` to `high`, drawn from one pixel to another."""

    low: float
    high: float
    log: bool
    start: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float, *, log: bool, from_zero: bool = False) -> Axis:
        """Return the axis that holds all values with a little room; on a logarithmic one, all above 0."""
        if log:
            found = [math.log10(value) for value in values if value > 0] or [0.0]
            room = max(PAD * (max(found) - min(found)), PAD)
            return cls(10 ** (min(found) - room), 10 ** (max(found) + room), log, start, end)
        low, high = min(values), max(values)
        room = PAD * (high - low or abs(high) or 1.0)
        return cls(0.0 if from_zero and low >= 0 else low - room, high + room, log, start, end)

    def place(self, value: float) -> float:
        """Return the pixel of a value, one beyond an end at that end."""
        value = min(max(value, self.low), self.high)
        low, high, at = (math.log10(one) if self.log else one for one in (self.low, self.high, value))
        return round(self.start + (at - low) / (high - low) * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Return round numbers to write at the axis."""
        if self.log:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            for digits in ((1, 2, 5), (1,)):
                found = [digit * 10.0**decade for decade in decades for digit in digits]
                shown = [value for value in found if self.low <= value <= self.high]
                if 2 <= len(shown) <= MOST_TICKS + 2:
                    return shown
            if len(shown) >= 2:
                return shown[:: math.ceil(len(shown) / MOST_TICKS)]
        return self._even()

    def _even(self) -> list[float]:
        """Return multiples of 1, 2 or 5 times a power of ten."""
        rough = (self.high - self.low) / MOST_TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [place * step for place in range(first, last + 1)]


def draw(figure: Figure) -> str:
    """Return the figure as an SVG element that fills the width it is given."""
    drawing = Element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": str(figure.sentence)})
    across, up = _axes(figure)
    _grid(drawing, across, up)
    for corners in figure.limits.values():
        _line(drawing, [(across.place(x), up.place(y)) for x, y in corners], GREY, dasharray=DASHES["dash"])
    for place, points in enumerate(figure.series.values()):
        _series(drawing, points, place, across, up)
    for point in figure.missing:
        _mark(drawing, (across.place(point.x), up.place(point.y)), "x", VERMILLION, f"did not fit: {point.told()}")
    return tostring(drawing, encoding="unicode")


def key_of(place: int | None) -> str:
    """Return the short line with a mark that stands in a legend; None is the line of a limit."""
    colour, dash = (GREY, "dash") if place is None else LOOKS[place % len(LOOKS)]
    drawing = Element("svg", {"viewBox": "0 0 32 12", "width": "32", "height": "12", "aria-hidden": "true"})
    _line(drawing, [(0, 6), (32, 6)], colour, dasharray=DASHES[dash])
    if place is not None:
        _mark(drawing, (16, 6), MARKERS[place % len(MARKERS)], colour)
    return tostring(drawing, encoding="unicode")


def _axes(figure: Figure) -> tuple[Axis, Axis]:
    """Return both axes, around the points, their intervals and the limits."""
    points = [*(point for points in figure.series.values() for point in points), *figure.missing]
    corners = [corner for line in figure.limits.values() for corner in line]
    least, most = min(point.y for point in points), max(point.y for point in points)
    ends = [min(max(end, least / FURTHEST_END), most * FURTHEST_END) for one in points for end in (one.low, one.high)]
    across = [*(point.x for point in points), *(x for x, _ in corners)]
    up = [*(point.y for point in points), *ends, *(y for _, y in corners)]
    return (
        Axis.around(across, LEFT, WIDTH - RIGHT, log=figure.log_x),
        Axis.around(up, HEIGHT - BOTTOM, TOP, log=figure.log_y, from_zero=True),
    )


def _grid(drawing: Element, across: Axis, up: Axis) -> None:
    """Draw a line and a number at each tick."""
    for value in up.ticks():
        at = up.place(value)
        _line(drawing, [(LEFT, at), (WIDTH - RIGHT, at)], "currentColor", opacity="0.15")
        _text(drawing, LEFT - 6, at + 4, value, "end")
    for value in across.ticks():
        _line(drawing, [(across.place(value), HEIGHT - BOTTOM), (across.place(value), HEIGHT - BOTTOM + 4)])
        _text(drawing, across.place(value), HEIGHT - 6, value, "middle")
    _line(drawing, [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM)])


def _series(drawing: Element, points: Sequence[Point], place: int, across: Axis, up: Axis) -> None:
    """Draw points joined by a line, each with its interval and label."""
    colour, dash = LOOKS[place % len(LOOKS)]
    places = [(across.place(point.x), up.place(point.y)) for point in points]
    _line(drawing, places, colour, dasharray=DASHES[dash], width="2")
    for point, at in zip(points, places, strict=True):
        _line(drawing, [(at[0], up.place(point.low)), (at[0], up.place(point.high))], colour)
        _mark(drawing, at, MARKERS[place % len(MARKERS)], colour, point.told())


def _line(drawing: Element, corners: Iterable[Place], colour: str = "currentColor", **style: str) -> None:
    """Draw a line; further styles are named as in SVG, without `stroke-`."""
    more = {f"stroke-{name}": value for name, value in style.items()}
    points = " ".join(f"{x:g},{y:g}" for x, y in corners)
    SubElement(drawing, "polyline", {"points": points, "fill": "none", "stroke": colour, **more})


def _mark(drawing: Element, at: Place, shape: str, colour: str, label: str = "") -> None:
    place = "translate({:g} {:g})".format(*at)
    mark = SubElement(drawing, "path", {"d": SHAPES[shape], "transform": place, "fill": colour})
    if label:
        SubElement(mark, "title").text = label


def _text(drawing: Element, x: float, y: float, value: float, anchor: str) -> None:
    text = SubElement(drawing, "text", {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor})
    text.text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.3g}"
