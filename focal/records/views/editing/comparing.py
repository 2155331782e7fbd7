"""Two contents of a record beside each other, field by field, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.records import portions
from focal.records.content import CONCEPTS, Content, compare
from focal.records.forms.editing import get_field_label
from focal.records.kinds import Kind
from focal.records.models import Practice, Record
from focal.records.selectors import to_plain
from focal.sharing.viewer import Viewer
from focal.ui.components import DiffPart, compare_texts
from focal.vocabulary.selectors import get_vocabulary

LINK = re.compile(r'<a\s[^>]*href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
OWN_LABELS = {"sources", "items", "economies", "organisations", "supersedes", "issued_date"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its name, and what came and went."""

    name: str
    label: str
    parts: list[DiffPart]
    note: str = ""


def read_rich(html: str) -> str:
    """Rich text as plain text that still shows where links lead and lists begin."""
    html = LINK.sub(lambda found: f"{found[2]} [{found[1]}]", html)
    html = html.replace("<li>", "\N{BULLET} ").replace("<li><p>", "\N{BULLET} ")
    return unescape(re.sub(r"\n{2,}", "\n", to_plain(html)))


class Describer:
    """Says what values mean, with as few questions to the database as there are tables."""

    def __init__(
        self, viewer: Viewer, kind: Kind, language: str, contents: Iterable[Content]
    ) -> None:
        self.kind, self.language, self.words = kind, language, get_vocabulary()
        contents = list(contents)
        wanted = {c.get("supersedes", "") for c in contents} | {
            row[0] for c in contents for row in c.get("items", ())
        }
        self.titles = dict(
            Record.objects.visible_to(viewer)
            .filter(reference__in=[name for name in wanted if name])
            .values_list("reference", "title")
        )
        self.organisations = {
            row.reference: str(row)
            for row in Organisation.objects.filter(
                reference__in=[o for c in contents for o in c.get("organisations", ())]
            )
        }

    def get_label(self, name: str) -> str:
        """What a field is called."""
        own = {
            "sources": _("Sources"),
            "items": _("What is in it"),
            "title": _("Title"),
            "organisations": _("Organisations it comes from"),
        }
        if name in own:
            return own[name]
        if name in self.kind.details:
            return str(self.kind.details[name])
        return get_field_label(self.kind, name)

    def list_values(self, name: str, values: Sequence[Any]) -> list[str]:
        """Each entry of a list in words; records that the viewer cannot see are left out."""
        if name == "economies":
            return [self.words.economy_name(code, self.language) for code in values]
        if name == "organisations":
            return [self.organisations.get(reference, reference) for reference in values]
        if name == "items":
            return [
                " \N{EN DASH} ".join(filter(None, (self.titles[reference], note)))
                for reference, note in values
                if reference in self.titles
            ]
        if name == "sources":
            return [", ".join(filter(None, row)) for row in values]
        if name in self.kind.details and self.kind.say_details is not None:
            return self.kind.say_details(name, values, self.language)
        scheme = {**CONCEPTS, **self.kind.concept_fields}.get(name, "")
        return [self.words.label(scheme, key, self.language) for key in values]

    def say(self, name: str, value: Any) -> str:
        """A value in words."""
        if isinstance(value, list | tuple):
            return "\n".join(self.list_values(name, value))
        if not value:
            return ""
        if name == "body":
            return read_rich(portions.present(value))
        if name == "supersedes":
            return self.titles.get(value, "")
        if name == "language":
            return self.words.language_name(value, self.language)
        if name == "evidence_grade":
            return str(dict(Practice.Grade.choices).get(value, value))
        return str(value)

    def compare(self, name: str, before: Any, after: Any) -> Difference:
        """What came and went in one field."""
        if isinstance(before or after, list | tuple):
            old = self.list_values(name, before or ())
            new = self.list_values(name, after or ())
            return Difference(name, self.get_label(name), _compare_lists(old, new))
        old_text, new_text = self.say(name, before), self.say(name, after)
        note = ""
        if old_text == new_text and name == "body":
            note = _("Only how the text is laid out has changed, not its words.")
        return Difference(name, self.get_label(name), compare_texts(old_text, new_text), note)


def _compare_lists(old: list[str], new: list[str]) -> list[DiffPart]:
    parts = [DiffPart("same" if entry in new else "removed", entry + "\n") for entry in old]
    parts += [DiffPart("added", entry + "\n") for entry in new if entry not in old]
    if not any(part.kind != "same" for part in parts) and old != new:
        return [DiffPart("removed", e + "\n") for e in old] + [
            DiffPart("added", e + "\n") for e in new
        ]
    return parts


def list_differences(
    viewer: Viewer, kind: Kind, language: str, before: Content, after: Content
) -> list[Difference]:
    """The fields that differ between two contents, with what came and went in each."""
    describer = Describer(viewer, kind, language, (before, after))
    found = (
        describer.compare(name, before.get(name), after.get(name))
        for name in compare(before, after)
        if (before.get(name) or after.get(name)) and name in after
    )
    return [
        difference
        for difference in found
        if difference.note or any(part.kind != "same" for part in difference.parts)
    ]
