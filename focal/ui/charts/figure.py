"""What the include `ui/_chart.html` takes: a drawing and everything that must stand with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from focal.ui.components import Link, Table


@dataclass(frozen=True, slots=True)
class ChartFigure:
    """A chart as a page shows it.

    `svg` is drawn for a desk, `svg_narrow` for a telephone (both from `fit_to_page`).
    `summary` says in sentences what the drawing shows; `table` holds every value of it.
    `spec_url` answers with {"light": spec, "dark": spec, "numbers": ..., "times": ...} and makes
    the chart interactive where scripts run; empty: it stays a picture.
    """

    key: str  # unique on the page: letters, digits, hyphens
    title: str
    svg: SafeString
    summary: str
    table: Table
    svg_narrow: SafeString | str = ""
    subtitle: str = ""
    notes: Sequence[str] = ()
    source: str = ""
    downloads: Sequence[Link] = ()
    spec_url: str = ""
    url: str = ""
    level: int = 2
