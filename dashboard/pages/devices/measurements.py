"""Measurements: all records, to search, view, compare and attach to the scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.choices import from_list, several
from dashboard.parts.explaining.refusals import of_run
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler import attaching, comparison, record_view, records
from dashboard.profiler.records import Search
from profiling.results.record import Record
from profiling.workload.kinds import KINDS
from simulator.answers.projection import Projection

# Errors about records that the page shows.
MOST_BROKEN = 10
# The views of a record.
VIEWS_TITLES = {
    "figures": "Figures",
    "cases": "Cases",
    "learning": "Learning",
    "operators": "Operators",
    "compare": "Compare",
    "plan": "Attach",
}


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Let the reader find a record, and draw it in the chosen view."""
    found = records.found(desk.scenario.folder)
    for error in found.broken[:MOST_BROKEN]:
        st.warning(of_run(error, say))
    if (more := len(found.broken) - MOST_BROKEN) > 0:
        st.warning(say("{count} more records cannot be read.", count=say.number(more)))
    if not found.records:
        st.info(
            say("There are no records yet. Start a profile run on the page Hardware; a quick one takes about a minute.")
        )
        return
    kept = searched(found.records, say)
    if not kept:
        st.info(say("No record matches. Widen the search."))
        return
    path = choose(kept, say)
    record = kept[path]
    record_view.head(record, say)
    view = st.pills(
        say("Show"),
        views(record),
        format_func=lambda name: say(VIEWS_TITLES[name]),
        default="figures",
        required=True,
        key="view",
        persist_state="session",
    )
    if view == "compare":
        comparison.show(record, found.records, say)
    elif view == "plan":
        attaching.show(path, record, projection, say, desk)
    else:
        record_view.VIEWS[view](record, say)


def searched(known: Mapping[Path, Record], say: Words) -> dict[Path, Record]:
    """Return the records that match the search."""
    title = say("Search 1 record") if len(known) == 1 else say("Search {count} records", count=str(len(known)))
    with st.expander(title, key="search-records"):
        search = asked(known, say)
    kept = {path: record for path, record in known.items() if search.keeps(record)}
    if len(kept) < len(known):
        small(say("{count} of {all} records match.", count=str(len(kept)), all=str(len(known))))
    return kept


def asked(known: Mapping[Path, Record], say: Words) -> Search:
    """Return the search from its fields; an empty field matches every record."""
    with st.grid(3, min_column_width=200, gap="small"):
        device = _one_of(say("Device"), records.devices(known.values()), "search-device", say)
        preset = _one_of(say("Workload"), records.presets(known.values()), "search-preset", say)
        since = st.date_input(say("Measured since"), value=None, key="search-since", persist_state="session")
    measured = records.kinds(known.values())
    kinds = several(say("Kinds of cases"), measured, "search-kinds", _kind(say))
    hint = say("in the name, device or cases")
    words = st.text_input(say("Words"), placeholder=hint, key="search-words", persist_state="session")
    return Search(device, preset, frozenset(kinds), since, words)


def _kind(say: Words) -> Callable[[str], str]:
    """Return what names a kind of case; one that only a newer version knows keeps its own name."""
    return lambda kind: say(KINDS[kind].title) if kind in KINDS else escape(kind)


def _one_of(label: str, names: list[str], key: str, say: Words) -> str | None:
    """Return one of the names, or None for any."""
    return from_list(label, names, key, index=None, placeholder=say("any"))


def choose(kept: Mapping[Path, Record], say: Words) -> Path:
    """Return the record to show; the newest replaces one that no longer matches."""
    if st.session_state.get("record") not in kept:
        st.session_state["record"] = next(iter(kept))
    return from_list(say("Record"), list(kept), "record", lambda path: records.title(kept[path]))


def views(record: Record) -> list[str]:
    """Return the views that a record has data for."""
    there = {"learning": bool(record_view.learners(record)), "operators": bool(record_view.traced(record))}
    return [name for name in VIEWS_TITLES if there.get(name, True)]
