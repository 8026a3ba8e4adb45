"""Chance: why trials fail, when cash runs out, how exact figures are, what differs, and what depends on what."""
