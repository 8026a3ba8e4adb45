"""Members added, duplicated, renamed and removed: the file stays legal, and what was just added leaves no trace."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import load, project
from simulator.errors import BreakevenError
from simulator.lines import FIXED, KINDS, MEMBERS
from simulator.scenario.document import dump, read
from simulator.scenario.reading import NAME, parse
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.members import (
    added,
    correlated,
    duplicated,
    rekeyed,
    removed,
    renamed,
    starting_fields,
    takes_along,
    variants_of,
)
from simulator.scenario.shaping.naming import key_for
from simulator.scenario.shaping.settings import with_setting
from simulator.scenario.shaping.wholes import moves

ROOT = Path(__file__).parents[4]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
NOTHING = "breakeven: 1\ntitle: Nothing yet\nstart: 2027-01\nassumptions: {opening_cash: 1000000, tax_rate: 21%}\n"
SHAPED = tuple(kind for kind in MEMBERS if kind not in FIXED)


@cache
def shipped(path: Path) -> Scenario:
    """Return a scenario that ships; scenarios are frozen, so tests share it."""
    return load(path)


def copilot() -> Scenario:
    """Return the scenario of the support copilot."""
    return shipped(ROOT / "scenarios" / "support-copilot.yaml")


def canonical(scenario: Scenario) -> str:
    """Return a scenario's text in the layout that an edit gives it."""
    return dump(read(scenario.text, scenario.file))


def made_or_refused(change: Callable[[], Scenario]) -> Scenario | None:
    """Return what a change makes; None where it is refused in a sentence."""
    try:
        return change()
    except BreakevenError as error:
        refusal = str(error)
    assert 0 < len(refusal) < 500
    return None


def sum_of(scenario: Scenario, share: str) -> float:
    """Return the sum of a share over all plans in the first month."""
    return sum(scenario.assumption_of(share, plan).central for plan in scenario.entities["plan"])


# Every kind in one scenario, and in the others the plans, whose shares give way.
EVERY_KIND = [(ROOT / "scenarios" / "support-copilot.yaml", kind) for kind in SHAPED]
OTHERS = [(path, "plan") for path in SHIPPED if path.stem != "support-copilot"]
EVERY_OTHER = [*OTHERS[::3], *(pytest.param(*one, marks=pytest.mark.soak) for one in OTHERS if one not in OTHERS[::3])]


@pytest.mark.parametrize(("path", "kind"), EVERY_KIND + EVERY_OTHER, ids=lambda one: getattr(one, "stem", one))
def test_removing_what_was_just_added_leaves_the_file_as_it_was(path: Path, kind: str):
    """Text and numbers are the same again, whatever was added."""
    scenario = shipped(path)
    for variant in variants_of(kind):
        again = removed(added(scenario, kind, "newest", {}, "Newest", variant), kind, "newest")
        assert again.text in {scenario.text, canonical(scenario)}
        assert again.hash == scenario.hash


@pytest.mark.parametrize(("path", "kind"), EVERY_KIND + EVERY_OTHER, ids=lambda one: getattr(one, "stem", one))
def test_removing_a_copy_leaves_the_file_as_it_was(path: Path, kind: str):
    """A copy of any member goes without a trace."""
    scenario = shipped(path)
    for name in scenario.entities[kind][-1:]:
        again = removed(duplicated(scenario, kind, name, "a_copy", "A copy"), kind, "a_copy")
        assert again.text in {scenario.text, canonical(scenario)}
        assert again.hash == scenario.hash


@pytest.mark.parametrize("kind", SHAPED)
def test_a_company_can_be_built_from_nothing(kind: str):
    """The first member of each kind needs no more than what it points at."""
    scenario = parse(NOTHING, Path())
    needs = {"feature": ["pool"], "route": ["pool", "feature", "pool"]}
    for number, needed in enumerate(needs.get(kind, [])):
        scenario = added(scenario, needed, f"{needed}_{number}", {})
    built = added(scenario, kind, "first", {}, "The first")
    assert built.entities[kind] == ("first",)
    assert project(built, 5).kpis


@pytest.mark.parametrize("kind", SHAPED)
def test_starting_values_ask_to_be_replaced(kind: str):
    """Each starting value has a note that says so, and is an assumption."""
    for variant in variants_of(kind):
        for entry in starting_fields(kind, "EUR", variant).values():
            assert "replace" in entry["note"]
            assert "USD" not in str(entry)


