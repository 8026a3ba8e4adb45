"""The report of a record as one HTML file that needs no network."""

from __future__ import annotations

from html import escape

from plotly import io

from profiling.results import figures, report
from profiling.results.costs import Priced
from profiling.results.drawing import CONFIG, draw
from profiling.results.figures import Figure
from profiling.results.record import Record

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 2rem 0; background: #fff; color: #222; padding: 0.5rem; border-radius: 0.5rem; }
pre { overflow-x: auto; font-size: 0.85rem; }
.warning { border-left: 4px solid #d55e00; padding-left: 1rem; }
"""


def html(record: Record, price: Priced | None = None) -> str:
    """Return the report: what was measured, figures with a sentence each, and all numbers with definitions."""
    title = escape(f"{record.preset} on {record.label}")
    warning = f'<p class="warning">{escape(report.CPU_WARNING)}</p>' if record.on_cpu else ""
    drawn = "".join(_figure(one, first=place == 0) for place, one in enumerate(figures.of(record, price)))
    runs = figures.runs_priced(record, price) if price is not None else {}
    costs = "".join(f"<li>{escape(where)}: {escape(str(cost))}</li>" for where, cost in runs.items())
    priced = f"<h2>One fine-tuning run, at {escape(str(price))}</h2><ul>{costs}</ul>" if costs else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(record.id)}, {escape(record.created)}</p>{warning}{drawn}{priced}"
        f"<h2>All numbers, with definitions</h2><pre>{escape(report.text(record))}</pre></body></html>"
    )


def _figure(figure: Figure, first: bool) -> str:
    """Return one figure as HTML; the first includes the library that draws all of them."""
    drawn = io.to_html(
        draw(figure).update_layout(template="plotly_white"),
        config=CONFIG,
        full_html=False,
        include_plotlyjs="inline" if first else False,
    )
    sentence = escape(str(figure.sentence))
    return (
        f'<figure role="img" aria-label="{sentence}"><h2>{escape(figure.title)}</h2>{drawn}<p>{sentence}</p></figure>'
    )
