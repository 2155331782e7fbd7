"""What the pages of coverage show: rows and cells with their words and addresses, figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.mapping.coverage import pictures, words
from focal.mapping.coverage.axes import MEASURE, TOPIC, Row
from focal.mapping.coverage.matrix import Cell, Matrix, Period
from focal.mapping.coverage.question import Asked, Question
from focal.mapping.coverage.rules import Reading
from focal.ui.charts import ChartFigure, draw_svg, fit_to_page
from focal.ui.components import Cell as TableCell
from focal.ui.components import Column, Link, Table
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.names import get_footnote
from focal.vocabulary.selectors import get_vocabulary

VIEWS_OF_IT = ("coverage", "coverage_picture", "coverage_map", "coverage_timeline")
WARM = ("", "gaps")  # what a map shows in the colour of attention
SHOWS = ("gaps", "needs", "initiatives", "money", "unknown")


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of the table: its word and numbers as text, and the address of what is behind it.

    A table may have a thousand of them: everything is said before the template goes through them.
    """

    cell: Cell
    css: str
    sign: str
    word: str
    counts: str
    within: str
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the table."""

    row: Row
    url: str
    depth: int
    cells: tuple[ShownCell, ...]
    total: str


def show_rows(asked: Asked, matrix: Matrix) -> list[ShownRow]:
    """The table, row by row."""
    first = min((asked.axis.rows[place].depth for place in matrix.rows), default=0)
    question = asked.question
    cell_url = reverse("mapping:coverage_cell")
    page_url = reverse("mapping:coverage")
    base = question.to_query(economies=(), within="", depth=0)
    labels = {reading: str(reading.label) for reading in Reading}
    return [
        ShownRow(
            row=row,
            url=f"{page_url}?{question.to_query(within=row.slug, depth=0)}"
            if place not in asked.axis.leaves and row.slug != question.within
            else "",
            depth=row.depth - first,
            cells=tuple(
                ShownCell(
                    cell=cell,
                    css=f"is-{cell.reading.value}",
                    sign=pictures.SIGNS[cell.reading],
                    word=labels[cell.reading],
                    counts=words.say_counts(cell.numbers),
                    within=words.say_gaps_within(cell),
                    sentence=words.say_cell(cell, labels[cell.reading]),
                    url=""
                    if cell.numbers.is_empty
                    else f"{cell_url}?{base}&economy={code}&node={row.slug}",
                )
                for (code, _name), cell in zip(asked.economies, line, strict=True)
            ),
            total=words.say_totals(totals),
        )
        for place, line, totals in zip(matrix.rows, matrix.cells, matrix.by_row, strict=True)
        for row in [asked.axis.rows[place]]
    ]


def describe(asked: Asked) -> str:
    """What is shown, in a line: frame or topics, period, and what narrows it."""
    question, vocabulary = asked.question, get_vocabulary()
    parts = [str(asked.axis.frame) if asked.axis.frame else _("Topics"), question.period_name]
    language = get_language()
    if question.within:
        place = asked.axis.find(question.within)
        parts += [asked.axis.rows[place].name] if place is not None else []
    if question.group:
        parts.append(vocabulary.label("target-groups", question.group, language))
    if question.level:
        parts.append(vocabulary.label("prevention-levels", question.level, language))
    if question.view:
        parts.append({"prevention": _("prevention"), "response": _("response")}[question.view])
    if question.economies:
        parts.append(", ".join(name for _code, name in asked.economies))
    return " · ".join(parts)


def get_language() -> str:
    """The reader's language, as the vocabulary writes it."""
    return canonical_language(translation.get_language() or "en")


def list_downloads(question: Question, what: str, formats: Sequence[str]) -> list[Link]:
    """Where this view can be had as a file."""
    return [
        Link(
            form.upper(),
            reverse("mapping:coverage_file", args=[what, form]) + f"?{question.to_query()}",
        )
        for form in formats
    ]


def list_tabs(question: Question, current: str) -> list[Link]:
    """The ways to look at the same question."""
    labels = (_("Table"), _("Picture"), _("Map"), _("Over the years"))
    return [
        Link(label, reverse(f"mapping:{name}") + f"?{question.to_query()}", name == current)
        for name, label in zip(VIEWS_OF_IT, labels, strict=True)
    ]


