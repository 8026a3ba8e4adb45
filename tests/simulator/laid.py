"""What the tests of overlays are made from: overlays of a few changes, and the small plan under them."""

from pathlib import Path

from made import SMALL

from simulator.scenario.overlays import Overlay, parse_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

HEAD = "overlay: 1\ntitle: A change\n"
FIRST = HEAD.count("\n") + 1


def overlay(changes: str, file: str = "change.yaml", head: str = HEAD) -> Overlay:
    """An overlay of these changes, which begin on line FIRST of its file."""
    return parse_overlay(head + changes, file)


def under(*changes: str, plan: str = SMALL, folder: Path = Path()) -> Scenario:
    """The small plan with overlays of these changes laid over it."""
    return parse(plan, folder, "small.yaml", [overlay(one) for one in changes])
