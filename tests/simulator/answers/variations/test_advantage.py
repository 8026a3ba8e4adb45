"""What users' feedback is worth: a base case with it against one without."""

from pathlib import Path

from simulator.answers.variations.advantage import advantage
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[4] / "scenarios"


def test_the_tutor_lives_off_its_users():
    """Without feedback the shipped tutor ends with lower quality and revenue."""
    found = advantage(load(SCENARIOS / "education-tutor.yaml"))
    assert found is not None
    assert min(found.worth("quality"), found.worth("revenue")) > 0


def test_a_scenario_without_feedback_has_no_advantage(small: Scenario):
    """Without feedback there is no advantage to compute."""
    assert advantage(small) is None
