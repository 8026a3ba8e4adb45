"""Refusals of what people type are in the language of the page, whatever field it was typed into."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from page_text import english_in

from dashboard.parts.explaining.refusals import why
from dashboard.parts.words import Words
from profiling.errors import Phrase
from simulator import load
from simulator.begin.answers import understood
from simulator.begin.questions import fields
from simulator.errors import BadValue, BreakevenError, PlanError, Problem, about
from simulator.lines import KINDS, business
from simulator.scenario.comments import Comment
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.comments import with_comment
from simulator.scenario.shaping.members import rekeyed, renamed
from simulator.scenario.shaping.origins import with_origin
from simulator.scenario.shaping.settings import with_currency, with_setting
from simulator.scenario.typed.entry import typed_literal

SCENARIO = load(Path(__file__).parents[3] / "scenarios" / "support-copilot.yaml")
CHINESE = Words("zh", SCENARIO.currency, SCENARIO.start)
# Nothing, words, numbers out of range, what may be two numbers, and every form of a value with a mistake.
NONSENSE = """
? | 1.200 | 1,250M | 1e99 | -5 | 7e17 | 500% | 5% | -5% | 0.5 | 2.5 | 1 2 3 | 20 to 10 | 90% between 5 and 5
0% between 1 and 2 | 3 ± ? | 2026-01 | 2200-13 | { | [1 | [1, 2] | {} | {normal: [1, 0]} | {normal: 3}
{pert: [3, 2, 1]} | {pert: [1, 2]} | {lognormal: [-1, 20]} | {uniform: [2, 1]} | {samples: [1]} | {chance: 300%}
{walk: 3} | {walk: 3, monthly_volatility: 900%} | {walk: 3, monthly_volatility: 5%, half_life: 0}
{walk: {walk: 3, monthly_volatility: 5%}, monthly_volatility: 5%} | {3: 5} | {0: 1, 5: 7e17} | {0: 1, 6: 3}
{from: 1, to: 2, over: 0} | {start: 1} | {start: 1, monthly_growth: -300%} | {normal: [-900000, 1]} | 1: 2 | !!x 3
{value: 3, unit: bananas} | {value: 3, unit: EUR} | {value: 3, evidence: measured} | {measured: x} | {curve: 3}
"""
TYPED = ("", "9" * 70, *(text.strip() for line in NONSENSE.strip().splitlines() for text in line.split(" | ")))


def refusal(edit: Callable[[], object]) -> str:
    """Return why an edit is refused, on a Chinese page; empty where it is taken."""
    try:
        edit()
    except BreakevenError as error:
        return why(error, SCENARIO, CHINESE)
    return ""


def typed(text: str, path: str, scenario: Scenario = SCENARIO) -> str:
    """Return why a text typed into the field of an assumption is refused."""
    owner, _, name = path.rpartition(".")
    old = scenario.assumption_of(name, owner.partition(".")[2] or None)
    return refusal(lambda: scenario.with_value(path, typed_literal(text, old, scenario.start)))


def paths() -> Iterator[str]:
    """Yield the path of each assumption, of the first member of its kind."""
    for needed in business().inputs.values():
        members = SCENARIO.entities.get(needed.home[0], ()) if needed.home else (None,)
        if members and not needed.is_state and len(needed.home) < 2:
            yield needed.path(members[0])


@pytest.mark.parametrize("text", TYPED)
def test_a_value_is_refused_in_chinese(text: str):
    """Whatever is typed into the field of any assumption, the sentence has no English word."""
    found = {told for path in paths() if (told := typed(text, path))}
    assert {told: words for told in found if (words := english_in(told))} == {}


def test_nearly_every_nonsense_is_refused_somewhere():
    """The list would be worthless if the fields took what stands in it."""
    taken = [text for text in TYPED if not any(typed(text, path) for path in list(paths())[::7])]
    assert taken in ([], ["5%"], ["0.5"], ["2.5"], ["5%", "0.5"])


@pytest.mark.parametrize(
    "changed",
    [
        {"plans.team.share_of_signups": 0.9, "plans.starter.share_of_signups": 0.9},
        {"plans.team.trial_months": 1},
        {"channels.ads.budget": 5000, "pools.large.vendor_share": 0},
        {"rounds.seed.options_after": 0.1, "rounds.seed.options_added": 100},
        {"rounds.seed.participation_cap": 3},
        {"plans.team.tier_2_starts": 5, "plans.team.tier_starts": 50},
    ],
)
def test_values_that_contradict_each_other_are_refused_in_chinese(changed: dict[str, float]):
    """Shares beyond a whole, and values that need another one, name it by its title."""
    known = {path: value for path, value in changed.items() if path.split(".")[1] in str(SCENARIO.entities)}
    assert english_in(refusal(lambda: SCENARIO.with_values(known))) == []


EDITS: dict[str, Callable[[], object]] = {
    "no name": lambda: renamed(SCENARIO, "plan", "team", " "),
    "a long name": lambda: renamed(SCENARIO, "plan", "team", "x" * 500),
    "a bad key": lambda: rekeyed(SCENARIO, "plan", "team", "1 2"),
    "a key that is taken": lambda: rekeyed(SCENARIO, "plan", "team", SCENARIO.entities["plan"][0]),
    "a member that has gone": lambda: renamed(SCENARIO, "plan", "gone", "Gone"),
    "no currency": lambda: with_currency(SCENARIO, "?", None),
    "no rate": lambda: with_currency(SCENARIO, "EUR", -1.0),
    "too many months": lambda: with_setting(SCENARIO, "months", 999),
    "no month": lambda: with_setting(SCENARIO, "start", "soon"),
    "no title": lambda: with_setting(SCENARIO, "title", ""),
    "the same currency twice": lambda: with_setting(SCENARIO, "second_currency", SCENARIO.currency),
    "no comment": lambda: with_comment(SCENARIO, Comment("", "", "", " ")),
    "a source without a date": lambda: with_origin(SCENARIO, "tax_rate", source="x", evidence="published"),
    "no such evidence": lambda: with_origin(SCENARIO, "tax_rate", evidence="calibrated"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_change_of_the_company_is_refused_in_chinese(name: str):
    """Names, keys, settings, comments and sources are refused in the language of the page, too."""
    told = refusal(EDITS[name])
    assert told
    assert english_in(told) == []


@pytest.mark.parametrize("text", ["?", "-5", "1.200", "9e17", "1000%", "2019-13", "x" * 5000, "\u200b"])
def test_an_answer_is_refused_in_chinese(text: str):
    """The eight questions refuse in the language of the page, whatever is typed into any of them."""
    for one in fields().values():
        if one.kind in {"choice", "card"}:
            continue  # these are chosen from a list
        for fault in understood({one.key: text})[1]:
            told = why([Problem("", 0, fault.what, fault.todo)], SCENARIO, CHINESE)
            assert english_in(told) == [], (one.key, told)


def test_kinds_are_named_in_the_language_of_the_page():
    """A kind is no code: the sentence names it as the page does."""
    told = {why(PlanError(Phrase("add a {other} first", other=kind)), SCENARIO, CHINESE) for kind in KINDS}
    assert [one for one in told if english_in(one)] == []


def test_a_phrase_is_its_english_text():
    """The terminal prints it as it is, and so does whoever does not know that it is more."""
    phrase = Phrase("{typed!r} is not a month", typed="soon")
    assert phrase == "'soon' is not a month"
    assert str(PlanError(phrase, "give 2")) == "'soon' is not a month; give 2"


def test_a_phrase_survives_another_process():
    """Trials run in other processes, and their errors are said in the language of the page, too."""
    error = pickle.loads(pickle.dumps(BadValue(about("tax_rate", Phrase("{{{shown}}} is not a value", shown="x")))))
    assert why(error, SCENARIO, CHINESE) == why(BadValue(error.what), SCENARIO, CHINESE)
    assert error.what.values["what"].template == "{{{shown}}} is not a value"


def test_what_somebody_typed_is_shown_as_typed():
    """A text that happens to be the name of a field is not translated."""
    told = why(BadValue(Phrase("{typed!r} is not an amount", typed="price")), SCENARIO, CHINESE)
    assert "“price”" in told
