"""Forms of the pages for editing: a record of any kind, who may see it, a translation, a step.

They are plain Django forms that give what the services take. A form also knows its raw side
(`take_raw`, `to_raw`): what was typed, whether it is right or not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from focal.directory.models import Organisation
from focal.records.content import CONCEPTS, Content, clean_text, read_content
from focal.records.finding.pages import explain_grade
from focal.records.forms.editing_fields import (
    Column,
    RecordField,
    RichTextField,
    RowsField,
    SearchedSelect,
    TolerantDateField,
    find_reference,
)
from focal.records.kinds import Kind
from focal.records.models import Practice, Record, Translation, WorkingCopy
from focal.records.persons import HoldsPersons
from focal.records.portions import read_markings
from focal.records.selectors import get_known_tokens
from focal.sharing.forms import AudienceForm
from focal.sharing.recipients import Recipients
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

Raw = Mapping[str, list[str]]
NOT_TYPED = {"csrfmiddlewaretoken", "row", "save", "preview", "confirmed"}


def take_raw(data: QueryDict) -> dict[str, list[str]]:
    """What was typed, field by field, as a working copy keeps it."""
    return {
        name: [clean_text(value) for value in data.getlist(name)]
        for name in data
        if name not in NOT_TYPED and not name.startswith("choice-")
    }


def make_data(raw: Raw) -> QueryDict:
    """What `take_raw` kept, as a form takes it."""
    data = QueryDict(mutable=True)
    for name, values in raw.items():
        data.setlist(name, list(values))
    return data


class TypedForm(forms.Form):
    """A form that can start from what somebody had typed before."""

    def start_from(self, raw: Raw) -> None:
        """Show what was typed, without judging it yet."""
        data = make_data(raw)
        for name, field in self.fields.items():
            widget = field.widget
            if widget.needs_multipart_form:
                continue  # a browser lets nobody but the reader choose a file
            if not widget.value_omitted_from_data(data, {}, name):
                self.initial[name] = field.widget.value_from_datadict(data, {}, name)

    def _leave_pasting_alone(self) -> None:
        # `maxlength` would cut what is pasted without a word; the check says it aloud.
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)


class KeptForm(TypedForm):
    """A form whose words are kept while they are typed, until they are sent.

    `kept` is what it began with, `follows` the tab that wrote this last.
    """

    holds_persons: HoldsPersons | None = None
    is_refilled = False
    kept: WorkingCopy | None = None
    follows = ""

    def start_from(self, raw: Raw) -> None:
        super().start_from(raw)
        self.is_refilled = True


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the form; folded ones hold what is rarely needed."""

    key: str
    title: str
    fields: tuple[str, ...]
    is_folded: bool = False


