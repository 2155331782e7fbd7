"""The first briefing: what the Regional Cooperation Council says of its work, figures bound.

The statements and figures are starter content of the roof; they come in as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.html import escape

from focal.briefings import services
from focal.briefings.blocks import Block
from focal.briefings.models import Briefing
from focal.directory.models import Organisation
from focal.indicators import selectors as indicators
from focal.indicators.models import Observation, Series
from focal.records import services as records
from focal.sharing.viewer import Viewer

TITLE = "Security cooperation in South East Europe"
SUMMARY = (
    "Where the region wants to be, what has been done, where it stands, what people think, and"
    " what comes next: the work of the Regional Cooperation Council and its partners."
)
# Key figures of each section, and the series whose chart stands there.
FIGURES: Mapping[str, Sequence[str]] = {
    "where-now": (
        "ftf-travelled-western-balkans",
        "ftf-returned-western-balkans",
        "ftf-killed-western-balkans",
        "ftf-remained-western-balkans",
        "ftf-sentenced-western-balkans",
        "ftf-sentence-years-western-balkans",
        "ftf-travelled-eu",
        "interpol-notices",
    ),
    "people": (
        "regional-cooperation-helps",
        "security-dissatisfied",
        "security-satisfied",
        "crime-top-concern",
    ),
}
CHARTS: Mapping[str, Sequence[str]] = {
    "where-now": ("ftf-returned-western-balkans",),
    "people": ("regional-cooperation-helps",),
}


def load_first_briefing(
    *,
    sections: Sequence[tuple[str, str, Sequence[str]]],
    series: Mapping[str, str],
    owner: Organisation,
    by: Viewer,
    at: datetime,
    reference: str,
) -> Briefing | None:
    """Make and publish it, unless it is there. `sections` are key, title and sentences;
    `series` are references by key."""
    if (
        Briefing.objects.for_system("starter content has fixed names")
        .filter(reference=reference)
        .exists()
    ):
        return None
    blocks = [
        block
        for key, title, sentences in sections
        for block in _make_section(key, title, sentences, series, by)
    ]
    blocks += [
        _text_block("heading", "Whom to ask"),
        {
            "kind": "people",
            "texts": {"en": {"title": "", "lines": f"{owner.name}\n{owner.website}".strip()}},
        },
    ]
    made = services.create_briefing(
        title=TITLE,
        summary=SUMMARY,
        template="factsheet",
        language="en",
        owner_organisation=owner,
        by=by,
        at=at,
        blocks=blocks,
        reference=reference,
    )
    records.take_step(record=made, step="publish", by=by, at=at)
    return made


def _make_section(
    key: str, title: str, sentences: Sequence[str], series: Mapping[str, str], by: Viewer
) -> list[Block]:
    blocks = [_text_block("heading", title)]
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    blocks.append(_text_block("text", f"<ul>{items}</ul>"))
    for name in FIGURES.get(key, ()):
        blocks += [
            {"kind": "figure", "texts": {}, "observation": reference}
            for reference in _list_headlines(name, by)
        ]
    blocks += [
        {"kind": "chart", "texts": {}, "record": series[name]}
        for name in CHARTS.get(key, ())
        if name in series
    ]
    return blocks


def _text_block(kind: str, text: str) -> Block:
    return {"kind": kind, "texts": {"en": {"text": text}}}


def _list_headlines(key: str, by: Viewer) -> list[str]:
    """The figures that stand for a series."""
    found: Series | None = Series.objects.visible_to(by).filter(key=key).first()
    if found is None:
        return []
    rows = indicators.list_figures(found, "en")
    chosen: list[Observation] = [f.observation for f in rows if f.observation.is_headline]
    return [row.reference for row in chosen]
