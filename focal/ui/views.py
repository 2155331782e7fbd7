"""The page of components, for those who build pages. It is served with FOCAL_DEBUG alone."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from focal.ui.charts import ChartFigure, draw_svg, fit_to_page
from focal.ui.components import (
    Cell,
    Column,
    Facet,
    FacetValue,
    Figure,
    Link,
    Table,
    Teaser,
    compare_texts,
)
from focal.ui.forms import SampleForm
from focal.ui.templatetags.ui import MARKINGS


def design(request: HttpRequest) -> HttpResponse:
    """Every component once, filled with samples."""
    form = SampleForm(request.POST) if request.method == "POST" else SampleForm()
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "ui/design.html", _samples() | {"form": form}, status=status)


def _samples() -> dict[str, object]:
    teaser = Teaser(
        title="A title that says what the document is about, long enough to need two lines",
        url="#teaser",
        kind="Publication",
        date=date(2026, 5, 3),
        summary="Two sentences that say what stands in it. Then one knows whether to go on.",
        tags=(Link("Education", "#"), Link("Young people", "#")),
        marking="AMBER",
        reasons=("Also in Albanian, Macedonian", "Page 14"),
    )
    letters = Teaser(
        title="Ђурђевак, љиљан и ќерамида · Șapte țări · Πρόληψη και αντιμετώπιση · Güçlü ırmağı",
        url="#letters",
        kind="News",
        date=date(2026, 4, 1),
        summary="Žičara, đak, čvorak, šljiva, ćup, njegov, ëndërr, çelës, Öğretmen.",
    )
    return {
        "markings": MARKINGS,
        "chart": _draw_sample(),
        "teasers": [teaser, letters],
        "figures": [
            Figure(
                "1,000",
                "people of whom something is counted",
                "about",
                period="2012–2017",
                source="A study",
                source_url="https://example.org/study",
                page="7",
            ),
            Figure("73", "of those asked agree", unit="%", period="2021", source="A survey"),
            Figure("200", "of them something else", "more than", note="Another count says 150."),
        ],
        "table": Table(
            "Figures beside one another",
            (Column("Economy"), Column("Since"), Column("Count", is_number=True)),
            ((Cell("First", "#"), "2017", 49), ("Second", "2019", 1250)),
            "Counts under five are left out.",
        ),
        "facets": [
            Facet(
                "Language",
                (
                    FacetValue("Albanian", "#", 12, is_selected=True),
                    FacetValue("Macedonian", "#", 7),
                ),
            ),
            Facet("Year", (FacetValue("2026", "#", 3),), is_open=False),
        ],
        "tab_items": [Link("Text", "#", is_current=True), Link("History", "#", count=4)],
        "page": Paginator(range(400), 20).page(7),
        "parts": compare_texts(
            "The plan was adopted in May by six economies.",
            "The plan was adopted in June by all six economies.",
        ),
    }


def _draw_sample() -> ChartFigure:
    rows = [
        {"name": f"Group {letter}", "share": 12 * place} for place, letter in enumerate("ABCDEF", 1)
    ]
    spec = {
        "title": "Six colours", "description": "Each group is twelve per cent more than the last.",
        "width": 560, "data": {"values": rows}, "mark": "bar",
        "encoding": {
            "y": {"field": "name", "type": "nominal", "title": None},
            "x": {"field": "share", "type": "quantitative", "title": "per cent"},
            "color": {"field": "name", "type": "nominal", "legend": None},
        },
    }  # fmt: skip
    columns = (Column("Group"), Column("Per cent", is_number=True))
    return ChartFigure(
        key="sample",
        title="Six colours",
        svg=fit_to_page(draw_svg({**spec, "title": ""}, locale="en", title="Six colours")),
        summary="Each group is twelve per cent more than the one before it.",
        table=Table("Six colours", columns, [[row["name"], str(row["share"])] for row in rows]),
        source="A study",
    )
