"""Shares of a whole, answer beside answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.ui.charts import theme
from focal.ui.charts.data import ChartData
from focal.ui.charts.forms.shared import (
    MOST_LINES,
    Spec,
    as_row,
    is_wide,
    make_legend,
    make_name_axis,
    make_tooltip,
    wrap,
)

DARK_FILLS = frozenset(
    {*theme.DIVERGING[::4], *(theme.CATEGORIES[place] for place in (0, 2, 3, 5))}
)  # on these, letters are light


def build_stack(data: ChartData, width: int) -> Spec:
    names, answers = data.get_categories(), data.get_lines()
    if len(answers) > MOST_LINES + len(data.aside):
        raise BadInput(_("A chart of shares holds at most six answers: choose fewer."))
    labels = {name: wrap(name, 14 if not is_wide(width) else 30) for name in names}
    colours = _choose_answer_colours(data, answers)
    values: list[Spec] = []
    for name in names:
        start = 0.0
        for answer in answers:
            found = next((p for p in data.points if p.category == name and p.line == answer), None)
            if found is None or found.value is None:
                continue
            values.append(
                {
                    **as_row(found, labels[name]),
                    "start": start,
                    "end": start + found.value,
                    "middle": start + found.value / 2,
                    "light": colours[answer] in DARK_FILLS,
                    "inside": f"{found.value:.0f}"
                    if found.value >= (5 if is_wide(width) else 8)
                    else "",
                }
            )
            start += found.value
    tall = max(label.count("\n") for label in labels.values()) + 1
    ends = [row["end"] for row in values]
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, max(100.0, *ends)], "nice": False},
        "title": data.unit or "%",
        "axis": {"grid": False, "tickCount": 5},
    }
    y: Spec = {
        "field": "category",
        "type": "nominal",
        "title": None,
        "sort": [labels[name] for name in names],
        "axis": make_name_axis(labels.values()),
    }
    legend: Spec = {
        "title": None,
        **make_legend(answers, width),
        "symbolType": "square",
    }
    return {
        "data": {"values": values},
        "height": len(names) * max(46, 18 * tall + 10) + 20,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "layer": [
            {
                "mark": {
                    "type": "bar",
                    "height": {"band": 0.74},
                    "stroke": theme.PAPER,
                    "strokeWidth": 1,
                },
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "start"},
                    "x2": {"field": "end"},
                    "color": {
                        "field": "line",
                        "type": "nominal",
                        "legend": legend,
                        "scale": {"domain": list(answers), "range": [colours[a] for a in answers]},
                    },
                    "tooltip": make_tooltip(data, several=True),
                },
            },
            {
                "mark": {"type": "text", "baseline": "middle"},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "middle"},
                    "text": {"field": "inside"},
                    "color": {
                        "condition": {"test": "datum.light", "value": theme.PAPER},
                        "value": theme.INK,
                    },
                },
            },
        ],
    }


def _choose_answer_colours(data: ChartData, answers: Sequence[str]) -> dict[str, str]:
    """A scale runs from one colour through the middle to the other, from its first end to its last
    as `ends` give them; other answers stand apart by their colours."""
    scale = [answer for answer in answers if answer not in data.aside]
    if set(scale) <= set(data.ends):
        scale = [answer for answer in data.ends if answer in scale]
    steps = {1: (4,), 2: (0, 4), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
    if data.ends and len(scale) in steps:
        chosen = [theme.DIVERGING[step] for step in steps[len(scale)]]
    else:
        chosen = list(theme.CATEGORIES[: len(scale)])
    return dict(zip(scale, chosen, strict=True)) | dict.fromkeys(data.aside, theme.EMPTY)
