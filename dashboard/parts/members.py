"""Members: what a scenario lists of a kind, such as its pricing plans, and the one that a page looks into."""

from collections.abc import Mapping

import streamlit as st

from dashboard.parts.choices import one_of
from dashboard.parts.words import Words
from simulator.answers.search import readable
from simulator.scenario.scenario import Scenario

# An owner of assumptions: all, the company, a kind, or one member as (kind, member).
Owner = tuple[str, str]
EVERYONE, COMPANY = ("", ""), ("company", "")
# Session state: whose assumptions the page Assumptions shows.
OWNER = "table-owner"
KINDS = {"plan": "pricing plans", "pool": "serving pools", "role": "roles"}


def titles(scenario: Scenario, kind: str) -> dict[str, str]:
    """Return member → title, or name where the file gives no title; a repeated title gets the name beside it."""
    found: dict[str, str] = {}
    for name in scenario.entities.get(kind, ()):
        title = own_title(scenario, kind, name)
        found[name] = f"{title} · {name}" if title in found.values() else title
    return found


def own_title(scenario: Scenario, kind: str, name: str) -> str:
    """Return a member's title as the file has it, which others may share, or its name where there is none."""
    return scenario.about.get(f"{kind}s.{name}", {}).get("title", "") or readable(name)


def named(scenario: Scenario, kind: str, name: str) -> str:
    """Return a member's title, or its name where the file gives no title."""
    return titles(scenario, kind).get(name, readable(name))


def features_of(scenario: Scenario, pool: str) -> dict[str, str]:
    """Return the titles of the features that use a pool, by name."""
    features, pools = titles(scenario, "feature"), scenario.entities["pool"]
    places = scenario.members.pointers.get(("feature", "pool"), ())
    return {name: features[name] for name, place in zip(features, places, strict=True) if pools[place] == pool}


def pointed_at(scenario: Scenario, kind: str, name: str) -> dict[str, str]:
    """Return the members that a member points at, such as the pool of a feature: kind → title."""
    place = scenario.entities[kind].index(name)
    return {
        other: titles(scenario, other)[scenario.entities[other][places[place]]]
        for (own, other), places in scenario.members.pointers.items()
        if own == kind
    }


def known(scenario: Scenario, kind: str, say: Words) -> dict[str, str]:
    """Return member → title; where the scenario lists none, say so and lead to where one is added."""
    found = titles(scenario, kind)
    if not found:
        st.info(say("This scenario has no {kind} yet.", kind=say(KINDS[kind])))
        to_add(kind, say)
    return found


def to_add(kind: str, say: Words) -> None:
    """Draw a button that leads to the page on which members of a kind are added."""
    to_shape(kind, say("Add on the page Assumptions"), ":material/add:")


def to_shape(kind: str, label: str, icon: str = ":material/edit:") -> None:
    """Draw a button that leads to the company's settings, or to the members of another kind."""
    if st.button(label, key=f"to-shape:{kind}", icon=icon):
        st.session_state[OWNER] = kind, ""
        # Streamlit identifies a page by its path, so a placeholder will do.
        page = st.Page(lambda: None, url_path="assumptions", title="assumptions")
        st.switch_page(page, query_params=st.query_params.to_dict())


def chosen(titles: Mapping[str, str], kind: str, label: str, say: Words, default: str | None = None) -> str:
    """Return the member that the reader looks into, at first the default or the first."""
    # The key holds the names, so that a choice made in another file does not carry over.
    return one_of(say, label, titles, f"chosen-{kind}:{','.join(titles)}", default, translated=False)
