"""A briefing for one reader: its blocks become parts that pages, PDF and Word all draw from.

A part whose marking does not reach the reader, or which is bound to something that they may not
see, is not there at all. Parts are plain values, so that an edition can keep them as they were.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from focal.briefings.blocks import FIGURE, Block, find_text, iterate_observations
from focal.briefings.models import Briefing
from focal.indicators import selectors as indicators
from focal.mapping.coverage import pages as coverage
from focal.mapping.coverage.question import prepare, read_question
from focal.records.audience import compute_for_portion
from focal.records.finding import search as finding
from focal.records.finding.shown import ShownRecord, show
from focal.records.models import Attachment, Record
from focal.records.portions import has_portions, split_blocks, unmark
from focal.search.queries import FACETS
from focal.sharing.markings import Marking, find_narrowest, rank
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import django_language

if TYPE_CHECKING:
    from focal.briefings.charts import Drawings

LISTED = 8


@dataclass(slots=True)
class Part:
    """One block as it is shown. `values` has what its kind needs; `marking` is its own (`own`) or
    that of what it is bound to, the narrower one; empty where it has none."""

    id: str
    kind: str
    language: str
    marking: str = ""
    own: str = ""
    needs_check: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    figures: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_superseded(self) -> bool:
        """Whether a figure in it stands no more."""
        return any(not figure["is_standing"] for figure in self.figures)

    @property
    def is_empty(self) -> bool:
        """Whether it is a list that finds nothing (yet), or an extract that knows nothing."""
        held = {"list": "items", "coverage": "rows"}.get(self.kind)
        return held is not None and not self.values[held]


def render(
    briefing: Briefing,
    viewer: Viewer,
    language: str,
    *,
    at: datetime,
    ceiling: str | None = None,
    for_phones: bool = False,
) -> list[Part]:
    """The parts that a viewer reads, in a language where a block has it.

    `for_phones` has charts drawn narrow as well. With `ceiling` (a marking) only parts up to it,
    as an edition of that marking holds them: a part without a marking of its own has the
    briefing's. Lists that find nothing go, and headings under which nothing stands for the
    reader: nothing tells whether there is more.
    """
    every = render_each(briefing, viewer, language, at=at, ceiling=ceiling, for_phones=for_phones)
    return leave_out_empty(every, briefing.blocks)


def leave_out_empty(every: Sequence[Part], blocks: Sequence[Block]) -> list[Part]:
    """The parts that say something: no list that finds nothing, no heading over nothing."""
    parts = {part.id: part for part in every if not part.is_empty}
    shown = {name.partition("-")[0] for name in parts}
    for heading, under in _list_sections(blocks):
        if shown.isdisjoint(under):
            parts.pop(heading, None)
    return list(parts.values())


def _list_sections(blocks: Sequence[Block]) -> Iterator[tuple[str, list[str]]]:
    """Each heading, and the blocks between it and the next."""
    for place, block in enumerate(blocks):
        if block["kind"] == "heading":
            rest = blocks[place + 1 :]
            under = itertools.takewhile(lambda one: one["kind"] != "heading", rest)
            yield block["id"], [one["id"] for one in under]


def render_each(
    briefing: Briefing,
    viewer: Viewer,
    language: str,
    *,
    at: datetime,
    ceiling: str | None = None,
    for_phones: bool = False,
) -> list[Part]:
    """The same with every heading and list, for those who write it."""
    reach = _Reach(briefing, viewer, at, ceiling)
    reading = _Reading(briefing, viewer, language, for_phones)
    with translation.override(django_language(language)):
        return [
            part
            for block in briefing.blocks
            for part in _render_block(block, reading, reach)
            if reach.allows(part.marking)
        ]


class _Reach:
    """Which markings of parts reach a viewer in this briefing."""

    def __init__(
        self, briefing: Briefing, viewer: Viewer, at: datetime, ceiling: str | None
    ) -> None:
        self.briefing, self.viewer, self.at, self.ceiling = briefing, viewer, at, ceiling
        self.known: dict[str, bool] = {"": True}

    def allows_words(self, own: str) -> bool:
        """Whether words of that marking reach the viewer: in an edition those without one have
        the briefing's."""
        return self.allows(own if self.ceiling is None else own or self.briefing.marking)

    def allows(self, marking: str) -> bool:
        if marking not in self.known:
            self.known[marking] = self._decide(marking)
        return self.known[marking]

    def _decide(self, marking: str) -> bool:
        if self.ceiling is not None:
            return rank(marking) <= rank(self.ceiling)
        if rank(marking) <= rank(self.briefing.marking):
            return True
        tokens = compute_for_portion(self.briefing, marking, at=self.at)
        return bool(tokens & self.viewer.tokens)


