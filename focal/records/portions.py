"""Paragraphs with a marking of their own, so that one text gives several versions.

An editor marks a block of the text (`data-marking` on a paragraph, heading, list, quotation or
table). Such a block is taken out of the text when it is saved and stands in a table of its own:
`record.body` is what the whole audience reads, and who knows nothing of portions (the index,
feeds, other apps) cannot pass one on. The text is put together again only here, for one viewer.

A portion reaches those whom its marking and the record's release list reach, and nobody whom the
record itself does not reach. One that is not narrower than the record belongs to the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.kernel.decision import YES, Decision, no
from focal.kernel.errors import BadInput
from focal.records import audience
from focal.records.kinds import get_kind
from focal.records.models import GlassRequest, Portion, Record, Release
from focal.sharing import policy
from focal.sharing.markings import Marking, find_narrowest, is_narrower, rank
from focal.sharing.viewer import Viewer

MARKABLE = ("p", "h2", "h3", "h4", "ul", "ol", "blockquote", "table")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:[^>\"]|\"[^\"]*\")*)>")
_MARK = re.compile(r'\sdata-marking="([^"]*)"')
_VOID = frozenset({"br", "hr"})


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a text; `marking` is empty where it has none of its own."""

    html: str
    marking: str = ""


def split_blocks(html: str) -> list[Block]:
    """The blocks of a cleaned text, in order; put side by side they are the text again.

    A marking inside a block counts for the whole of it, the narrowest where there are several.
    """
    blocks: list[str] = []
    start = depth = 0
    for tag in _TAG.finditer(html):
        closes, name = tag.group(1), tag.group(2)
        if name in _VOID:
            if depth == 0:
                blocks += [html[start : tag.start()], html[tag.start() : tag.end()]]
                start = tag.end()
            continue
        if not closes:
            if depth == 0:
                blocks.append(html[start : tag.start()])
                start = tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                blocks.append(html[start : tag.end()])
                start = tag.end()
    blocks.append(html[start:])
    return [Block(block, _find_marking(block)) for block in blocks if block.strip()]


def _find_marking(html: str) -> str:
    found = [value for value in _MARK.findall(html) if value in set(Marking)]
    return find_narrowest(found)


def unmark(html: str) -> str:
    """The text without its markings: for who shows them otherwise."""
    return _MARK.sub("", html)


def has_portions(html: str) -> bool:
    """Whether a text carries markings of its own."""
    return "data-marking=" in html and any(block.marking for block in split_blocks(html))


def require_whole(html: str) -> None:
    """BadInput for a marked paragraph in a text that is not kept apart: all would read it."""
    if has_portions(html):
        raise BadInput(
            _(
                "A paragraph of this text is marked for fewer readers, but everybody who reads the"
                " text would read it. Leave it out."
            )
        )


def trim(html: str, allowed: Collection[str]) -> str:
    """The text without the blocks whose marking is not among those allowed."""
    if "data-marking=" not in html:
        return html
    blocks = split_blocks(html)
    return "".join(b.html for b in blocks if not b.marking or b.marking in allowed)


def present(html: str) -> str:
    """The text with each portion's marking written before it, as TLP asks for marked text."""
    if "data-marking=" not in html:
        return html
    return "".join(_label(block) if block.marking else block.html for block in split_blocks(html))


def _label(block: Block) -> str:
    marking = Marking(block.marking)
    css = marking.value.partition("+")[0].lower()
    inner = unmark(block.html)
    return (
        f'<div class="portion"><p class="portion-mark"><span class="marking marking-{css}">'
        f"{marking.label}</span></p>{inner}</div>"
    )


# Keeping


def keep(record: Record, language: str, html: str) -> str:
    """Store the portions of a text apart; returns what the whole audience may read.

    The marked blocks of the language (empty: the original) are replaced.
    """
    blocks = split_blocks(html) if "data-marking=" in html else []
    Portion.objects.filter(record_id=record.pk, language=language).delete()
    marked = [(place, block) for place, block in enumerate(blocks) if block.marking]
    if not marked:
        return html
    Portion.objects.bulk_create(
        Portion(
            record_id=record.pk,
            language=language,
            position=place,
            marking=block.marking,
            html=block.html,
        )
        for place, block in marked
    )
    return "".join(block.html for block in blocks if not block.marking)


def check(record: Record, html: str, by: Viewer) -> None:
    """Raise BadInput when whoever saves this text could not read it any more themselves."""
    if "data-marking=" not in html:
        return
    found = {block.marking for block in split_blocks(html)} - {""}
    if Marking.RED in found and record.owner_person_id is None:
        raise BadInput(
            _("A TLP:RED paragraph needs a person who owns the record, and this one has none.")
        )
    if found - find_allowed(by, record):
        raise BadInput(
            _(
                "You would not see this paragraph yourself any more: only the owner of the record"
                " can mark one TLP:RED."
            )
        )


# Reading


def put_together(html: str, portions: Sequence[Portion], allowed: Collection[str]) -> str:
    """A text with those of its portions that are allowed, each at its place."""
    if not portions:
        return html
    marked = {portion.position: portion for portion in portions}
    blocks = iter(split_blocks(html))
    whole: list[str] = []
    place = 0
    while True:
        if portion := marked.pop(place, None):
            if portion.marking in allowed:
                whole.append(portion.html)
        elif (block := next(blocks, None)) is not None:
            whole.append(block.html)
        else:
            break
        place += 1
    whole += [p.html for _place, p in sorted(marked.items()) if p.marking in allowed]
    return "".join(whole)


def find_allowed(viewer: Viewer, record: Record) -> frozenset[str]:
    """The markings of paragraphs that a viewer who sees the record may read in it."""
    at = timezone.now()
    return _allow(
        viewer, record, audience.read_releases(record, at=at), audience.read_glass(record, at=at)
    )