class RecordForm(TypedForm):
    """The text and the facts of a record, made from its kind."""

    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        kind: Kind,
        viewer: Viewer,
        language: str,
        record: Record | None = None,
    ) -> None:
        super().__init__(data)
        self.kind, self.viewer, self.language, self.record = kind, viewer, language, record
        self.original = read_content(record) if record else {}
        self.at_work_on = ""  # the field whose rows were just changed without scripts
        self._hidden_items: list[tuple[int, list[str]]] = []
        self._hidden_superseded = ""
        self._add_fields()
        self._leave_pasting_alone()
        self.initial = self.hide(self.original) if record else self._get_defaults()
        self.initial["base_version"] = record.version if record else 0

    # Fields

    def _add_fields(self) -> None:
        add = self.fields
        add["title"] = forms.CharField(
            label=_("Title"),
            max_length=400,
            help_text=_("In the language it is written in."),
            error_messages={"required": _("Give it a title.")},
        )
        languages = get_language_choices(self.language)
        if self.record is not None and self.record.language not in dict(languages):
            languages.append((self.record.language, self.record.language))
        add["language"] = forms.ChoiceField(label=_("Language"), choices=languages)
        add["summary"] = forms.CharField(
            label=_("Summary"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Two or three sentences that stand in lists and search results."),
        )
        add["body"] = RichTextField(
            label=_("Text"),
            required=False,
            takes_portions=True,
            widget=forms.Textarea(attrs={"rows": 14}),
        )
        add["issued_date"] = TolerantDateField(
            label=_("Date"), required=False, help_text=_("When it was issued. Example: 3.5.2026")
        )
        for name in self.kind.fields:
            add[name] = _make_field(self.kind, name)
        self._add_lists()
        self._add_links()
        if self.record is not None:
            add["note"] = forms.CharField(
                label=_("What did you change?"),
                required=False,
                max_length=300,
                help_text=_("One line for the history."),
            )

    def _add_lists(self) -> None:
        words = get_vocabulary()
        chosen = self.original.get
        self.fields["economies"] = _make_chooser(
            _("Economies"),
            words.economy_choices(self.language),
            chosen("economies", ()),
            lambda code: words.economy_name(code, self.language),
        )
        for name, scheme in {**CONCEPTS, **self.kind.concept_fields}.items():
            self.fields[name] = _make_chooser(
                get_field_label(self.kind, name),
                words.choices(scheme, self.language),
                chosen(name, ()),
                lambda key, scheme=scheme: words.label(scheme, key, self.language),
                words={
                    entry.key: " ".join(row.label for row in entry.labels)
                    for entry in words.get_concepts(scheme)
                },
            )
        self.fields["organisations"] = _make_chooser(
            _("Organisations it comes from"), list_organisations(), (), str
        )

    def _add_links(self) -> None:
        self.fields["supersedes"] = RecordField(
            label=_("Supersedes"),
            required=False,
            find=self._find_record,
            help_text=_(
                "The earlier record that this one takes the place of: search for it,"
                " or paste the address of its page."
            ),
        )
        self.fields["sources"] = RowsField(
            label=_("Sources"),
            help_text=_("Where the statements come from."),
            needs="title",
            add_label=_("Add a source"),
            columns=(
                Column("title", _("Title")),
                Column("url", _("Address on the web"), "url", 1000),
                Column("note", _("Note, such as the page")),
            ),
        )
        if self.kind.has_items:
            self.fields["items"] = RowsField(
                label=_("What is in it"),
                help_text=_("Records in the order in which they are to be read."),
                needs="record",
                add_label=_("Add a record"),
                find=self._find_record,
                columns=(
                    Column("record", _("Record"), "record"),
                    Column("note", _("What it is there for")),
                ),
            )

    def _find_record(self, text: str) -> tuple[str, str] | None:
        """Only what the viewer can see can be chosen; all else does not exist."""
        visible = Record.objects.visible_to(self.viewer)
        if reference := find_reference(text):
            row = visible.filter(reference=reference).values_list("reference", "title").first()
            if row:
                return row
        rows = list(visible.filter(title__iexact=text).values_list("reference", "title")[:2])
        return rows[0] if len(rows) == 1 else None

    def get_sections(self) -> list[Section]:
        """The parts of the form: what must be said first, what may be said folded."""
        own = self.kind.fields
        evidence = tuple(name for name in own if name.startswith("evidence"))
        rest = tuple(name for name in own if name not in evidence)
        sections = [Section("text", _("Text"), ("title", "language", "summary", "body"))]
        if self.kind.has_items:
            sections.append(Section("items", _("What is in it"), ("items",)))
        if evidence:
            sections.append(Section("evidence", _("Evidence"), evidence))
        sections.append(
            Section(
                "belongs",
                _("What and whom it is about"),
                ("economies", "topics", "target_groups", *self.kind.concept_fields),
            )
        )
        sections += [
            Section(
                "facts",
                _("Dates and facts"),
                ("issued_date", *rest),
                len(rest) > 6 and not any(self.fields[name].required for name in rest),
            ),
            Section(
                "links",
                _("Where it comes from"),
                ("organisations", "sources", "supersedes"),
                is_folded=True,
            ),
        ]
        if "note" in self.fields:
            sections.append(Section("note", _("For the history"), ("note",)))
        return sections

    # Values

    def _get_defaults(self) -> Content:
        start: Content = {"language": self.language}
        if "evidence_grade" in self.fields:
            start["evidence_grade"] = Practice.Grade.SELF_REPORTED
        return start

    def hide(self, content: Content) -> Content:
        """The content without references to records that the viewer may not see."""
        content = dict(content)
        named = [content["supersedes"], *(row[0] for row in content.get("items", ()))]
        visible = set(
            Record.objects.visible_to(self.viewer)
            .filter(reference__in=[name for name in named if name])
            .values_list("reference", flat=True)
        )
        if content["supersedes"] and content["supersedes"] not in visible:
            self._hidden_superseded, content["supersedes"] = content["supersedes"], ""
        if "items" in content:
            rows = list(enumerate(content["items"]))
            self._hidden_items = [(at, row) for at, row in rows if row[0] not in visible]
            content["items"] = [row for _at, row in rows if row[0] in visible]
        return content

    def show_content(self, content: Content) -> None:
        """Start from this content instead of the record's own."""
        version = self.initial["base_version"]
        self.initial = self.hide({"supersedes": "", **content})
        self.initial["base_version"] = version

    def clean_language(self) -> str:
        language = self.cleaned_data["language"]
        if (
            self.record is not None
            and language != self.record.language
            and Translation.objects.filter(record_id=self.record.pk, language=language).exists()
        ):
            raise ValidationError(
                _("There is a translation in this language. Remove it first, then change this.")
            )
        return language

    def clean_supersedes(self) -> str:
        reference = self.cleaned_data["supersedes"]
        if self.record is not None and reference == self.record.reference:
            raise ValidationError(_("A record cannot supersede itself."))
        return reference

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():  # browsers send other line ends than we keep
            cleaned[name] = clean_text(value) if isinstance(value, str) else value
        start, end = cleaned.get("start_date"), cleaned.get("end_date")
        if start and end and end < start:
            self.add_error("end_date", _("It ends before it starts."))
        return cleaned

    def get_content(self) -> Content:
        """What the services take. What the viewer could not see stays as it was."""
        content = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"note", "base_version"}
        }
        if self._hidden_superseded and not content.get("supersedes"):
            content["supersedes"] = self._hidden_superseded
        for at, row in self._hidden_items:
            content.setdefault("items", []).insert(at, row)
        return content

    def get_draft_content(self) -> Content:
        """The content as far as it can be read: for previews and comparisons."""
        self.is_valid()
        content = dict(self.initial) | self.cleaned_data
        for name in self.errors:
            if name in self.fields and not isinstance(self.fields[name], RowsField):
                value = self[name].value()
                content[name] = value if isinstance(value, list) else str(value or "")
        return {k: v for k, v in content.items() if k not in {"note", "base_version"}}

    def to_raw(self, content: Content) -> dict[str, list[str]]:
        """What this form would have sent for a content."""
        raw: dict[str, list[str]] = {}
        for name, field in self.fields.items():
            value = content.get(name, "")
            if isinstance(field, RowsField):
                for at, column in enumerate(field.columns):
                    raw[f"{name}-{column.name}"] = [row[at] for row in value or ()]
            elif isinstance(value, list | tuple):
                raw[name] = [str(item) for item in value]
            elif name not in {"base_version", "note"}:
                raw[name] = [str(value)]
        return raw


