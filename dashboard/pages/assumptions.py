"""Assumptions: a form for each member and a searchable table, both editable with the values a file takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts import members
from dashboard.parts.charts import EVIDENCE_LOOKS
from dashboard.parts.choices import from_list, one_of, several
from dashboard.parts.explaining.naming import name_of, named
from dashboard.parts.explaining.refusals import why
from dashboard.parts.forms import form
from dashboard.parts.members import COMPANY, EVERYONE, Owner
from dashboard.parts.shaping import company, controls
from dashboard.parts.tables import FEW_ROWS
from dashboard.parts.tiles import doubts, small
from dashboard.parts.values import cells
from dashboard.parts.values.fields import is_set
from dashboard.parts.words import Words, escape
from simulator.answers.search import readable
from simulator.lines import FIXED, KINDS, business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

VIEW_LABELS = {"form": "Form", "table": "Table"}


def page(say: Words, desk: Desk) -> None:
    """Draw the assumptions of the chosen owner as a form or a table."""
    scenario = desk.scenario
    doubts(scenario, say)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        owner = whose(scenario, say)
        view = "table"
        if owner == COMPANY or owner[1]:
            view = one_of(say, say("View"), VIEW_LABELS, "assumptions-view")
    if owner == COMPANY:
        company.card(desk, say)
    else:
        controls.controls(desk, say, *owner, members.OWNER)
    if view == "form":
        about(scenario, say, owner)
        shown = form(desk, say, "" if owner == COMPANY else owner[0], owner[1] or None)
    else:
        table(desk, say, owner)
        shown = set()
    refusals(desk, say, but=shown)


def about(scenario: Scenario, say: Words, owner: Owner) -> None:
    """Say which members a member points at: a route's feature and pool."""
    kind, member = owner
    ends = members.pointed_at(scenario, kind, member) if member else {}
    if ends:
        parts = [say("{kind}: {name}", kind=say(readable(other)), name=title) for other, title in ends.items()]
        small(say("{parts}.", parts=say.listed(parts)))


def whose(scenario: Scenario, say: Words) -> Owner:
    """Return whose assumptions to show: all, the company's, those of a kind, or those of one member."""
    options = [EVERYONE, COMPANY]
    for kind in KINDS:  # a kind without members can be given its first
        own = () if kind in FIXED else scenario.entities[kind]
        options += [(kind, ""), *((kind, member) for member in own)]

    def called(owner: Owner) -> str:
        kind, member = owner
        if owner == EVERYONE:
            return say("All")
        return f"{say(readable(kind))} · {members.named(scenario, kind, member)}" if member else say(readable(kind))

    return from_list(say("Show assumptions of"), options, members.OWNER, called, width=420)


def table(desk: Desk, say: Words, owner: Owner) -> None:
    """Draw the assumptions as a table whose values can be edited."""
    small(
        say(
            "Type a number (49), a range (44 to 62), growth (49, +4% a month), a schedule (49, then 59 from {month}), "
            "or a form of the file ({form}). A number over a range or a schedule moves all of it.",
            month=say.month_number(12),
            form="{walk: 49, monthly_volatility: 6%, half_life: 24}",
        )
    )
    search, kinds = st.columns([2, 3], vertical_alignment="bottom")
    with search:
        more = {"key": "table-search", "type": "search", "placeholder": say("A word, or a topic such as tax")}
        wanted = st.text_input(say("Search"), persist_state="session", **more)
    with kinds, st.container(horizontal=True, vertical_alignment="bottom"):
        evidence = several(say("Evidence"), list(EVIDENCE_LOOKS), "table-evidence", say)
        defaults = st.toggle(say("Include defaults"), key="table-defaults", persist_state="session")
    everything = [one for one in desk.scenario.assumptions.values() if belongs(one, owner)]
    found = list(matching(everything, desk.scenario, wanted, evidence, say))
    shown = [one for one in found if defaults or is_set(desk, one)]
    # Streamlit identifies an edited row by its position, so other rows need another key.
    key = cells.key_of(desk, shown)
    st.data_editor(
        cells.frame(shown, desk.scenario, say),
        key=key,
        hide_index=True,
        height=560 if len(shown) > FEW_ROWS else "content",
        column_config={say(name): st.column_config.TextColumn(width=width) for name, width in cells.WIDTHS.items()},
        disabled=[say(column) for column in cells.COLUMNS if column != "Value"],
        on_change=cells.typed,
        args=(desk, key, [one.path for one in shown], [cells.text_of(one, say) for one in shown]),
        alt=say("Assumptions of the scenario with editable values"),
    )
    counts = {"shown": str(len(shown)), "count": str(len(everything)), "hidden": str(len(found) - len(shown))}
    small(say("Shows {shown} of {count} assumptions; {hidden} more are at their default.", **counts))
    for path in cells.kept(key):
        small(cells.what_became(desk, say, path))


def belongs(assumption: Assumption, owner: Owner) -> bool:
    """Return whether an assumption applies to the owner; a value set for a whole kind applies to each member."""
    kind, member = owner
    home = business().inputs[assumption.name].home
    if owner == EVERYONE:
        return True
    if owner == COMPANY:
        return not home
    own = assumption.path.split(".")[1] if "." in assumption.path else member
    return home == (kind,) and (not member or own == member)


def matching(
    assumptions: Iterable[Assumption], scenario: Scenario, wanted: str, evidence: Iterable[str], say: Words
) -> Iterator[Assumption]:
    """Yield the assumptions that hold every word searched for and have one of the chosen kinds of evidence."""
    words, kinds = wanted.lower().split(), set(evidence)
    for assumption in assumptions:
        parts = (
            assumption.path,
            named(say, assumption, scenario),
            assumption.source,
            assumption.note,
            topics(assumption, say),
        )
        text = " ".join(map(str, parts)).lower()
        if all(word in text for word in words) and (not kinds or assumption.evidence in kinds):
            yield assumption


def topics(assumption: Assumption, say: Words) -> str:
    """Return the topics of the lines that read an assumption."""
    model = business()
    read = dict.fromkeys(model.lines[name].topic for name in model.inputs[assumption.name].readers)
    return " ".join(f"{topic} {say(readable(topic))}" for topic in read)


def refusals(desk: Desk, say: Words, but: Iterable[str] = ()) -> None:
    """List refused values with the reason, except those in `but`, whose errors appear elsewhere on the page."""
    for path, refusal in desk.refused.items():
        if path not in but:
            name = name_of(desk.scenario, path, say)
            reason = why(refusal.problems, desk.scenario, say)
            typed = f"{name} = {refusal.typed}:" if refusal.typed else f"{name}:"
            st.error(f"{escape(typed)} {reason}", icon=":material/error:")
    if desk.refused:
        small(say("The page still shows the last projection that could be computed."))
