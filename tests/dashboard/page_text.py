"""What a page says, which of it bypasses the catalogue of translations, and what of a Chinese sentence is English."""

from __future__ import annotations

import json
import re
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.parts.words import JOINER

MARK = "⟦"
# What each kind of element says to people. Of Markdown only small print is looked at: the rest
# holds the titles and names of a scenario.
SAID = {
    **dict.fromkeys(("header", "info", "success", "warning"), "value"),
    **dict.fromkeys(("button", "selectbox", "text_input", "number_input", "metric", "expander", "pills"), "label"),
    **dict.fromkeys(("segmented_control", "file_uploader"), "label"),
}
# What is typed into the file's own form is answered in it: code, braces, its words, and the words of the YAML library.
CODE = re.compile(r"`[^`]*`|\{.*\}|YAML（.*?）|“.*?”|90% between \S+ and \S+|(?<=之一：)[\w, ]+")
# Names of members as their files give them, vendors' words, and codes of currencies.
NAMES = re.compile(
    r"(?<= · )[^：；]+|\b(Team|Starter|SAFE|USD|EUR|MRR|ARR|NRR|ARPA|EBITDA|LTV|CAC|API|FLOP|kWh|bananas)\b"
    r"|\b(normal|pert|half_life|source|as_of|null)\b",
    re.ASCII,
)


# Numbers and dashes.
OWN = re.compile(r"[\W\d_]*")


def texts(session: AppTest) -> str:
    """Everything that a page says, its escapes taken away."""
    kinds = ("markdown", "caption", "header", "info", "success", "warning", "error")
    text = "\n".join(str(element.value) for kind in kinds for element in session.get(kind))
    return re.sub(r"\\(.)", r"\1", text).replace(JOINER, "")


def charts(session: AppTest) -> dict[str, dict[str, Any]]:
    """What the browser gets for each chart of a page by its key: `figure`, `config` and `sentence`."""
    drawn = [one.proto for one in session.get("bidi_component") if one.proto.component_name == "breakeven_chart"]
    found = {one.id.split("-", 2)[2]: json.loads(one.json) for one in drawn}
    return {key: {**chart, "figure": json.loads(chart["figure"])} for key, chart in found.items()}


def forgotten(session: AppTest) -> list[str]:
    """The texts on a page that carry no mark of the pseudo-locale."""
    said = [str(getattr(element, part)) for kind, part in SAID.items() for element in session.get(kind)]
    said += [text.value for text in session.markdown if text.value.startswith(":small[")]
    assert any(MARK in text for text in said)
    return [text for text in said if MARK not in text and not OWN.fullmatch(text)]


def english_in(sentence: str) -> list[str]:
    """Return the English words of a sentence, but for names, units, and what belongs to the file's form."""
    plain = sentence.replace("\\", "")
    return re.findall(r"[A-Za-z]{2,}", CODE.sub("", NAMES.sub("", plain)))
