"""The report of a record as one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from profiling.results import figures, report
from profiling.results.costs import Priced
from profiling.results.drawn import svg
from profiling.results.figures import Figure
from profiling.results.record import Record

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h1, p, li, td { overflow-wrap: anywhere; }
figure { margin: 2rem 0; max-width: 40rem; }
figure > svg { display: block; width: 100%; font-size: 13px; fill: currentColor; }
.axis { margin: 0; font-size: 0.85rem; opacity: 0.8; }
.across { text-align: right; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0.25rem 0; padding: 0; list-style: none; }
.legend svg { vertical-align: middle; margin-right: 0.4rem; }
.legend, table { font-size: 0.85rem; }
td, th { padding: 0.1rem 1rem 0.1rem 0; text-align: left; vertical-align: top; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem; }
.warning { border-left: 4px solid #d55e00; padding-left: 1rem; }
"""


def html(record: Record, price: Priced | None = None) -> str:
    """Return the report: what was measured, figures with a sentence each, and all numbers with definitions."""
    title = escape(f"{record.preset} on {record.label}")
    warning = f'<p class="warning">{escape(report.CPU_WARNING)}</p>' if record.on_cpu else ""
    shown = "".join(_figure(one) for one in figures.of(record, price))
    priced = "".join(_costs(record, price)) if price is not None else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(report.model(record))}; {escape(str(record.workload.get('engine')))}</p>"
        f"<p>{escape(record.id)}, {escape(record.created)}</p>{warning}{shown}{priced}{_without(record)}"
        f"<h2>All numbers, with definitions</h2><pre>{escape(report.text(record))}</pre></body></html>"
    )


def _costs(record: Record, price: Priced) -> Iterator[str]:
    """Yield lists of the costs that stand in no figure, by case."""
    for what, found in (
        ("A million tokens", figures.tokens_priced(record, price)),
        ("One fine-tuning run", figures.runs_priced(record, price)),
    ):
        costs = "".join(f"<li>{escape(where)}: {escape(str(cost))}</li>" for where, cost in found.items())
        yield f"<h2>{what}, at {escape(str(price))}</h2><ul>{costs}</ul>" if costs else ""


def _without(record: Record) -> str:
    """Return the cases that no figure shows, each with the reason."""
    missing = [case for case in record.cases if not case.ok]
    told = "".join(
        f"<li>{escape(case.where)}: {escape(case.status.replace('_', ' '))}; {escape(case.why or '')}</li>"
        for case in missing
    )
    return f"<h2>In no figure</h2><ul>{told}</ul>" if missing else ""


def _figure(figure: Figure) -> str:
    """Return one figure as HTML: its sentence, a chart where it has enough points, and the points as a table."""
    said = f"<h2>{escape(figure.title)}</h2><p>{escape(str(figure.sentence))}</p>"
    if figure.points == 1:
        return said
    if not figure.is_drawn:
        return f"{said}{_table(figure)}"
    drawn = (
        f'<p class="axis">{escape(figure.y_title)}</p>{svg.draw(figure)}'
        f'<p class="axis across">{escape(figure.x_title)}</p>{_legend(figure)}'
    )
    return f"{said}<figure>{drawn}</figure><details><summary>The points</summary>{_table(figure)}</details>"


def _legend(figure: Figure) -> str:
    """Return the names of series and limits, each with its line."""
    keys = {name: svg.key_of(place) for place, name in enumerate(figure.series)}
    keys |= {name: svg.key_of(None) for name in figure.limits}
    names = "".join(f"<li>{key}{escape(name)}</li>" for name, key in keys.items())
    crosses = "<li>× did not fit</li>" if figure.missing else ""
    return f'<ul class="legend">{names}{crosses}</ul>'


def _table(figure: Figure) -> str:
    """Return the points with their intervals, one a row."""
    rows = [(name, f"{place:,.4g}", label) for name, place, label in figure.rows()]
    head, *body = (("", figure.x_title, figure.y_title), *rows)
    cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in body)
    return f"<table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>{cells}</table>"
