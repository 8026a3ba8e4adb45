"""What-ifs: changes that apply to any scenario, what each changes, and what stays."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laid import HEAD, changed_lines, overlay, under
from made import SMALL, case, measurement

from simulator.answers.projection import project
from simulator.scenario import document, overlays
from simulator.scenario.assumption import Assumption
from simulator.scenario.overlays import Layers
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

WITHOUT_ROUNDS = SMALL.replace("rounds:\n  seed: {close_month: 4, amount: 300000, closing_cost: 2%}\n", "")


def literals(scenario: Scenario, *paths: str) -> list[Any]:
    """Return the literals at these paths."""
    return [scenario.assumptions[path].literal for path in paths]


def merged(text: str, changes: str) -> str:
    """Return the text of a scenario under a what-if, which is not read as a scenario."""
    layers = Layers(text, "small.yaml", Path(), [overlay(changes)])
    assert not layers.problems
    return document.dump(layers.content)


def differences(changes: str, text: str = SMALL) -> list[str]:
    """Return the lines that a what-if removes and adds, with their signs."""
    return changed_lines(text, merged(text, changes))


# What an overlay changes

POOR, TRIPLE = "assumptions: {opening_cash: 100}", "assumptions: {opening_cash: {times: 3}}"
LATE = "rounds: {late: {close_month: 9, amount: 100}"
HALF = "usage_spread: {times: 0.5}"
CHANGED: dict[str, tuple[list[str], dict[str, Any]]] = {
    "a field that the what-if does not name stays": (
        ["rounds: {seed: {amount: 100}}"],
        {"rounds.seed.amount": 100, "rounds.seed.closing_cost": "2%"},
    ),
    "a star changes the value of each member": (
        ['plans: {"*": {conversion: 4%}}'],
        {"plans.basic.conversion": "4%", "plans.team.conversion": "4%"},
    ),
    "a change of one member overrides the change of all, in either order": (
        ['plans: {team: {conversion: 1%}, "*": {conversion: 4%}}'],
        {"plans.basic.conversion": "4%", "plans.team.conversion": "1%"},
    ),
    "a star leaves out the members that the what-if adds": (
        [LATE + ', "*": {amount: {times: 2}}}'],
        {"rounds.seed.amount": 600_000, "rounds.late.amount": 100},
    ),
    "a star includes a member that an earlier what-if added": (
        [LATE + "}", 'rounds: {"*": {amount: {times: 2}}}'],
        {"rounds.late.amount": 200},
    ),
    "a change of one member leaves the value at the top for the others": (
        [f"plans: {{team: {{{HALF}}}}}"],
        {"usage_spread": 1, "plans.team.usage_spread": 0.5},
    ),
    "what-ifs apply in the order given": ([POOR, TRIPLE], {"opening_cash": 300}),
    "the later value wins": ([TRIPLE, POOR], {"opening_cash": 100}),
    "factors multiply": ([TRIPLE, TRIPLE], {"opening_cash": 4_500_000}),
}


@pytest.mark.parametrize(("changes", "becomes"), CHANGED.values(), ids=CHANGED)
def test_a_change_holds_for_what_it_names(changes: list[str], becomes: dict[str, Any]):
    """A value in a what-if holds for the members that it names, in the order of the what-ifs."""
    assert literals(under(*changes), *becomes) == [*becomes.values()]


@pytest.mark.parametrize(
    "changes", [f'plans: {{"*": {{{HALF}}}}}', f"assumptions: {{{HALF}}}", 'plans: {"*": {usage_spread: 0.5}}']
)
def test_what_stands_once_at_the_top_is_changed_once(changes: str):
    """A value at the top for all members is changed once, not once per member."""
    changed = under(changes)
    assert literals(changed, "usage_spread") == [0.5]
    assert "plans.basic.usage_spread" not in changed.assumptions


def test_a_value_takes_the_place_of_what_stands_there():
    """A bare value keeps the unit of the scenario, but not the source of the old number."""
    changed = under("assumptions: {opening_cash: 7, tax_rate: 30%}").assumptions
    assert (changed["opening_cash"].central, changed["tax_rate"].central) == (7, 0.3)
    assert (changed["tax_rate"].source, changed["tax_rate"].evidence) == ("", "assumed")


def test_a_value_brings_its_origin():
    """A what-if's source, date and note replace the scenario's."""
    described = "{value: 30%, unit: share, source: a new law, as_of: 2027-01-01, note: passed}"
    changed = under(f"assumptions: {{tax_rate: {described}}}").assumptions["tax_rate"]
    found = (changed.evidence, changed.source, changed.as_of, changed.note)
    assert found == ("published", "a new law", "2027-01-01", "passed")


def test_a_member_that_the_scenario_lacks_is_added():
    """A new member is added with its title, after those of the scenario."""
    changed = under("rounds:\n  bridge: {title: A bridge, close_month: 9, amount: 100}\n")
    assert changed.entities["round"] == ("seed", "bridge")
    assert changed.about["rounds.bridge"] == {"title": "A bridge"}
    assert changed.assumptions["rounds.bridge.amount"].central == 100


@pytest.mark.parametrize("text", [WITHOUT_ROUNDS, WITHOUT_ROUNDS + "\nrounds:\n"], ids=["no section", "empty section"])
def test_a_section_that_the_scenario_lacks_is_added(text: str):
    """A scenario without rounds gets its first one."""
    assert under("rounds: {seed: {close_month: 9, amount: 100}}", text=text).entities["round"] == ("seed",)


def test_a_member_may_point_elsewhere():
    """A feature can move to another pool."""
    assert under("features: {answers: {pool: small}}").members.pointers["feature", "pool"] == (1, 1)


def test_everyone_of_none_is_nobody():
    """A change of all rounds leaves a scenario without rounds unchanged."""
    assert differences('rounds: {"*": {amount: {times: 2}, close_month: 3}}', WITHOUT_ROUNDS) == []


def test_fixed_members_are_everyone_written_or_not(monkeypatch: pytest.MonkeyPatch):
    """Where the model fixes the members of a kind, a scenario has them even if it lists none."""
    monkeypatch.setattr(overlays, "FIXED", {"round": ("seed", "late")})
    assert differences('rounds: {"*": {closing_cost: 3%}}') == [
        "-  seed: {close_month: 4, amount: 300000, closing_cost: 2%}",
        "+  seed: {close_month: 4, amount: 300000, closing_cost: 3%}",
        "+  late:",
        "+    closing_cost: 3%",
    ]
    added = differences('rounds: {"*": {closing_cost: 3%}}', WITHOUT_ROUNDS)
    assert added == ["+rounds:", "+  seed:", "+    closing_cost: 3%", "+  late:", "+    closing_cost: 3%"]
    assert differences('rounds: {"*": {closing_cost: {times: 1}}}', WITHOUT_ROUNDS) == []


# Scaling

SHAPES = [
    (100, 0.5, 50),
    ("90% between 50 and 200", 2, "90% between 100 and 400"),
    ("{pert: [50, 100, 400]}", 0.5, {"pert": [25, 50, 200]}),
    ("{normal: [100, 10]}", 2, {"normal": [200, 20]}),
    ("{lognormal: [100, 0.2]}", 2, {"lognormal": [200, 0.2]}),
    ("{uniform: [50, 150]}", 2, {"uniform": [100, 300]}),
    ("{samples: [90, 100]}", 0.1, {"samples": [9, 10]}),
    ("{0: 100, 12: 90% between 1 and 2}", 2, {0: 200, 12: "90% between 2 and 4"}),
    ("{start: 100, monthly_growth: 2%}", 2, {"start": 200, "monthly_growth": "2%"}),
    ("{from: 100, to: 50, over: 12}", 2, {"from": 200, "to": 100, "over": 12}),
    ("{walk: 100, monthly_volatility: 6%}", 2, {"walk": 200, "monthly_volatility": "6%"}),
    ("{chance: 30%}", 2, {"chance": "60%"}),
    ("{chance: 0.8}", 2, {"chance": 1}),
    (100, 0, 0),
    ("{pert: [50, 100, 400]}", 0, 0),
]


@pytest.mark.parametrize(
    ("written", "factor", "becomes"),
    [
        ("4%", 0.8, "3.2%"),
        ("'4%'", 0.8, "3.2%"),
        ("90% between 2% and 5%", 0.5, "90% between 1% and 2.5%"),
    ],
)
def test_scaling_a_share_keeps_its_percentage(written: str, factor: float, becomes: str):
    """A percentage stays one."""
    text = SMALL.replace("loss_limit: {value: 100%}", f"loss_limit: {written}")
    assert literals(under(f"assumptions: {{loss_limit: {{times: {factor}}}}}", text=text), "loss_limit") == [becomes]


@pytest.mark.parametrize(("written", "factor", "becomes"), SHAPES, ids=str)
def test_scaling_keeps_the_shape(written: str, factor: float, becomes: Any):
    """All levels change in proportion, and a factor of 0 gives a bare 0."""
    text = SMALL.replace("{value: {0: 3000, 6: 90% between 2000 and 5000}, unit: EUR}", str(written))
    changed = under(f"assumptions: {{fixed_overhead: {{times: {factor}}}}}", text=text)
    assert literals(changed, "fixed_overhead") == [becomes]


def test_scaling_drops_the_old_source_and_takes_a_new_one():
    """A scaled value loses its source; the what-if's source for the factor replaces it."""
    bare = under("assumptions: {tax_rate: {times: 2}}").assumptions["tax_rate"]
    assert (bare.central, bare.source, bare.evidence) == (0.4, "", "assumed")
    said = under("assumptions: {tax_rate: {value: {times: 2}, source: a paper, as_of: 2027-01-01}}")
    assert said.assumptions["tax_rate"].central == 0.4
    assert (said.assumptions["tax_rate"].source, said.assumptions["tax_rate"].evidence) == ("a paper", "published")


