"""Controls that add, duplicate, rename and remove the members of a kind; each click is one step that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts import members
from dashboard.parts.choices import choose, select
from dashboard.parts.explaining.naming import named
from dashboard.parts.shaping.steps import step, stood, told
from dashboard.parts.tiles import small
from dashboard.parts.values.fields import is_set
from dashboard.parts.values.standing import is_new
from dashboard.parts.words import Words, escape
from simulator.answers.search import readable
from simulator.engine.model import OPENING
from simulator.lines import FIXED, KINDS, MEMBERS, needed_pointers
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.members import added, duplicated, rekeyed, removed, renamed, takes_along, variants_of
from simulator.scenario.shaping.naming import LONGEST_TITLE, key_for
from simulator.scenario.shaping.wholes import Moves, moves

# How a member of a kind begins → the label of the button that adds it, and the title of the new member.
ADD = {
    "channel": ("Add a channel", "New channel"),
    "plan": ("Add a plan", "New plan"),
    "feature": ("Add a feature", "New feature"),
    "pool": ("Add a pool", "New pool"),
    "route": ("Add a route", "New route"),
    "program": ("Add a training program", "New training program"),
    "role": ("Add a role", "New role"),
    "overhead": ("Add an overhead", "New overhead"),
    "round": ("Add a round", "New round"),
    "safe": ("Add a SAFE", "New SAFE"),
    "convertible note": ("Add a convertible note", "New note"),
    "loan": ("Add a loan", "New loan"),
    "holder": ("Add a shareholder", "New shareholder"),
    "option_grant": ("Add an option grant", "New option grant"),
    "event": ("Add an event", "New event"),
}
SHAPED = tuple(kind for kind in KINDS if kind not in FIXED)
# No member can have this key.
NEW_POOL = "+"


@dataclass(frozen=True)
class Bench:
    """The kind of member that is worked on, with the key of the list that chooses whose assumptions the page shows."""

    desk: Desk
    say: Words
    kind: str
    owner: str

    @property
    def place(self) -> str:
        """Where steps of this kind say what they did."""
        return f"shape:{self.kind}"

    def show(self, name: str) -> None:
        """Show the assumptions of a member; of the whole kind for an empty name."""
        choose(self.owner, (self.kind, name))


def controls(desk: Desk, say: Words, kind: str, member: str, owner: str) -> None:
    """Draw what adds to a kind and changes its members, or the one that is shown; nothing for a fixed kind.

    `owner` is the key of the list that chooses whose assumptions the page shows, as (kind, member).
    """
    if kind not in SHAPED:
        return
    bench = Bench(desk, say, kind, owner)
    shown = desk.scenario.entities.get(kind, ())
    if not member:
        small(say(MEMBERS[kind]))
        if not shown:
            small(say("The scenario has none yet."))
    for name in [member] if member in shown else shown:
        _row(bench, name, alone=name == member)
    with st.container(horizontal=True):
        for variant in variants_of(kind):
            _add(bench, variant)
    told(desk, say, bench.place)


def _row(bench: Bench, name: str, *, alone: bool) -> None:
    """Draw one member: its title, which can be typed over, and what can be done with it."""
    say, title, key = bench.say, members.named(bench.desk.scenario, bench.kind, name), f"{bench.kind}:{name}"
    shown, own = escape(title), members.own_title(bench.desk.scenario, bench.kind, name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # A collapsed label is read aloud and never drawn, so that it is no Markdown.
        label, look = (say("Name"), "visible") if alone else (say("Name of {title}", title=title), "collapsed")
        with stood(bench.desk, bench.place, f"title:{key}", own) as stands:
            st.text_input(
                label,
                stands,
                key=f"title:{key}",
                max_chars=LONGEST_TITLE,
                width=260,
                label_visibility=look,
                on_change=_rename,
                args=(bench, name, own),
            )
        if not alone:
            more = say("Show the assumptions of {title}", title=shown)
            st.button(say("Edit"), key=f"edit:{key}", help=more, on_click=bench.show, args=(name,))
        more = say("Add a copy of {title}", title=shown)
        st.button(say("Duplicate"), key=f"copy:{key}", help=more, on_click=_copy, args=(bench, name))
        _remove(bench, name, title)
        if alone:
            _key(bench, name)


@unstopped
def _rename(bench: Bench, name: str, title: str) -> None:
    key = f"title:{bench.kind}:{name}"
    if is_new(key) and (typed := str(st.session_state[key]).strip()) != title:
        step(
            bench.desk,
            f"{bench.kind}s.{name}: renamed",
            lambda scenario: renamed(scenario, bench.kind, name, typed),
            lambda _: bench.say("{old} is now called {new}.", old=title, new=typed),
            bench.place,
        )


@unstopped
def _copy(bench: Bench, name: str) -> None:
    scenario, kind, say = bench.desk.scenario, bench.kind, bench.say
    title = _free_title(scenario, kind, say("{title}, copy", title=members.own_title(scenario, kind, name)))
    key = key_for(scenario, kind, title)
    start = f"{kind}s.{name}.{OPENING}"
    said = say("Added {title}, a copy.", title=title)
    if any(path.startswith(start) and is_set(bench.desk, one) for path, one in scenario.assumptions.items()):
        said = say("Added {title}, a copy without opening customers, staff or devices.", title=title)
    _new(bench, key, "copied", lambda scenario: duplicated(scenario, kind, name, key, title), said)


def _add(bench: Bench, variant: str) -> None:
    """Draw the button that adds a member; a feature and a route first ask what they belong to."""
    label, kind = bench.say(ADD[variant][0]), bench.kind
    ends = [other for own, other in needed_pointers() if own == kind]
    look = {"key": f"add:{variant}", "on_click": _added}
    if not ends:
        st.button(label, icon=":material/add:", args=(bench, variant, {}), **look)
        return
    # The key has the number of members, so that one more is drawn with the question closed.
    with st.popover(
        label,
        key=f"add-open:{variant}:{len(bench.desk.scenario.entities[bench.kind])}",
        icon=":material/add:",
        on_change="rerun",
    ) as popover:
        if popover.open:
            chosen: dict[str, str] = {}
            for end in ends:
                titles = _may_point_at(bench, end, chosen)
                if not titles and kind == "route":
                    small(bench.say("A route leads from one pool to a feature on another, so add a second pool first."))
                    return
                chosen[end] = _end(bench, end, titles)
            st.button(bench.say("Add"), type="primary", args=(bench, variant, chosen), **look)


def _may_point_at(bench: Bench, end: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the members that a new one may point at: a route never leads from the pool of its own feature."""
    scenario, titles = bench.desk.scenario, members.titles(bench.desk.scenario, end)
    if bench.kind == "route" and end == "pool":
        feature = scenario.entities["feature"].index(st.session_state[chosen["feature"]])
        own = scenario.members.pointers["feature", "pool"][feature]
        titles = {name: title for name, title in titles.items() if name != scenario.entities["pool"][own]}
    return titles


