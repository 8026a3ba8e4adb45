"""On a Chinese page, whatever is refused or warned of is told in Chinese, where the reader sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_text import english_in
from streamlit.testing.v1 import AppTest

from dashboard.desk.drafts import Draft

Page = Callable[..., AppTest]
# Nobody buys, so that margins have no value; overhead is a range, and rent of devices is not stated.
COMPANY = """\
breakeven: 1
title: 无人购买
currency: USD
start: 2027-01
months: 14
trials: 120
assumptions: {opening_cash: 300000, fixed_overhead: {normal: [10000, 1000]}, hours_per_month: 730, tax_rate: 0}
plans:
  pro: {title: 专业版, price: 90, churn: 3%, requests_per_customer: 10}
features:
  chat: {title: 聊天, pool: model, tokens_per_request: 500}
pools:
  model: {title: 模型, tokens_per_second: 100, device_price: 4, peak_to_mean: 1, vendor_output_price: 9}
holders: {founders: {title: 创始人, shares: 100}}
safes:
  first: {title: 甲, signed_month: 0, investment: 100000, valuation_cap: 110000}
  second: {title: 乙, signed_month: 0, investment: 100000, valuation_cap: 110000}
rounds:
  seed: {title: 种子轮, close_month: 2, amount: 50000, pre_money: 5000000}
"""


@pytest.fixture
def drawn(page: Page, home: Path) -> Callable[[str], AppTest]:
    """Return a page of that company in Chinese."""

    def opened(name: str) -> AppTest:
        session = page(name, "zh", 120, draft=Draft.of("company.yaml", home, COMPANY))
        assert not session.exception
        return session

    return opened


def refusals(session: AppTest) -> list[str]:
    """Return what the boxes of a page say."""
    assert not session.exception
    return [box.value for kind in ("error", "warning", "info") for box in session.get(kind)]


def act(session: AppTest, *steps: tuple[str, str, Any]) -> AppTest:
    """Return the page after a reader has set these widgets: a kind, a key and a value."""
    for kind, key, value in steps:
        if kind == "expander":
            session.session_state[key] = value
            session = session.run()
        else:
            session = getattr(session, kind)(key=key).set_value(value).run()
    return session


RUN = "set:classifier-quick"
# Words of a workload's file, which the form shows as they are.
FIELDS = re.compile(r"classifier.{0,3}quick|repeats|steps|effort")
CASES: dict[str, tuple[str, tuple[tuple[str, str, Any], ...], str]] = {
    "no quote": ("capacity", (("text_input", "capacity-quotes", "一阵子"),), "不是报价"),
    "a cap table": ("funding", (), "它们合计出售公司的"),
    "what moves a margin of nobody": (
        "risk",
        (("expander", "moves-open", True), ("selectbox", "moved-kpi", "gross_margin")),
        "没有值",
    ),
    "a run without repeats": (
        "hardware",
        (("multiselect", RUN, ["repeats"]), ("text_input", f"{RUN}:repeats", "0")),
        "必须是",
    ),
    "a run in no precision": (
        "hardware",
        (("multiselect", RUN, ["steps"]), ("text_input", f"{RUN}:steps", "很多")),
        "必须是",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_page_refuses_in_chinese(drawn: Callable[[str], AppTest], name: str):
    """The sentence is there, and none that the page says has an English word beside names and code."""
    where, steps, says = CASES[name]
    told = refusals(act(drawn(where), *steps))
    assert any(says in one for one in told), told
    assert [one for one in told if says in one and english_in(FIELDS.sub("", one))] == []


def test_the_mistakes_of_a_scenario_beside_are_in_chinese(page: Page, home: Path):
    """Compare lists them by file and line."""
    folder = home / "scenarios"
    folder.mkdir()
    broken = COMPANY.replace("price: 90", "prize: 90").replace("pool: model", "pool: huge")
    (folder / "broken.yaml").write_text(broken, encoding="utf-8")
    session = page("compare", "zh", trials=0)
    session = session.multiselect(key="other-scenarios").set_value([str(folder / "broken.yaml")]).run()
    told = [one.replace("\\", "").partition("broken.yaml")[2] for one in refusals(session)]
    mistakes = [one for one in told if one]
    assert len(mistakes) == 3
    assert any("‘pools’ 中没有" in one or "pools 中没有“huge”" in one for one in mistakes)
    # What the file calls a thing stays as the file has it.
    keys = ("yaml", "pools", "huge", "pool", "model", "prize", "USD")
    assert [one for one in mistakes if set(english_in(one)) - set(keys)] == []


def test_a_record_that_is_none_is_told_in_chinese(page: Page, home: Path, record: dict[str, Any]):
    """The page of measurements says which file, what is wrong, and what to do."""
    (home / "runs" / str(record["id"]) / "record.json").write_text('{"format": 3}', encoding="utf-8")
    [told] = [one for one in refusals(page("measurements", "zh", trials=0)) if "record.json" in one.replace("\\", "")]
    assert "不是测量记录" in told
    assert "请选择其他文件" in told
