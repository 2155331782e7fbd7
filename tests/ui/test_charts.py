"""Charts: drawn here from what they carry, in the reader's language, for every eye."""

import itertools
import json
import math
import re

import pytest
from django.template.loader import render_to_string

from focal.kernel.errors import BadInput
from focal.ui.charts import (
    ChartData,
    ChartFigure,
    Point,
    draw_png,
    draw_svg,
    drawing,
    fit_to_page,
    summarise,
    theme,
)
from focal.ui.charts.builder import NARROW, WIDE, build_spec
from focal.ui.components import Column, Link, Table

SPEC = {
    "title": "Бројки & ώρα",
    "description": "Прва 28,5; втора 12.550.",
    "width": 300,
    "data": {"values": [{"a": "Прва", "b": 28.5}, {"a": "<b>ώρα</b>", "b": 12550}]},
    "mark": "bar",
    "encoding": {
        "x": {"field": "b", "type": "quantitative"},
        "y": {"field": "a", "type": "nominal", "title": None},
    },
}
# How the three rarer kinds of colour vision see (Machado, Oliveira, Fernandes 2009, severity 1).
SEEN_BY = {
    "most": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def test_draw_svg_says_what_it_shows_and_lets_no_markup_through():
    svg = draw_svg(SPEC, locale="mk")

    assert svg.startswith("<svg ")
    assert "<title>Бројки &amp; ώρα</title><desc>Прва 28,5; втора 12.550.</desc>" in svg
    assert "<b>" not in svg
    assert "style=" not in svg


@pytest.mark.parametrize(("locale", "thousand"), [("en", "2,000"), ("mk", "2.000")])
def test_draw_svg_writes_numbers_as_the_reader_does(locale, thousand):
    assert f">{thousand}<" in draw_svg(SPEC, locale=locale)


def test_draw_svg_of_the_same_is_read_from_its_shelf(settings, tmp_path, monkeypatch):
    settings.CHART_FOLDER = tmp_path
    first = draw_svg(SPEC, locale="en")
    monkeypatch.setattr(drawing, "_run", lambda *_: pytest.fail("drawn twice"))

    assert draw_svg(json.loads(json.dumps(SPEC)), locale="en") == first


def test_shelf_keeps_the_newest_alone(settings, tmp_path, monkeypatch):
    settings.CHART_FOLDER = tmp_path
    monkeypatch.setattr(drawing, "KEPT_IN_A_SHELF", 0)

    svg = draw_svg(SPEC, locale="en")

    assert svg.startswith("<svg ")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_draw_svg_shows_a_chart_where_the_disk_is_full(settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    settings.CHART_FOLDER = tmp_path / "file" / "charts"

    assert draw_svg(SPEC, locale="sq").startswith("<svg ")


@pytest.mark.parametrize(
    "outside",
    [
        {"data": {"url": "file:///etc/passwd"}},
        {"data": {"url": "https://example.org/rows.csv"}},
        {"layer": [{"mark": {"type": "image", "url": "https://example.org/x.png"}}]},
        {"encoding": {"href": {"field": "a"}}},
    ],
)
def test_draw_svg_asks_nobody_for_anything(outside):
    with pytest.raises(BadInput, match="cannot be asked for"):
        draw_svg({**SPEC, **outside}, locale="en")


def test_draw_svg_of_nonsense_says_so():
    with pytest.raises(BadInput, match="cannot be drawn"):
        draw_svg({"mark": "no such mark"}, locale="en")


def test_draw_png_has_twice_the_pixels_and_letters_of_every_script():
    svg = draw_svg(SPEC, locale="en")
    png = draw_png(SPEC, locale="en")
    width = float(re.search(r'width="([0-9.]+)"', svg)[1])
    without_words = {**SPEC, "title": {"text": "Бројки & ώρα", "color": theme.PAPER}}

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") == 2 * width
    assert len(png) > len(draw_png(without_words, locale="en"))


def test_fit_to_page_takes_colours_by_name_and_no_paper():
    page = fit_to_page(draw_svg(SPEC, locale="en"))

    assert f'fill="var(--chart-1, {theme.CATEGORIES[0]})"' in page
    assert 'class="paper"' not in page
    assert "Source Sans" not in page


def test_every_colour_of_the_theme_has_one_name():
    lists = (theme.CATEGORIES, theme.SEQUENCE, theme.DIVERGING)
    named = [theme.PAPER, theme.INK, theme.SOFT, theme.LINE, theme.EMPTY, theme.WARM]

    assert len(theme.NAMES) == len(named) + sum(map(len, lists))
    assert set(theme.NAMES) == set(theme.DARK)


@pytest.mark.parametrize(
    ("colours", "paper"),
    [(theme.CATEGORIES, theme.PAPER), (theme.CATEGORIES_DARK, theme.DARK[theme.PAPER])],
)
@pytest.mark.parametrize("eye", SEEN_BY)
def test_categories_stay_apart_for_every_eye(colours, paper, eye):
    seen = [_see(colour, eye) for colour in colours]

    assert min(math.dist(a, b) for a, b in itertools.combinations(seen, 2)) > 20
    assert min(_contrast(colour, paper) for colour in colours) >= 3


@pytest.mark.parametrize("colours", [theme.SEQUENCE, tuple(reversed(theme.SEQUENCE_DARK))])
def test_sequence_grows_steadily_in_tone(colours):
    tones = [_see(colour, "most")[0] for colour in colours]

    assert tones == sorted(tones, reverse=True)
    assert min(a - b for a, b in itertools.pairwise(tones)) > 8


def test_chart_figure_shows_picture_words_table_and_files():
    figure = ChartFigure(
        key="x",
        title="A < B",
        svg=fit_to_page(draw_svg(SPEC, locale="en")),
        summary="The second is larger.",
        table=Table("A < B", (Column("What"), Column("Count", is_number=True)), [["One", "28.5"]]),
        notes=["Counts differ."],
        source="A study",
        downloads=[Link("SVG", "/x.svg"), Link("CSV", "/x.csv")],
        spec_url="/x.json",
    )

    page = render_to_string("ui/_chart.html", {"chart": figure})

    assert page.count("<svg ") == 2  # the drawing, the sign of the downloads
    for part in (
        'id="chart-x-title">A &lt; B</h2>',
        "The second is larger.",
        "Counts differ.",
        "Source: A study",
        '<td class="num">28.5</td>',
        '<a href="/x.csv" download>CSV</a>',
        'data-chart="/x.json"',
    ):
        assert part in page


def _see(colour: str, eye: str) -> tuple[float, float, float]:
    """A colour as L*a*b* for one kind of eye."""
    light = _linear(colour)
    red, green, blue = (
        min(1, max(0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in SEEN_BY[eye]
    )
    x, y, z = (
        share ** (1 / 3) if share > 0.008856 else 7.787 * share + 16 / 116
        for share in (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def _contrast(one: str, other: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    tones = sorted(
        sum(a * b for a, b in zip(weights, _linear(colour), strict=True)) for colour in (one, other)
    )
    return (tones[1] + 0.05) / (tones[0] + 0.05)


def test_summary_of_shares_says_that_they_are_shares():
    points = [Point(value, f"{value}", category="Here", line=line, margin=margin)
              for value, line, margin in ((70, "Yes", "66–74"), (30, "No", ""))]  # fmt: skip

    said = summarise("stack", ChartData(points=points, title="T", unit="%", is_share=True))

    assert said == "Here: most often 'Yes' (70 % (66–74))."


LONG = {
    "el": "Καθόλου ικανοποιημένοι με όσα κάνουν οι αρχές για την πρόληψη του εξτρεμισμού εδώ",
    "mk": "Воопшто не се задоволни со она што го прават властите за спречување на екстремизмот",
    "sq": "Aspak të kënaqur me atë që bëjnë autoritetet për parandalimin e ekstremizmit këtu",
}


@pytest.mark.parametrize("language", list(LONG))
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("form", ["line", "bar", "dot", "stack", "slope", "multiples"])
def test_no_long_name_is_cut(language, width, form):
    """Neither in the legend nor beside a line, a row or a picture of its own."""
    name = LONG[language]
    ends = ("line", "slope", "multiples")
    points = [
        Point(30 + 20 * place + time, f"{30 + 20 * place + time} %", category=category, line=line,
              time=2019 + time if form in ends else None, time_text=str(2019 + time))
        for place, (category, line) in enumerate(_name_long(form, name))
        for time in range(2 if form in ends else 1)
    ]  # fmt: skip

    svg = draw_svg(build_spec(form, ChartData(points=points, title="T"), width=width), locale="en")

    said = re.sub(r"<[^>]+>", " ", " ".join(re.findall(r"<text.*?</text>", svg, re.DOTALL)))
    assert "…" not in said
    assert all(word in said for word in name.split())


def _name_long(form, name):
    if form in ("slope", "multiples"):
        return [(name, ""), ("Short", "")]
    if form == "line":
        return [("", name), ("", "Short")]
    return [(name, name), (name, "Short")]
