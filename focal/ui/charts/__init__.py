"""Charts: Vega-Lite specifications drawn on the server, and the figure that shows them.

Nothing here knows what is shown. An app fills `ChartData`; `make_figure` draws it in one of
`FORMS` and gives what the include `ui/_chart.html` takes. `draw_svg` and `draw_png` draw any
specification. `theme` has the one set of colours. docs/charts.md.
"""

from focal.ui.charts.builder import NARROW, WIDE, build_spec
from focal.ui.charts.data import FORMS, ChartData, Form, Point
from focal.ui.charts.drawing import draw_png, draw_svg, fit_to_page
from focal.ui.charts.figure import ChartFigure
from focal.ui.charts.presenting import make_figure, make_file_spec, make_live_answer
from focal.ui.charts.words import make_table, summarise

__all__ = [
    "FORMS",
    "NARROW",
    "WIDE",
    "ChartData",
    "ChartFigure",
    "Form",
    "Point",
    "build_spec",
    "draw_png",
    "draw_svg",
    "fit_to_page",
    "make_figure",
    "make_file_spec",
    "make_live_answer",
    "make_table",
    "summarise",
]
