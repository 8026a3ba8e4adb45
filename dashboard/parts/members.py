"""Members: what a founder lists, by the titles that the file gives, and the one of them that a page is about."""

import streamlit as st

from dashboard.parts.words import escape, readable
from simulator.answers.projection import Projection
from simulator.scenario.scenario import Scenario


def titles(scenario: Scenario, kind: str) -> dict[str, str]:
    """Member → its title, or its name where it has none; where two share one, the later has its name beside it."""
    found: dict[str, str] = {}
    for name in scenario.entities.get(kind, ()):
        title = scenario.about.get(f"{kind}s.{name}", {}).get("title", "") or readable(name)
        found[name] = f"{title} · {name}" if title in found.values() else title
    return found


def chosen(projection: Projection, kind: str, label: str) -> str:
    """The member that the page is about, as chosen; the first one unless the reader says otherwise."""
    known = titles(projection.scenario, kind)
    # The key holds the names, so that another file's choice is not looked for among them.
    return st.segmented_control(
        label,
        list(known),
        default=next(iter(known)),
        required=True,
        format_func=lambda name: escape(known[name]),
        key=f"chosen-{kind}:{','.join(known)}",
        persist_state="session",
    )


def listed(parts: list[str]) -> str:
    """Several things in one sentence, whatever commas they have themselves."""
    return "; ".join(parts)
