"""The language is the reader's: from the address, the switch, or the browser, on every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.parts.frame.language import SWITCH
from dashboard.parts.words import spoken


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-Hans-CN", "zh"), ("zh", "zh"), ("en-GB", "en"), ("fr-FR", "en"), (None, "en")]
)
def test_the_browser_chooses_a_language_that_is_there(locale: str | None, language: str):
    """A language without a translation is shown in English."""
    assert spoken(locale) == language


def test_the_address_chooses_the_language(app: Callable[..., AppTest]):
    """Title, menu and text are Chinese."""
    session = app(lang="zh")
    assert session.title[0].value == "概览"
    assert "现金" in texts(session)
    assert [button.label for button in session.button][:2] == ["撤销", "重做"]


def test_a_language_chosen_in_the_sidebar_stays_in_the_address(app: Callable[..., AppTest]):
    """The next page, whose address has no language yet, gets the chosen one."""
    session = app()
    assert session.title[0].value == "Overview"
    session.segmented_control(key=SWITCH).set_value("zh").run()
    assert session.title[0].value == "概览"
    assert "zh" in session.query_params["lang"]
    del session.query_params["lang"]
    session.run()
    assert session.title[0].value == "概览"
    assert "zh" in session.query_params["lang"]


def test_an_unknown_language_in_the_address_is_english(app: Callable[..., AppTest]):
    """A mistyped address still shows the page."""
    assert app(lang="xx").title[0].value == "Overview"
