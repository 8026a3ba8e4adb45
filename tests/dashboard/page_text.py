"""What a page says, and which of it bypasses the catalogue of translations."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest

from dashboard.parts.words import JOINER

MARK = "⟦"
# What each kind of element says to people. Of Markdown only small print is looked at: the rest
# holds the titles and names of a scenario.
SAID = {
    **dict.fromkeys(("subheader", "info", "success", "warning"), "value"),
    **dict.fromkeys(("button", "selectbox", "text_input", "number_input", "metric", "expander", "pills"), "label"),
    **dict.fromkeys(("segmented_control", "file_uploader"), "label"),
}
# Numbers and dashes.
OWN = re.compile(r"[\W\d_]*")


def texts(session: AppTest) -> str:
    """Everything that a page says, its escapes taken away."""
    kinds = ("markdown", "caption", "subheader", "info", "success", "warning", "error")
    text = "\n".join(str(element.value) for kind in kinds for element in session.get(kind))
    return re.sub(r"\\(.)", r"\1", text).replace(JOINER, "")


def forgotten(session: AppTest) -> list[str]:
    """The texts on a page that carry no mark of the pseudo-locale."""
    said = [str(getattr(element, part)) for kind, part in SAID.items() for element in session.get(kind)]
    said += [text.value for text in session.markdown if text.value.startswith(":small[")]
    assert any(MARK in text for text in said)
    return [text for text in said if MARK not in text and not OWN.fullmatch(text)]
