"""Every text that a catalogue has to translate: those in calls of `say`, and those that the simulator says.

`python -m dashboard.messages de` prints what a language lacks, ready to be pasted into its .po file.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from dashboard import loads, outcome
from dashboard.words import first_paragraph, readable, source
from profiling import definitions, drawing, figures, jobs, record
from profiling.load import curve
from profiling.presets import PRESETS
from simulator import flows, investors, kpis, verdict
from simulator.assumption import EVIDENCE
from simulator.equity import CONVENTIONS
from simulator.lines import KINDS, business
from simulator.statements import STATEMENTS

FOLDER = Path(__file__).parent
PAGES = [FOLDER.parent / "app.py", *sorted(FOLDER.glob("*.py"))]
# How constants are named whose texts reach `say` by name, in the modules that own them.
NAMED = ("GROUPS", "OUTCOMES", "LABELS", "COLUMNS", "TITLES", "PERIODS", "MENU")


def messages() -> set[str]:
    """All texts, English being their key."""
    found = {text for path in PAGES for text in said(ast.parse(path.read_text(encoding="utf-8")))}
    for module in (*kpis.MODULES, verdict, investors, flows):
        found |= set(sentences(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))))
    return (found | set(of_the_business()) | set(of_the_bench())) - {""}


def said(tree: ast.AST) -> Iterator[str]:
    """The texts in a module's calls of `say`, and in its constants that are listed above."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "self"):
            yield from strings(node.args[0]) if node.args else ()
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and any(map(named, targets(node))):
            yield from (text for text in strings(node.value) if text[:1].isupper())


def targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    """What an assignment gives a value to."""
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def named(target: ast.expr) -> bool:
    """Whether a constant holds texts, by the end of its name: COLUMNS, or EXIT_COLUMNS."""
    return isinstance(target, ast.Name) and target.id.rpartition("_")[2] in NAMED


def strings(node: ast.AST) -> Iterator[str]:
    """The texts that stand in an expression, those inside other texts left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.JoinedStr | ast.Call):
        for child in ast.iter_child_nodes(node):
            yield from strings(child)


def sentences(tree: ast.AST) -> Iterator[str]:
    """The sentences of a module that are not docstrings: messages, definitions, reasons."""
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield from [node.value] if " " in node.value and node.value.endswith(".") else []


def of_the_business() -> Iterator[str]:
    """Names, descriptions and units of lines and assumptions, key figures, grades and kinds."""
    model = business()
    for line in model.lines.values():
        yield from (readable(line.name), first_paragraph(line.description))
    yield from (readable(name) for name in (*model.inputs, *kpis.DEFINITIONS))
    yield from (variant for name in kpis.DEFINITIONS for variant in kpis.variants_of(name))
    yield from (row.title for rows in STATEMENTS.values() for row in rows)
    yield from (*CONVENTIONS.values(), *(topic.capitalize() for topic in kpis.TOPICS))
    yield from (readable(line.topic) for line in model.lines.values())
    quantities = [line.quantity for line in model.lines.values()]
    units = [definition.unit for definition in kpis.DEFINITIONS.values() if definition.unit != "month index"]
    quantities += [needed.quantity for needed in model.inputs.values() if needed.quantity]
    units += [quantity.unit.text() for quantity in quantities]
    yield from (part for unit in units for part in unit.split("/") if part not in ("1", "money", "share", "month"))
    yield from (*EVIDENCE, *(word.capitalize() for word in (*verdict.GRADES, *KINDS)))


def of_the_bench() -> Iterator[str]:
    """The words of workloads and of how their cases end."""
    for preset in PRESETS.values():
        yield from (preset.title, preset.description, preset.seconds_estimate)
    yield from (*curve.LOADS.values(), *definitions.DEFINITIONS.values())
    yield figures.CAPACITY
    yield from said(ast.parse(Path(str(drawing.__file__)).read_text(encoding="utf-8")))
    for module in (figures, loads, outcome):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        yield from sentences(tree)
        yield from (text for node in ast.walk(tree) for text in of_a_figure(node))
    yield from (status.replace("_", " ") for status in (*record.STATUSES, *jobs.STATUSES))


# Which of a call's arguments are a figure's title and the names of its axes.
FIGURE_TEXTS = {"Figure": slice(1, 4), "_against_batch": slice(2, 4)}


def of_a_figure(node: ast.AST) -> Iterator[str]:
    """The title of a figure and the names of its axes, where a node makes one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FIGURE_TEXTS:
        yield from (text for part in node.args[FIGURE_TEXTS[node.func.id]] for text in strings(part))


def missing(language: str) -> list[str]:
    """The texts that a language's catalogue does not have yet."""
    with source(language).open("rb") as file:
        known = read_po(file)
    return sorted(text for text in messages() if text not in known or not known[text].string)


def main() -> None:
    """Print the missing texts of the language that is asked for."""
    wanted = Catalog(locale=sys.argv[1])
    for text in missing(sys.argv[1]):
        wanted.add(text)
    write_po(sys.stdout.buffer, wanted, omit_header=True)


if __name__ == "__main__":
    main()
