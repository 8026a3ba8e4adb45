"""Words: what people read is held to the glossary and to a few rules of style."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
PACKAGES = ("simulator", "profiling", "dashboard")
SOURCES = sorted([ROOT / "app.py", *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))])
SCENARIOS = ROOT / "scenarios"
TEXTS = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *SCENARIOS.rglob("*.yaml"), *SCENARIOS.glob("*.md")]

# A docstring is shown alone: on a page, in a listing, in an editor.
OPENING = re.compile(r"(It|Its|Their|They|Those|These|That|This|What of|Each of them)[ ,]")
# Worn or coined phrases, each with the plain one.
PHRASES = {
    r"for ever": "forever, or for how long",
    r"nine (trials|runs|futures) in ten": "the 90 % interval",
    r"a number that is none": "missing, unknown, NaN or infinite",
    r"put up with": "tolerated, accepted",
    r"gone round": "cycled",
    r"so-manieth": "the index",
    r"as it stands": "unchanged",
    r"without bottom|without a bottom": "nested too deep",
    r"the way through": "the path",
    r"nobody says": "unknown",
    r"tariffs?": "plan",
    r"the (base|largest|small) plan": "the base case, or the scenario",
    r"chance of ruin": "chance of running out of cash",
}
# Where people look, hardware is a device; a machine-readable name or a machine room would be written so in code only.
ON_PAGES = {r"machines?": "device, or computer", r"ledgers?": "base case", r"overlays?": "what-if"}


def place(path: Path) -> str:
    """Return a file's path in the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each docstring."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield getattr(node, "lineno", 1), text


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each literal sentence in the code that is no docstring: two words or more."""
    told = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree(path)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        if literal and " " in node.value.strip():
            yield node.lineno, node.value


def found(path: Path, texts: Iterable[tuple[int, str]], phrases: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for each barred phrase: where it stands, and what to write."""
    barred = re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)
    for line, text in texts:
        for match in barred.finditer(text):
            better = next(one for phrase, one in phrases.items() if re.fullmatch(phrase, match[0], re.IGNORECASE))
            yield f"{place(path)}:{line}: {match[0]!r}; write {better}"


def test_a_docstring_is_understood_alone():
    """No docstring opens with a pronoun."""
    told = ((path, line, text) for path in SOURCES for line, text in docstrings(path))
    assert [f"{place(path)}:{line}: {text.splitlines()[0]}" for path, line, text in told if OPENING.match(text)] == []


def test_code_documents_and_scenarios_say_it_plainly():
    """Docstrings, comments and messages, README, glossary, scenarios and what-ifs hold no worn or coined phrase."""
    files = {path: path.read_text(encoding="utf-8").splitlines() for path in [*SOURCES, *sorted(TEXTS)]}
    assert [one for path, lines in files.items() for one in found(path, enumerate(lines, 1), PHRASES)] == []


def test_pages_use_the_words_of_the_glossary():
    """The texts of pages call a device a device, and an overlay a what-if."""
    pages = [path for path in SOURCES if place(path).startswith(("app.py", "dashboard/"))]
    assert [one for path in pages for one in found(path, strings(path), ON_PAGES)] == []


def test_a_term_is_in_the_glossary_once():
    """Each line defines terms that no other line defines."""
    terms = [term for row in re.findall(r"^\| ([^|]+) \|", GLOSSARY, re.MULTILINE) for term in row.split(", ")]
    terms = [term for term in terms if term != "term"]
    assert len(terms) > 50
    assert sorted(terms) == sorted(set(terms))


def test_the_glossary_lists_every_kind_of_case():
    """The line of `kind` names each of them."""
    from profiling.workload.kinds import KINDS

    assert f"| kind | what a case measures: {', '.join(KINDS)} |" in GLOSSARY


def test_kinds_of_evidence_are_in_the_glossary():
    """A scenario's kinds of evidence each have a line."""
    from simulator.scenario.assumption import EVIDENCE

    assert [kind for kind in EVIDENCE if f"\n| {kind} |" not in GLOSSARY] == []
