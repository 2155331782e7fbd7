"""Which parts force a briefing's marking: it is at least that of what its parts quote.

A part that carries a marking of its own is left out for those it is not for, so that it forces
nothing, as long as its marking is at least that of what it quotes itself. Lists and extracts of the
coverage quote nothing fixed: each reader is shown what reaches them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from focal.briefings.blocks import FIGURE, KINDS, Block, find_record
from focal.briefings.rendering import plain_text
from focal.indicators import selectors
from focal.indicators.models import Chart
from focal.records.models import Attachment, Record
from focal.records.portions import Block as Portion
from focal.records.portions import split_blocks
from focal.sharing.markings import Marking, find_narrowest, rank
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Forcing:
    """A part that asks for a narrower marking than it has; `marking` is empty where what it
    quotes is not there for whoever asks. `is_portion`: it is its own marking that is too wide."""

    block: str
    name: str
    marking: str
    is_portion: bool = False

    def __str__(self) -> str:
        if not self.marking:
            return _(
                "“%(part)s” quotes something that is not there for you: take it out, or let"
                " somebody publish it who sees it."
            ) % {"part": self.name}
        values = {"part": self.name, "marking": Marking(self.marking).label}
        if self.is_portion:
            return _(
                "“%(part)s” quotes what is marked %(marking)s: mark this part at least that."
            ) % (values)
        return (
            _(
                "“%(part)s” is marked %(marking)s: mark the whole briefing at least that, or give"
                " this part a marking of its own, so that others read the rest."
            )
            % values
        )


@dataclass(frozen=True, slots=True)
class _Bound:
    marking: str
    title: str


def find_forcing(blocks: Sequence[Block], marking: str, viewer: Viewer) -> list[Forcing]:
    """The parts that ask for more than this marking, as far as the viewer sees what they quote."""
    bound = _read_bound(blocks, viewer)
    return [
        found for block in blocks if (found := _judge(block, marking, bound, viewer)) is not None
    ]


def list_forcing(record: object, viewer: Viewer) -> list[str]:
    """The same of a briefing in sentences, for what is checked before it goes out."""
    blocks, marking = record.blocks, record.marking  # type: ignore[attr-defined]
    return [str(found) for found in find_forcing(blocks, marking, viewer)]


def list_widened(record: object, _viewer: Viewer) -> list[str]:
    """What an edition holds is for those it was issued for: it may be narrowed, never widened."""
    marking, issued_for = record.marking, record.issued_for  # type: ignore[attr-defined]
    if rank(marking) >= rank(issued_for):
        return []
    return [
        _("This edition holds what is for readers of %s: issue another one for others.")
        % Marking(issued_for).label
    ]


def _judge(
    block: Block, marking: str, bound: Mapping[str, _Bound], viewer: Viewer
) -> Forcing | None:
    """What the first of its portions asks for that asks for more than it has."""
    for own, names in _iterate_portions(block):
        things = [bound[name] for name in names if name in bound]
        name = _name(block, next((thing.title for thing in things), ""), viewer)
        if len(things) < len(names):
            return Forcing(block["id"], name, "")
        needed = find_narrowest(thing.marking for thing in things)
        if rank(needed) > max(rank(Marking.CLEAR), rank(own or marking)):
            return Forcing(block["id"], name, needed, is_portion=bool(own))
    return None


def _name(block: Block, title: str, viewer: Viewer) -> str:
    texts: dict[str, dict[str, str]] = block["texts"]
    written = texts.get(viewer.language) or next(iter(texts.values()), {})
    said = next((plain_text(text) for text in written.values() if text), "") or title
    kind = str(KINDS[block["kind"]].label)
    return f"{kind}: {said[:80]}" if said else kind


def _iterate_portions(block: Block) -> Iterator[tuple[str, list[str]]]:
    """What a block quotes, by the marking of its own that stands over it."""
    fields = (block.get("observation"), find_record(block), block.get("attachment"))
    yield block["marking"], [name for name in fields if name]
    rich = KINDS[block["kind"]].rich
    for texts in block["texts"].values():
        for name, text in texts.items():
            for portion in split_blocks(text) if name in rich else (Portion(text, ""),):
                quoted = dict.fromkeys(found for found, _form in FIGURE.findall(portion.html))
                yield find_narrowest((block["marking"], portion.marking)), list(quoted)


def _iterate_bound(block: Block) -> Iterator[str]:
    for _own, names in _iterate_portions(block):
        yield from names


def _read_bound(blocks: Iterable[Block], viewer: Viewer) -> dict[str, _Bound]:
    """What the blocks quote, by reference: its marking and its title."""
    names = {name for block in blocks for name in _iterate_bound(block)}
    if not names:
        return {}
    bound = {
        reference: _Bound(row.series.marking, row.series.title)
        for reference, row in selectors.get_observations(viewer, names).items()
    }
    rows = list(Record.objects.visible_to(viewer).filter(reference__in=names).defer("body"))
    drawn = _read_drawn([row.pk for row in rows], viewer)
    for row in rows:
        marking = find_narrowest([row.marking, *drawn.get(row.pk, ())])
        bound[row.reference] = _Bound(marking, row.title)
    visible = Record.objects.visible_to(viewer)
    pictures = Attachment.objects.filter(reference__in=names, record_id__in=visible.values("pk"))
    for picture in pictures.select_related("record"):
        bound[picture.reference] = _Bound(picture.record.marking, picture.title)
    return bound


def _read_drawn(ids: Collection[int], viewer: Viewer) -> dict[int, list[str]]:
    """The markings of the series that charts draw, by the charts: theirs is at least those."""
    charts = Chart.objects.visible_to(viewer).filter(pk__in=ids)
    named = {chart.pk: chart.series_list.split() for chart in charts}
    wanted = {name for names in named.values() for name in names}
    series = selectors.list_named_series(viewer, sorted(wanted)) if wanted else []
    markings = {row.reference: row.marking for row in series}
    return {
        pk: [markings[name] for name in names if name in markings] for pk, names in named.items()
    }
