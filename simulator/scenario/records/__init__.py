"""Measurements in a scenario: references to records and curves, attaching them, and carrying them along."""
