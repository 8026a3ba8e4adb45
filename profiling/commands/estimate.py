"""`estimate`: time, memory, energy and cost of a case that was not measured."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from profiling import estimates
from profiling.commands import shared
from profiling.commands.size import config_of
from profiling.errors import PredictionError
from profiling.estimates import observations, published
from profiling.estimates.assumptions import OFFLOADS
from profiling.estimates.prediction import DEFINITIONS, EVIDENCE, Answer, Prediction
from profiling.estimates.question import RECIPES_OF, STAGES, Question
from profiling.methods import METHODS, current
from profiling.workload.kinds import KINDS
from profiling.workload.lengths import Lengths

HELP = "what a case would take that was not measured: seconds, memory, energy, cost, each with its evidence"
KEYS = {
    "model": "the name or path that was given",
    "kind": "what is done; with point, device, devices and precision the question",
    "seconds": "value, low, high, level, unit, evidence, basis; so are the next four",
    "tokens_per_second": "rate",
    "memory_bytes": "memory of each device",
    "joules": "energy",
    "cost": "cost in USD",
    "capacity_bytes": "memory that a device has",
    "least_bytes": "memory of each device at least, by arithmetic; null: the case was measured",
    "fits": "whether the memory suffices; null: unknown",
    "fits_on": "where it would fit, if it does not: device and devices of each",
    "assumptions": "what an estimate from published figures assumes, a sentence each",
    "why": "reason for each figure that is null",
}

# Fields of a workload by engine; a server is no workload of its own.
COMPILED: dict[str, dict[str, Any]] = {"transformers": {"compile": "no"}, "compiled": {"compile": "yes"}, "server": {}}
# Options that are about a training alone, and those that are coordinates of some kinds, with their usual values.
OF_TRAINING = {"checkpointing": "yes", "weights": "mixed", "text_lengths": "", "packing": "no", "offload": "no"}
USUAL = {"method": "full", "tokens": 512, "prompt_tokens": 512, "new_tokens": 128, **OF_TRAINING}
EVIDENCE_WORDS = {
    "measured": "measured on this device",
    "calibrated": "fitted to measurements of this device",
    "published": "from data sheets and figures that others published, not from a measurement here",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the case, the device, and the evidence to use."""
    parser.add_argument("model", metavar="MODEL", help="a well-known model's name, a config.json, or its folder")
    parser.add_argument("--kind", choices=sorted(STAGES), default="train", help="what is done (default: train)")
    known = ", ".join(f"{name} ({method.title})" for name, method in METHODS.items())
    parser.add_argument("--method", help=f"how it is trained: {known} (default: full)")
    parser.add_argument(
        "--batch",
        type=_batch,
        default=1,
        help="examples at once, on all devices (default: 1); generate: max for as many as the memory holds",
    )
    parser.add_argument("--tokens", type=int, help="length of an example (default: 512)")
    parser.add_argument("--prompt-tokens", type=int, help="generate: length of a prompt (default: 512)")
    parser.add_argument("--new-tokens", type=int, help="generate: length of an answer (default: 128)")
    parser.add_argument(
        "--checkpointing",
        choices=("yes", "no"),
        help="train: whether activations are computed again, as in the published runs (default: yes)",
    )
    parser.add_argument(
        "--engine",
        choices=tuple(COMPILED),
        help="what runs the model: transformers, compiled transformers, or a server such as vLLM "
        "(default: transformers; generate: server)",
    )
    parser.add_argument(
        "--weights",
        choices=tuple(RECIPES_OF),
        help="train: trained weights in mixed precision, or purely in 16 bits (default: mixed)",
    )
    parser.add_argument(
        "--text-lengths",
        metavar="LENGTHS",
        help="train: lengths of examples, as 'lognormal 300 0.8' (default: each has all tokens)",
    )
    parser.add_argument(
        "--packing",
        choices=("yes", "no"),
        help="train: whether examples of drawn lengths share full rows, instead of being padded (default: no)",
    )
    parser.add_argument(
        "--offload",
        choices=tuple(OFFLOADS),
        help="train: what is in the host's memory: activations, or state, which is weights and optimiser (default: no)",
    )
    parser.add_argument("--device", help="a data sheet's name, as H100-SXM, a driver's name, or cpu")
    parser.add_argument("--devices", type=int, default=1, help="how many of them (default: 1)")
    parser.add_argument("--precision", help="as bfloat16, fp8, int8 (default: as the evidence has it)")
    parser.add_argument(
        "--record",
        type=Path,
        nargs="+",
        metavar="RECORD|RUN",
        help="records to use instead of the runs on this computer",
    )
    parser.add_argument("--evidence", choices=EVIDENCE, help="this kind of evidence alone")
    parser.add_argument("--price-per-hour", type=float, metavar="USD", help="price of one device, instead of a table's")


def _batch(text: str) -> int | None:
    """Return a number of examples; None for `max`."""
    try:
        return None if text == "max" else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a whole number nor max") from None


def run(options: argparse.Namespace) -> int:
    """Print the estimate; raise ProfilingError where no evidence supports it."""
    _fill(options)
    question = _question(options)
    named = [shared.find_record(path, options) for path in options.record or ()]
    records = named or observations.at_hand(options.out)
    price, evidence = options.price_per_hour, options.evidence
    answer = estimates.estimate(question, records, price_per_hour=price, evidence=evidence)
    asked = {name: getattr(question, name) for name in ("kind", "point", "device", "devices", "precision")}
    data = {"model": options.model, **asked, **answer.to_json()}
    shared.show(data, "\n".join(text(options.model, question, answer)), options)
    return 0


