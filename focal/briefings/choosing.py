"""What an editor can choose from: figures, charts, series, pictures they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from focal.briefings.blocks import Block, read_series
from focal.briefings.forms import QUESTIONS
from focal.briefings.questions import list_asked, read_asked
from focal.briefings.selectors import describe_figures
from focal.directory.models import Format
from focal.indicators import charts
from focal.indicators import selectors as indicators
from focal.indicators.selectors import name_area
from focal.records.kinds import get_kind, get_kinds
from focal.records.models import Attachment, Record
from focal.sharing.viewer import Viewer
from focal.surveys import selectors as surveys
from focal.vocabulary.collation import get_sort_key
from focal.vocabulary.selectors import get_vocabulary


@dataclass(frozen=True, slots=True)
class OfferedFigure:
    """A figure that can be quoted."""

    reference: str
    series: str
    text: str


def list_figures(viewer: Viewer, language: str) -> list[OfferedFigure]:
    """All figures that stand in the series the viewer may see."""
    return [
        OfferedFigure(
            figure.observation.reference,
            row.shown.title,
            ", ".join(
                filter(
                    None,
                    [figure.whole, figure.area, figure.period, figure.observation.source_title],
                )
            ),
        )
        for row in indicators.list_series(viewer, language)
        for figure in indicators.list_figures(row.series, language)
    ]


def list_choices(
    kind: str, viewer: Viewer, language: str, standing: Block | None = None
) -> dict[str, Any]:
    """The choices of a kind's fields, by their names; what stands in a block is among them."""
    if kind == "figure":
        figures: dict[str, list[tuple[str, str]]] = {}
        for figure in list_figures(viewer, language):
            figures.setdefault(figure.series, []).append((figure.reference, figure.text))
        choices = list(figures.items())
        return {
            "observation": [*_list_standing_figure(standing, choices, viewer, language), *choices]
        }
    if kind == "chart":
        saved = [(chart.reference, chart.title) for chart in charts.list_charts(viewer)]
        series = [
            (row.series.reference, row.shown.title)
            for row in indicators.list_series(viewer, language)
        ]
        groups = [("chart", saved), ("indicator", series)]
        named = [(str(get_kind(key).plural), rows) for key, rows in groups if rows]
        choices = [*named, *list_asked(viewer, language)]
        return {"record": [*_list_standing(standing, choices, language), *choices]}
    if kind in QUESTIONS:
        return _list_questions(language)
    if kind == "picture":
        visible = Record.objects.visible_to(viewer)
        rows = Attachment.objects.filter(
            record_id__in=visible.values("pk"), is_current=True, media_type__startswith="image/"
        ).order_by("title", "pk")
        return {"attachment": [(row.reference, row.title) for row in rows]}
    return {}


def _list_standing_figure(
    standing: Block | None, choices: Sequence[tuple[str, Any]], viewer: Viewer, language: str
) -> list[tuple[str, str]]:
    """The figure of a block, where it was superseded: its words can still be translated."""
    name = (standing or {}).get("observation", "")
    if not name or any(name == value for _group, rows in choices for value, _text in rows):
        return []
    said = [f"{row.whole}: {row.title}" for row in describe_figures(viewer, [name], language)]
    return [(name, f"{text} ({_('superseded figure')})") for text in said]


def _list_standing(
    standing: Block | None, choices: Sequence[tuple[str, Any]], language: str
) -> list[tuple[str, str]]:
    """What a block draws now, where it is none of the choices: a series for one area, a question
    beside an earlier edition."""
    name = (standing or {}).get("record", "")
    titles = {value: title for _group, rows in choices for value, title in rows}
    if not name or name in titles:
        return []
    series, area = read_series(name)
    asked = read_asked(name)
    if asked is None:
        found = [f"{titles[series]}, {name_area(area, language)}"] if series in titles else []
    else:
        same = (text for value, text in titles.items() if asked.is_same(read_asked(value)))
        found = [f"{text} …" for text in same][:1]
    return [(name, text) for text in found]


def list_subjects(template: str, viewer: Viewer, language: str, on: date) -> list[tuple[str, str]]:
    """What a briefing of that template can be about, by key and name; none where it is free."""
    vocabulary = get_vocabulary()
    if template == "economy":
        return vocabulary.economy_choices(language)
    if template == "topic":
        return _list_topics(language)
    if template == "meeting":
        known = Format.objects.known_to(viewer.person_id, on=on).filter(is_confidential=False)
        return [(row.slug, row.name) for row in known.order_by("name", "pk")]
    if template == "survey":
        rows = surveys.list_surveys(viewer, language)
        return [(row.survey.reference, row.shown.title) for row in rows]
    return []


def _list_topics(language: str) -> list[tuple[str, str]]:
    named = [
        (row.key, row.get_label(language))
        for row in get_vocabulary().concepts.values()
        if row.scheme == "topics" and not row.is_retired
    ]
    return sorted(named, key=lambda choice: get_sort_key(choice[1], language))


def _list_questions(language: str) -> dict[str, Any]:
    """What a list or an extract can be narrowed to."""
    return {
        "kind": [(kind.key, str(kind.plural)) for kind in get_kinds()],
        "topic": _list_topics(language),
        "economy": get_vocabulary().economy_choices(language),
    }