def upper_first(text: str) -> str:
    """'Economies' for 'economies'."""
    return text[:1].upper() + text[1:]


def get_model_field(kind: Kind, name: str) -> models.Field:
    """A field of a kind's model, by its name."""
    field = kind.model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is no field of {kind.key}")
    return field


def get_field_label(kind: Kind, name: str) -> str:
    """What a field of a kind is called, as a label begins."""
    return upper_first(str(get_model_field(kind, name).verbose_name))


def _make_field(kind: Kind, name: str) -> forms.Field:
    """The form's field for a kind's own model field."""
    field = get_model_field(kind, name)
    label, needed = get_field_label(kind, name), not field.blank
    if isinstance(field, models.DateField):
        return TolerantDateField(label=label, required=needed, help_text=_("Example: 3.5.2026"))
    if field.name == "evidence_grade":
        return forms.ChoiceField(
            label=label,
            choices=[
                (
                    grade.value,
                    format_html(
                        "<strong>{}</strong> <span class='explained'>{}</span>",
                        grade.label,
                        explain_grade(grade),
                    ),
                )
                for grade in Practice.Grade
            ],
            widget=forms.RadioSelect,
            help_text=_("How well is it proven? Readers see this beside the text."),
        )
    if field.choices:
        return forms.ChoiceField(
            label=label, choices=field.choices, widget=forms.RadioSelect, required=needed
        )
    if isinstance(field, models.TextField):
        return forms.CharField(
            label=label, required=needed, widget=forms.Textarea(attrs={"rows": 4})
        )
    return forms.CharField(label=label, required=needed, max_length=field.max_length)


def _make_chooser(
    label: str,
    choices: list[tuple[str, str]],
    chosen: Iterable[str],
    get_name: Any,
    words: dict[str, str] | None = None,
) -> forms.MultipleChoiceField:
    """A chooser of several; what is chosen already stays, also when it has been retired."""
    offered = {value for value, _name in choices}
    kept = [(value, get_name(value)) for value in chosen if value not in offered]
    return forms.MultipleChoiceField(
        label=label, choices=[*choices, *kept], required=False, widget=SearchedSelect(words=words)
    )


