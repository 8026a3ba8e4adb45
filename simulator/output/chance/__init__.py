"""Chance as plain values, tables and sentences: risk, differences between scenarios, dependence."""
