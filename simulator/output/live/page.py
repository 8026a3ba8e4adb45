"""The live file: one HTML page that holds a plan's formulas and numbers, and needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from simulator.answers.draws import draw, lucky
from simulator.answers.kpis import measures
from simulator.answers.kpis.measures import CASH_FLOOR
from simulator.answers.projection import Projection
from simulator.engine.run import Simulation
from simulator.engine.windows import WINDOWS
from simulator.output.live.assumed import Plain, assumed, values_of
from simulator.output.live.content import content, reasons, texts, translated
from simulator.output.live.program import Layout, program
from simulator.output.live.whatifs import WhatIf, with_all
from simulator.output.translations import messages_of
from simulator.scenario.numbers import simulation_of
from simulator.scenario.overlays import Overlay
from simulator.scenario.scenario import Scenario

HERE = Path(__file__).parent
SAID = re.compile(r'\bsay\("([^"]+)"')
# In the order in which one needs the other.
BEFORE, AFTER = ("functions.js", "draws.js", "plan.js"), ("trials.js", "view.js", "tables.js", "explain.js", "main.js")
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{script_hash}'; style-src \
'{style_hash}'; worker-src blob:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main id="live">
<noscript><p>This plan computes itself, so it needs JavaScript. Nothing leaves this page.</p></noscript>
</main>
<dialog id="explain" aria-label="Explanation"></dialog>
<script type="text/plain" id="sent">{sent}</script>
<script>{script}</script>
</body>
</html>
"""


def page(projection: Projection, overlays: Sequence[Overlay] = ()) -> str:
    """Return the live file of a projection as HTML, with these what-ifs; the same arguments give the same bytes."""
    scenario, whatifs = with_all(projection.scenario, overlays)
    layout = layout_of(scenario, whatifs)
    parts = [plan_script(), f"const program={program(layout)};", *map(_file, AFTER)]
    script, style = "\n".join(parts), _file("view.css")
    shown = content(projection, scenario, layout)
    shown |= {
        "plan": assumed(scenario, layout),
        "tables": layout.tables,
        "windows": {
            name: {"length": one.length, "back": one.back, "whole": one.whole} for name, one in WINDOWS.items()
        },
        "whatifs": [
            {"title": one.title, "says": one.description, "values": values_of(scenario, one.values)} for one in whatifs
        ],
    }
    shown["words"] = translated([*texts(shown), *reasons(layout), *own_texts()], messages_of("zh"))
    sent = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return PAGE.format(
        title=html.escape(scenario.title),
        style=style,
        script=script,
        # A third of the size; and no text can end the script that it stands in.
        sent=base64.b64encode(zlib.compress(sent, 9)).decode(),
        script_hash=_source(script),
        style_hash=_source(style),
    )


def plan_script() -> str:
    """Return what any plan needs besides its program: functions of formulas, draws, and the class Plan."""
    return "\n".join(map(_file, BEFORE))


def plan_of(scenario: Scenario) -> tuple[str, Plain]:
    """Return a scenario's program, an expression in JavaScript, and its assumptions as the class Plan reads them."""
    layout = layout_of(scenario)
    return program(layout), assumed(scenario, layout)


def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def own_texts() -> list[str]:
    """Return what the page itself says."""
    return [text for name in AFTER for text in SAID.findall(_file(name))]


def layout_of(scenario: Scenario, whatifs: Sequence[WhatIf] = ()) -> Layout:
    """Return where the numbers of a scenario are, from its base case and one trial, whichever what-ifs are on."""
    values, luck = draw(scenario, 1), lucky(scenario, 1)
    for one in whatifs:
        # What is certain, or the same in every month, may not be so under a what-if.
        under = replace(scenario, assumptions={**scenario.assumptions, **one.values})
        for path, other in draw(under, 1, only=one.values).items():
            values[path] = np.broadcast_to(values[path], np.broadcast_shapes(values[path].shape, other.shape))
    lines = simulation_of(scenario, values, luck)
    floor = np.full((1, 1, 1), scenario.settings.cash_floor)
    inputs = {**lines.inputs, CASH_FLOOR: floor}
    return Layout(Simulation(measures(), lines.members, inputs, scenario.months, luck))


def _source(text: str) -> str:
    """Return the name of a script or a style in a content policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
