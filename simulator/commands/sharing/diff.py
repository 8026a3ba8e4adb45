"""`diff`: say what changed from one version of a scenario to the next, and what that did to its headline KPIs."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.answers.projection import project, settle
from simulator.output.difference import difference_json, difference_text
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

HELP = "what changed between two versions of a scenario, sources and evidence included; `compare` weighs alternatives"
CHANGE = {
    "name": "setting, assumption or correlation; empty for the words of a member",
    "kind": "plan, pool and so on; empty for the company",
    "member": "title of the member; empty for the company",
    "fields.FIELD.before": "text before, as in a file; empty where there was none",
    "fields.FIELD.after": "text after; FIELD is value, unit, evidence, source, as_of, note, title and so on",
}
KEYS = {
    "versions.VERSION.scenario": "title: of the first version, then of the second",
    "versions.VERSION.file": "file, as given",
    "versions.VERSION.hash": "changes with any number, its evidence, a setting such as the title, or a member",
    "versions.VERSION.file_hash": "SHA-256 of the scenario as a file, sources and notes included",
    "versions.VERSION.grade": "verdict",
    **{f"settings.SETTING.{key}": says for key, says in CHANGE.items()},
    "members.MEMBER.change": "added, removed or renamed",
    "members.MEMBER.kind": "plan, pool and so on",
    "members.MEMBER.member": "title",
    "members.MEMBER.before": "name in the first version; empty if it was added",
    "members.MEMBER.after": "name in the second version; empty if it was removed",
    "members.MEMBER.stated": "assumptions that the file states of a member that was added or removed, as text",
    **{f"assumptions.ASSUMPTION.{key}": says for key, says in CHANGE.items()},
    "assumptions.ASSUMPTION.unit": "unit of the values",
    **{f"words.WORD.{key}": says for key, says in CHANGE.items()},
    **{f"correlations.CORRELATION.{key}": says for key, says in CHANGE.items()},
    **{f"comments.COMMENT.{key}": says for key, says in CHANGE.items()},
    "kpis.KPI.title": "name for people",
    **{
        f"kpis.KPI.{when}.{key}": says
        for when in ("before", "after")
        for key, says in {
            "value": "number, or null if undefined",
            "standard_error": "standard error of a figure from trials, else null",
            "unit": "unit of the value",
            "why": "why the value is undefined; empty if it is not",
        }.items()
    },
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two versions and the trials."""
    parser.add_argument("before", type=Path, metavar="BEFORE", help="a scenario, or a bundle")
    parser.add_argument("after", type=Path, metavar="AFTER", help="a later version of it, or a bundle")
    terminal.add_trials(parser)


def run(options: argparse.Namespace) -> int:
    """Print what changed."""
    scenarios = [terminal.warned(_scenario(path)) for path in (options.before, options.after)]
    if options.seed is not None:
        scenarios = [one.with_seed(options.seed) for one in scenarios]
    found = [project(one, options.trials, evidence=False) for one in scenarios]
    before, after = (settle(one) for one in found) if options.trials is None else found
    files = (str(options.before), str(options.after))
    return terminal.show(options, difference_json(before, after, files), difference_text)


def _scenario(path: Path) -> Scenario:
    """Return the scenario in a file or a bundle; raise PlanError for a bundle of which a file was changed."""
    if path.suffix != ".zip":
        return load(path)
    from simulator.output.bundle import archive, verifying

    return verifying.scenario_in(archive.unpacked(archive.content_of(path), str(path)), str(path))
