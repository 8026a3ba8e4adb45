"""Comments added to a scenario's file and taken out of it; every other line stays."""

from __future__ import annotations

from profiling.errors import Phrase
from simulator.errors import BadValue, PlanError
from simulator.scenario.comments import LONGEST, MOST_COMMENTS, SECTION, Comment, read_comment
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.layout import Layout


def with_comment(scenario: Scenario, comment: Comment) -> Scenario:
    """Return the scenario with one more comment, after the others; raise PlanError, also for an unknown assumption."""
    if comment.on:
        scenario.find_path(comment.on)
    if len(scenario.comments) >= MOST_COMMENTS:
        raise PlanError(
            Phrase("the scenario has {most} comments, and no more are kept", most=MOST_COMMENTS), "remove one first"
        )
    texts = {name: " ".join(getattr(comment, name).split()) for name in LONGEST}
    try:
        read_comment(texts)
    except BadValue as error:
        raise PlanError(error.what, error.todo) from None
    layout = Layout(scenario.to_yaml(), scenario.file)
    layout.append(SECTION, {name: text for name, text in texts.items() if text})
    return parse(layout.text, scenario.folder, scenario.file)


def without_comment(scenario: Scenario, comment: Comment) -> Scenario:
    """Return the scenario without a comment; raise PlanError where it has none like it."""
    if comment not in scenario.comments:
        raise PlanError("this comment is gone", "look at the others")
    layout = Layout(scenario.to_yaml(), scenario.file)
    layout.remove(SECTION, [scenario.comments.index(comment)])
    return parse(layout.text, scenario.folder, scenario.file)
