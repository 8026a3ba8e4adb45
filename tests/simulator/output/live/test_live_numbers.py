"""The live file's numbers: Node runs its script, and arrives at the engine's lines, figures and trials."""

import base64
import json
import re
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from companies import company_texts, everything
from hypothesis import given, settings

from simulator import load, project
from simulator.answers.draws import spread
from simulator.answers.projection import Projection
from simulator.answers.statements import statement
from simulator.errors import BreakevenError, Undefined
from simulator.output.live.assumed import seeded
from simulator.output.live.page import page, plan_script
from simulator.scenario.overlays import Overlay, read_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scaling import first_level, moved
from simulator.scenario.scenario import Scenario

ROOT = Path(__file__).parents[4]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
OVERLAYS = sorted((ROOT / "scenarios" / "overlays").glob("*.yaml"))
RUN = Path(__file__).parent / "run.js"
pytestmark = pytest.mark.node

Request = Mapping[str, Any]
EUROPEAN = """
breakeven: 1
title: Answers by API
start: 2027-01
second_currency: EUR
assumptions: {{opening_cash: 5000000, tax_rate: 21%, exchange_rate: {rate}}}
channels: {{ads: {{budget: 3000, cost_per_signup: 30, most_signups: 1000}}}}
plans: {{pro: {{price: 20, share_of_signups: 100%, conversion: 10%, churn: 3%, requests_per_customer: 100}}}}
features: {{chat: {{pool: model, tokens_per_request: 500, input_tokens_per_request: 2000}}}}
pools: {{model: {{card: anthropic/claude-haiku-4-5}}}}
roles: {{founder: {{heads: 2, {wages}}}}}
"""
AS_SENT: Request = {"levels": {}, "whatifs": [], "trials": 0}


def played(projection: Projection, folder: Path, requests: Sequence[Request], overlays: Sequence[Overlay] = ()) -> Any:
    """Return what Node computes with a projection's live file under each request."""
    asked = json.dumps({"months": [*figured(projection)], "requests": requests})
    return in_node(RUN, folder, **parts_of(page(projection, overlays)), asked=asked)


def figured(projection: Projection) -> range:
    """Return the months in which figures are compared."""
    return range(0, projection.scenario.months, 7)


def parts_of(html: str) -> dict[str, str]:
    """Return the script of a live file, and its data as JSON."""
    script = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)[0]
    packed = re.findall(r'id="sent">(.*?)</script>', html, re.DOTALL)[0]
    return {"script": script, "sent": zlib.decompress(base64.b64decode(packed)).decode()}


def in_node(program: Path, folder: Path, **texts: str) -> Any:
    """Return what a program prints as JSON that is given these texts as files."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = ["node", str(program), *(str(folder / name) for name in texts)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)


def agree(found: Any, expected: Projection) -> None:
    """Assert that lines and figures are those of the engine, up to rounding at the scale of each line."""
    # What is left of a difference of two large amounts that are equal.
    rounding = 1e-15 * float(np.abs(expected.ledger.total("revenue")).max())
    for name, line in expected.ledger.lines.items():
        given = np.array(found["lines"].get(name, []), dtype=float)
        # A plan that holds every what-if lists their members, too; what these do shows in all other lines.
        if line.size and len(given) in (line.size, line.shape[1]):
            near = 1e-9 * max(1.0, float(np.abs(line).max())) + rounding
            by_month = np.broadcast_to(given.reshape(-1, line.shape[1]), line.shape)
            np.testing.assert_allclose(by_month, line, rtol=1e-9, atol=near, err_msg=name)
    measured = expected.figures.measured
    for name, members in found["figures"].items():
        for member, by_month in enumerate(members):
            for month, value in zip(figured(expected), by_month, strict=True):
                assert _close(value, _figure(measured, name, month, member)), (name, month, member)


def _figure(measured: Any, name: str, month: int, member: int) -> float | str:
    try:
        return float(measured.value(name, month, member))
    except Undefined as why:
        return why.text


def _close(found: float | str | None, expected: float | str) -> bool:
    if isinstance(expected, str) or found is None:
        return found == expected or (found is None and not np.isfinite(expected))
    return not isinstance(found, str) and abs(found - expected) <= 1e-9 * max(1.0, abs(expected))


def ranges_moved(scenario: Scenario, count: int) -> dict[str, float]:
    """Return other levels for some assumptions that the scenario draws, each a twentieth higher."""
    drawn = [one for one in scenario.assumptions.values() if one.is_uncertain and first_level(one, scenario.months)[1]]
    return {one.path: 1.05 * first_level(one, scenario.months)[1] for one in drawn[:: max(1, len(drawn) // count)]}


def with_levels(scenario: Scenario, levels: Mapping[str, float]) -> Scenario:
    """Return the scenario as the dashboard's levers change it."""
    old = scenario.assumptions
    months = scenario.months
    return scenario.with_values(
        {path: moved(old[path], level, first_level(old[path], months)[1]) for path, level in levels.items()}
    )


