"""Differences over the same trials: what several scenarios share is told once."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def test_a_reason_that_scenarios_share_is_told_once():
    """Two scenarios with another seed than the first stand before one reason."""

    def page() -> None:
        from types import SimpleNamespace

        from dashboard.desk.desk import SHIPPED
        from dashboard.parts.chance import pairs
        from dashboard.parts.words import Words
        from simulator import load, project

        files = ("catalogue-texts", "sentiment-api", "support-copilot")
        made = [(SimpleNamespace(name=file), project(load(SHIPPED / f"{file}.yaml"), trials=4)) for file in files]
        pairs.panel(made, Words())  # type: ignore[arg-type]

    session = AppTest.from_function(page, default_timeout=60).run()
    assert not session.exception
    (line,) = [one.value for one in session.markdown if "seeds" in one.value]
    assert "sentiment" in line
    assert "support" in line
