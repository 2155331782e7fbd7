"""The blocks of a briefing: what kinds there are, and cleaning what an editor brings.

A block is a mapping: `id` (its name for life), `kind`, `marking` (empty: the briefing's own),
`texts` ({language: {field: text}}), `checks` (languages whose text needs a check) and what it is
bound to; a heading of a template has a `hint` (see `drafting.py`), told to those who write alone.
A figure inside a sentence is written `[[figure:<reference of an observation>]]`, or without its
unit `[[figure:<reference>:number]]`, where the sentence names what is counted in its own case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from focal.kernel.errors import BadInput
from focal.kernel.ids import LENGTH, new_reference
from focal.records.content import clean_html, clean_line, clean_text
from focal.records.portions import split_blocks, unmark
from focal.sharing.markings import Marking, find_narrowest
from focal.vocabulary.languages import canonical_language

Block = dict[str, Any]
_TOP = re.compile(r"<(p|h2|h3|h4|ul|ol|blockquote|table)(?=[ >])")
_ADDRESS = re.compile(r"https?://[^\s]+\Z")
FIGURE = re.compile(r"\[\[figure:([0-9a-z]{14})(:number)?\]\]")
MOST_BLOCKS = 300
# What is RED is for people named one by one; it does not belong in a document for many.
MARKINGS = ("", *(marking.value for marking in Marking if marking != Marking.RED))


@dataclass(frozen=True, slots=True)
class BlockKind:
    """One kind: its texts (`rich` ones keep their markup), its further fields, and those that no
    form asks for."""

    key: str
    label: str | Promise
    help: str | Promise
    texts: tuple[str, ...] = ()
    rich: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


KINDS: dict[str, BlockKind] = {
    kind.key: kind
    for kind in (
        BlockKind(
            "heading",
            gettext_lazy("Heading"),
            gettext_lazy("Begins a section."),
            texts=("text",),
            needed=("text",),
            kept=("hint",),
        ),
        BlockKind(
            "text",
            gettext_lazy("Text"),
            gettext_lazy("Paragraphs and lists. Figures inside a sentence stay bound."),
            texts=("text",),
            rich=("text",),
            needed=("text",),
        ),
        BlockKind(
            "figure",
            gettext_lazy("Key figure"),
            gettext_lazy("One figure, large, with what it counts, when, and who says so."),
            texts=("label",),
            fields=("observation",),
            needed=("observation",),
        ),
        BlockKind(
            "chart",
            gettext_lazy("Chart or map"),
            gettext_lazy("A saved chart, the chart of a series, or a question of a survey."),
            texts=("caption",),
            fields=("record",),
            needed=("record",),
        ),
        BlockKind(
            "quote",
            gettext_lazy("Quotation"),
            gettext_lazy("What somebody said or wrote, with the source."),
            texts=("text",),
            fields=("source", "url"),
            needed=("text", "source"),
        ),
        BlockKind(
            "pull",
            gettext_lazy("Pull quote"),
            gettext_lazy("One sentence of the document, large."),
            texts=("text",),
            needed=("text",),
        ),
        BlockKind(
            "list",
            gettext_lazy("List of records"),
            gettext_lazy("The newest records that a search finds; it stays up to date by itself."),
            texts=("title",),
            fields=("query",),
            needed=("query",),
        ),
        BlockKind(
            "coverage",
            gettext_lazy("Extract of the coverage"),
            gettext_lazy("Needs set against initiatives, for one economy or all."),
            texts=("title",),
            fields=("query",),
        ),
        BlockKind(
            "people",
            gettext_lazy("People to contact"),
            gettext_lazy("Names, posts and how to reach them, one a line."),
            texts=("title", "lines"),
            needed=("lines",),
        ),
        BlockKind(
            "picture",
            gettext_lazy("Picture"),
            gettext_lazy("A picture among the documents of a record, described in words as well."),
            texts=("description", "credit"),
            fields=("attachment",),
            needed=("attachment", "description"),
        ),
    )
}


def clean_blocks(given: Any, language: str) -> list[Block]:
    """Blocks fit to be kept; BadInput names the block and what is wrong with it."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise BadInput(_("A briefing is a list of blocks."))
    if len(given) > MOST_BLOCKS:
        raise BadInput(_("A briefing has at most %s blocks.") % MOST_BLOCKS)
    cleaned: list[Block] = []
    seen: set[str] = set()
    for number, block in enumerate(given, start=1):
        try:
            one = clean_block(block, language)
        except BadInput as error:
            raise BadInput(
                _("Block %(number)s: %(problem)s") % {"number": number, "problem": error}
            ) from None
        if one["id"] in seen:
            one["id"] = new_reference()
        seen.add(one["id"])
        cleaned.append(one)
    return cleaned


