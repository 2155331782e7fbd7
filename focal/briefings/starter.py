"""The first briefing: what the Regional Cooperation Council says of its work, figures bound.

What it says is starter content of the roof; it comes in as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import escape

from focal.briefings import services
from focal.briefings.blocks import Block
from focal.briefings.models import Briefing
from focal.directory.models import Organisation
from focal.indicators import chart_services
from focal.indicators.models import Observation, Series
from focal.records import services as records
from focal.sharing.viewer import Viewer

LANGUAGE = "en"
FIGURE = re.compile(r"\{([a-z0-9-]+)(:number)?\}")


def load_first_briefing(
    given: Mapping[str, Any],
    *,
    statements: Mapping[str, tuple[str, Sequence[str]]],
    owner: Organisation,
    by: Viewer,
    at: datetime,
    make_reference: Callable[[str], str],
) -> Briefing | None:
    """Make and publish it with its charts, unless it is there.

    `given` is the content of `briefing.json`, `statements` are titles and sentences by the key of
    their section; `make_reference` gives the same name in every installation.
    """
    reference = make_reference("briefing:security-cooperation")
    known = Briefing.objects.for_system("starter content has fixed names")
    if known.filter(reference=reference).exists():
        return None
    series = {row.key: row for row in Series.objects.visible_to(by).order_by("pk")}
    charts = {
        row["key"]: _load_chart(row, series, owner=owner, by=by, at=at) for row in given["charts"]
    }
    writer = _Writer(statements, _find_headlines(series), charts)
    made = services.create_briefing(
        title=given["title"],
        summary=given["summary"],
        template="factsheet",
        language=LANGUAGE,
        owner_organisation=owner,
        by=by,
        at=at,
        blocks=[block for row in given["blocks"] for block in writer.write(row)],
        reference=reference,
    )
    records.take_step(record=made, step="publish", by=by, at=at)
    return made


def _load_chart(
    row: Mapping[str, Any],
    series: Mapping[str, Series],
    *,
    owner: Organisation,
    by: Viewer,
    at: datetime,
) -> str:
    """The reference of a new chart that is published."""
    content = {name: row[name] for name in ("title", "summary", "form", "areas", "time", "order")}
    names = "\n".join(series[key].reference for key in row["series"])
    made = chart_services.create_chart(
        content={**content, "language": LANGUAGE, "series_list": names},
        owner_organisation=owner,
        by=by,
        at=at,
    )
    records.take_step(record=made, step="publish", by=by, at=at)
    return made.reference


def _find_headlines(series: Mapping[str, Series]) -> dict[str, list[str]]:
    """The figures that stand for a series, by its key."""
    keys = {row.pk: key for key, row in series.items()}
    found: dict[str, list[str]] = {key: [] for key in series}
    standing = Observation.objects.standing().filter(series_id__in=list(keys), is_headline=True)
    for row in standing.in_order():
        found[keys[row.series_id]].append(row.reference)
    return found


@dataclass(frozen=True, slots=True)
class _Writer:
    """Makes blocks of what stands in the file."""

    statements: Mapping[str, tuple[str, Sequence[str]]]
    figures: Mapping[str, Sequence[str]]
    charts: Mapping[str, str]

    def write(self, row: Mapping[str, Any]) -> Iterator[Block]:
        """The blocks that one entry stands for."""
        ((kind, value),) = row.items()
        if kind == "statements":
            title, sentences = self.statements[value]
            items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
            yield _make("heading", text=title)
            yield _make("text", text=f"<ul>{items}</ul>")
        elif kind == "figures":
            for key in value:
                for reference in self.figures[key]:
                    yield {"kind": "figure", "texts": {}, "observation": reference}
        elif kind == "chart":
            yield {"kind": "chart", "texts": {}, "record": self.charts[value]}
        elif kind == "people":
            yield _make("people", title="", lines="\n".join(value))
        elif kind == "text":
            yield _make("text", text=FIGURE.sub(self._bind, value))
        else:
            yield _make(kind, text=value)

    def _bind(self, found: re.Match[str]) -> str:
        return f"[[figure:{self.figures[found[1]][0]}{found[2] or ''}]]"


def _make(kind: str, **texts: str) -> Block:
    return {"kind": kind, "texts": {LANGUAGE: texts}}
