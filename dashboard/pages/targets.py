"""Targets: what an assumption has to be for a figure to come out as wanted."""

from dashboard.desk.desk import Desk
from dashboard.parts.deciding.solving import finder
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from simulator.answers.projection import Projection


def page(projection: Projection, say: Words, desk: Desk, is_first: bool = False) -> None:
    """Draw the search for the value that meets a target; it waits for the trials."""
    small(say("What must be true? Name what you want, and see what one assumption has to be, with all else unchanged."))
    if not is_first:
        finder(projection, say, desk)