def test_starting_values_exist_for_every_kind():
    """A kind that a founder lists can be begun with one click."""
    assert [kind for kind in SHAPED if not starting_fields(kind, "USD")] == []
    assert set(SHAPED) == set(KINDS) - set(FIXED)


def test_starting_values_are_in_the_currency_of_the_company():
    """Where the dollar is the second currency, a new role is paid in yen, at the rate, and a vendor in dollars."""
    text = NOTHING.replace("{", "{exchange_rate: 150, ")
    yen = parse(f"currency: JPY\nsecond_currency: USD\n{text}", Path())
    found = added(yen, "role", "engineer", {})
    assert (found.assumption_of("salary", "engineer").unit, project(found, 0).series["payroll[engineer]"].base[0]) == (
        "JPY/head/year",
        pytest.approx(1.2 * 90_000 * 150 / 12),
    )
    assert added(yen, "pool", "vendor", {}).assumption_of("vendor_input_price", "vendor").unit == "USD/Mtoken"
    for kind in SHAPED:
        if kind not in {"feature", "route"}:
            assert project(added(yen, kind, "first", {}), 0).kpis


def test_a_new_plan_takes_a_tenth_and_the_others_give_way():
    """The sum of the shares of sign-ups stays."""
    more = added(copilot(), "plan", "pro", {"price": 490}, "Pro")
    assert more.assumption_of("share_of_signups", "pro").central == pytest.approx(0.1)
    assert moves(copilot(), more) == {
        "plans.starter.share_of_signups": (0.75, 0.675),
        "plans.team.share_of_signups": (0.25, 0.225),
    }
    assert more.assumption_of("price", "pro").central == 490


def test_a_plan_may_come_with_a_share_of_its_own():
    """A stated share stands, and the others keep the rest in proportion."""
    more = added(copilot(), "plan", "pro", {"share_of_signups": "60%"})
    assert [more.assumption_of("share_of_signups", plan).central for plan in more.entities["plan"]] == pytest.approx(
        [0.3, 0.1, 0.6]
    )


def test_a_share_for_all_plans_gives_way_once():
    """A value at the top holds for the plans of before, and the new plan has its own."""
    text = copilot().text.replace("    share_of_signups: 75%\n", "").replace("    share_of_signups: 25%\n", "")
    scenario = parse(text.replace("assumptions:\n", "assumptions:\n  share_of_signups: 50%\n"), copilot().folder)
    more = added(scenario, "plan", "pro", {})
    assert sum_of(more, "share_of_signups") == pytest.approx(1)
    assert removed(more, "plan", "pro").hash == scenario.hash


def test_a_removed_plan_gives_its_share_back():
    """The plans that stay take up its share in proportion."""
    left = removed(copilot(), "plan", "starter")
    assert left.assumption_of("share_of_signups", "team").central == pytest.approx(1)
    assert takes_along(copilot(), "plan", "starter").shares == {"plans.team.share_of_signups": (0.25, 1.0)}


def test_a_share_that_nobody_takes_up_is_told():
    """The only plan with sign-ups leaves them to nobody."""
    scenario = copilot().with_values({"plans.team.share_of_signups": 0, "plans.starter.share_of_signups": 1})
    assert takes_along(scenario, "plan", "starter").unshared == ("share_of_signups",)
    assert project(removed(scenario, "plan", "starter"), 0).kpis


def test_a_pool_takes_its_features_routes_and_correlations_along():
    """What points at a pool cannot stay, directly or through another; the list says so before."""
    routed = added(copilot(), "route", "up", {"pool": "classifier", "feature": "drafting"})
    along = takes_along(routed, "pool", "large")
    assert along.members == (("feature", "drafting"), ("route", "up"))
    assert along.correlations == (("pools.large.device_price", "programs.drafting.training_device_price"),)
    left = removed(routed, "pool", "large")
    assert (left.entities["pool"], left.entities["feature"]) == (("classifier",), ("triage",))
    assert left.entities["route"] == ()
    assert "routes:" not in left.text
    assert len(left.correlations) == 1
    assert "# Cheaper sign-ups" in left.text


