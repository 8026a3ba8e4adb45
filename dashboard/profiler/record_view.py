"""One record: its device and ceilings, its figures at a price, its cases, learning curves and operators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.parts import charts, charts_devices
from dashboard.parts.choices import from_list
from dashboard.parts.tiles import download, small
from dashboard.parts.words import Words, escape
from dashboard.profiler import curves, pricetag
from dashboard.profiler.told import case_named, device_named, estimated, in_words, told
from profiling.results import figures
from profiling.results.drawn.drawing import draw
from profiling.results.figures import GIB, Figure, Point
from profiling.results.html_report import html
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate, Record
from profiling.results.report import slower_clocks
from profiling.results.sentence import Sentence
from profiling.workload.kinds import KINDS

# Names of the curves of one repeat.
LEARNING_NAMED = ("training {repeat}", "held out {repeat}")


def head(record: Record, say: Words) -> None:
    """Draw the device with its measured ceilings, and warn if it is a CPU."""
    if record.on_cpu:
        st.warning(
            escape(say("Measured on a CPU. The numbers hold for this CPU and say nothing about a GPU.")),
            icon=":material/memory:",
        )
    ceiling = say.listed(estimated(estimate, say) for estimate in record.ceiling.values())
    small(say("{device}; measured ceiling: {ceiling}", device=device_named(record, say), ceiling=ceiling or "–"))
    small(say("Other processes on the device: {names}.", names=_others(record, say)))


def _others(record: Record, say: Words) -> str:
    if record.others is None:
        return say("unknown")
    return say.beside(*(str(other.get("name") or other.get("pid")) for other in record.others)) or say("none")


def cpu_mark(record: Record, say: Words) -> str:
    """Return the mark that goes with every number from a CPU."""
    return say("(measured on a CPU)") if record.on_cpu else ""


def report(record: Record, say: Words) -> None:
    """Draw every figure that the record has data for; costs need a price with a source."""
    price = pricetag.choose(record, say)
    against_ceiling(record, say)
    shown = [
        *figures.of(record, price),
        *(curves.figure(kind, one, say) for (kind, _), one in curves.curves_of(record).items()),
    ]
    if not shown:
        st.info(say("No finished case of this record has data for a chart. See Cases."))
    for figure in shown:
        drawn(figure, record, say)
    if price is not None:
        runs_priced(figures.runs_priced(record, price), str(price), say)
    with st.container(horizontal=True):
        label, report = say("Download the report"), partial(html, record, price)
        download(label, report, f"{record.id}.html", "text/html", "description")
        offer(record, say)


def offer(record: Record, say: Words) -> None:
    """Offer the record as its file."""

    def content() -> str:
        return json.dumps(record.to_json(), indent=1, ensure_ascii=False)

    download(say("Download the record"), content, f"{record.id}.json", "application/json", "data_object")


def drawn(figure: Figure, record: Record, say: Words) -> None:
    """Draw a figure with its title and its sentence: no chart of points at a single place."""
    figure = in_words(figure, say)
    st.markdown(f"**{escape(say(figure.title))}**")
    sentence = f"{figure.sentence.said(say)} {cpu_mark(record, say)}".strip()
    if figure.is_drawn:
        charts.show(draw(figure, say), sentence, key=f"figure:{figure.key}:{record.id}")
        return
    st.markdown(escape(sentence))
    if figure.points > 1:
        columns = [say("Series"), say(figure.x_title), say(figure.y_title)]
        st.dataframe(pd.DataFrame(figure.rows(say), columns=columns), hide_index=True, alt=sentence)


def against_ceiling(record: Record, say: Words) -> None:
    """Draw the share of the device's measured ceiling that each case reached."""
    found = [(case, share) for case in record.cases if case.ok and (share := utilisation(case)) is not None]
    if not found:
        return
    done, shares = [case for case, _ in found], [share for _, share in found]
    best = max(range(len(done)), key=lambda position: shares[position].value)
    text = say(
        "The best case reaches {share:share} of the measured ceiling: {point}.",
        share=shares[best].value,
        point=case_named(done[best].where, say),
    )
    figure = charts_devices.against_ceiling(say, [case_named(name, say) for name in figures.told_apart(done)], shares)
    charts.show(figure, f"{text} {cpu_mark(record, say)}".strip(), key=f"ceiling:{record.id}")


def utilisation(case: CaseResult) -> Estimate | None:
    """Return the share of the measured ceiling that a case reached, of operations or of bytes moved."""
    kind = KINDS.get(case.kind)
    return case.metrics.get(kind.utilisation) if kind else None


def runs_priced(costs: dict[str, Estimate], price: str, say: Words) -> None:
    """List the cost of one fine-tuning run by case."""
    if not costs:
        return
    st.markdown(f"**{escape(say('One fine-tuning run, at {price}', price=price))}**")
    rows = [{say("Case"): where, say("Cost"): estimated(cost, say)} for where, cost in costs.items()]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("Cost of a fine-tuning run by case"))


def cases(record: Record, say: Words) -> None:
    """List every case with its result, and the metrics of one case with their definitions."""
    frame = pd.DataFrame([row(case, record, say) for case in record.cases])
    st.dataframe(frame, hide_index=True, alt=say("Cases of the record"))
    if record.cases:
        details(record, say)
    offer(record, say)