def get_language_choices(language: str) -> list[tuple[str, str]]:
    """The languages a text may be in."""
    return get_vocabulary().language_choices(language) or [("en", "English")]


def list_organisations(ids: Collection[int] | None = None) -> list[tuple[str, str]]:
    """(reference, name) of all organisations, or of those with these keys."""
    rows = Organisation.objects.all() if ids is None else Organisation.objects.filter(pk__in=ids)
    return [(row.reference, str(row)) for row in rows.order_by("name", "pk")]


# Who may see it


class SharingForm(AudienceForm, TypedForm):
    """The marking and whom a record is released to; for a new one also whose it is."""

    owner = forms.ChoiceField(
        label=gettext_lazy("It belongs to"),
        error_messages={"required": gettext_lazy("Choose the organisation it belongs to.")},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        viewer: Viewer,
        language: str,
        record: Record | None = None,
        releases: Collection[str] = (),
    ) -> None:
        super().__init__(
            data,
            viewer=viewer,
            language=language,
            before=record.marking if record else "",
            releases=releases,
            owner_organisation=record.owner_organisation_id if record else None,
            known=get_known_tokens,
            has_portions=bool(record and read_markings(record)),
        )
        self.record = record
        if record is not None:
            del self.fields["owner"]
            return
        owners = list_organisations(viewer.writes_for)
        self.fields["owner"].choices = (  # type: ignore[attr-defined]
            owners if len(owners) == 1 else [("", _("Choose an organisation")), *owners]
        )

    def get_owner(self) -> Organisation:
        """The organisation that a new record belongs to."""
        return Organisation.objects.get(reference=self.cleaned_data["owner"])

    def get_owner_key(self) -> int | None:
        if self.record is not None:
            return self.owner_organisation
        reference = self.cleaned_data.get("owner")
        return Organisation.objects.filter(reference=reference).values_list("pk", flat=True).first()


def name_tokens(tokens: Collection[str], language: str, viewer: Viewer) -> list[str]:
    """The names behind a release list, as far as the viewer may know of them."""
    return Recipients(language, viewer).name(tokens) if tokens else []


# Translations and steps


class TranslationForm(TypedForm):
    """The text of a record in one more language."""

    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=400,
        error_messages={"required": gettext_lazy("Give the translation a title.")},
    )
    summary = forms.CharField(
        label=gettext_lazy("Summary"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    body = RichTextField(
        label=gettext_lazy("Text"),
        required=False,
        takes_portions=True,
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("Who translated it?"),
        choices=Translation.Origin.choices,
        widget=forms.RadioSelect,
        initial=Translation.Origin.HUMAN,
    )
    needs_check = forms.BooleanField(
        label=gettext_lazy("It still needs a check by a native reader"),
        required=False,
        help_text=gettext_lazy("Readers are told so until somebody has checked it."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        translation: Translation | None = None,
        body: str = "",
    ) -> None:
        super().__init__(data)
        self._leave_pasting_alone()
        self.initial = {"base_version": 0, "origin": Translation.Origin.HUMAN}
        if translation is not None:
            self.initial = {
                "base_version": translation.version,
                **{
                    name: getattr(translation, name)
                    for name in ("title", "summary", "origin", "needs_check")
                },
                "body": body,  # whole, with its marked paragraphs
            }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "summary" in cleaned:
            cleaned["summary"] = clean_text(cleaned["summary"])
        return cleaned

    def get_text(self) -> dict[str, Any]:
        """What the services take."""
        return {k: v for k, v in self.cleaned_data.items() if k != "base_version"}

    def get_draft_text(self) -> dict[str, Any]:
        """The text as far as it can be read."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, self[name].value()) for name in self.fields}


class StepForm(TypedForm):
    """The reason for a step of the life cycle."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )

    def __init__(self, data: QueryDict | None = None, *, step: str) -> None:
        super().__init__(data)
        self._leave_pasting_alone()
        if step == "withdraw":
            self.fields["reason"].error_messages["required"] = _("Say why it is withdrawn.")
            self.fields["reason"].help_text = _(
                "It stays in the history. Only the organisation it belongs to reads it."
            )
        elif step == "return":
            self.fields["reason"].required = False
            self.fields["reason"].label = _("What is still to be done?")
        else:
            del self.fields["reason"]