def check(file: Path, folder: Path, place: int) -> None:
    """Compare a shipped scenario as sent, with levers moved, under a what-if, and in trials of all of these."""
    trials, scenario = 60, load(file)
    levels = ranges_moved(scenario, 4)
    overlays = [read_overlay(one) for one in OVERLAYS]
    requests = [
        {**AS_SENT, "trials": trials},
        {**AS_SENT, "levels": levels, "trials": trials},
        {**AS_SENT, "whatifs": [place], "trials": trials},
    ]
    sent = project(scenario, trials, evidence=False)
    found = played(sent, folder, requests, overlays)
    expected = [
        sent,
        project(with_levels(scenario, levels), trials, evidence=False),
        project(load(file, [OVERLAYS[place]]), trials, evidence=False),
    ]
    for answer, projection in zip(found, expected, strict=True):
        agree(answer, projection)
        outcomes = projection.figures.outcomes
        broke, profit = answer["trials"]["chances"]
        assert abs(broke - outcomes.ruin().value) <= 0.001
        assert abs(profit - outcomes.profit().value) <= 0.001
        for name in ("cash", "revenue"):
            series = projection.series[name]
            by_engine = np.array([series.p05, series.p50, series.p95])
            near = 1e-7 * float(np.abs(by_engine).max())
            np.testing.assert_allclose(answer["trials"]["bands"][name], by_engine, rtol=1e-7, atol=near, err_msg=name)


# The first draws what is otherwise certain; `make soak` tries every pair.
@pytest.mark.parametrize(("name", "whatif"), [("catalogue-texts", "data-breach"), ("consumer-assistant", "price-war")])
def test_a_scenario_that_ships(name: str, whatif: str, tmp_path: Path):
    """Lines, figures, levers, a what-if and trials, percentiles included."""
    place = next(place for place, file in enumerate(OVERLAYS) if file.stem == whatif)
    check(ROOT / "scenarios" / f"{name}.yaml", tmp_path, place)


@pytest.mark.soak
@pytest.mark.parametrize("place", range(len(OVERLAYS)), ids=[file.stem for file in OVERLAYS])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_scenario_under_every_what_if(file: Path, place: int, tmp_path: Path):
    """The same of all of them."""
    check(file, tmp_path, place)


def test_a_company_that_has_everything(tmp_path: Path):
    """Every kind of member and distribution, two currencies and walks, as sent and in trials."""
    projection = project(everything(tmp_path), 150, evidence=False)
    found = played(projection, tmp_path, [{**AS_SENT, "trials": 150}])[0]
    agree(found, projection)
    assert found["trials"]["chances"][0] == projection.figures.outcomes.ruin().value
    cash = projection.series["cash"]
    np.testing.assert_allclose(found["trials"]["bands"]["cash"], [cash.p05, cash.p50, cash.p95], rtol=1e-9)


def test_an_uncertain_amount_in_a_second_currency_at_a_certain_rate(tmp_path: Path):
    """Trials convert it at the rate of its month, which no chance moves."""
    wages = "salary: {value: 90% between 60000 and 90000, unit: EUR/head/year}"
    text = EUROPEAN.format(rate="{0: 1.1, 6: 1.3}", wages=wages)
    projection = project(parse(text, tmp_path), 150, evidence=False)
    found = played(projection, tmp_path, [{**AS_SENT, "trials": 150}])[0]
    cash = projection.series["cash"]
    assert cash.p05[-1] < cash.p95[-1]
    np.testing.assert_allclose(found["trials"]["bands"]["cash"], [cash.p05, cash.p50, cash.p95], rtol=1e-9)


def test_a_range_moved_to_the_other_side_of_zero(tmp_path: Path):
    """Its ends would change places, so that the bare number takes its place, as in the engine."""
    wages = "salary: 90000, annual_raise: 90% between 2% and 5%"
    projection = project(parse(EUROPEAN.format(rate=1.1, wages=wages), tmp_path), 150, evidence=False)
    levels = {"roles.founder.annual_raise": -0.02}
    found = played(projection, tmp_path, [{**AS_SENT, "levels": levels, "trials": 150}])[0]
    other = project(with_levels(projection.scenario, levels), 150, evidence=False)
    agree(found, other)
    np.testing.assert_allclose(found["trials"]["bands"]["cash"][0], other.series["cash"].p05, rtol=1e-9)