def silent(small: Scenario) -> list[Assumption]:
    """Return the members' assumptions that the small scenario leaves to the model's defaults."""
    return [one for path, one in small.assumptions.items() if path.count(".") == 2 and not one.line]


def scaled_default(one: Assumption, factor: float) -> str:
    """Return the change that scales an assumption of one member."""
    section, member, name = one.path.split(".")
    return f"{section}: {{{member}: {{{name}: {{times: {factor}}}}}}}"


def test_a_default_is_scaled(small: Scenario):
    """A default that a what-if changes is written into the scenario."""
    one = next(one for one in silent(small) if one.central > max(one.low or 0, 0))
    changed = under(scaled_default(one, 0.999)).assumptions[one.path]
    assert changed.central == pytest.approx(0.999 * one.central)
    assert changed.line


def test_twice_nothing_is_not_written(small: Scenario):
    """A default of 0 is not written when it is scaled."""
    one = next(one for one in silent(small) if one.central == 0)
    assert differences(scaled_default(one, 2)) == []


def test_a_members_own_value_is_changed_beside_the_top():
    """A member's own value and the one at the top are both halved, in either notation."""
    text = SMALL.replace("    price: 400\n", "    price: 400\n    usage_spread: 2\n")
    for changes in ('plans: {"*": {usage_spread: {times: 0.5}}}', "assumptions: {usage_spread: {times: 0.5}}"):
        assert literals(under(changes, text=text), "usage_spread", "plans.team.usage_spread") == [0.5, 1]


