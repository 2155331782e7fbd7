"""A record's editable content as plain values: what versions keep and what edits bring.

Keys: language, title, summary, body (cleaned HTML), issued_date (ISO), economies (codes),
topics, target_groups (concept keys), organisations, supersedes (references), sources
(lists of title, url, note), the kind's own fields, and for toolkits `items` (lists of
record reference and note).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import nh3
from django.db import models
from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.records import portions
from focal.records.kinds import get_kind
from focal.records.models import Record, RecordSource, ToolkitItem
from focal.records.portions import MARKABLE
from focal.sharing.markings import Marking
from focal.vocabulary.models import Concept, Economy

Content = dict[str, Any]

PLAIN = ("language", "title", "summary", "body", "issued_date")
CONCEPTS = {"topics": "topics", "target_groups": "target-groups"}
TAGS = {
    "p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "strong", "em", "sub", "sup",
    "a", "hr", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    **{tag: {"data-marking"} for tag in MARKABLE},
}


def clean_html(text: str) -> str:
    """Rich text without anything that could execute, track or restyle the page."""
    return nh3.clean(
        text.replace("\x00", ""),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_keep_known_markings,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def _keep_known_markings(_tag: str, name: str, value: str) -> str | None:
    return value if name != "data-marking" or value in set(Marking) else None


def clean_line(text: str) -> str:
    """One line of plain text: control characters and runs of white space become one space."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(kept.split())


def clean_text(text: str) -> str:
    """Plain text of several lines, without NUL, lone surrogates and carriage returns."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def read_content(record: Record) -> Content:
    """The content of a record (an instance of its kind's model), as plain values.

    The text is whole, with every marked paragraph: for those who may change it, and for versions.
    """
    kind = get_kind(record.kind)
    content: Content = {name: _plain(getattr(record, name)) for name in (*PLAIN, *kind.fields)}
    content["body"] = portions.read_full(record, record.body)
    content["economies"] = sorted(record.economies.values_list("code", flat=True))
    for name in (*CONCEPTS, *kind.concept_fields):
        content[name] = sorted(getattr(record, name).values_list("key", flat=True))
    content["organisations"] = sorted(record.organisations.values_list("reference", flat=True))
    content["supersedes"] = record.supersedes.reference if record.supersedes else ""
    content["sources"] = [
        list(row)
        for row in RecordSource.objects.filter(record_id=record.pk)
        .order_by("position")
        .values_list("title", "url", "note")
    ]
    if kind.has_items:
        content["items"] = [
            list(row)
            for row in ToolkitItem.objects.filter(toolkit_id=record.pk)
            .order_by("position")
            .values_list("record__reference", "note")
        ]
    if kind.read_details is not None:
        content.update(kind.read_details(record))
    return content


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else "" if value is None else value


def set_plain_fields(record: Record, content: Mapping[str, Any]) -> None:
    """Put the plain values into the instance, cleaned; BadInput when one cannot be used.

    `body` is the whole text then: `portions.keep` takes the marked paragraphs out of it.
    """
    kind = get_kind(record.kind)
    for name in (*PLAIN, *kind.fields):
        if name in content:
            setattr(record, name, _clean_field(record, name, content[name]))
    if "supersedes" in content:
        record.supersedes = _find_superseded(record, str(content["supersedes"]))
    if not record.title:
        raise BadInput(_("Give it a title."))


def _clean_field(record: Record, name: str, value: Any) -> Any:
    field = record._meta.get_field(name)
    if isinstance(field, models.DateField):
        try:
            return date.fromisoformat(value) if value else None
        except (TypeError, ValueError):
            raise BadInput(_("'%s' is not a date.") % value) from None
    if name == "body":
        return clean_html(str(value))
    if isinstance(field, models.CharField) and not isinstance(field, models.TextField):
        value = clean_line(str(value))
        if field.max_length and len(value) > field.max_length:
            raise BadInput(
                _("'%(field)s' is too long: %(length)s characters, at most %(limit)s fit.")
                % {
                    "field": field.verbose_name,
                    "length": len(value),
                    "limit": field.max_length,
                }
            )
        may_be_empty = field.blank and not value
        if field.choices and value not in dict(field.flatchoices) and not may_be_empty:
            raise BadInput(_("'%s' is not one of the choices.") % value)
        return value
    return clean_text(str(value))


def _find_superseded(record: Record, reference: str) -> Record | None:
    if not reference:
        return None
    if reference == record.reference:
        raise BadInput(_("A record cannot supersede itself."))
    found = (
        Record.objects.for_system("it was chosen by somebody who sees it")
        .filter(reference=reference)
        .first()
    )
    if found is None:
        raise BadInput(_("Not known here: %s.") % reference)
    return found


def _clean_address(url: str) -> str:
    url = clean_line(url)[:1000]
    if url and not url.lower().startswith(("http://", "https://")):
        raise BadInput(_("'%s' is not an address of the web.") % url)
    return url


def set_related(record: Record, content: Mapping[str, Any]) -> None:
    """Put the lists (economies, topics, sources, items ...) in place of those that stand."""
    kind = get_kind(record.kind)
    if "economies" in content:
        record.economies.set(_find(Economy, "code", content["economies"]))
    for name, scheme in {**CONCEPTS, **kind.concept_fields}.items():
        if name in content:
            getattr(record, name).set(_find(Concept, "key", content[name], scheme=scheme))
    if "organisations" in content:
        record.organisations.set(_find(Organisation, "reference", content["organisations"]))
    if "sources" in content:
        RecordSource.objects.filter(record_id=record.pk).delete()
        RecordSource.objects.bulk_create(
            RecordSource(
                record_id=record.pk,
                position=position,
                title=clean_line(title)[:500],
                url=_clean_address(url),
                note=clean_line(note)[:500],
            )
            for position, (title, url, note) in enumerate(content["sources"])
            if title.strip() or url.strip()
        )
    if kind.has_items and "items" in content:
        _set_items(record, content["items"])
    if kind.write_details is not None:
        kind.write_details(record, content)


def _set_items(record: Record, items: list[list[str]]) -> None:
    found = {
        row.reference: row.pk
        for row in Record.objects.for_system("items were chosen by somebody who sees them").filter(
            reference__in=[reference for reference, _note in items]
        )
    }
    ToolkitItem.objects.filter(toolkit_id=record.pk).delete()
    ToolkitItem.objects.bulk_create(
        ToolkitItem(
            toolkit_id=record.pk,
            record_id=found[reference],
            position=position,
            note=clean_line(note)[:500],
        )
        for position, (reference, note) in enumerate(items)
        if reference in found
    )


def _find(model: type[models.Model], name: str, values: list[str], **where: str) -> list[Any]:
    rows = list(model._base_manager.filter(**{f"{name}__in": values}, **where))
    missing = set(values) - {getattr(row, name) for row in rows}
    if missing:
        raise BadInput(_("Not known here: %s.") % ", ".join(sorted(missing)))
    return rows


def compare(before: Content, after: Content) -> list[str]:
    """The names of the fields that differ, in a steady order."""
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]
