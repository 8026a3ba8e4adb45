"""The component that draws a chart, and the way by which the browser gets the library behind it.

Streamlit's own element takes a chart down and draws it three times whenever a number in it changes; this one changes
what it has drawn, in a quarter of the time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import plotly
import plotly.graph_objects as go
import streamlit as st
from plotly.io.json import to_json_plotly
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from profiling.results.drawn.drawing import without_links

HERE = Path(__file__).parent
LIBRARY: Final = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
# The version is in the name, so that a browser may keep the file for good.
NAME: Final = f"plotly-{plotly.__version__}.js"
KEEP: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_chart = st.components.v2.component(
    "breakeven_chart",
    html='<div class="breakeven-chart"></div>',
    js=(HERE / "plot.js").read_text(encoding="utf-8"),
    css=(HERE / "plot.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def draw(figure: go.Figure, sentence: str, config: dict[str, Any], key: str) -> None:
    """Draw a figure, named by a sentence for screen readers; under the same key it changes in place."""
    plain = without_links(figure)
    plain["layout"].pop("template", None)  # the page's theme is known in the browser
    base = st.get_option("server.baseUrlPath").strip("/")
    library = f"/{base}/{NAME}" if base else f"/{NAME}"
    _chart(data={"figure": to_json_plotly(plain), "config": config, "sentence": sentence, "library": library}, key=key)


async def _library(_: Request) -> FileResponse:
    return FileResponse(LIBRARY, media_type="text/javascript", headers=KEEP)


# The server may have its pages below a path.
ROUTES: Final = [Route(f"/{NAME}", _library), Route(f"/{{below:path}}/{NAME}", _library)]
