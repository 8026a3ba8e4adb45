"""A new head over a frozen body."""

from __future__ import annotations

from profiling.methods.method import Method, Settings

HEAD = Method("head", "A new head alone", 3, "head", Settings(1e-3), "profiling.making.head:make", sheet_stages=(0,))