def clean_block(given: Any, language: str) -> Block:
    """One block fit to be kept, `language` being the briefing's own. BadInput."""
    if not isinstance(given, Mapping) or given.get("kind") not in KINDS:
        raise BadInput(_("There is no such kind of block."))
    kind = KINDS[given["kind"]]
    marking = str(given.get("marking", ""))
    name = str(given.get("id", ""))
    fields = (*kind.fields, *kind.kept)
    block: Block = {
        "id": name if len(name) == LENGTH and name.isalnum() else new_reference(),
        "kind": kind.key,
        "marking": marking,
        "texts": _clean_texts(kind, given.get("texts") or {}),
        "checks": sorted({canonical_language(str(code)) for code in given.get("checks") or ()}),
        **{name: clean_line(str(given.get(name, "")))[:1000] for name in fields},
    }
    if not {marking, *_iterate_markings(kind, block)} <= set(MARKINGS):
        raise BadInput(
            _("A part may be marked up to TLP:AMBER+STRICT; what is RED belongs in no document.")
        )
    if block.get("url") and not _ADDRESS.match(block["url"]):
        raise BadInput(
            _("'%s' is not an address of the web. It begins with https://") % block["url"]
        )
    for name in kind.needed:
        has = block.get(name) if name in kind.fields else block["texts"].get(language, {}).get(name)
        if not has:
            raise BadInput(NEEDED[name])
    return block


def _iterate_markings(kind: BlockKind, block: Block) -> Iterator[str]:
    """Those of paragraphs."""
    for fields in block["texts"].values():
        for name in kind.rich:
            yield from (one.marking for one in split_blocks(fields[name]))


NEEDED: dict[str, Any] = {
    "text": gettext_lazy("Write its text."),
    "observation": gettext_lazy("Choose the figure."),
    "record": gettext_lazy("Choose the chart or the series."),
    "source": gettext_lazy("Say where the quotation comes from."),
    "query": gettext_lazy("Say what the list is to find."),
    "lines": gettext_lazy("Write at least one line."),
    "attachment": gettext_lazy("Choose the picture."),
    "description": gettext_lazy("Describe the picture for those who do not see it."),
}


def _clean_texts(kind: BlockKind, given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for code, fields in given.items():
        if not isinstance(fields, Mapping):
            continue
        kept = {name: _clean_text(kind, name, str(fields.get(name, ""))) for name in kind.texts}
        if any(kept.values()):
            texts[canonical_language(str(code))] = kept
    return texts


def _clean_text(kind: BlockKind, name: str, text: str) -> str:
    if name in kind.rich:
        return clean_html(text)
    return clean_text(text) if name == "lines" else clean_line(text)


def find_text(block: Block, language: str, original: str) -> tuple[dict[str, str], str]:
    """A block's texts in a language, else in the briefing's own; and which language that is."""
    for code in (language, original):
        if code in block["texts"]:
            return block["texts"][code], code
    return {}, original


def iterate_observations(block: Block) -> Iterator[str]:
    """The figures that a block is bound to."""
    if block.get("observation"):
        yield block["observation"]
    for fields in block["texts"].values():
        for text in fields.values():
            yield from (reference for reference, _form in FIGURE.findall(text))


def find_record(block: Block) -> str:
    """The record that a block draws: a chart, a series, or the survey that a question is of."""
    return str(block.get("record", "")).partition("?")[0]


def name_series(reference: str, area: str) -> str:
    """How a block names the chart of a series: of all its figures, or those of one area."""
    return f"{reference}?area={area}" if area else reference


def read_series(name: str) -> tuple[str, str]:
    """The other way round: the series, and the area, if there is one."""
    reference, _mark, query = name.partition("?")
    return reference, query.removeprefix("area=")


def iterate_languages(blocks: Sequence[Block]) -> Iterator[str]:
    """Every language that some block has a text in."""
    yield from sorted({code for block in blocks for code in block["texts"]})


def compose_body(blocks: Sequence[Block], language: str) -> str:
    """The words of all blocks in one language as rich text: what search finds them by.

    Marked blocks keep their marking, so that their words reach nobody else.
    """
    return "".join(_compose(block, block["texts"].get(language, {})) for block in blocks)


def _compose(block: Block, texts: Mapping[str, str]) -> str:
    mark = f' data-marking="{block["marking"]}"' if block["marking"] else ""
    rich = KINDS[block["kind"]].rich
    parts = []
    for name, written in texts.items():
        text = FIGURE.sub("", written)
        if name in rich:
            parts += [_mark(one.html, one.marking, block["marking"]) for one in split_blocks(text)]
        elif text:
            parts.append(f"<p{mark}>{escape(text)}</p>")
    return "".join(parts)


def _mark(html: str, *markings: str) -> str:
    """A paragraph, list or the like under the narrowest of some markings."""
    marking = find_narrowest(markings)
    if not marking:
        return html
    plain, mark = unmark(html), f' data-marking="{marking}"'
    if _TOP.match(plain):
        return _TOP.sub(lambda found: f"<{found[1]}{mark}", plain, count=1)
    return f"<p{mark}>{plain}</p>"
