"""The dashboard: seconds from an edit to the figures of the base plan on the server, and what a start imports."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from os import environ
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.desk import cached

APP = Path(__file__).parents[1] / "app.py"
PRICE = "lever:plans.team.price"
EDITS = 7
STARTED = "import sys, dashboard.pages.overview, dashboard.pages.hardware, simulator.answers.projection; print('torch' in sys.modules)"


def edit_to_figures() -> float:
    """Median seconds of one whole run of the app after a new price, each price being one that was never computed."""
    cached.MOST_TRIALS = 0  # the trials follow after the base plan's figures, and are not waited for
    with tempfile.TemporaryDirectory() as home:
        environ["BREAKEVEN_HOME"] = home
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        seconds = []
        for edit in range(EDITS):
            field = app.number_input(key=PRICE).set_value(1000.0 + edit)
            before = time.perf_counter()
            field.run()
            seconds.append(time.perf_counter() - before)
    return statistics.median(seconds)


def main() -> None:
    """Print the figures."""
    print(f"Edit to the base plan's figures: {edit_to_figures():.3f} s (under 0.5)")
    started = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)
    print(f"  the dashboard imports torch: {started.stdout.strip()} (False)")


if __name__ == "__main__":
    main()
