"""Checks of a whole scenario: what its assumptions, each valid alone, cannot mean together, or beside a record."""