def test_counts_that_are_expected_in_every_trial(tmp_path: Path):
    """A line that chance moves, and that counts, has its mean where the scenario asks for expected counts."""
    wages = "salary: {value: 90% between 60000 and 90000, unit: EUR/head/year}"
    text = EUROPEAN.format(rate=1.1, wages=wages).replace("conversion: 10%", "conversion: 90% between 5% and 15%")
    projection = project(parse(f"counts: expected{text}", tmp_path), 150, evidence=False)
    found = played(projection, tmp_path, [{**AS_SENT, "trials": 150}])[0]
    agree(found, projection)
    cash = projection.series["cash"]
    np.testing.assert_allclose(found["trials"]["bands"]["cash"], [cash.p05, cash.p50, cash.p95], rtol=1e-9)


def test_a_member_without_a_title_is_called_as_on_the_pages(tmp_path: Path):
    """Its name keeps its capitals, and abbreviations have theirs."""
    text = (
        EUROPEAN.format(rate=1, wages="salary: 90000").replace("founder:", "API_desk:").replace("{ads:", "{vat_help:")
    )
    sent = json.loads(parts_of(page(project(parse(text, tmp_path), 0, evidence=False)))["sent"])
    named = {about["of"] for about in sent["about"].values() if about.get("kind") in ("roles", "channels")}
    assert named == {"API desk", "VAT help"}


def test_years_of_statements_are_fiscal_years(tmp_path: Path):
    """A part of a month belongs to the year that it is in, and a reader who moves the year sees other columns."""
    text = EUROPEAN.format(rate=1, wages="salary: 90000").replace("tax_rate", "first_year_months: 6.5, tax_rate")
    projection = project(parse(text, tmp_path), 0, evidence=False)
    script = (
        "const [script, sent] = process.argv.slice(2).map(file => require('fs').readFileSync(file, 'utf8'));"
        "const code = 'shown = sent; plan = new Plan(program, sent.plan); const years = levels => "
        "{ plan.change(levels); return periods(); }; return [years({}), years({first_year_months: 3})];';"
        "console.log(JSON.stringify(new Function('sent', script + code)(JSON.parse(sent))));"
    )
    (tmp_path / "years.js").write_text(script, encoding="utf-8")
    as_sent, moved_on = in_node(tmp_path / "years.js", tmp_path, **parts_of(page(projection)))
    assert as_sent[:-1] == list(statement(projection.ledger, "income", "year").starts)
    assert moved_on[:3] == [0, 3, 15]


def test_a_move_computes_every_line_that_it_changes(tmp_path: Path):
    """After each assumption was moved by itself, every line is that of a plan computed as a whole, to the bit."""
    projection = project(everything(tmp_path), 0, evidence=False)
    found = in_node(RUN.with_name("moves.js"), tmp_path, **parts_of(page(projection)))
    names = {one.name for one in projection.scenario.assumptions.values()}
    assert {*found["moved"]} == names | {"cash_floor"}
    assert found["wrong"] == []


def test_numbers_of_a_hypercube_to_the_bit(tmp_path: Path):
    """What assumptions draw once a trial is the same number, bit for bit, in each of 2,500 trials."""
    scenario = load(SHIPPED[0])
    code = f"{plan_script()}\nconst spread = new Spread('{seeded(scenario, 'churn')}');"
    code += "console.log(JSON.stringify([100, 1, 899, 1500].flatMap(count => Array.from(spread.take(count)))));"
    (tmp_path / "spread.js").write_text(code, encoding="utf-8")
    found = subprocess.run(["node", str(tmp_path / "spread.js")], check=True, capture_output=True, timeout=60)
    expected = spread(scenario.seed, "churn", 0, 3)[:2_500]
    assert json.loads(found.stdout) == expected.tolist()


@settings(max_examples=3)
@given(company_texts())
def test_any_company(text: str):
    """Companies drawn at random; one that has no finite plan is not written."""
    with TemporaryDirectory() as folder:
        try:
            projection = project(parse(text, Path(folder)), 0, evidence=False)
        except BreakevenError:
            return
        agree(played(projection, Path(folder), [AS_SENT])[0], projection)
