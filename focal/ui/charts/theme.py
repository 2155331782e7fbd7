"""The one look of all charts: colours for the colour-blind and for print, type, quiet axes.

Each colour has a name that the style sheet knows as `--chart-...`. A drawing carries the
light values, so that it stands alone in a file or on paper; on a page the values are replaced by
the names, and one drawing serves light and dark (`drawing.fit_to_page`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

FONT = "'Source Sans 3', sans-serif"  # a name with a digit in it must be quoted

# Six that stay apart for every kind of colour vision and have 3:1 against the paper
# (tests/ui/test_charts.py measures both); beyond six, draw small multiples.
CATEGORIES = ("#0b5563", "#d1641f", "#7b6bbf", "#2a1050", "#bf7f6f", "#5c2d0c")
CATEGORIES_DARK = ("#86cfdb", "#f2a27e", "#8f7be8", "#e8e36a", "#d95f8c", "#8a6d3b")
# From little to much; the tone alone says it, so it survives a black and white printer.
SEQUENCE = ("#d9eaec", "#a3ccd2", "#62a3ae", "#2b7482", "#0b4552")
SEQUENCE_DARK = ("#1d3c43", "#2b626d", "#47909c", "#79bcc7", "#c0e6ec")
# From one end of a scale to the other, through the middle that says neither.
DIVERGING = ("#8f3a12", "#dd9163", "#d4d8d8", "#66a9b3", "#0a5262")
DIVERGING_DARK = ("#f2a27e", "#a85f3c", "#4c5a5a", "#3f8390", "#8fd6e2")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
DASHES = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (4, 2), (12, 4))

PAPER, INK, SOFT, LINE, EMPTY, WARM = (
    "#ffffff", "#14211f", "#4a5a5b", "#d3dcdd", "#eef1f2", "#a8431c",
)  # fmt: skip

# The light values a drawing carries, and the names they get on a page. Every value is
# there once: the names are found by the value.
NAMES = MappingProxyType(
    {
        PAPER: "paper",
        INK: "ink",
        SOFT: "ink-soft",
        LINE: "line",
        EMPTY: "chart-empty",
        WARM: "warm",
        **{colour: f"chart-{place}" for place, colour in enumerate(CATEGORIES, 1)},
        **{colour: f"chart-seq-{place}" for place, colour in enumerate(SEQUENCE, 1)},
        **{colour: f"chart-div-{place}" for place, colour in enumerate(DIVERGING, 1)},
    }
)
DARK = MappingProxyType(
    {
        PAPER: "#0f1717",
        INK: "#e7eeee",
        SOFT: "#a9b9b9",
        LINE: "#2f3f3f",
        EMPTY: "#1d2828",
        WARM: "#f2a27e",
        **dict(zip(CATEGORIES, CATEGORIES_DARK, strict=True)),
        **dict(zip(SEQUENCE, SEQUENCE_DARK, strict=True)),
        **dict(zip(DIVERGING, DIVERGING_DARK, strict=True)),
    }
)


def get_config() -> dict[str, Any]:
    """Vega-Lite's `config` of every chart. Descriptions of single marks are left out: a
    chart is one picture with one description, and a table behind it."""
    text = {"labelFont": FONT, "titleFont": FONT}
    return {
        "aria": False,
        "background": None,
        "font": FONT,
        "padding": 6,
        "view": {"stroke": None, "continuousWidth": 640, "continuousHeight": 320},
        "title": {
            "font": FONT, "fontSize": 16, "fontWeight": 600, "color": INK, "anchor": "start",
            "subtitleFont": FONT, "subtitleFontSize": 14, "subtitleColor": SOFT, "offset": 12,
        },
        "axis": {
            **text, "labelFontSize": 14, "titleFontSize": 14, "titleFontWeight": "normal",
            "labelColor": SOFT, "titleColor": SOFT, "gridColor": LINE, "domainColor": SOFT,
            "tickColor": SOFT, "labelLimit": 240, "labelPadding": 6, "titlePadding": 10,
        },
        "axisY": {"domain": False, "ticks": False},
        "axisX": {"grid": False},
        "header": {
            **text, "labelFontSize": 15, "labelFontWeight": 600, "labelColor": INK,
            "labelAnchor": "start", "titleColor": SOFT,
        },
        "legend": {
            **text, "labelFontSize": 14, "titleFontSize": 14, "titleFontWeight": "normal",
            "labelColor": INK, "titleColor": SOFT, "orient": "top", "labelLimit": 260,
            "symbolSize": 110, "columnPadding": 18,
        },
        "text": {"font": FONT, "fontSize": 14, "color": INK},
        "range": {
            "category": list(CATEGORIES), "ordinal": list(SEQUENCE), "ramp": list(SEQUENCE),
            "heatmap": list(SEQUENCE), "diverging": list(DIVERGING), "symbol": list(SHAPES),
        },
        "bar": {"color": CATEGORIES[0]},
        "line": {"color": CATEGORIES[0], "strokeWidth": 2.5},
        "point": {"color": CATEGORIES[0], "size": 90, "filled": True, "opacity": 1},
        "rule": {"color": INK},
        "area": {"color": CATEGORIES[0]},
        "geoshape": {"stroke": PAPER, "strokeWidth": 0.8},
    }  # fmt: skip