def test_the_last_of_everything_may_go():
    """A company without plans, pools and people still has a projection: its cash."""
    scenario = copilot()
    for kind in SHAPED:
        for name in scenario.entities[kind]:
            if name in scenario.entities[kind]:
                scenario = removed(scenario, kind, name)
    assert all(not scenario.entities[kind] for kind in SHAPED)
    assert "correlations" not in scenario.text
    assert project(scenario, 5).kpis["lowest_cash"].value is not None


def test_a_title_in_any_language_gets_a_legal_key():
    """Letters that a key cannot hold are left out, and a number stands where nothing is left."""
    names = {"Team plan": "team_plan", "Überflieger, groß": "uberflieger_gro", "企业版": "plan_3", "Pro 版": "pro"}
    assert {title: key_for(copilot(), "plan", title) for title in names} == names
    assert key_for(copilot(), "plan", "Team") == "team_2"
    assert key_for(copilot(), "plan", "2027 offer") == "plan_2027_offer"


@given(st.text(max_size=120))
def test_every_title_is_taken_or_refused_in_a_sentence(title: str):
    """Whatever people type, the new key is legal and free, and the title is read as it was typed."""
    scenario = parse(NOTHING + "roles:\n  founder: {heads: 1, salary: 0}\n", Path())
    key = key_for(scenario, "role", title)
    assert NAME.fullmatch(key)
    assert key != "founder"
    found = made_or_refused(lambda: renamed(scenario, "role", "founder", title))
    assert found is None or found.about["roles.founder"]["title"] == " ".join(title.split())


def test_renaming_changes_the_title_alone():
    """A member without a title gets one as its first field; numbers and paths stay."""
    found = renamed(copilot(), "role", "founder", "创始人: #1")
    assert "  founder:\n    title: '创始人: #1'\n    heads:" in found.text
    assert found.hash == copilot().hash


def test_another_key_is_followed_everywhere():
    """Features that point at a pool, and correlations with its values, name the new key; the base case stays."""
    found = rekeyed(copilot(), "pool", "large", "llama")
    assert not re.search(r"^  large:|pool: large|pools.large", found.text, re.MULTILINE)
    assert found.correlations[1][0] == "pools.llama.device_price"
    old, new = (project(one, 0).kpis["end_cash"].value for one in (copilot(), found))
    assert old == new
    assert rekeyed(found, "pool", "llama", "large").text == copilot().text


def test_a_copy_starts_without_what_exists_once():
    """Opening customers are not copied; all other values are."""
    scenario = copilot().with_value("plans.team.opening_customers", 40)
    found = duplicated(scenario, "plan", "team", "big", "Big")
    assert found.assumption_of("opening_customers", "big").is_default
    assert found.assumption_of("price", "big").literal == 1490
    assert (
        found.assumption_of("price_elasticity", "big").source == found.assumption_of("price_elasticity", "team").source
    )


def test_edits_are_part_of_the_new_text():
    """What was typed before is kept, together with the price that conversion was stated at."""
    scenario = copilot().with_value("plans.team.price", 1990)
    found = added(scenario, "role", "analyst", {}, "Analyst")
    assert found.edits == {}
    assert found.assumption_of("price", "team").central == 1990
    assert (
        found.assumption_of("reference_bill", "team").central
        == scenario.assumption_of("reference_bill", "team").central
    )


def test_a_correlation_is_set_and_removed():
    """The same pair is listed once, in whichever order it is named."""
    pair = ("plans.team.churn", "plans.starter.churn")
    found = correlated(correlated(copilot(), *pair, 0.5), pair[1], pair[0], 0.7)
    assert (pair[1], pair[0], 0.7) in found.correlations
    assert len(found.correlations) == 3
    assert correlated(found, *pair, None).text == copilot().text


