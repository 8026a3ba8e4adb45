"""What a docstring says of a line and of its assumptions."""

import pytest
from made import lines

from simulator.engine.meanings import meanings_of
from simulator.engine.model import Model
from simulator.engine.quantities import Amount, Money
from simulator.errors import ModelError


def test_last_paragraph_explains_assumptions():
    """Sentences may go on, indented; the rest of the docstring describes the line."""
    text = "Rent this month.\n\nMore words.\n\noffice_rent: Rent of the office,\n    heating included.\ndesks: Desks."
    description, meanings = meanings_of(text)
    assert description == "Rent this month.\n\nMore words."
    assert meanings == {"office_rent": "Rent of the office, heating included.", "desks": "Desks."}


def test_paragraph_with_other_words_is_description():
    """A last paragraph that only begins like an explanation belongs to the description."""
    text = "Rent this month.\n\nnote: what follows\nis prose."
    assert meanings_of(text) == (text, {})


def rent(office_rent: Amount) -> Money:
    """Rent this month.

    office_rent: Rent of the office.
    """
    return office_rent


def test_assumption_has_its_meaning():
    """The sentence belongs to the assumption, and not to the line."""
    made = Model(lines(rent), ("pool",))
    assert made.inputs["office_rent"].meaning == "Rent of the office."
    assert made.lines["rent"].description == "Rent this month."


def test_opening_value_has_its_meaning():
    """A line that reads last month's value may explain the value before the first."""

    def debt(last_debt) -> Money:
        """Debt at the end of the month.

        opening_debt: Debt when the scenario begins.
        """
        return last_debt

    assert Model(lines(debt), ()).inputs["opening_debt"].meaning == "Debt when the scenario begins."


def test_two_explanations_are_refused():
    """One place per fact: a second explanation would drift from the first."""

    def twice(office_rent) -> Money:
        """Twice the rent.

        office_rent: Rent.
        """
        return 2 * office_rent

    with pytest.raises(ModelError, match="explained twice"):
        Model(lines(rent, twice), ())


def test_explanation_of_what_is_not_read_is_refused():
    """A misspelt name must not lose its sentence."""

    def total(office_rent: Amount) -> Money:
        """Rent.

        ofice_rent: Rent.
        """
        return office_rent

    with pytest.raises(ModelError, match="explains ofice_rent"):
        Model(lines(total), ())
