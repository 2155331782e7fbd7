"""Reading a document page by page: always through a record that the viewer may see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from django.db.models import QuerySet

from focal.records.extraction.outcome import PDF, PICTURES
from focal.records.extraction.words import WORDS
from focal.records.models import Attachment, AttachmentPage, Record
from focal.records.selectors import get_attachment
from focal.search.building import Plan, Unit, make_plan
from focal.search.folding import clean
from focal.search.queries import Query, parse
from focal.search.snippets import Mark, Piece, find_marks, make_snippet, mark_text
from focal.search.thesaurus import get_labels
from focal.sharing.viewer import Viewer

MAX_QUESTION = 1_000
_SCANNED_PAGES = 600
_SHOWN_PAGES = 20
_BEGINS = re.compile(r"\s*([•●▪◦‣·–—*\-]|\d{1,3}[.)]|[a-zA-Zа-яА-Я][.)]\s)")


@dataclass(frozen=True, slots=True)
class Sibling:
    """The same document in another language, and the page to open there."""

    attachment: Attachment
    number: int


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page of the document on which something was found."""

    number: int
    count: int
    snippet: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document and one of its pages, as one viewer reads it."""

    record: Record
    attachment: Attachment
    number: int
    paragraphs: tuple[tuple[Piece, ...], ...] = ()
    marked: int = 0
    siblings: tuple[Sibling, ...] = ()
    newer: Attachment | None = None
    older: tuple[Attachment, ...] = field(default=())

    @property
    def is_paper(self) -> bool:
        """Whether its pages are those of the original, which can be drawn."""
        return self.attachment.media_type == PDF

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, which has no pages to read."""
        return self.attachment.media_type in PICTURES


def open_document(viewer: Viewer, reference: str) -> DocumentView | None:
    """A document without a page; None when the viewer cannot see its record."""
    found = get_attachment(viewer, reference)
    if found is None:
        return None
    record, attachment = found
    return _build(record, attachment, 1)


def open_page(
    viewer: Viewer, reference: str, number: int, *, question: str = "", passage: str = ""
) -> DocumentView | None:
    """A page of a document with what the question finds on it marked.

    `passage` is a stretch of the page's own text to be marked as well, for a page that was
    found by its meaning. None when there is no such page, or none for this viewer.
    """
    found = get_attachment(viewer, reference)
    if found is None:
        return None
    record, attachment = found
    page = AttachmentPage.objects.filter(attachment_id=attachment.pk, number=number).first()
    if page is None:
        return None
    text = clean(page.text)
    if attachment.media_type == PDF:
        text = join_lines(text)
    plan = leave_out_small_words(make_question_plan(question))
    marks = find_marks(text, attachment.language, plan)
    if not marks and passage:
        marks = _find_passage(text, passage)
    return _build(
        record,
        attachment,
        number,
        paragraphs=tuple(split_paragraphs(mark_text(text, marks))),
        marked=len(marks),
    )


def make_question_plan(question: str) -> Plan:
    """What a question asks for, with the thesaurus' other words for it."""
    question = question[:MAX_QUESTION]
    return make_plan(parse(question), Query(text=question), get_labels())


def leave_out_small_words(plan: Plan) -> Plan:
    """For marking: 'of' and 'na' are not what somebody looks for, if they said more."""
    units = tuple(unit for unit in plan.units if not _is_small(unit))
    return replace(plan, units=units) if units else plan


def _is_small(unit: Unit) -> bool:
    word = unit.original.lower()
    return not unit.is_phrase and len(word) <= 3 and any(word in known for known in WORDS.values())


def join_lines(text: str) -> str:
    """A page's lines as paragraphs; every character stays in its place.

    A line that is clearly shorter than the page is wide ends its paragraph; so does one
    before a bullet or a number.
    """
    lines = text.split("\n")
    lengths = sorted(len(line) for line in lines if line)
    if len(lengths) < 4:
        return text
    width = lengths[int(len(lengths) * 0.85)]
    joined = [lines[0]]
    for before, line in pairwise(lines):
        goes_on = len(before) >= 0.75 * width and line and not _BEGINS.match(line)
        joined += [" " if goes_on else "\n", line]
    return "".join(joined)