def test_a_scaled_measurement_is_no_longer_measured(tmp_path: Path):
    """The interval of a scaled measurement becomes an assumed distribution."""
    folder = tmp_path / "measurements"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(measurement(case(1000.0))))
    reference = "{measured: measurements/run.json, metric: tokens_per_second, at: {batch: 8}}"
    text = SMALL.replace("tokens_per_second: 900", f"tokens_per_second: {reference}")
    path, halved = "pools.large.tokens_per_second", 'pools: {"*": {tokens_per_second: {times: 0.5}}}'
    before, after = (under(*changes, text=text, folder=tmp_path).assumptions[path] for changes in ((), (halved,)))
    assert (before.evidence, after.evidence, after.central) == ("measured", "assumed", 500)
    share = np.array([0.1, 0.9])
    assert after.value.parts[0].quantile(share) == pytest.approx(before.value.parts[0].quantile(share) / 2)


# Several overlays


def test_a_scenario_knows_its_overlays():
    """A scenario lists the titles of its what-ifs in order, and its hash depends on the numbers alone."""
    one = overlay("assumptions: {opening_cash: 100}\n", head="overlay: 1\ntitle: Poor\ndescription: Less cash.\n")
    changed = parse(SMALL, Path(), "small.yaml", [one, overlay("")])
    assert changed.overlays == ("Poor", "A change")
    assert (one.title, one.description) == ("Poor", "Less cash.")
    assert under("").hash == under().hash != changed.hash
    assert under().overlays == ()


def test_what_is_saved_is_what_was_laid_together():
    """A saved file contains the what-ifs and the edits."""
    changed = under('plans: {"*": {conversion: {times: 0.5}}}').with_value("opening_cash", 7)
    again = parse(changed.to_yaml(), changed.folder)
    assert again.hash == changed.hash
    assert literals(again, "opening_cash", "plans.team.conversion") == [7, "2.5%"]


# The file


def test_only_what_is_changed_changes():
    """Comments, order and layout of the scenario stay."""
    assert differences("assumptions: {opening_cash: {times: 2}}\nrounds: {seed: {amount: 1}}") == [
        "-  opening_cash: 500000",
        "+  opening_cash: 1000000",
        "-  seed: {close_month: 4, amount: 300000, closing_cost: 2%}",
        "+  seed: {close_month: 4, amount: 1, closing_cost: 2%}",
    ]
    assert differences("") == []


