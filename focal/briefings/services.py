"""Changes of briefings and their editions: with their log and outbox entries, or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from focal.alerts.nudges import settle
from focal.audit.services import write_entry
from focal.briefings.blocks import (
    KINDS,
    Block,
    clean_blocks,
    compose_body,
    iterate_languages,
    iterate_observations,
)
from focal.briefings.drafting import list_records_about, make_first_blocks
from focal.briefings.models import Binding, Briefing, Edition
from focal.briefings.nudges import KIND as NUDGE
from focal.briefings.nudges import make_key
from focal.briefings.rendering import (
    Part,
    find_forcing,
    find_picture,
    iterate_texts,
    name_part,
    plain_text,
    render,
)
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.kernel.ids import new_reference
from focal.records import services as records
from focal.records.audience import read_releases
from focal.records.models import Attachment, Translation
from focal.sharing import policy
from focal.sharing.markings import Marking, rank
from focal.sharing.tokens import COMMUNITY, PUBLIC
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import django_language

KIND, EDITION = "briefing", "edition"


@transaction.atomic
def create_briefing(
    *,
    title: str,
    template: str,
    language: str,
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    summary: str = "",
    marking: str = Marking.CLEAR,
    releases: Sequence[str] = (),
    about: str = "",
    blocks: Sequence[Mapping[str, Any]] | None = None,
    reference: str | None = None,
) -> Briefing:
    """A new briefing as a draft, with what its template writes on what it is `about` (see
    `drafting.SUBJECTS`) unless blocks are given."""
    if template not in Briefing.Template.values:
        raise BadInput(_("There is no template '%s'.") % template)
    with translation.override(django_language(language)):
        first = (
            make_first_blocks(
                template, about=about, marking=marking, by=by, owner=owner_organisation,
                language=language, at=at,
            )
            if blocks is None
            else blocks
        )  # fmt: skip
    record = records.create_record(
        kind=KIND,
        content={
            "title": title,
            "summary": summary,
            "language": language,
            "template": template,
            **list_records_about(template, about),
            "blocks": list(first),
            "body": compose_body(clean_blocks(first, language), language),
        },
        owner_organisation=owner_organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
        reference=reference,
    )
    return Briefing.objects.visible_to(by).get(pk=record.pk)


@transaction.atomic
def change_blocks(
    *,
    briefing: Briefing,
    blocks: Sequence[Mapping[str, Any]],
    base_version: int,
    by: Viewer,
    at: datetime,
    note: str = "",
) -> Briefing:
    """Put these blocks in place of those that stand. EditConflict when somebody saved meanwhile."""
    before, cleaned = _list_bound(briefing), clean_blocks(blocks, briefing.language)
    record = records.edit_record(
        record=briefing,
        content={"blocks": cleaned, "body": compose_body(cleaned, briefing.language)},
        base_version=base_version,
        by=by,
        at=at,
        note=note,
    )
    for row in Translation.objects.filter(record_id=record.pk).order_by("language"):
        body = compose_body(cleaned, row.language)
        if body != compose_body(briefing.blocks, row.language):  # so that search finds its words
            records.save_translation(
                record=record, language=row.language, title=row.title, summary=row.summary,
                body=body, base_version=row.version, needs_check=row.needs_check, by=by, at=at,
            )  # fmt: skip
    gone = [make_key(briefing, *bound) for bound in before - _list_bound(briefing)]
    settle(kind=NUDGE, keys=gone, at=at)
    return Briefing.objects.visible_to(by).get(pk=record.pk)


def get_translation(briefing: Briefing, language: str) -> Translation | None:
    """Its title and summary in another language, if somebody wrote them."""
    return Translation.objects.filter(record_id=briefing.pk, language=language).first()


def translate_briefing(
    *,
    briefing: Briefing,
    language: str,
    title: str,
    summary: str,
    needs_check: bool,
    base_version: int,
    by: Viewer,
    at: datetime,
) -> None:
    """Its title and summary in another language; its blocks are translated one by one."""
    records.save_translation(
        record=briefing, language=language, title=title, summary=summary,
        body=compose_body(briefing.blocks, language), base_version=base_version,
        needs_check=needs_check, by=by, at=at,
    )  # fmt: skip


def _list_bound(briefing: Briefing) -> set[tuple[str, str]]:
    """Each figure that it quotes, with the block where it stands."""
    rows = Binding.objects.filter(briefing_id=briefing.pk)
    return set(rows.values_list("block", "observation"))


# What the kind keeps beside a record's own content


def read_details(record: Briefing) -> dict[str, Any]:
    """The blocks, as versions keep them."""
    return {"blocks": record.blocks}


def write_details(record: Briefing, content: Mapping[str, Any]) -> None:
    """Keep the blocks that are given, and which figures they quote."""
    if "blocks" not in content:
        return
    blocks = clean_blocks(content["blocks"], record.language)
    Briefing._base_manager.filter(pk=record.pk).update(blocks=blocks)
    record.blocks = blocks
    Binding.objects.filter(briefing_id=record.pk).delete()
    Binding.objects.bulk_create(
        Binding(briefing_id=record.pk, block=block["id"], observation=reference)
        for block in blocks
        for reference in sorted(set(iterate_observations(block)))
    )


def say_details(name: str, value: Any, language: str) -> list[str]:
    """Blocks as the history says them: one line each, in the language if they have it."""
    if name != "blocks":
        return []
    return [f"{KINDS[block['kind']].label}: {say_block(block, language)}" for block in value]


def pack(block: Block) -> str:
    """A block as text, for replacing names in it."""
    return json.dumps(block, ensure_ascii=False)


def unpack(text: str) -> Block:
    """The other way round."""
    block: Block = json.loads(text)
    return block


def say_block(block: Block, language: str) -> str:
    """A block in one line."""
    texts: dict[str, str] = block["texts"].get(language) or next(iter(block["texts"].values()), {})
    words = " ".join(plain_text(text) for text in texts.values() if text)
    bound = block.get("observation") or block.get("record") or block.get("query") or ""
    marking = f"[{block['marking']}] " if block["marking"] else ""
    return f"{marking}{words or bound}"[:300]


def list_texts(record: Any) -> list[tuple[str, str]]:
    """All that blocks say, for whoever looks through texts before they go out."""
    return [
        (f"{_('Blocks')} {number}", plain_text(text))
        for number, block in enumerate(record.blocks, start=1)
        for fields in block["texts"].values()
        for text in fields.values()
        if text
    ]


# Editions


def make_edition_viewer(briefing: Briefing, marking: str, *, at: datetime) -> Viewer:
    """Whoever reads an edition of that marking: what it holds, all of them may see.

    One that is released to others than its organisation holds what every member may see.
    """
    tokens = {PUBLIC}
    if marking != Marking.CLEAR:
        tokens.add(COMMUNITY)
    if rank(marking) >= rank(Marking.AMBER) and not read_releases(briefing, at=at):
        tokens.add(f"org:{briefing.owner_organisation_id}")
    return Viewer(tokens=frozenset(tokens), name="edition")


def render_edition(briefing: Briefing, marking: str, language: str, *, at: datetime) -> list[Part]:
    """The parts that an edition of that marking would hold."""
    viewer = make_edition_viewer(briefing, marking, at=at)
    return render(briefing, viewer, language, at=at, ceiling=marking, for_phones=True)


@transaction.atomic
def freeze(
    *, briefing: Briefing, marking: str, by: Viewer, at: datetime, note: str = ""
) -> Edition:
    """A frozen issue of the briefing for the readers of a marking, published at once.

    It holds only what all of them may see. BadInput when nothing would be left, Refused.
    """
    briefing = Briefing.objects.visible_to(by).select_for_update(of=("self",)).get(pk=briefing.pk)
    records.require(policy.may_publish(by, briefing))
    if marking not in {m.value for m in Marking if m != Marking.RED}:
        raise BadInput(_("There are editions for CLEAR, GREEN, AMBER and AMBER+STRICT."))
    translations = {row.language: row for row in Translation.objects.filter(record_id=briefing.pk)}
    languages = dict.fromkeys(
        [briefing.language, *iterate_languages(briefing.blocks), *translations]
    )
    frozen = {
        language: [asdict(part) for part in render_edition(briefing, marking, language, at=at)]
        for language in languages
    }
    if not any(frozen.values()):
        raise BadInput(
            _(
                "Nothing in this briefing is for readers of %s: give the briefing, or the parts"
                " for them, that marking."
            )
            % Marking(marking).label
        )
    number = (
        Edition.objects.for_system("numbers run over all editions for the same readers")
        .filter(of_briefing_id=briefing.pk, issued_for=marking)
        .aggregate(last=Max("number"))["last"]
        or 0
    ) + 1
    pictures = _copy_pictures(frozen)
    is_wider = rank(marking) < rank(briefing.marking)  # its summary is marked as the briefing is
    keeps_release = rank(marking) >= rank(Marking.AMBER)
    releases = sorted(read_releases(briefing, at=at)) if keeps_release else []
    record = records.create_record(
        kind=EDITION,
        content={
            "title": _name_edition(briefing.title, number, briefing.language),
            "summary": "" if is_wider else briefing.summary,
            "language": briefing.language,
            "issued_date": at.date().isoformat(),
            "body": compose_text(frozen[briefing.language]),
            "briefing": briefing.pk,
            "number": number,
            "issued_for": marking,
            "frozen": frozen,
            "approved_by": by.person_id,
            "frozen_at": at,
        },
        owner_organisation=briefing.owner_organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
    )
    for picture in pictures:
        picture.record_id = record.pk
    Attachment.objects.bulk_create(pictures)
    Translation.objects.bulk_create(
        Translation(
            record_id=record.pk, language=language, summary="" if is_wider else row.summary,
            title=_name_edition(row.title, number, language)[:400],
            body=compose_text(frozen[language]), needs_check=row.needs_check,
            of_version=record.version, updated_at=at, updated_by_id=by.person_id,
        )
        for language, row in translations.items()
    )  # fmt: skip
    records.take_step(record=record, step="publish", by=by, at=at, reason=note)
    write_entry(
        action="briefing.frozen",
        target_kind="record",
        target_key=briefing.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"number": number, "marking": marking, "digest": compute_digest(frozen)},
    )
    return Edition.objects.visible_to(by).get(pk=record.pk)


def _name_edition(title: str, number: int, language: str) -> str:
    with translation.override(django_language(language)):
        return _("%(title)s, edition %(number)s") % {"title": title, "number": number}


def _copy_pictures(frozen: Mapping[str, list[dict[str, Any]]]) -> list[Attachment]:
    """The pictures of an edition as documents of its own, which its parts then show: those of the
    records they come from may be replaced or taken away."""
    copies: dict[str, Attachment] = {}
    for part in (one for parts in frozen.values() for one in parts if one["kind"] == "picture"):
        name = part["values"].pop("attachment")
        if name not in copies:
            copies[name] = Attachment.objects.get(reference=name)
            copies[name].pk, copies[name].reference = None, new_reference()
            copies[name].replaces_id, copies[name].version = None, 1
        part["values"]["url"] = find_picture(copies[name].reference)
    return list(copies.values())


def write_frozen(record: Edition, content: Mapping[str, Any]) -> None:
    """Keep what an edition holds: once."""
    if record.frozen_at is None and "frozen" in content:
        Edition._base_manager.filter(pk=record.pk).update(
            of_briefing_id=content["briefing"],
            number=content["number"],
            issued_for=content["issued_for"],
            frozen=content["frozen"],
            digest=compute_digest(content["frozen"]),
            approved_by_id=content["approved_by"],
            frozen_at=content["frozen_at"],
        )
        record.refresh_from_db()


def compose_text(parts: Sequence[Mapping[str, Any]]) -> str:
    """The words of frozen parts, for search."""
    texts = iterate_texts([Part(**part) for part in parts])
    return "".join(f"<p>{escape(text)}</p>" for _place, text in texts)


def compute_digest(frozen: Mapping[str, Any]) -> str:
    """SHA-256 over what an edition holds, in a form that is always the same."""
    packed = json.dumps(frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()


def say_forcing(parts: Sequence[Part]) -> list[str]:
    """Which parts narrow the document, as an editor is told."""
    return [name_part(part) for part in find_forcing(parts) if part.marking]
