"""Every text that a page may show, found in the code, and which of it a language lacks.

    python -m dashboard.texts zh             how much of each part is translated
    python -m dashboard.texts zh --missing   the texts without a translation
    python -m dashboard.texts zh --update    write the catalogue anew: new texts empty, texts that are gone left out

A refusal of what was typed, or a mistake in a file, is a `Phrase`, whose template is translated.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from dashboard.desk.examples import examples
from dashboard.pages.customers import MOVEMENTS
from dashboard.parts.explaining.titles import READS, plural
from dashboard.parts.values.texts import PLURALS, SINGULARS
from dashboard.parts.words import LOCALES, UNITS, first_paragraph
from profiling.estimates.assumptions import SENTENCES
from profiling.estimates.calibrated import HEAVIER, LIGHTER, SMALLER, WORDS
from profiling.estimates.published_rows import FAMILIES
from profiling.results.curve import LOADS
from profiling.results.figures import CAPACITY
from profiling.results.metrics import METRICS
from profiling.results.record import STATUSES as RESULTS
from profiling.results.record import STOPS
from profiling.runs.job import STATUSES
from profiling.workload.kinds import KINDS as WORKLOADS
from profiling.workload.presets import PRESETS
from simulator.answers.kpis import measures
from simulator.answers.kpis.measures import PREFIX
from simulator.answers.kpis.registry import DEFINITIONS, TOPICS
from simulator.answers.moving.groups import HARDWARE, LUCK, MARKET, MONEY, PEOPLE
from simulator.answers.moving.options import COMMITTED, SHIPPED, TODAY
from simulator.answers.moving.worth import PROFILE_RUN, TOLD_BY
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.charging import TITLES as WAYS_TITLES
from simulator.answers.pricing.over import OVERS
from simulator.answers.pricing.studies import STUDIES
from simulator.answers.search import readable
from simulator.answers.variations.levers import GROUPS
from simulator.answers.verdict import GRADES
from simulator.begin.entries import usual
from simulator.begin.questions import texts as of_questions
from simulator.begin.writing import ORIGINS, titles
from simulator.engine.formula import BACKWARDS, OPERATIONS, Number, Operation
from simulator.engine.model import Model
from simulator.engine.units import Constant
from simulator.lines import DEFAULT_WORDS, KINDS, MEMBERS, business
from simulator.output.live.page import own_texts
from simulator.output.translations import catalogue_file, messages_of
from simulator.scenario.assumption import EVIDENCE
from simulator.scenario.overlays import parse_overlay, shipped
from simulator.scenario.settings import CONVENTIONS, SETTINGS

ROOT = Path(__file__).parents[1]
BEGIN = ROOT / "simulator" / "begin"
# A sentence, or the beginning of one that ends in a value.
SENTENCE = re.compile(r"[A-Z{“].* .*[.:]|[A-Z{][^{]*\{.*", re.DOTALL)
# A constant that holds titles says so in its name, or in the case of its texts.
TITLES = re.compile(r"(LABELS|TITLES|COLUMNS|KINDS|VARIANTS|NAMED)$")
TITLE = re.compile(r"[A-Z][a-z].*")
# A variable that is handed to `say` a line later.
LABEL = re.compile(r"\blabel\b")
# The keys of a mapping are codes, except where they are the titles of sections.
TITLED_KEYS = re.compile(r"^MENU$")
# A code among titles: the name of a line, or a kind of values.
CODE = re.compile(r"\w*_\w*|money|number|share")
# What a formula says in words, and not in signs.
WORD = re.compile(r"[a-z]")
# Calls whose arguments say what is refused or doubted, and what to do.
REFUSING = {"Phrase", "BadValue", "PlanError", "Problem", "Ambiguous", "Undefined", "_Refused"}
REFUSING |= {"WorkloadError", "UnsupportedError", "ProfilingError", "RepeatLostError", "LateClientError", "LoadError"}
REFUSING |= {"PredictionError", "SensorError", "DeviceError", "JobError", "RecordError", "Counted"}
REFUSING |= {"_probe", "_problem", "_need", "demand", "meant", "fault", "about", "_unknown"}
SCENARIO_NOTES = ("scenario/checks/suited.py", "scenario/numbers.py", "scenario/records/attach.py")
# Calls that make notes of a new company's values, and the place of the note among their arguments.
NOTING = {"noted": 2, "Phrase": 0}
# Rooms of profile runs, and modules of records, whose refusals pages show.
RUNS = ("runs", "worker", "measure", "making", "serving", "load", "hardware")
RECORDS = (
    *("checks.py", "errors.py", "results/curve.py", "results/record.py", "results/costs.py"),
    *(f"estimates/{path.name}" for path in sorted((ROOT / "profiling" / "estimates").glob("*.py"))),
)
# Modules whose refusals stand in a terminal alone.
OF_TERMINALS = {"listed.py", "card.py", "texts.py", "executors.py", "cohorts.py"}
# Calls of the parts of a record's figures, and the place of the first text among their arguments.
FIGURES = {"Figure": 1, "_against_batch": 2, "_over": 1}


@cache
def texts() -> Mapping[str, tuple[str, ...]]:
    """Return part → its texts, each text once, in the part that comes first."""
    parts: dict[str, Iterable[str]] = {
        "pages": chain(
            chain.from_iterable(map(of_page, [ROOT / "app.py", *sorted((ROOT / "dashboard").rglob("*.py"))])),
            (name for name, *_ in MOVEMENTS),
        ),
        "key figures": key_figures(),
        "messages": chain.from_iterable(map(sentences, sorted((ROOT / "simulator" / "answers").rglob("*.py")))),
        "other messages": other_messages(),
        "refusals": chain.from_iterable(map(refusals, refusing())),
        "formulas": filter(WORD.search, chain((form.text for form in OPERATIONS.values()), (BACKWARDS,), constants())),
        "names": names(business()),
        "assumptions": (one.meaning for one in business().inputs.values()),
        "lines": (first_paragraph(line.description) for line in business().lines.values()),
        "live file": own_texts(),
        "profile runs": profile_runs(),
        "origins of a new company's values": chain(origins(usual()), *map(noted, sorted(BEGIN.glob("*.py")))),
        "questions, examples and what-ifs": chain(of_questions(), sorted(titles()), of_examples(), of_what_ifs()),
    }
    found: dict[str, tuple[str, ...]] = {}
    seen: set[str] = {""}
    for part, said in parts.items():
        found[part] = tuple(text for text in dict.fromkeys(said) if text not in seen)
        seen.update(found[part])
    return found


def of_page(path: Path) -> Iterator[str]:
    """Yield the texts in a module of pages: what it hands to `say`, its titles, and the sentences it holds."""
    if path == Path(__file__):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in {"say", "self"}:
                yield from _literal(node.args[:1])
            elif called in FIGURES:
                yield from _literal(node.args[FIGURES[called] :])
        elif isinstance(node, ast.Assign) and LABEL.search(ast.unparse(node.targets[0])):
            yield from _titles(node.value)
        elif isinstance(node, ast.For) and LABEL.search(ast.unparse(node.target)):
            yield from _titles(node.iter)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            held = list(_held(node.value))
            if isinstance(node.value, ast.Dict) and TITLED_KEYS.search(ast.unparse(target)):
                held += chain.from_iterable(map(_held, filter(None, node.value.keys)))
            titles = held if TITLES.search(ast.unparse(target)) else filter(TITLE.fullmatch, held)
            yield from (text for text in titles if not CODE.fullmatch(text))
    yield from sentences(path)


def constants() -> Iterator[str]:
    """Yield the names of the constants in the formulas of lines and KPIs."""
    parts = deque(measures().formulas.values())
    while parts:
        match parts.popleft():
            case Operation(operands=operands):
                parts.extend(operands)
            case Number(value=Constant(name=name)):
                yield name


def _titles(node: ast.AST) -> Iterator[str]:
    """Yield the texts anywhere in an expression that are written as titles."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and TITLE.fullmatch(one.value):
            yield one.value


