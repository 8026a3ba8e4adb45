"""Sharing the scenario: a bundle to send, and the two hashes by which whoever has it knows that it is the same."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from dashboard.desk.cached import workbook_of
from dashboard.desk.desk import Desk
from dashboard.desk.files import bundled, live
from dashboard.parts.tiles import download, small
from dashboard.parts.words import Words
from simulator.output.tables import SHORT

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def share(desk: Desk, say: Words) -> None:
    """Draw a button that opens what there is to share; the hash of an edited file takes a moment to compute."""
    with st.popover(say("Send"), key="share-open", on_change="rerun") as popover:
        if popover.open:
            _shared(desk, say)


def _shared(desk: Desk, say: Words) -> None:
    scenario, stem = desk.scenario, Path(desk.draft.file).stem
    # Streamlit makes a download on demand outside any session, so it may read the scenario but not the desk.
    label = say("Download to share (measurements, workbook and results included)")
    download(label, partial(bundled, scenario), f"{stem}.zip", "application/zip", width="stretch", key="download:zip")
    small(say("One file that anybody can open here. It is computed anew, which takes a few seconds."))
    label = say("Download as a page that computes itself")
    download(label, partial(live, scenario), f"{stem}.html", "text/html", width="stretch", key="download:html")
    small(say("For somebody without Breakeven: levers, charts, statements and every formula, in any browser."))
    label = say("Download as Excel workbook")
    download(label, partial(workbook_of, scenario), f"{stem}.xlsx", EXCEL, width="stretch", key="download:xlsx")
    hashes = {"numbers": scenario.hash, "file": scenario.file_hash[:SHORT]}
    st.markdown(say("Numbers `{numbers}`, file `{file}`", **hashes))
    small(say("The first changes with any number or its evidence, the second also with a source, a note or a comment. "
              "Whoever has the same scenario sees the same two."))  # fmt: skip
