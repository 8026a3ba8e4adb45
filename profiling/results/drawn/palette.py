"""The colours of Okabe and Ito, safe for colour-blind readers, each with its own dash."""

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, ORANGE, GREY = "#56B4E9", "#E69F00", "#8C8C8C"
# Colour and dash of each series, so that either distinguishes them.
LOOKS = (
    (BLUE, "solid"),
    (VERMILLION, "dash"),
    (GREEN, "dot"),
    (PURPLE, "dashdot"),
    (ORANGE, "longdash"),
    (SKY, "longdashdot"),
)
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