def reaches(part: Part, briefing: Briefing, ceiling: str) -> bool:
    """Whether a part is for all readers of that marking, as far as markings go."""
    return max(rank(part.own or briefing.marking), rank(part.marking)) <= rank(ceiling)


class _Reading:
    """One viewer's reading of one briefing in one language, and the figures that it quotes."""

    def __init__(
        self,
        briefing: Briefing,
        viewer: Viewer,
        language: str,
        for_phones: bool,
    ) -> None:
        self.briefing, self.viewer, self.language = briefing, viewer, language
        self.for_phones = for_phones
        quoted = {name for block in briefing.blocks for name in iterate_observations(block)}
        self.figures = indicators.get_observations(viewer, quoted) if quoted else {}
        self.described: dict[str, dict[str, dict[str, Any]]] = {}

    @cached_property
    def drawings(self) -> Drawings:
        """The charts that are quoted."""
        from focal.briefings.charts import Drawings  # noqa: PLC0415 -- slow import

        named = {block["record"] for block in self.briefing.blocks if block["kind"] == "chart"}
        return Drawings(named, self.viewer, self.language)

    def describe(self, reference: str, language: str) -> dict[str, Any] | None:
        """A figure that is quoted, as plain values; None where the reader may not see it."""
        if language not in self.described:
            with translation.override(django_language(language)):
                every = indicators.describe_all(self.figures.values(), language)
            self.described[language] = {name: _make_plain(one) for name, one in every.items()}
        found = self.described[language].get(reference)
        return dict(found) if found else None


def _make_plain(described: indicators.DescribedFigure) -> dict[str, Any]:
    values = asdict(described)
    for name in ("number", "upper"):
        values[name] = None if values[name] is None else str(values[name])
    # What is CLEAR marks nothing: it may stand in any part.
    values["marking"] = "" if described.marking == Marking.CLEAR else described.marking
    values["is_standing"] = described.is_standing
    return values


def _render_block(block: Block, reading: _Reading, reach: _Reach) -> Iterator[Part]:
    """The parts that a block gives: one, or several where paragraphs have markings of their own."""
    texts, written_in = find_text(block, reading.language, reading.briefing.language)
    make = RENDERERS.get(block["kind"])
    for place, marking, words in _split_portions(block, texts):
        own = find_narrowest((block["marking"], marking))
        if not reach.allows_words(own):
            continue
        part = Part(
            id=f"{block['id']}-{place}" if place else block["id"],
            kind=block["kind"],
            language=written_in,
            marking=own,
            own=own,
            needs_check=written_in in block["checks"],
            values=words,
        )
        if make is not None and not make(part, block, reading):
            continue
        if block["kind"] == "figure" or _fill_figures(part, reading):
            yield part


