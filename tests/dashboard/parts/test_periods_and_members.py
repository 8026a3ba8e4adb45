"""Periods have names that people use, and members are told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from example import EXAMPLE

from dashboard.desk.desk import SHIPPED
from dashboard.parts import members, periods
from dashboard.parts.words import Words
from simulator.scenario.reading import load


def test_titles_that_two_members_share_are_told_apart():
    """A chart's legend never shows one name twice."""
    shipped = load(SHIPPED / EXAMPLE)
    about = {**shipped.about, "plans.starter": {"title": "Team"}, "plans.team": {"title": "Team"}}
    scenario = replace(shipped, about=about)
    assert list(members.titles(scenario, "plan").values()) == ["Team", "Team · team"]


def test_the_last_period_may_be_short():
    """Fourteen months are a year and two months."""
    assert periods.ends(14, "year") == [11, 13]
    assert periods.summed(np.ones(14), "year").tolist() == [12, 2]


def test_periods_that_follow_the_calendar_have_its_names():
    """A year from January is 2027, a quarter from April is Q2."""
    say = Words(start=date(2027, 1, 1))
    assert periods.labels(14, "year", say) == ["2027", "2028"]
    assert periods.labels(7, "quarter", say) == ["Q1 2027", "Q2 2027", "Q3 2027"]
    assert periods.labels(4, "quarter", Words("zh", start=date(2027, 1, 1))) == ["2027Q1", "2027Q2"]


def test_other_periods_are_named_by_their_end():
    """A year from March ends in February, a quarter from February in April."""
    assert periods.labels(12, "year", Words(start=date(2027, 3, 1))) == ["year to Feb 2028"]
    assert periods.labels(3, "quarter", Words(start=date(2027, 2, 1))) == ["quarter to Apr 2027"]


def test_a_short_fiscal_year_is_named_by_its_end():
    """With three months left of a fiscal year from April, the first column is not the calendar year."""
    say = Words(start=date(2027, 1, 1))
    assert periods.labels_of((0, 3, 15), "year", say) == ["year to Mar 2027", "year to Mar 2028", "year to Mar 2029"]
