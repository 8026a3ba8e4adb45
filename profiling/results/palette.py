"""Colours of Okabe and Ito, which everyone can tell apart, and a dash that says the same a second time."""

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, ORANGE, GREY = "#56B4E9", "#E69F00", "#8C8C8C"
# One look a series: colour and dash differ together.
LOOKS = (
    (BLUE, "solid"),
    (VERMILLION, "dash"),
    (GREEN, "dot"),
    (PURPLE, "dashdot"),
    (ORANGE, "longdash"),
    (SKY, "longdashdot"),
)
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
