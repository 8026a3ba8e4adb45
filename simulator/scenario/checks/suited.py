"""Whether a record is of what a pool or program runs: its device, model, size, kind of work and precision.

Of a feature, it is whether the answers are those of its pool's model: its quality depends on little else.

What the scenario says of them is words for people: `device`, `model`, `kind` and `precision`, or else the title; the
size may be the `parameters` of a program. Where it says nothing of one of them but the device, the record that the rate
rests on so far does. A record that seems to be of something else is not refused: nobody but the reader knows what the
words mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from profiling.errors import RecordError
from profiling.results import record as records
from profiling.results.record import CaseResult, Record
from profiling.results.sentence import Sentence
from simulator.scenario.scenario import Scenario

CPU = re.compile(r"\bCPU\b", re.IGNORECASE)
# The model in a device's name, such as H100, MI300X, 4090 or T4; the memory size does not identify a device.
DEVICE = re.compile(r"\b(?!\d+GI?B\b)(?:[A-Z]+\d\w*|\d{3,}\w*)\b")

# A model's size in its name, such as 8B, 0.5B or 135 million; of 8x7B, experts share parts, so that it tells no size.
SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?(B|b|billion|M|m|million)\b")
SCALES = {"b": 1e9, "m": 1e6}
# Names round their sizes, and heads and adapters come on top; a model of another size differs by more.
LARGEST_RATIO = 1.5
# Families by the words in names; those that share the layers of another are told by the other's.
FAMILIES = {
    **{name: name for name in ("llama", "bert", "roberta", "qwen", "mistral", "mixtral", "deepseek", "gemma", "phi")},
    **{name: name for name in ("gpt", "bloom", "falcon", "whisper", "vit", "resnet", "granite")},
    **{"smollm": "llama", "tinyllama": "llama", "codellama": "llama", "vicuna": "llama", "pythia": "gpt"},
}
# The assumptions that a record gives; the first that refers to one tells what was measured.
RATES = {"pool": ("tokens_per_second",), "program": ("training_tokens_per_second", "seconds_per_run")}
# A server under load generates; prompt tuning had another name.
SAME_KIND = {"load": "generate", "prompt": "prompt_tuning"}
# Training methods as titles write them.
METHODS = {
    **{name: re.compile(rf"\b{name}\b", re.IGNORECASE) for name in ("lora", "qlora", "adalora", "ia3")},
    "full": re.compile(r"\bfull (fine-?tuning|training)\b", re.IGNORECASE),
    "prompt_tuning": re.compile(r"\bprompt[ -]tuning\b", re.IGNORECASE),
    "distil": re.compile(r"\bdistill?(ation|ed|ing)?\b", re.IGNORECASE),
    "continual": re.compile(r"\bcontin(ual|ued)\b", re.IGNORECASE),
    "pretrain": re.compile(r"\bpre-?train", re.IGNORECASE),
}
SHORT_PRECISIONS = {"bf16": "bfloat16", "fp16": "float16", "half": "float16", "fp32": "float32"}
PRECISION = re.compile(r"\b(bf16|fp16|fp32|fp8|int8|int4|bfloat16|float16|float32)\b", re.IGNORECASE)

TEMPLATES = {
    "device": "This record is of {measured}, but {place} uses {planned}: choose a record of that device, or change the "
    "device of the scenario and its price.",
    "model": "This record is of the model {measured}, but {place} runs {planned}: measure that model.",
    "size": "This record is of a model of {measured} parameters, but {place} runs one of {planned}: measure one of "
    "that size, since no figure carries over.",
    "kind": "This record measured {measured}, but {place} is for {planned}: choose a case of that kind.",
    "precision": "This record is in {measured}, but {place} runs in {planned}: measure in that precision.",
}


def doubts(scenario: Scenario, kind: str, member: str, record: Record, case: CaseResult) -> Iterator[Sentence]:
    """Yield a sentence for each way in which a case of a record is of something else than runs at that place."""
    told = tuple(TEMPLATES)
    if kind == "feature":
        kind, member, told = "pool", _pool(scenario, member), ("model", "size")
    place = f"{kind}s.{member}"
    about = scenario.about[place]
    device, now = about.get("device", ""), _so_far(scenario, kind, member)
    pairs = {
        "device": None if fits(record, device) else (record.label, device),
        "model": _other_model(record, about, now),
        "size": _other_size(record, about, _trained(scenario, kind, member), now),
        "kind": _other_kind(case, kind, about, now),
        "precision": _other_precision(record, case, about, now),
    }
    for name in told:
        if (pair := pairs[name]) is not None:
            measured, planned = pair
            yield Sentence(TEMPLATES[name], {"measured": measured, "place": place, "planned": planned})


def _pool(scenario: Scenario, feature: str) -> str:
    """Return the pool that answers a feature's requests."""
    names, pools = scenario.entities, scenario.members.pointers["feature", "pool"]
    return names["pool"][pools[names["feature"].index(feature)]]