def _end(bench: Bench, end: str, titles: Mapping[str, str]) -> str:
    """Draw the list of what a new member may point at, and return its key; a feature may get a pool of its own."""
    options = [*titles, NEW_POOL] if bench.kind == "feature" else [*titles]
    label = {"pool": "From the pool" if bench.kind == "route" else "Runs on the pool", "feature": "To the feature"}[end]
    # The key holds the options, so that a choice does not outlive what it chose from.
    key = f"add:{bench.kind}:{end}:{','.join(titles)}"
    named = {**titles, NEW_POOL: bench.say("A new pool")}
    select(bench.say(label), options, key, lambda name: named.get(name, name))
    return key


@unstopped
def _added(bench: Bench, variant: str, chosen: Mapping[str, str]) -> None:
    """Add a member; `chosen` holds the keys of the lists of what it points at, which are read now."""
    fields = {end: st.session_state[key] for end, key in chosen.items()}
    kind, say = bench.kind, bench.say
    title = _free_title(bench.desk.scenario, kind, say(ADD[variant][1]))
    key = key_for(bench.desk.scenario, kind, title)

    def edit(scenario: Scenario) -> Scenario:
        found = {end: name for end, name in fields.items() if name != NEW_POOL}
        if NEW_POOL in fields.values():
            pool_title = _free_title(scenario, "pool", say(ADD["pool"][1]))
            found["pool"] = key_for(scenario, "pool", pool_title)
            scenario = added(scenario, "pool", found["pool"], {}, pool_title)
        return added(scenario, kind, key, found, title, variant)

    said = say("Added {title}. Its numbers are starting values: give it a name, and replace them.", title=title)
    _new(bench, key, "added", edit, said)


def _new(bench: Bench, key: str, what: str, edit: Callable[[Scenario], Scenario], said: str) -> None:
    """Make a step that adds a member, say what it did to the shares of the others, and show the member."""

    def done(before: Scenario) -> str:
        after = bench.desk.scenario
        return " ".join(filter(None, (said, shares(after, moves(before, after), bench.say))))

    if step(bench.desk, f"{bench.kind}s.{key}: {what}", edit, done, bench.place):
        bench.show(key)


