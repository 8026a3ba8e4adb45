"""A soak: edits that are fired while a rerun is in flight, on busy cores, are all kept, and no other is made."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")

import test_browser
from test_browser import expect, link, settled

address, tab, window = test_browser.address, test_browser.tab, test_browser.window

pytestmark = [pytest.mark.soak, pytest.mark.browser]

ROUNDS = int(os.environ.get("BREAKEVEN_SOAK_ROUNDS", "40"))
# Fields with one certain number, by the form that they are in.
FORMS = {
    "Plan · Starter": ("plans.starter.overage_price", "plans.starter.included_requests"),
    "Plan · Team": ("plans.team.price", "plans.team.included_requests"),
    "Round · Seed": ("rounds.seed.amount",),
    "Company": ("opening_cash", "tools_per_head"),
}
PATIENCE_SECONDS = 60
LEVER = "plans.starter.price"


@pytest.fixture
def load() -> Iterator[None]:
    """Every core busy twice over."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_spin, daemon=True) for _ in range(2 * (os.cpu_count() or 2))]
    for worker in workers:
        worker.start()
    yield
    for worker in workers:
        worker.kill()


def _spin() -> None:
    while True:
        sum(range(100_000))


def kept(home: Path) -> tuple[dict[str, Any], list[str]]:
    """The edits of the newest draft on disk, and the path that each step changed."""
    newest = max(home.rglob("drafts/**/*.json"), key=lambda path: path.stat().st_mtime)
    draft = json.loads(newest.read_text(encoding="utf-8"))
    steps = draft["steps"]
    return dict(json.loads(steps[draft["position"]]["edits"])), [step["name"] for step in steps[1:]]


@pytest.mark.usefixtures("load")
def test_edits_under_load_are_kept_and_no_other_is_made(
    tab: test_browser.Page, address: str, tmp_path_factory: pytest.TempPathFactory
):
    """A person types on while the page still computes; the draft then holds what was typed, step by step."""
    chance = random.Random(12)
    tab.goto(address)
    settled(tab)
    tab.get_by_role("radio", name="Start from an example").click()
    tab.get_by_role("button", name="Open Support copilot").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Overview")
    link(tab, "Assumptions").click()
    settled(tab)
    wanted, made = {}, []
    for turn in range(ROUNDS):
        form = chance.choice([*FORMS])
        owner = tab.get_by_role("combobox", name="Show assumptions of")
        owner.click()
        owner.fill(form)
        owner.press("Enter")
        for path in FORMS[form]:
            made.append(path)
            wanted[path] = 1000 + turn
            field = tab.locator(f".st-key-form-{path.replace('.', '-')} input")
            typed(field, wanted[path])
        if turn % 2:
            made.append(LEVER)
            wanted[LEVER] = 2000 + turn
            typed(tab.get_by_role("spinbutton", name="Price · Starter"), wanted[LEVER])
    settled(tab)
    for _ in range(PATIENCE_SECONDS):
        found, steps = kept(tmp_path_factory.getbasetemp())
        if found == wanted:
            break
        tab.wait_for_timeout(1000)
    print(f"{len(made)} edits were made, {len(steps)} are kept", made, steps, found, wanted)
    assert found == wanted
    # Two edits of one field that wait together are one step.
    assert Counter(steps) <= Counter(made)
    assert {*steps} == {*made}


def typed(field: Any, value: int) -> None:
    """Type a number as a person does, digit by digit, and leave it with Enter.

    A page that redraws a field drops the selection of its old text, so that digits are added to it. A person sees that
    and types again; what counts is what stood in the field when Enter was pressed.
    """
    expect(field).to_be_visible()
    for _ in range(3):
        field.click()
        field.press("Control+a")
        field.press_sequentially(str(value), delay=40)
        if field.input_value() == str(value):
            break
    field.press("Enter")