def fits(record: Record, planned: str) -> bool:
    """Return whether a record may be of the device that a scenario names in free text; no name fits every record."""
    if not planned:
        return True
    on_cpu = bool(CPU.search(planned))
    if on_cpu or record.on_cpu:
        return on_cpu and record.on_cpu
    models = set(DEVICE.findall(planned.upper()))
    return not models or bool(models & set(DEVICE.findall(record.label.upper())))


Pair = tuple[str, str] | None  # what was measured, and what is planned, where they differ
About = Mapping[str, str]
SoFar = tuple[Record, CaseResult] | None  # what the rate rests on


def _so_far(scenario: Scenario, kind: str, member: str) -> SoFar:
    """Return the record that a rate rests on so far and the case that it reads; None where there is none to be read."""
    given = (scenario.assumption_of(name, member).literal for name in RATES[kind])
    now = next((one for one in given if isinstance(one, Mapping) and "measured" in one), None)
    if now is None:
        return None
    with suppress(RecordError, StopIteration):
        record = records.load(scenario.folder / str(now["measured"]))
        read = (case for case in record.cases if case.ok and now["metric"] in case.metrics)
        return record, next(case for case in read if case.matches(now.get("at", {})))
    return None


def _other_model(record: Record, about: About, now: SoFar) -> Pair:
    """Return both models where their names, or at least their families, differ."""
    published, measured = _published(record), _model(record)
    planned = about.get("model") or about.get("title", "")
    if "model" in about and published:
        return None if _words(planned) <= _words(published) else (published, planned)
    if _family(planned) is None and now is not None:
        planned = _model(now[0])
    families = [_family(one) for one in (measured, planned)]
    return (measured, planned) if None not in families and families[0] != families[1] else None


def _published(record: Record) -> str:
    """Return the name under which a record's model was published; empty where it has none."""
    model = record.workload.get("model") or {}
    return str(model.get("hub") or model.get("name") or "")


def _model(record: Record) -> str:
    """Return what a record calls its model: the published name, or else its folder or type."""
    model = record.workload.get("model") or {}
    return _published(record) or str(model.get("path") or (model.get("config") or {}).get("model_type", ""))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", name.casefold()))


def _family(name: str) -> str | None:
    words = re.findall(r"[a-z]+", name.casefold())
    return next((FAMILIES[word] for word in words if word in FAMILIES), None)


def _trained(scenario: Scenario, kind: str, member: str) -> float | None:
    """Return the parameters that a program says it trains; None where it says none."""
    return scenario.assumption_of("parameters", member).central or None if kind == "program" else None


def _other_size(record: Record, about: About, trained: float | None, now: SoFar) -> Pair:
    """Return both numbers of parameters where they differ by more than rounding."""
    measured = _parameters(record)
    planned = _size(about.get("model", "")) or _size(about.get("title", ""))
    if planned is None and not _has_experts(record):  # a program counts those that work on each token
        planned = trained
    if planned is None and now is not None:
        planned = _parameters(now[0])
    if not measured or not planned or 1 / LARGEST_RATIO <= measured / planned <= LARGEST_RATIO:
        return None
    return _short(measured), _short(planned)


def _parameters(record: Record) -> float | None:
    """Return the number of parameters of a record's model, or the one in its name; None where neither is known."""
    return record.workload.get("parameters") or _size(_published(record))


def _has_experts(record: Record) -> bool:
    config = (record.workload.get("model") or {}).get("config") or {}
    return any("expert" in name for name in config)


def _size(name: str) -> float | None:
    """Return the parameters that a name tells; None where it tells none."""
    found = SIZE.search(name)
    return None if found is None else float(found[1]) * SCALES[found[2][0].casefold()]


def _short(parameters: float) -> str:
    return f"{parameters / 1e9:.3g}B" if parameters >= 1e9 else f"{parameters / 1e6:.3g}M"


def _other_kind(case: CaseResult, kind: str, about: About, now: SoFar) -> Pair:
    """Return both kinds of work of a pool, or both methods of a program, where they differ."""
    titled = (name for name, written in METHODS.items() if kind == "program" and written.search(about.get("title", "")))
    measured = _work(kind, case)
    planned = about.get("kind") or next(titled, "") or ("" if now is None else _work(kind, now[1]))
    same = SAME_KIND.get(measured, measured) == SAME_KIND.get(planned, planned)
    return None if same or not (measured and planned) else (measured, planned)


def _work(kind: str, case: CaseResult) -> str:
    """Return what a case did, as a pool or a program names it; empty where it names no method."""
    return case.kind if kind == "pool" else str(case.point.get("method", ""))


def _other_precision(record: Record, case: CaseResult, about: About, now: SoFar) -> Pair:
    """Return both precisions where they differ; to read another case of the record in place is a choice."""
    titled = PRECISION.search(about.get("title", ""))
    planned = (about.get("precision") or (titled[0] if titled else "")).casefold()
    if not planned and now is not None and now[0].id != record.id:
        planned = _precision(*now)
    measured, planned = _precision(record, case), SHORT_PRECISIONS.get(planned, planned)
    return (measured, planned) if measured and planned and measured != planned else None


def _precision(record: Record, case: CaseResult) -> str:
    """Return the precision of a case, or else of the whole record; empty where neither is known."""
    return str(case.point.get("precision") or record.workload.get("precision") or "")