def row(case: CaseResult, record: Record, say: Words) -> dict[str, str]:
    """Return one case as a row: result, rate with its interval, share of the ceiling, memory and energy."""
    main, share = figures.main(case), utilisation(case)
    rate = case.metrics[main] if main else None
    memory = case.memory.get("reserved_peak_bytes") or case.memory.get("resident_peak_bytes")
    return {
        say("Case"): case_named(case.where, say),
        say("Result"): say(case.status.replace("_", " ")),
        say("Rate"): f"{estimated(rate, say)} {cpu_mark(record, say)}".strip() if rate else "–",
        say("Why"): " ".join(_why(case, say)) or "–",
        say("Share of the ceiling"): say.share(share.value) if share else "–",
        say("Memory"): f"{say.number(memory / GIB)} GiB" if memory else "–",
        say("Energy"): f"{say.number(case.energy['joules'])} J" if case.energy else say("no sensor"),
    }


def _why(case: CaseResult, say: Words) -> Iterator[str]:
    """Yield why a case ended as it did, the largest batch that fits, and what throttled the device."""
    if case.why:
        yield told(case.why, say)
    if largest := case.extra.get("largest_batch"):
        yield say("The largest batch that fits is {batch}.", batch=str(largest))
    if case.throttled:
        yield say("Throttled by {reasons}.", reasons=slower_clocks(case) or say("the device"))


def details(record: Record, say: Words) -> None:
    """Draw all metrics of one case with their definitions."""
    names = [case_named(case.where, say) for case in record.cases]
    place = from_list(say("All metrics of"), range(len(names)), f"case:{record.id}", names.__getitem__)
    case = record.cases[place]
    for name, estimate in case.metrics.items():
        figure(name, estimate, record, say)
    if not case.metrics:
        small(say("This case has no metrics."))
    elif stopped := case.extra.get("stopped"):
        count = max(estimate.runs for estimate in case.metrics.values())
        small(say("Repeated {count} times: {why}.", count=str(count), why=say(stopped)))
    for note in case.extra.get("notes") or ():
        small(told(note, say))
    for name, why in (case.extra.get("omitted") or {}).items():
        small(say("{metric}: left out, {why}.", metric=name, why=told(why, say)))


def figure(name: str, estimate: Estimate, record: Record, say: Words) -> None:
    """Draw one metric with its interval and its definition."""
    with st.container(gap=None):
        value = f"{estimated(estimate, say)} {cpu_mark(record, say)}"
        st.markdown(f"**{escape(name)}** {escape(value)}".strip())
        if name in METRICS:
            small(say(METRICS[name].definition))


def learners(record: Record) -> list[CaseResult]:
    """Return the cases with a learning curve that can be drawn."""
    return [case for case in record.cases if _has_curve(case)]


def _has_curve(case: CaseResult) -> bool:
    """Return whether the samples of a case make a learning curve; those of a damaged record need not."""
    try:
        return bool(case.samples.get("learning") and curve(case, 0).series)
    except (LookupError, TypeError, ValueError):
        return False


def learning(record: Record, say: Words) -> None:
    """Draw training and held-out loss by step, one line a repeat, and the metrics at the end."""
    for place, case in enumerate(learners(record)):
        drawn(curve(case, place), record, say)
        for name, estimate in case.metrics.items():
            figure(name, estimate, record, say)


def curve(case: CaseResult, place: int) -> Figure:
    """Return the learning curves of one case as a figure."""
    series = {}
    for repeat, course in enumerate(case.samples["learning"], start=1):
        training, held_out = (name.format(repeat=repeat) for name in LEARNING_NAMED)
        series[training] = tuple(_point(step, loss) for step, loss in course["train"])
        series[held_out] = tuple(_point(one["step"], one["loss"]) for one in course["held_out"])
    first, last = (
        sum(points[end].y for name, points in series.items() if name.startswith("held")) / len(case.samples["learning"])
        for end in (0, -1)
    )
    said = Sentence(
        "{case}: the mean held-out loss goes from {first} to {last}.",
        {"case": case.where, "first": f"{first:.3g}", "last": f"{last:.3g}"},
    )
    return Figure(f"learning-{place}", "Learning curve", "step", "loss", series, said)


def _point(step: float, loss: float) -> Point:
    return Point(float(step), loss, loss, loss, f"{step:g}: {loss:.4g}")


def traced(record: Record) -> list[CaseResult]:
    """Return the cases with a trace."""
    return [case for case in record.cases if case.extra.get("operators")]


def operators(record: Record, say: Words) -> None:
    """List the operators that take most time in a step, for each traced case."""
    for case in traced(record):
        top = case.extra["operators"]
        st.markdown(f"**{escape(case_named(case.where, say))}**")
        text = say(
            "Most time goes to {name}: {share:share} of the time of all operators.",
            name=top[0]["name"],
            share=top[0]["share"],
        )
        st.markdown(escape(f"{text} {cpu_mark(record, say)}".strip()))
        st.dataframe(pd.DataFrame([_operator(one, say) for one in top]), hide_index=True, alt=text)
        if file := case.extra.get("trace_file"):
            small(say("The full trace is {file} in the folder of the run; open it in chrome://tracing.", file=file))


def _operator(one: dict[str, float | str], say: Words) -> dict[str, str]:
    return {
        say("Operator"): str(one["name"]),
        say("Share"): say.share(float(one["share"])),
        say("Milliseconds"): say.number(1000 * float(one["seconds"])),
        say("Calls"): say.number(float(one["calls"])),
    }


VIEWS = {"figures": report, "cases": cases, "learning": learning, "operators": operators}