def _allow(
    viewer: Viewer, record: Record, releases: Iterable[str], glass: Iterable[str]
) -> frozenset[str]:
    releases, glass = list(releases), list(glass)
    return frozenset(
        marking.value
        for marking in Marking
        if not is_narrower(marking, record.marking)
        or viewer.tokens
        & audience.combine_for_portion(record, marking, releases=releases, glass=glass)
    )


def get_shared(record: Record) -> frozenset[str]:
    """The markings of paragraphs that everybody who sees the record may read in it."""
    return frozenset(m.value for m in Marking if not is_narrower(m, record.marking))


def read_full(record: Record, html: str, language: str = "") -> str:
    """The whole text, for saving, comparing and for those found to see all of it."""
    return put_together(html, _get(record, language), set(Marking))


def read_for(viewer: Viewer, record: Record, html: str, language: str = "") -> str:
    """The text as this viewer may read it."""
    return make_reader(viewer, [record])(record, html, language)


def make_reader(viewer: Viewer, records: Iterable[Record]) -> Callable[[Record, str, str], str]:
    """Reads texts of these records (record, text, language) for one viewer.

    One query, whether there are marked paragraphs or not: the number would tell that there are.
    """
    known = _gather([record.pk for record in records])

    def read(record: Record, html: str, language: str) -> str:
        found = known.get(record.pk)
        portions = found.portions.get(language) if found else None
        if found is None or not portions:
            return html
        glass = () if record.marking == Marking.RED else found.glass
        return put_together(html, portions, _allow(viewer, record, found.releases, glass))

    return read


@dataclass(slots=True)
class _Known:
    """The marked paragraphs of a record by language, and to whom it is released."""

    portions: dict[str, list[Portion]] = field(default_factory=lambda: defaultdict(list))
    releases: list[str] = field(default_factory=list)
    glass: list[str] = field(default_factory=list)


def _gather(ids: Sequence[int]) -> dict[int, _Known]:
    at = timezone.now()
    marked = Portion.objects.filter(record_id__in=ids).order_by()
    releases = Release.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), record_id__in=ids
    ).order_by()
    glass = GlassRequest.objects.filter(
        record_id__in=ids, outcome=GlassRequest.Outcome.OPENED, ends_at__gt=at
    ).order_by()
    nothing, text = Value(0), Value("", models.TextField())
    rows = (
        marked.annotate(what=Value("portion"))
        .values_list("record_id", "what", "language", "position", "marking", "html")
        .union(
            releases.annotate(
                what=Value("release"), place=nothing, more=Value(""), html=text
            ).values_list("record_id", "what", "token", "place", "more", "html"),
            glass.annotate(
                what=Value("glass"), name=Value(""), more=Value(""), html=text
            ).values_list("record_id", "what", "name", "asked_by_id", "more", "html"),
            all=True,
        )
    )
    known: dict[int, _Known] = defaultdict(_Known)
    for record_id, what, name, number, marking, html in rows:
        found = known[record_id]
        if what == "portion":
            portion = Portion(position=number, marking=marking, html=html)
            found.portions[name].append(portion)
        elif what == "release":
            found.releases.append(name)
        else:
            found.glass.append(f"person:{number}")
    return known


def _get(record: Record, language: str) -> list[Portion]:
    return list(Portion.objects.filter(record_id=record.pk, language=language).order_by("position"))


def trim_content(viewer: Viewer, record: Record, content: dict[str, Any]) -> dict[str, Any]:
    """A version's content without the paragraphs that this viewer may not read."""
    body = str(content.get("body") or "")
    if "data-marking=" not in body:
        return content
    return {**content, "body": trim(body, find_allowed(viewer, record))}


def load(records: Iterable[int]) -> dict[tuple[int, str], list[Portion]]:
    """The portions of several records by record and language, in one query."""
    found: dict[tuple[int, str], list[Portion]] = defaultdict(list)
    for portion in Portion.objects.filter(record_id__in=list(records)).order_by("position"):
        found[portion.record_id, portion.language].append(portion)
    return found


def read_markings(record: Record) -> set[str]:
    """The markings that paragraphs of a record carry, in any language."""
    return set(
        Portion.objects.filter(record_id=record.pk).order_by().values_list("marking", flat=True)
    )


def list_levels(record: Record) -> list[tuple[str, str]]:
    """The versions that its text gives, as address and label; empty where nothing is marked."""
    found = read_markings(record) - get_shared(record)
    if not found:
        return []
    levels = [Marking(record.marking), *map(Marking, sorted(found, key=rank))]
    return [(level.value.replace("+", "-"), str(level.label)) for level in levels]


# Writing: only for those who read all of it


def may_edit(viewer: Viewer, record: Record) -> Decision:
    """Who may change what hangs on a record, and reads every paragraph of it."""
    decision = may_change(viewer, record)
    return and_reads_all(viewer, record) if decision else decision


def may_change(viewer: Viewer, record: Record) -> Decision:
    """The policy's answer, unless what it says never changes."""
    decision = policy.may_edit(viewer, record)
    if decision and get_kind(record.kind).is_fixed:
        return no(_("It does not change."))
    return decision


def may_look_behind(viewer: Viewer, record: Record) -> Decision:
    """History and preview: for those who may edit, and its owners when it is withdrawn."""
    if policy.owns(viewer, record):
        return and_reads_all(viewer, record)
    return may_edit(viewer, record)


def and_reads_all(viewer: Viewer, record: Record) -> Decision:
    """Whether the viewer reads every paragraph of a record that they see."""
    found = read_markings(record)
    if found and found - find_allowed(viewer, record):
        return no(
            _("Parts of it are marked for named people. Only those who read all of it change it.")
        )
    return YES