def test_comments_below_a_change_stay_below_it():
    """Comments stay in place when an entry grows and when a member is added above the next section."""
    text = (
        "breakeven: 1\ntitle: T\nstart: 2027-01\nassumptions:\n  opening_cash: 5  # beside\n  # below\n  tax_rate: 1%\n"
    )
    text += (
        "roles:\n  engineer:\n    heads:\n      0: 1  # one\n      9: 2  # two\n    salary: 3\n\n# Money.\nrounds: {}\n"
    )
    added = "roles: {engineer: {heads: {times: 2}}, seller: {heads: 1, salary: {value: 2, note: n}}}\n"
    found = merged(text, f"assumptions: {{opening_cash: {{value: 6, note: more}}}}\n{added}")
    assert re.sub(" +#", " #", found) == re.sub(
        " +#",
        " #",
        "breakeven: 1\ntitle: T\nstart: 2027-01\nassumptions:\n"
        "  opening_cash:  # beside\n    value: 6\n    note: more\n  # below\n  tax_rate: 1%\n"
        "roles:\n  engineer:\n    heads:\n      0: 2  # one\n      9: 4  # two\n    salary: 3\n"
        "  seller:\n    heads: 1\n    salary:\n      value: 2\n      note: n\n\n# Money.\nrounds: {}\n",
    )


def test_a_date_may_stand_in_many_places():
    """A date that a what-if sets for all members is written out for each, since a file may not use aliases."""
    dated = "{value: {times: 1.1}, source: a paper, as_of: 2027-01-01}"
    changed = under(f'plans: {{"*": {{conversion: {dated}}}}}')
    assert [changed.assumptions[f"plans.{name}.conversion"].as_of for name in ("basic", "team")] == ["2027-01-01"] * 2


# What holds for all

FACTORS = st.sampled_from([0.25, 0.5, 0.8, 1.1])
TARGETS = {
    "assumptions": ("opening_cash", "fixed_overhead", "tax_rate", "usage_spread"),
    "plans": ("conversion", "churn", "price_elasticity", "usage_spread"),
    "channels": ("budget", "cost_per_signup", "organic_signups"),
    "roles": ("heads", "salary", "annual_raise"),
    "rounds": ("amount", "closing_cost"),
}
PLACES = [(section, name) for section, names in TARGETS.items() for name in names]


def scaling(places: list[tuple[str, str]], factors: list[float]) -> str:
    """Return the changes that scale these names, of all members or of the company."""
    sections: dict[str, list[str]] = {}
    for (section, name), factor in zip(places, factors, strict=False):
        sections.setdefault(section, []).append(f"{name}: {{times: {factor}}}")
    entries = {section: f"{{{', '.join(changes)}}}" for section, changes in sections.items()}
    return "".join(
        f"{section}: {entry}\n" if section == "assumptions" else f'{section}: {{"*": {entry}}}\n'
        for section, entry in entries.items()
    )


@given(places=st.lists(st.sampled_from(PLACES), unique=True))
def test_times_one_changes_nothing(places: list[tuple[str, str]]):
    """A factor of 1 changes neither a number nor its origin."""
    changes = scaling(places, [1.0] * len(places))
    assert merged(SMALL, changes) == SMALL


@settings(max_examples=8)
@given(places=st.permutations(PLACES), cut=st.integers(1, len(PLACES) - 1), factors=st.lists(FACTORS, min_size=20))
def test_changes_of_different_fields_commute(places: list[tuple[str, str]], cut: int, factors: list[float]):
    """Two what-ifs that change different fields may be applied in either order."""
    kept = [place for place in places if place != ("plans", "usage_spread")]
    one, other = scaling(kept[:cut], factors), scaling(kept[cut:], factors)
    assert under(one, other).hash == under(other, one).hash


@settings(max_examples=8)
@given(place=st.sampled_from(PLACES), one=FACTORS, other=FACTORS)
def test_factors_multiply(place: tuple[str, str], one: float, other: float):
    """Scaling twice is scaling by the product."""
    section, name = place
    members = {"plans": "basic", "channels": "search", "roles": "engineer", "rounds": "seed"}
    own = f"{section}.{members.get(section)}.{name}"
    own = own if own in under().assumptions else name
    twice = under(scaling([place], [one]), scaling([place], [other])).assumptions[own]
    once = under(scaling([place], [one * other])).assumptions[own]
    assert twice.base(14) == pytest.approx(once.base(14), rel=1e-8)
    assert twice.is_uncertain == once.is_uncertain


def test_a_scenario_under_a_what_if_runs():
    """A what-if need not be in the folder of the scenario."""
    assert project(under('plans: {"*": {conversion: {times: 0.8}}}'), 3).kpis


def test_load_reads_overlays_from_files(file: Callable[..., Path], tmp_path: Path):
    """What-ifs are read from files in the order given."""
    path = tmp_path / "poor.yaml"
    path.write_text(f"{HEAD}assumptions: {{opening_cash: {{times: 0.5}}}}\n", encoding="utf-8")
    assert literals(load(file(), [path, path]), "opening_cash") == [125_000]
