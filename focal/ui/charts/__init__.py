"""Charts: Vega-Lite specifications drawn on the server, and the figure that shows them.

Nothing here knows what is shown. `draw_svg` and `draw_png` draw, `ChartFigure` is what the
include `ui/_chart.html` takes, `theme` has the one set of colours. docs/charts.md.
"""

from focal.ui.charts.drawing import draw_png, draw_svg, fit_to_page
from focal.ui.charts.figure import ChartFigure

__all__ = ["ChartFigure", "draw_png", "draw_svg", "fit_to_page"]