# Figures


def make_table(asked: Asked, matrix: Matrix) -> Table:
    """Every cell in words."""
    return Table(
        caption=_("What each cell says"),
        columns=[Column(_name_rows(asked))] + [Column(name) for _code, name in asked.economies],
        rows=[
            [matrix.get_row(number).name, *(words.say_cell(cell) for cell in line)]
            for number, line in enumerate(matrix.cells)
        ],
    )


def make_extract(asked: Asked, matrix: Matrix) -> Table:
    """Where something is known: the economies by what their cell says, a column for each reading.

    As wide for thirteen economies as for one, so that it can be set on paper.
    """
    names = dict(asked.economies)
    known = [
        reading
        for reading in Reading
        if reading != Reading.UNKNOWN
        and any(cell.reading == reading for line in matrix.cells for cell in line)
    ]
    rows = []
    for number, line in enumerate(matrix.cells):
        said: dict[Reading, list[str]] = defaultdict(list)
        for code, cell in zip(matrix.economies, line, strict=True):
            said[cell.reading].append(names[code])
        if set(said) - {Reading.UNKNOWN}:
            name = matrix.get_row(number).name
            rows.append([name, *(", ".join(said[reading]) for reading in known)])
    return Table(
        caption=_("What each cell says"),
        columns=[Column(_name_rows(asked)), *(Column(str(reading.label)) for reading in known)],
        rows=rows,
    )


def _name_rows(asked: Asked) -> str:
    return _("Measure") if asked.question.by == MEASURE else _("Topic")


def tell_matrix(matrix: Matrix) -> str:
    """Of how many cells what is said, in a sentence."""
    cells = sum(matrix.readings.values())
    return ngettext("Of %(n)d cell: %(readings)s.", "Of %(n)d cells: %(readings)s.", cells) % {
        "n": cells,
        "readings": words.say_readings(matrix) or _("nothing recorded"),
    }


def figure_of_matrix(asked: Asked, matrix: Matrix, locale: str) -> ChartFigure:
    """The matrix as a picture."""
    title = _("Coverage: what is needed and what is done about it")
    told = tell_matrix(matrix)
    more = len(matrix.rows) - pictures.MOST_ROWS
    notes = (
        [
            ngettext(
                "%(n)d row more stands in the table.", "%(n)d rows more stand in the table.", more
            )
            % {"n": more}
        ]
        if more > 0
        else []
    )
    return _make_figure(
        "matrix", title, asked, told, make_table(asked, matrix), locale,
        pictures.draw_matrix(asked, matrix), pictures.draw_matrix(asked, matrix, is_narrow=True),
        notes,
    )  # fmt: skip


