"""Shares of one whole: what changes of members leave of it, in every month."""

from __future__ import annotations

import numpy as np
import pytest
from example import EXAMPLE

from dashboard.desk.desk import SHIPPED
from simulator import load
from simulator.scenario.shaping.members import duplicated


def test_a_copy_of_a_share_that_changes_leaves_the_whole_in_every_month():
    """A plan that grows from 10 to 90 % of sign-ups is copied with the part of a new plan, in all months alike."""
    starter, team = ({0: "90%", 12: "10%"}, {0: "10%", 12: "90%"})
    shares = {"plans.starter.share_of_signups": starter, "plans.team.share_of_signups": team}
    more = duplicated(load(SHIPPED / EXAMPLE).with_values(shares), "plan", "team", "twin")
    by_plan = [more.assumption_of("share_of_signups", plan).base(24) for plan in more.entities["plan"]]
    assert sum(np.broadcast_to(one, 24) for one in by_plan) == pytest.approx(np.ones(24))
    assert by_plan[-1] == pytest.approx(0.1)