def _fill(options: argparse.Namespace) -> None:
    """Give options that were not named their usual values; raise PredictionError for one without a meaning here."""
    for name, usual in USUAL.items():
        if getattr(options, name) is None:
            setattr(options, name, usual)
        elif options.kind not in (kinds := [kind for kind in STAGES if _means(kind, name)]):
            what = f"--{name.replace('_', '-')} has no meaning for --kind {options.kind}"
            raise PredictionError(what, todo=f"leave it out, or choose --kind {' or '.join(kinds)}")


def _means(kind: str, name: str) -> bool:
    """Return whether an option is about cases of a kind."""
    return KINDS[kind].takes_method if name in OF_TRAINING else name in KINDS[kind].own_coordinates


def _question(options: argparse.Namespace) -> Question:
    """Return the question that the options ask; raise ProfilingError for a count below 1 and for lengths of no kind."""
    point = dict(current({name: getattr(options, name) for name in KINDS[options.kind].own_coordinates}))
    for name, value in {**point, "devices": options.devices}.items():
        if isinstance(value, int) and value < 1:
            raise PredictionError(f"--{name.replace('_', '-')} is {value}", todo="it must be at least 1")
    config, trains = config_of(options.model), KINDS[options.kind].takes_method
    asked = Question(
        config,
        options.kind,
        point,
        options.device,
        options.devices,
        options.precision,
        _fields(options) if trains else COMPILED.get(options.engine, {}),
        offload=options.offload if trains else "no",
    )
    return asked if point["batch"] is not None else replace(asked, point={**point, "batch": published.held(asked)})


def _fields(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a training that records must share, as far as they were named."""
    if options.engine == "server":
        raise PredictionError("a server does not train", todo="choose --engine transformers or compiled")
    if options.packing == "yes" and not options.text_lengths:
        raise PredictionError("--packing yes has nothing to pack", todo="give --text-lengths, too")
    if options.text_lengths:
        Lengths.parse(options.text_lengths, "--text-lengths")
    # The published runs compute activations again; records say whether they did.
    named = {
        "checkpointing": options.checkpointing,
        "weights": options.weights,
        "text_lengths": options.text_lengths,
        "packing": options.packing,
    }
    usual = {"checkpointing": "yes", "weights": "mixed", "text_lengths": "", "packing": "no"}
    return {**COMPILED.get(options.engine, {}), **{name: one for name, one in named.items() if one != usual[name]}}


def text(model: str, question: Question, answer: Answer) -> list[str]:
    """Return the estimate for people: figures, evidence, what is missing, and definitions."""
    place = f"{question.devices} x {question.device}" if question.device else "this computer"
    lines = [f"{model} ({question.architecture.parameters / 1e6:,.1f}M parameters): {question.where}, on {place}", ""]
    if answer.fits is False:
        lines += ["If it did fit:"]
    lines += [f"  {name:<18} {shown(figure)}" for name, figure in answer.figures.items() if figure is not None]
    lines += [f"  {name:<18} not known: {answer.why[name]}" for name in answer.figures if name in answer.why]
    lines += [f"  {'fits':<18} {_fits(answer)}", ""]
    if answer.assumptions:
        lines += ["Assumptions", *(f"  {words}" for words in answer.assumptions), ""]
    lines += ["Evidence", *(f"  {words}" for words in _evidence(answer))]
    lines += ["", "Definitions"]
    return lines + [f"  {name}: {DEFINITIONS[name]}" for name, figure in answer.figures.items() if figure is not None]


def shown(figure: Prediction) -> str:
    """Return a figure for people, with its interval: `0.412 s (0.31 to 0.55, 90 %)`."""
    scale, unit = (1e9, "GB") if figure.unit == "B" else (1.0, figure.unit)
    value, low, high = (f"{number / scale:,.3g}" for number in (figure.value, figure.low, figure.high))
    if figure.level is None or low == high:
        return f"{value} {unit}"
    return f"{value} {unit} ({low} to {high}, {100 * figure.level:.0f} %)"


def _fits(answer: Answer) -> str:
    """Return whether the memory suffices, in words."""
    if answer.seconds.evidence == "measured":
        return "yes: this case was measured"
    if answer.capacity_bytes is None:
        return "not known: nobody told the memory of the device"
    if answer.memory_bytes is None and answer.fits is None:
        return "not known: what the activations take is not known"
    words = {True: "yes", False: "no", None: "perhaps: the interval contains the device's memory"}[answer.fits]
    alone = " by arithmetic alone" if answer.fits and answer.memory_bytes is None else ""
    others = f"; it would on {', '.join(map(str, answer.fits_on))}" if answer.fits_on else ""
    return f"{words}{alone}, of {answer.capacity_bytes / 1e9:.0f} GB on each device{others}"


def _evidence(answer: Answer) -> list[str]:
    """Return the evidence of each figure; figures with the same evidence share a line."""
    named: dict[str, list[str]] = {}
    for name, figure in answer.figures.items():
        if figure is not None:
            named.setdefault(_basis(figure), []).append(name)
    return [f"{', '.join(names)}: {words}" for words, names in named.items()]


def _basis(figure: Prediction) -> str:
    """Return the kind of evidence, its basis, and its error for rows left out of the fit."""
    error = figure.leave_one_out_error
    tested = "" if error is None else f"; for rows left out of the fit the error is {100 * error:.0f} %"
    return f"{figure.evidence} ({EVIDENCE_WORDS[figure.evidence]}): {figure.basis}{tested}"
