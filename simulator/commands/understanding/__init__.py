"""Commands that take a scenario apart: find a number, explain it, and compare scenarios."""