def _literal(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the texts that an argument may be: a literal, or one of two."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from _literal([node.body, node.orelse])


def _held(node: ast.AST) -> Iterator[str]:
    """Yield the texts that a constant holds; keys of a mapping are left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Dict):
        yield from chain.from_iterable(map(_held, node.values))
    elif isinstance(node, ast.Tuple | ast.List):
        yield from chain.from_iterable(map(_held, node.elts))


def sentences(path: Path) -> Iterator[str]:
    """Yield the sentences in a module that are no docstring and no part of a composed text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    told |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in told and SENTENCE.fullmatch(text):
                yield text


def other_messages() -> Iterator[str]:
    """Yield answers on prices, reasons of figures without a value, and the meanings of settings and kinds."""
    places = (
        *("prices.py", "solved.py", "commitments.py", "instead.py"),
        *(f"moving/{name}.py" for name in ("swings", "indices", "causes", "worth")),
        *(f"chance/{name}.py" for name in ("risk", "paired", "dependence")),
        *(f"pricing/{name}.py" for name in ("several", "charging", "lever_map", "rivals")),
    )
    yield from chain.from_iterable(of_page(ROOT / "simulator" / "output" / place) for place in places)
    yield from (one.title for one in AIMS.values())
    yield from (*WAYS_TITLES.values(), *OVERS.values())
    yield from (title for title, _ in GROUPS)
    yield from (MARKET, HARDWARE, PEOPLE, MONEY, LUCK, TODAY, COMMITTED, PROFILE_RUN, *TOLD_BY.values())
    yield from (parse_overlay(text).title for text in SHIPPED.values())
    yield from (one.what for one in STUDIES)
    yield from chain.from_iterable(
        sentences(ROOT / "simulator" / place)
        for place in (*("engine/windows.py", "equity/returns.py"), *SCENARIO_NOTES)
    )
    yield from CONVENTIONS.values()
    yield from (setting.meaning for setting in SETTINGS.values())
    yield from MEMBERS.values()


def refusing() -> Iterator[Path]:
    """Yield the modules whose refusals pages show, but for those that read whole files."""
    rooms = ["dashboard", "profiling/workload", "simulator/scenario", "simulator/answers", "simulator/equity"]
    rooms += [f"profiling/{room}" for room in RUNS]
    files = chain.from_iterable(sorted((ROOT / room).rglob("*.py")) for room in rooms)
    yield from (path for path in files if path.name not in OF_TERMINALS)
    yield from (ROOT / "simulator" / place for place in ("errors.py", "begin/answers.py", "engine/run.py"))
    yield from (ROOT / "simulator" / "output" / "bundle" / name for name in ("archive.py", "verifying.py"))
    yield from (ROOT / "profiling" / place for place in RECORDS)


def refusals(path: Path) -> Iterator[str]:
    """Yield what a module says of values that it refuses or doubts, and what to do about them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = _named(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in REFUSING:
            told = (one.value for one in node.keywords if one.arg == "todo")
            yield from _said([*node.args, *told], named)
        elif isinstance(node, ast.Yield | ast.Return) and isinstance(node.value, ast.Tuple):
            yield from (text for text in _said(node.value.elts[-2:], named) if len(text) > 1)


def _named(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """Return each name that a module sets → the values that it sets it to."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for name, value in assigned(node.targets[0], node.value):
                found.setdefault(name, []).append(value)
    return found


def origins(usual: Any) -> Iterator[str]:
    """Yield the sources and notes of what nobody is asked."""
    if isinstance(usual, Mapping):
        yield from (usual[name] for name in ORIGINS if isinstance(usual.get(name), str))
    for one in usual.values() if isinstance(usual, Mapping) else usual if isinstance(usual, list) else ():
        yield from origins(one)


def noted(path: Path) -> Iterator[str]:
    """Yield the notes that a module of the questions writes beside values."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = _named(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            told = [one.value for one in node.keywords if one.arg in {"more", "origin"}]
            yield from _said([*node.args[NOTING.get(called, len(node.args)) :], *told], named)


def assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that an assignment sets, with its value."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from chain.from_iterable(map(assigned, target.elts, value.elts))


def _said(nodes: Iterable[ast.expr], named: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """Yield the texts that arguments may be, names of texts followed to where they are set."""
    for node in nodes:
        yield from _literal([node])
        if isinstance(node, ast.IfExp):
            yield from _said([node.body, node.orelse], named)
        elif isinstance(node, ast.Name):
            yield from _said(named.get(node.id, ()), {})


def key_figures() -> Iterator[str]:
    """Yield topics, titles, definitions and names of definitions of the KPIs, and the titles of statements."""
    yield from (name.capitalize() for name in (*TOPICS, *GRADES, "undecided"))
    for one in DEFINITIONS.values():
        yield one.title
        yield from _parts(one.unit)
        for name, variant in one.variants.items():
            yield from (name, variant.definition)
    tree = ast.parse((ROOT / "simulator" / "answers" / "statements.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"_row", "_sum"}:
            yield from _literal(node.args[:1])


def names(model: Model) -> Iterator[str]:
    """Yield the names of topics, kinds, lines and assumptions, units, kinds of evidence, default words and plurals."""
    lines = measures().lines.values()
    yield from (readable(line.topic) for line in model.lines.values())
    yield from (readable(line.name.removeprefix(PREFIX)) for line in lines)
    yield from (readable(line.name) for line in model.lines.values())
    yield from (readable(name) for name in (*model.inputs, *KINDS))
    yield from chain.from_iterable(_parts(line.quantity.text("")) for line in lines)
    yield from chain.from_iterable(_parts(one.quantity.text("")) for one in model.inputs.values() if one.quantity)
    yield from (*EVIDENCE, *DEFAULT_WORDS.values())
    yield from (plural(kind) for kind in KINDS)
    yield from READS.values()
    yield from (*PLURALS.values(), *SINGULARS.values())


def of_what_ifs() -> Iterator[str]:
    """Yield what the what-ifs that ship are called, and what they are."""
    for overlay in shipped():
        yield from (overlay.title, overlay.description)


def of_examples() -> Iterator[str]:
    """Yield what each example sells, and its story, as the page Start shows them."""
    for one in examples():
        yield from (f"{one.sells}.", f"{one.story}.")


def _parts(unit: str) -> Iterator[str]:
    """Yield the parts of a unit that have a name; the code of a currency is the same in every language."""
    yield from (UNITS.get(part, part) for part in unit.split("/") if part not in {"", "1", "share", "money"})


def profile_runs() -> Iterator[str]:
    """Yield the texts of profile runs: presets, kinds of cases, metrics, figures and states."""
    for preset in PRESETS.values():
        yield from (preset.title, preset.description, preset.seconds_estimate)
    for kind in WORKLOADS.values():
        yield from (kind.title, kind.name, *kind.own_coordinates)
    yield from (metric.definition for metric in METRICS.values())
    yield from (*LOADS.values(), CAPACITY, *SENTENCES, "cores", *FAMILIES)
    yield from (*WORDS.values(), LIGHTER, HEAVIER, *SMALLER.values())
    yield from (name.replace("_", " ") for name in (*RESULTS, *STATUSES, *STOPS))
    path = ROOT / "profiling" / "results" / "figures.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (first := FIGURES.get(ast.unparse(node.func))):
            yield from _literal(node.args[first:])
    yield from (*sentences(path), *sentences(path.with_name("record.py")))


def update(language: str) -> None:
    """Write the catalogue anew, part by part, with the translations that it has."""
    known = messages_of(language)
    made = Catalog(locale=LOCALES[language], project="Breakeven", fuzzy=False)
    for part, said in texts().items():
        for text in said:
            made.add(text, known.get(text, ""), auto_comments=[part])
    with catalogue_file(language).open("wb") as file:
        write_po(file, made, width=0, omit_header=False)


def report(language: str, missing: bool) -> Iterator[str]:
    """Yield a line for each part, or for each text without a translation."""
    known: Mapping[str, str] = messages_of(language)
    for part, said in texts().items():
        lacking = [text for text in said if not known.get(text)]
        yield f"{part}: {len(said) - len(lacking)} of {len(said)} texts"
        if missing:
            yield from (f"    {text}" for text in lacking)
    every = [text for said in texts().values() for text in said]
    yield f"all: {sum(bool(known.get(text)) for text in every) / len(every):.1%} translated"


def main() -> None:
    """Run the command."""
    asked = argparse.ArgumentParser(prog="python -m dashboard.texts", description=__doc__.partition("\n")[0])
    asked.add_argument("language", choices=[one for one in LOCALES if one not in {"en", "pseudo"}])
    asked.add_argument("--missing", action="store_true", help="list the texts without a translation")
    asked.add_argument("--update", action="store_true", help="write the catalogue anew")
    given = asked.parse_args()
    if given.update:
        update(given.language)
    print("\n".join(report(given.language, given.missing)))


if __name__ == "__main__":
    main()