def _free_title(scenario: Scenario, kind: str, title: str) -> str:
    """Return a title that no member of the kind has, with a number where it is taken."""
    taken = set(members.titles(scenario, kind).values())
    title, number = title[: LONGEST_TITLE - len(" 200")], 2
    found = title
    while found in taken:
        found, number = f"{title} {number}", number + 1
    return found


def shares(scenario: Scenario, moved: Moves, say: Words) -> str:
    """Return what became of the shares of a whole: "Starter: 75% → 67.5%"; empty where none has changed."""
    # In percent with a digit more than a share has elsewhere, so that a tenth less of a share shows.
    parts = [
        say(
            "{name}: {old:number}% → {new:number}%",
            name=named(say, scenario.assumptions[path], scenario),
            old=100 * old,
            new=100 * new,
        )
        for path, (old, new) in moved.items()
        if path in scenario.assumptions
    ]
    if not parts:
        return ""
    return say("The shares of the others change, so that their sum stays: {shares}.", shares=say.listed(parts))


def _remove(bench: Bench, name: str, title: str) -> None:
    """Draw the button that removes a member once the reader has seen what goes along."""
    say, key = bench.say, f"{bench.kind}:{name}"
    more = say("Remove {title}, after a question", title=escape(title))
    with st.popover(say("Remove"), key=f"remove-open:{key}", on_change="rerun", help=more) as popover:
        if popover.open:
            st.markdown(escape(say("{title} and all of its assumptions go. Undo brings them back.", title=title)))
            for sentence in along(bench.desk.scenario, bench.kind, name, say):
                st.markdown(f"- {escape(sentence)}")
            label = say("Remove {title}", title=escape(title))
            st.button(label, key=f"remove:{key}", type="primary", on_click=_removed, args=(bench, name, title))


def along(scenario: Scenario, kind: str, name: str, say: Words) -> list[str]:
    """Return a sentence for each thing that removing a member takes along or changes."""
    found = takes_along(scenario, kind, name)
    gone = ((say(readable(other)), members.named(scenario, other, one)) for other, one in found.members)
    told = [say("{kind} {title} goes as well, since it depends on it.", kind=kind, title=title) for kind, title in gone]
    for pair in found.correlations:
        one, other = (named(say, scenario.assumptions[path], scenario) for path in pair)
        told.append(say("The correlation of {one} with {other} goes.", one=one, other=other))
    told += filter(None, [shares(scenario, found.shares, say)])
    for share in found.unshared:
        told.append(say("{share}: nobody else has a part of it, so give one to another.", share=say(readable(share))))
    return told


@unstopped
def _removed(bench: Bench, name: str, title: str) -> None:
    said = along(bench.desk.scenario, bench.kind, name, bench.say)
    made = step(
        bench.desk,
        f"{bench.kind}s.{name}: removed",
        lambda scenario: removed(scenario, bench.kind, name),
        lambda _: " ".join([bench.say("{title} is removed.", title=title), *said]),
        bench.place,
    )
    if made and st.session_state.get(bench.owner) == (bench.kind, name):
        bench.show("")


def _key(bench: Bench, name: str) -> None:
    """Draw a small form for the key by which the file, the table and every path name a member."""
    say, key = bench.say, f"{bench.kind}:{name}"
    more = say("The name in the file and in paths")
    with st.popover(say("Key"), key=f"key-open:{key}", on_change="rerun", help=more) as popover:
        if not popover.open:
            return
        with st.form(f"key-form:{key}", border=False):
            st.text_input(say("Key"), name, key=f"key:{key}", max_chars=40)
            small(say("What points at it and correlations follow. Trials are drawn anew; the base case stays."))
            st.form_submit_button(say("Change the key"), on_click=_rekey, args=(bench, name))


@unstopped
def _rekey(bench: Bench, name: str) -> None:
    key = f"{bench.kind}:{name}"
    typed = str(st.session_state[f"key:{key}"]).strip()
    made = step(
        bench.desk,
        f"{bench.kind}s.{name}: key",
        lambda scenario: rekeyed(scenario, bench.kind, name, typed),
        lambda _: bench.say("The key is now {key}.", key=typed),
        bench.place,
    )
    st.session_state[f"key-open:{key}"] = False
    if made:
        bench.show(typed)