REFUSED = {
    "key taken": lambda s: added(s, "plan", "team", {}),
    "route without two pools": lambda s: added(removed(s, "pool", "classifier"), "route", "up", {}),
    "no such kind": lambda s: added(s, "hour", "h00", {}),
    "no such member": lambda s: removed(s, "plan", "gold"),
    "illegal key": lambda s: rekeyed(s, "plan", "team", "1 team"),
    "empty title": lambda s: renamed(s, "plan", "team", "  "),
    "long title": lambda s: renamed(s, "plan", "team", "x" * 500),
    "no such pool": lambda s: added(s, "feature", "more", {"pool": "gold"}),
    "no field of this name": lambda s: added(s, "plan", "pro", {"colour": 3}),
    "share out of range": lambda s: added(s, "plan", "pro", {"share_of_signups": "120%"}),
    "route within a pool": lambda s: added(s, "route", "up", {"pool": "large", "feature": "drafting"}),
    "correlation above one": lambda s: correlated(s, "plans.team.churn", "plans.starter.churn", 2.0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(name: str):
    """The error says what is wrong and what to do, and the scenario is as it was."""
    with pytest.raises(BreakevenError) as refusal:
        REFUSED[name](copilot())
    assert len(str(refusal.value)) < 500


def test_sections_in_braces_can_be_shaped():
    """A file that lists its members on one line is laid out anew."""
    text = (
        "{breakeven: 1, title: JSON, start: 2027-01, assumptions: {opening_cash: 5, tax_rate: 0.2},"
        " roles: {founder: {heads: 1, salary: 1000}}, plans: {}}"
    )
    found = added(parse(text, Path()), "role", "engineer", {}, "Engineer")
    assert found.entities["role"] == ("founder", "engineer")
    assert added(found, "plan", "team", {}).entities["plan"] == ("team",)


def test_comments_stay_with_what_they_are_about():
    """The comment above a removed member goes, the one above the next stays, and so do those at the end of lines."""
    text = """\
breakeven: 1
title: Comments  # of a company
start: 2027-01
assumptions: {opening_cash: 5, tax_rate: 0.2}

# People.
roles:
  # The one who began.
  founder:
    heads: 1  # alone
    salary: 1000

  # Builds.
  engineer:
    heads: 2
    salary: 2000
  # Sells.
  seller: {heads: 1, salary: 500}

# Money.
rounds:
  seed: {close_month: 3, amount: 100}
"""
    left = removed(parse(text, Path()), "role", "engineer").text
    assert "Builds" not in left
    for kept in (
        "# of a company",
        "# People.",
        "# The one who began.",
        "# alone",
        "# Sells.\n  seller",
        "\n# Money.\nrounds",
    ):
        assert kept in left
    assert added(parse(left, Path()), "role", "analyst", {}).text.count("#") == left.count("#")


CHANGES = st.tuples(
    st.sampled_from(("add", "copy", "remove", "rename", "key", "setting")),
    st.sampled_from(SHAPED),
    st.integers(0, 9),
)


def changed(scenario: Scenario, what: str, kind: str, number: int) -> Scenario:
    """Return the scenario after one change, whichever member the number stands for."""
    names = scenario.entities[kind]
    if what == "setting":
        name, literal = [
            ("months", 12 + number),
            ("cash_floor", -number),
            ("title", f"No {number}"),
            ("description", ""),
        ][number % 4]
        return with_setting(scenario, name, literal)
    if what == "add" or not names:
        return added(scenario, kind, key_for(scenario, kind, "新"), {}, "新", variants_of(kind)[-1])
    name = names[number % len(names)]
    if what == "copy":
        return duplicated(scenario, kind, name, key_for(scenario, kind, name))
    if what == "rename":
        return renamed(scenario, kind, name, f"No. {number}: 'x' # y")
    if what == "key":
        return rekeyed(scenario, kind, name, key_for(scenario, kind, f"{name} again"))
    return removed(scenario, kind, name)


@settings(max_examples=6)
@given(st.sampled_from(SHIPPED), st.lists(CHANGES, min_size=1, max_size=6))
def test_any_sequence_of_changes_leaves_a_scenario_that_computes(path: Path, changes: list[tuple[str, str, int]]):
    """Each change is made or refused; the result reads the same from its text, and the scenario before is as it was."""
    scenario = shipped(path)
    for change in changes:
        before = scenario.text, scenario.hash
        after = made_or_refused(partial(changed, scenario, *change))
        assert (scenario.text, scenario.hash) == before
        if after:
            assert all(sum_of(after, share) <= 1 + 1e-9 for share in ("share_of_signups", "share_of_deals"))
            scenario = after
    assert parse(scenario.text, scenario.folder, scenario.file).hash == scenario.hash
    assert project(scenario, 0).kpis