def _make_figure(
    key: str,
    title: str,
    asked: Asked,
    summary: str,
    table: Table,
    locale: str,
    wide: Mapping[str, Any],
    narrow: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> ChartFigure:
    draw = {"locale": locale, "title": title, "description": f"{describe(asked)}. {summary}"}
    return ChartFigure(
        key=key,
        title=title,
        subtitle=describe(asked),
        svg=fit_to_page(draw_svg(wide, **draw)),
        svg_narrow=fit_to_page(draw_svg(narrow, **draw)),
        summary=summary,
        table=table,
        notes=notes,
        source=_("records of this platform that you may see; shapes: Natural Earth")
        if key == "map"
        else _("records of this platform that you may see"),
        downloads=list_downloads(asked.question, key, ("svg", "png", "csv", "xlsx")),
    )


def tell_economies(asked: Asked, show: str) -> tuple[dict[str, tuple[str, Any]], bool, str]:
    """For the map: words and value of each economy, whether they are readings, the legend."""
    within = asked.axis.find(asked.question.within) if asked.question.within else None
    codes = [code for code, _name in asked.economies]
    if within is not None and not show:
        cells = asked.count().cells[0]
        return (
            {
                code: (pictures.SIGNS[cell.reading], pictures.sign(cell.reading))
                for code, cell in zip(codes, cells, strict=True)
            },
            True,
            asked.axis.rows[within].name,
        )
    matrix = asked.count_leaves()
    counted = {
        "gaps": [_count_reading(matrix, place, Reading.GAP) for place in range(len(codes))],
        "unknown": [_count_reading(matrix, place, Reading.UNKNOWN) for place in range(len(codes))],
        "needs": [totals.needs for totals in matrix.by_economy],
        "initiatives": [totals.initiatives for totals in matrix.by_economy],
        "money": [round(totals.euro) for totals in matrix.by_economy],
    }[show or "gaps"]
    said = [(words.say_euro(value) or "0") if show == "money" else str(value) for value in counted]
    return (
        {code: (text, value) for code, text, value in zip(codes, said, counted, strict=True)},
        False,
        name_shows()[show or "gaps"],
    )


def _count_reading(matrix: Matrix, place: int, reading: Reading) -> int:
    return sum(line[place].reading == reading for line in matrix.cells)


def name_shows() -> dict[str, str]:
    """What a map can show, in words."""
    return {
        "gaps": _("Gaps: cells with a need and nobody acting"),
        "needs": _("Needs stated"),
        "initiatives": _("Initiatives"),
        "money": _("Money in the period (EUR)"),
        "unknown": _("Cells of which nothing is known"),
    }


def figure_of_map(asked: Asked, show: str, locale: str) -> ChartFigure:
    """The region as a map."""
    told, is_by_reading, legend = tell_economies(asked, show)
    names = dict(asked.economies)
    rows: list[list[TableCell | str | int]] = [
        [names[code], str(value) if is_by_reading else text] for code, (text, value) in told.items()
    ]
    summary = _("%(what)s, by economy.") % {"what": legend}
    is_warm = show in WARM
    draw: dict[str, Any] = {"legend": legend, "is_by_reading": is_by_reading, "is_warm": is_warm}
    return _make_figure(
        "map", legend, asked, summary,
        Table(legend, [Column(_("Economy")), Column(legend, is_number=not is_by_reading)], rows),
        locale,
        pictures.draw_map(asked, told, **draw),
        pictures.draw_map(asked, told, **draw, is_narrow=True),
    )  # fmt: skip


def count_years(asked: Asked) -> tuple[list[int], list[Matrix]]:
    """The matrix of each year of the timeline."""
    years = list(asked.list_years())
    return years, [asked.count_leaves(period=Period.of_years(year, year)) for year in years]


def tabulate_years(asked: Asked, counted: tuple[list[int], list[Matrix]] | None = None) -> Table:
    """The timeline as a table."""
    years, matrices = counted or count_years(asked)
    columns = [Column(_("Year")), *(Column(str(r.label), is_number=True) for r in Reading)]
    columns += [
        Column(_("Needs"), is_number=True),
        Column(_("Initiatives"), is_number=True),
        Column(_("Money (EUR)"), is_number=True),
    ]
    rows: list[list[TableCell | str | int]] = [
        [
            str(year),
            *(matrix.readings.get(reading, 0) for reading in Reading),
            matrix.total.needs,
            matrix.total.initiatives,
            round(matrix.total.euro),
        ]
        for year, matrix in zip(years, matrices, strict=True)
    ]
    return Table(_("Cells of the matrix by what they say"), columns, rows)


def figure_of_years(asked: Asked, locale: str) -> ChartFigure:
    """How the readings changed over the years."""
    years, matrices = count_years(asked)
    today = asked.filters.today.year
    return _make_figure(
        "timeline",
        _("Coverage over the years"),
        asked,
        _(
            "How many cells of the matrix read what in each year. A year to come shows what is"
            " planned and known today."
        ),
        tabulate_years(asked, (years, matrices)),
        locale,
        pictures.draw_timeline(years, matrices, today=today),
        pictures.draw_timeline(years, matrices, today=today, is_narrow=True),
    )


def tell_restricted(matrix: Matrix) -> list[str]:
    """To those who may know it: that what they see is more than the public sees."""
    if not matrix.restricted:
        return []
    return [
        ngettext(
            "%(n)d of the records counted here is not for the public. A public view counts"
            " TLP:CLEAR alone.",
            "%(n)d of the records counted here are not for the public. A public view counts"
            " TLP:CLEAR alone.",
            matrix.restricted,
        )
        % {"n": matrix.restricted}
    ]


def draw(asked: Asked, what: str, show: str) -> tuple[Mapping[str, Any], str]:
    """The specification of a picture and its title."""
    if what == "matrix":
        spec = pictures.draw_matrix(asked, asked.count())
        return spec, _("Coverage: what is needed and what is done about it")
    if what == "map":
        told, is_by_reading, legend = tell_economies(asked, show)
        return (
            pictures.draw_map(
                asked, told, legend=legend, is_by_reading=is_by_reading, is_warm=show in WARM
            ),
            legend,
        )
    years, matrices = count_years(asked)
    spec = pictures.draw_timeline(years, matrices, today=asked.filters.today.year)
    return spec, _("Coverage over the years")


def title_of(asked: Asked, title: str) -> dict[str, Any]:
    """A heading drawn into a picture that leaves the page, with the footnote that goes along."""
    return {"text": title, "subtitle": [describe(asked), *_fold(get_footnote(get_language()))]}


def _fold(text: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > 95:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def list_path(asked: Asked, current: str) -> list[Link]:
    """The nodes above the one looked into, each with its address."""
    place = asked.axis.find(asked.question.within) if asked.question.within else None
    if place is None:
        return []
    address = reverse(f"mapping:{current or 'coverage'}")
    steps = [Link(_("All"), f"{address}?{asked.question.to_query(within='')}")]
    steps += [
        Link(row.name, f"{address}?{asked.question.to_query(within=row.slug)}")
        for row in (asked.axis.rows[upper] for upper in asked.axis.rows[place].above)
    ]
    return [*steps, Link(asked.axis.rows[place].name, "", is_current=True)]


def show_readings(matrix: Matrix) -> list[tuple[str, str, str, int]]:
    """The readings with their class, sign, word and number of cells."""
    return [
        (f"is-{reading.value}", pictures.SIGNS[reading], str(reading.label), number)
        for reading, number in matrix.readings.items()
    ]


def list_shows(asked: Asked, current: str) -> list[Link]:
    """What else a map can show."""
    address = reverse("mapping:coverage_map")
    names = name_shows()
    links = [
        Link(
            names[show],
            f"{address}?{asked.question.to_query()}&show={show}",
            show == (current or ("" if asked.question.within else "gaps")),
        )
        for show in SHOWS
    ]
    if asked.question.within:
        own = Link(_("What the row says"), f"{address}?{asked.question.to_query()}", not current)
        links.insert(0, own)
    return links


# Filters


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the filter form."""

    name: str
    label: str
    options: Sequence[tuple[str, str, bool]]


def list_choices(asked: Asked) -> list[Choice]:
    """The selects above the matrix. An empty value narrows nothing."""
    question, vocabulary, language = asked.question, get_vocabulary(), get_language()
    any_one = [("", _("All"))]
    frames = [(frame.reference, str(frame)) for frame in asked.frames]
    cut = [(f"{MEASURE}:{reference}", label) for reference, label in frames]
    cut.append((TOPIC, _("Topics")))
    depths = [("", _("As fits")), ("1", _("Top level")), ("2", _("Two levels")),
              ("3", _("Three levels"))]  # fmt: skip
    chosen = f"{MEASURE}:{asked.axis.frame.reference}" if asked.axis.frame else TOPIC
    groups = vocabulary.choices("target-groups", language)
    levels = vocabulary.choices("prevention-levels", language)
    views = [("prevention", _("Prevention")), ("response", _("Response"))]
    wanted: list[tuple[str, str, Sequence[tuple[str, str]], str]] = [
        ("cut", _("Cut by"), cut, chosen),
        ("group", _("Target group"), [*any_one, *groups], question.group),
        ("level", _("Prevention level"), [*any_one, *levels], question.level),
        ("view", _("Needs to"), [*any_one, *views], question.view),
        ("depth", _("Rows"), depths, str(question.depth or "")),
    ]
    if len(question.economies) < 2:  # several stay as the address names them
        economies = vocabulary.economy_choices(language)
        one = question.economies[0] if question.economies else ""
        wanted.insert(1, ("economy", _("Economy"), [*any_one, *economies], one))
    return [
        Choice(name, label, [(value, text, value == current) for value, text in options])
        for name, label, options, current in wanted
    ]