def _split_portions(
    block: Block, texts: Mapping[str, str]
) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Runs of paragraphs that are marked alike: which one it is, its marking, its texts."""
    text = texts.get("text", "")
    if block["kind"] != "text" or not has_portions(text):
        yield 0, "", dict(texts)
        return
    runs = itertools.groupby(split_blocks(text), key=lambda one: one.marking)
    for place, (marking, run) in enumerate(runs):
        yield place, marking, {"text": unmark("".join(one.html for one in run))}


def _fill_figures(part: Part, reading: _Reading) -> bool:
    """Put the figures into the sentences; false when one of them is not for this reader."""
    texts = {name: text for name, text in part.values.items() if isinstance(text, str)}
    said: dict[str, tuple[str, str]] = {}
    quoted = FIGURE.findall(" ".join(texts.values()))
    for reference in dict.fromkeys(reference for reference, _form in quoted):
        described = reading.describe(reference, part.language)
        if described is None:
            return False
        part.figures.append(described)
        part.marking = find_narrowest((part.marking, described["marking"]))
        short = " ".join(filter(None, (described["qualifier"], described["value"])))
        said[reference] = html.escape(described["whole"]), html.escape(short)
    for name, text in texts.items():
        part.values[name] = FIGURE.sub(lambda found: said[found[1]][bool(found[2])], text)
    return True


def _render_quote(part: Part, block: Block, _reading: _Reading) -> bool:
    part.values |= {"source": block["source"], "url": block["url"]}
    return True


def _render_figure(part: Part, block: Block, reading: _Reading) -> bool:
    described = reading.describe(block["observation"], reading.language)
    if described is None:
        return False
    part.figures = [described]
    part.marking = find_narrowest((part.marking, described["marking"]))
    part.values["label"] = part.values.get("label") or described["title"]
    return True


def _render_chart(part: Part, block: Block, reading: _Reading) -> bool:
    drawn = reading.drawings.draw(block["record"], for_phones=reading.for_phones)
    if drawn is None:
        return False
    values, marking = drawn
    part.values |= values
    if marking != Marking.CLEAR:
        part.marking = find_narrowest((part.marking, marking))
    return True


def _render_list(part: Part, block: Block, reading: _Reading) -> bool:
    asked = parse_qs(block["query"])
    if named := asked.get("record"):
        rows = Record.objects.visible_to(reading.viewer).filter(reference__in=named).defer("body")
        shown = {row.reference: row for row in show(list(rows), reading.language)}
        part.values["items"] = [_make_item(shown[name]) for name in named if name in shown]
        return True
    known = {name: tuple(values) for name, values in asked.items() if name in FACETS}
    words = " ".join(asked.get("q", ())) or ("" if known else block["query"])
    wish = finding.Wish(text=words, filters=known, sort="newest", meaning=False)
    found = finding.find(reading.viewer, wish, language=reading.language, limit=LISTED)
    part.values["items"] = [_make_item(one.record) for one in found.records]
    address = urlencode(asked, doseq=True) if asked else urlencode({"q": words})
    part.values["url"] = f"{reverse('records:search')}?{address}"
    return True


def _make_item(record: ShownRecord) -> dict[str, str]:
    return {
        "title": record.title,
        "url": record.url,
        "kind": record.kind_label,
        "date": date_format(record.date, "DATE_FORMAT"),
        "language": record.language,
    }


def _render_picture(part: Part, block: Block, reading: _Reading) -> bool:
    visible = Record.objects.visible_to(reading.viewer)
    row = Attachment.objects.filter(
        reference=block["attachment"], record_id__in=visible.values("pk"), is_current=True
    ).first()
    if row is None or not row.media_type.startswith("image/"):
        return False
    part.values |= {
        "digest": row.digest,
        "media_type": row.media_type,
        "attachment": row.reference,
        "url": find_picture(row.reference),
    }
    return True


def find_picture(reference: str) -> str:
    """The address of a picture."""
    return reverse("records:document_download", args=[reference])


def _render_coverage(part: Part, block: Block, reading: _Reading) -> bool:
    given = {name: values[-1] for name, values in parse_qs(block["query"]).items()}
    economies = parse_qs(block["query"]).get("economy", [])
    today = timezone.localdate()
    question = read_question(given, economies, today=today)
    asked = prepare(question, viewer=reading.viewer, language=reading.language, today=today)
    if not asked.axis.rows:
        return False
    matrix = asked.count()
    table = coverage.make_extract(asked, matrix)
    part.values["columns"] = [str(column.label) for column in table.columns]
    part.values["rows"] = [[str(cell) for cell in row] for row in table.rows]
    part.values["summary"] = coverage.tell_matrix(matrix)
    address = f"?{block['query']}" if block["query"] else ""
    part.values["url"] = f"{reverse('mapping:coverage')}{address}"
    return True


RENDERERS = {
    "coverage": _render_coverage,
    "figure": _render_figure,
    "chart": _render_chart,
    "list": _render_list,
    "picture": _render_picture,
    "quote": _render_quote,
}


def plain_text(text: str) -> str:
    """Rich text without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", " ", text)).strip()


def iterate_texts(parts: Sequence[Part]) -> Iterator[tuple[tuple[str, str], str]]:
    """Everything that parts say, by part and field."""
    for part in parts:
        for name in ("text", "label", "caption", "title", "lines"):
            if text := part.values.get(name):
                yield (part.id, name), plain_text(text)


def find_forcing(parts: Sequence[Part]) -> list[Part]:
    """The most restricted parts: they say who can read the whole."""
    narrowest = max((rank(part.marking) for part in parts), default=-1)
    return [part for part in parts if narrowest >= 0 and rank(part.marking) == narrowest]


def say_part(part: Part) -> str:
    """A part in one line, as its reader sees it."""
    if part.kind == "figure":
        return f"{part.figures[0]['whole']} · {part.values['label']}"
    fields = ("text", "title", "caption", "lines", "description")
    return " ".join(plain_text(str(part.values[n])) for n in fields if part.values.get(n))


def name_part(part: Part) -> str:
    """How a part is called in a sentence."""
    said = next((part.values[n] for n in ("text", "label", "title") if part.values.get(n)), "")
    return plain_text(str(said))[:80] or _("a part without text")
