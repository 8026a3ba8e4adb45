"""A newcomer's first line: the file that README shows, saved in a copy of the tree, needs no other edit."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COPIED = ("simulator", "profiling", "dashboard", "scenarios", "app.py")
SCENARIO = "scenarios/support-copilot.yaml"
RUN = ("run", SCENARIO, "--json", "--trials", "0", "--set")
COMMANDS = {
    "lines": ("lines", "--json"),
    "check": ("check", SCENARIO, "--set", "price_per_check=0.01"),
    "free": (*RUN, "price_per_check=0"),
    "priced": (*RUN, "price_per_check=0.01"),
    "explain": ("explain", SCENARIO, "moderation", "--month", "3"),
}
PAGE = """
from dashboard.desk.desk import Desk
from dashboard.parts.forms import form
from dashboard.parts.words import Words

desk = Desk()
form(desk, Words("en", desk.scenario.currency, desk.scenario.start), "", None)
"""
# All that is asked of the copy, by one process in it.
ASKED = f"""
import io, json
from contextlib import redirect_stdout
from streamlit.testing.v1 import AppTest
from simulator.__main__ import main

told = {{}}
for name, command in {COMMANDS!r}.items():
    with redirect_stdout(io.StringIO()) as printed:
        assert main(command) == 0, name
    told[name] = printed.getvalue()
session = AppTest.from_string({PAGE!r}, default_timeout=60).run()
assert not session.exception, session.exception
told["page"] = session.text_input(key="form:price_per_check").label
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with README's example saved where README says."""
    folder = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    section = README.partition("## Add a line")[2].partition("\n## ")[0]
    (path,) = re.findall(r"`(simulator/lines/\w+/\w+\.py)`", section)[:1]
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[:1]
    # Whoever tries README's example in a clone has the line already.
    if not home(folder):
        (folder / path).write_text(example, encoding="utf-8")
    return folder


def home(tree: Path) -> list[Path]:
    """Return the module that holds the new line, if any does."""
    modules = (tree / "simulator" / "lines").rglob("*.py")
    return [path for path in modules if "def moderation(" in path.read_text(encoding="utf-8")]


def python(tree: Path, *arguments: str) -> str:
    """Return what Python prints when it runs with these arguments in the copy."""
    command = [sys.executable, "-W", "ignore", *arguments]
    env = os.environ | {"BREAKEVEN_HOME": str(tree / "home"), "PYTHONPATH": str(tree)}
    done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told(tree: Path) -> dict[str, str]:
    """Return what each command, and the page, say in the copy."""
    found: dict[str, str] = json.loads(python(tree, "-c", ASKED))
    return found


def test_the_new_line_is_listed(told: dict[str, str]):
    """`lines` shows its unit, its description and its formula."""
    line = next(line for line in json.loads(told["lines"]) if line["name"] == "moderation")
    assert (line["unit"], line["formula"]) == ("money", "total_requests × price_per_check")
    assert line["reads"] == ["total_requests", "price_per_check"]
    assert line["description"] == "Cost of a vendor's abuse check of every request this month."


def test_a_scenario_with_the_new_line_is_correct(told: dict[str, str]):
    """`check` takes its assumption."""
    assert "no mistakes" in told["check"]


def test_the_new_line_costs_cash(told: dict[str, str]):
    """`run` has it among the lines, and in the cost of revenue and the cash of the base case."""
    free, priced = (json.loads(told[name])["lines"] for name in ("free", "priced"))
    assert priced["moderation"]["base"][0] > 0
    more = np.subtract(priced["cost_of_revenue"]["base"], free["cost_of_revenue"]["base"])
    assert more == pytest.approx(priced["moderation"]["base"])
    assert priced["cash"]["base"][-1] < free["cash"]["base"][-1]


def test_the_new_line_explains_itself(told: dict[str, str]):
    """`explain` opens it down to the assumption."""
    assert "total_requests × price_per_check" in told["explain"]
    assert "price_per_check in month 3" in told["explain"]


def test_the_page_offers_the_new_assumption(told: dict[str, str]):
    """The company's form has a field for it."""
    assert "price per check" in told["page"].lower()


def test_the_new_line_is_under_the_unit_check(tree: Path):
    """Its formula gives money; a price per customer in its place is refused by name."""
    (module,) = home(tree)
    written = module.read_text(encoding="utf-8")
    module.write_text(written.replace("MoneyPerRequest", "MoneyPerCustomer"), encoding="utf-8")
    try:
        with pytest.raises(AssertionError, match=r"UnitError(.|\n)*\.moderation\b.* declares money"):
            python(tree, "-c", "from simulator.lines import business; business()")
    finally:
        module.write_text(written, encoding="utf-8")