def find_in_document(attachment: Attachment, question: str) -> list[PageHit]:
    """The pages of a document that hold something of a question, in their order."""
    plan = leave_out_small_words(make_question_plan(question))
    if not plan.units:
        return []
    pages = (
        AttachmentPage.objects.filter(attachment_id=attachment.pk)
        .order_by("number")
        .values_list("number", "text")[:_SCANNED_PAGES]
    )
    hits = []
    for number, text in pages.iterator(chunk_size=50):
        marks = find_marks(text, attachment.language, plan)
        if len({mark.unit for mark in marks}) >= plan.needed:
            hits.append(PageHit(number, len(marks), make_snippet(text, marks)))
            if len(hits) == _SHOWN_PAGES:
                break
    return hits


def split_paragraphs(pieces: tuple[Piece, ...]) -> list[tuple[Piece, ...]]:
    """Marked text, parted at empty lines; lines within a paragraph stay lines."""
    paragraphs: list[list[Piece]] = [[]]
    for text, is_marked in pieces:
        for number, part in enumerate(text.split("\n\n")):
            if number:
                paragraphs.append([])
            if part:
                paragraphs[-1].append((part, is_marked))
    return [tuple(pieces) for pieces in paragraphs if any(text.strip() for text, _ in pieces)]


def _find_passage(text: str, passage: str) -> list[Mark]:
    """Where a passage stands in a text, whatever the white space between its words."""
    words = clean(passage[:MAX_QUESTION]).strip(" …").split()
    if len(words) < 2:
        return []
    flat, places = [], []
    for place, character in enumerate(text):
        if not character.isspace():
            flat.append(character)
            places.append(place)
    wanted = "".join(words)
    at = "".join(flat).find(wanted)
    return [Mark(places[at], places[at + len(wanted) - 1] + 1, 0)] if at >= 0 else []


def _build(
    record: Record,
    attachment: Attachment,
    number: int,
    *,
    paragraphs: tuple[tuple[Piece, ...], ...] = (),
    marked: int = 0,
) -> DocumentView:
    others = list(_get_others(record, attachment))
    current = [each for each in others if each.is_current]
    siblings = [
        Sibling(each, number if each.page_count == attachment.page_count else 1)
        for each in current
        if attachment.is_current and each.language != attachment.language
    ]
    return DocumentView(
        record=record,
        attachment=attachment,
        number=number,
        paragraphs=paragraphs,
        marked=marked,
        siblings=tuple(_take_best(siblings)),
        newer=_find_newer(others, attachment),
        older=_list_older(others, attachment),
    )


def get_current(record: Record) -> list[Attachment]:
    """The current documents of a record that the viewer was found to see, in their order."""
    return list(
        Attachment.objects.filter(record_id=record.pk, is_current=True).order_by("position", "pk")
    )


def _get_others(record: Record, attachment: Attachment) -> QuerySet[Attachment]:
    return (
        Attachment.objects.filter(record_id=record.pk)
        .exclude(pk=attachment.pk)
        .order_by("position", "pk")
    )


def _take_best(siblings: list[Sibling]) -> list[Sibling]:
    """One document for each language: the one with pages of paper where there are two."""
    best: dict[str, Sibling] = {}
    for sibling in siblings:
        standing = best.get(sibling.attachment.language)
        if standing is None or _is_better(sibling, standing):
            best[sibling.attachment.language] = sibling
    return list(best.values())


def _is_better(sibling: Sibling, standing: Sibling) -> bool:
    return sibling.attachment.media_type == PDF != standing.attachment.media_type


def _find_newer(others: list[Attachment], attachment: Attachment) -> Attachment | None:
    """The current version, when this is an older one."""
    if attachment.is_current:
        return None
    following = {each.replaces_id: each for each in others}
    newer, steps = following.get(attachment.pk), 0
    while newer is not None and not newer.is_current and steps < len(others):
        newer, steps = following.get(newer.pk), steps + 1
    return newer


def _list_older(others: list[Attachment], attachment: Attachment) -> tuple[Attachment, ...]:
    """The versions before this one, newest first."""
    by_key = {each.pk: each for each in others}
    chain: list[Attachment] = []
    older = by_key.get(attachment.replaces_id) if attachment.replaces_id else None
    while older is not None and older not in chain:
        chain.append(older)
        older = by_key.get(older.replaces_id) if older.replaces_id else None
    return tuple(chain)
