"""The example that tests of pages and files edit, and the record of a measurement that it refers to."""

from pathlib import Path

# It has records, plans of two kinds, and a team.
EXAMPLE = "support-copilot.yaml"
MEASUREMENTS = Path(__file__).parents[1] / "scenarios" / "measurements"
RECORD = next(MEASUREMENTS.glob("*classifier-full-fcb2.json"))
