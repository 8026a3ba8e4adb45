"""Material for the tests of what-ifs: what-ifs of a few changes, applied to the small scenario."""

import difflib
from pathlib import Path

from made import SMALL

from simulator.scenario.overlays import Overlay, parse_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

HEAD = "overlay: 1\ntitle: A change\n"
FIRST = HEAD.count("\n") + 1


def overlay(changes: str, file: str = "change.yaml", head: str = HEAD) -> Overlay:
    """Return a what-if of these changes, which begin on line FIRST of its file."""
    return parse_overlay(head + changes, file)


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines of a diff, with their signs."""
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in diff if line[0] in "+-" and not line.startswith(("+++", "---"))]


def under(*changes: str, text: str = SMALL, folder: Path = Path()) -> Scenario:
    """Return the small scenario with what-ifs of these changes applied."""
    return parse(text, folder, "small.yaml", [overlay(one) for one in changes])
