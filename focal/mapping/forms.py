"""Forms of the mapping's pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping.details import check_shares
from focal.mapping.importing.columns import FIELDS, OF_KINDS, SPECIAL
from focal.mapping.models import FrameNode, MappedRecord, MappingImport
from focal.mapping.writing import ROLES as ORGANISATION_ROLES
from focal.mapping.writing import (
    find_organisations,
    read_money,
    read_places,
    read_shares,
    say_lines,
)
from focal.records.forms.editing import get_language_choices
from focal.records.forms.editing_fields import TolerantDateField
from focal.records.kinds import get_kind
from focal.sharing.markings import MEANINGS, Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

FORMATS = (
    ("", _("Find out by itself")),
    ("iati", _("IATI activities")),
    ("3w", _("3W table, with or without HXL tags")),
    ("table", _("Another table")),
)


KIND_CHOICES = (
    ("initiative", _("Initiatives: what somebody supports")),
    ("need", _("Needs: what an economy lacks")),
    ("response", _("Responses: what an economy does itself")),
)


def list_own(viewer: Viewer) -> dict[str, Organisation]:
    """The organisations that the viewer writes for, by reference."""
    rows = Organisation.objects.filter(pk__in=viewer.writes_for).order_by("name", "pk")
    return {row.reference: row for row in rows}


class OwnerForm(forms.Form):
    """A form that asks for which of the viewer's organisations."""

    organisation = forms.ChoiceField(label=_("For which organisation"))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.own = viewer, list_own(viewer)
        self.fields["organisation"].choices = [(key, str(row)) for key, row in self.own.items()]
        if len(self.own) == 1:
            self.fields["organisation"].initial = next(iter(self.own))

    def clean_organisation(self) -> Organisation:
        return self.own[self.cleaned_data["organisation"]]


class ImportForm(OwnerForm):
    """A file, for whom, and who may read what is in it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Our template, an IATI file (XML), or a table (XLSX, XLS, ODS, CSV). You see what it"
            " would do before anything changes."
        ),
        widget=forms.FileInput(attrs={"accept": ".xml,.xlsx,.xlsm,.xls,.ods,.csv,.tsv,.txt"}),
    )
    format = forms.ChoiceField(label=_("What it is"), choices=FORMATS, required=False)
    kind = forms.ChoiceField(
        label=_("What each row is"),
        choices=(("", _("Find out by its headings")), *KIND_CHOICES),
        required=False,
        help_text=_("For tables. The template and IATI files say it themselves."),
    )
    marking = forms.ChoiceField(label=_("Who may read it"), widget=forms.RadioSelect)
    publish = forms.BooleanField(
        label=_("Publish what is new at once"),
        required=False,
        help_text=_("Otherwise it comes in as drafts, which count nowhere yet."),
    )
    field_order = ("file", "organisation", "format", "kind", "marking", "publish")

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        self.fields["marking"].choices = [
            (marking, f"{marking.label} – {MEANINGS[marking]}") for marking in Marking
        ]
        if not viewer.publishes_for:
            del self.fields["publish"]


def _group_fields() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column may hold: first what all kinds have, then what some of them have."""
    groups = [(_("All"), [(key, label) for key, label in FIELDS.items() if key not in SPECIAL])]
    for kind, label in ((kind, get_kind(kind).plural) for kind in OF_KINDS):
        own = [(key, word) for key, word in FIELDS.items() if key in OF_KINDS[kind] - {"cycle"}]
        groups.append((label, own))
    groups.append((_("Needs and responses"), [("cycle", FIELDS["cycle"])]))
    return groups


class ColumnsForm(forms.Form):
    """Which column says what; corrected once, kept under a name."""

    def __init__(
        self,
        *args: Any,
        job: MappingImport,
        headings: tuple[str, ...],
        language: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.headings = headings
        self.fields["kind"] = forms.ChoiceField(
            label=_("What each row is"),
            choices=KIND_CHOICES,
            initial=job.columns.get("=kind", "initiative"),
        )
        choices = [("", _("Leave it out")), *_group_fields()]
        for place, heading in enumerate(headings):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading,
                choices=choices,
                required=False,
                initial=job.columns.get(heading, ""),
            )
        self.fields["economy"] = forms.ChoiceField(
            label=_("The economy that all of it is about"),
            choices=[("", _("A column says it")), *get_vocabulary().economy_choices(language)],
            required=False,
            initial=job.columns.get("=economy", ""),
        )
        self.fields["name"] = forms.CharField(
            label=_("Keep this under the name"),
            max_length=80,
            required=False,
            initial=job.mapping_name,
            help_text=_("The next table with these headings is read the same way."),
        )

    def get_columns(self) -> dict[str, str]:
        """The mapping as it was corrected."""
        columns = {
            heading: self.cleaned_data[f"column-{place}"]
            for place, heading in enumerate(self.headings)
            if self.cleaned_data[f"column-{place}"]
        }
        if economy := self.cleaned_data["economy"]:
            columns = {name: key for name, key in columns.items() if key != "economy"}
            columns["=economy"] = economy
        if (kind := self.cleaned_data["kind"]) != "initiative":
            columns["=kind"] = kind
        return columns


# Needs, responses and initiatives

FIRST = {
    "need": ("title", "economies", "need_type", "topics", "measures", "target_groups", "priority"),
    "response": (
        "title", "economies", "response_type", "topics", "measures", "start_date", "end_date",
    ),
    "initiative": (
        "title", "economies", "lead", "topics", "measures", "target_groups", "start_date",
        "end_date",
    ),
}  # fmt: skip
REST = {
    "need": (
        ("more", ("language", "summary", "view", "status", "cycle", "start_date", "end_date")),
    ),
    "response": (("more", ("language", "summary", "status", "cycle", "target_groups")),),
    "initiative": (
        ("more", ("language", "summary", "status", "scale", "prevention_levels",
                  "extremism_kinds")),
        ("who", ("implementer", "partner", "donor", "contact_point")),
        ("money", ("money", "places", "economy_shares")),
        ("worth", ("deliverables", "evidence_grade", "evidence", "transferability",
                   "inclusion_note", "material_languages")),
    ),
}  # fmt: skip
LINES = ("lead", "implementer", "partner", "donor", "money", "places", "economy_shares")
LISTS = {
    "topics": "topics",
    "target_groups": "target-groups",
    "prevention_levels": "prevention-levels",
    "extremism_kinds": "extremism-kinds",
}


def section_titles() -> dict[str, str]:
    """The titles of the folded parts."""
    return {
        "more": gettext("More about it"),
        "who": gettext("Who else takes part"),
        "money": gettext("Money and places"),
        "worth": gettext("What it brings, and how one knows"),
    }


class MappedForm(forms.Form):
    """A need, response or initiative: what matters first, the rest folded."""

    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    started = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        kind: str,
        viewer: Viewer,
        language: str,
        at: datetime,
        content: dict[str, Any] | None = None,
        record: MappedRecord | None = None,
    ) -> None:
        super().__init__(data)
        self.kind, self.viewer, self.language, self.at = kind, viewer, language, at
        self.record, self.content = record, content or {}
        self.model = get_kind(kind).model
        for name in (*FIRST[kind], *(n for _key, names in REST[kind] for n in names)):
            self.fields[name] = self._make_field(name)
        if record is None:
            self._add_sharing()
        self.initial |= self._read_initial()
        self.initial["base_version"] = record.version if record else 0
        self.initial["started"] = int(at.timestamp())

    def _make_field(self, name: str) -> forms.Field:
        labels, hints = _labels(), _hints()
        words = get_vocabulary()
        if name in LISTS:
            choices = words.choices(LISTS[name], self.language)
            return forms.MultipleChoiceField(
                label=labels.get(name) or self._label(name), choices=choices, required=False
            )
        if name == "economies":
            return forms.MultipleChoiceField(
                label=labels[name],
                choices=words.economy_choices(self.language),
                error_messages={"required": gettext("Choose at least one economy.")},
            )
        if name == "measures":
            return forms.MultipleChoiceField(
                label=labels[name], choices=list_measures(self.language), required=False
            )
        if name in LINES:
            return forms.CharField(
                label=labels[name],
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=hints.get(name, ""),
            )
        if name == "language":
            return forms.ChoiceField(
                label=gettext("Language"), choices=get_language_choices(self.language)
            )
        if name == "title":
            return forms.CharField(
                label=gettext("Title"),
                max_length=400,
                help_text=gettext("In the language it is written in."),
                error_messages={"required": gettext("Give it a title.")},
            )
        return self._make_model_field(name)

    def _make_model_field(self, name: str) -> forms.Field:
        field: Any = self.model._meta.get_field(name)
        if isinstance(field, models.DateField):
            return TolerantDateField(
                label=self._label(name), required=False, help_text=gettext("Example: 3.5.2026")
            )
        if field.choices:
            empty = [("", gettext("Not told"))] if field.blank else []
            return forms.ChoiceField(
                label=self._label(name),
                choices=[*empty, *field.choices],
                required=False,
                initial=field.get_default(),
            )
        if isinstance(field, models.TextField):
            return forms.CharField(
                label=self._label(name), required=False, widget=forms.Textarea(attrs={"rows": 3})
            )
        return forms.CharField(label=self._label(name), required=False, max_length=field.max_length)

    def _label(self, name: str) -> str:
        text = str(self.model._meta.get_field(name).verbose_name)
        return text[:1].upper() + text[1:]

    def _add_sharing(self) -> None:
        own = list_own(self.viewer)
        self.fields["organisation"] = forms.ChoiceField(
            label=gettext("It belongs to"), choices=[(key, str(row)) for key, row in own.items()]
        )
        self.fields["marking"] = forms.ChoiceField(
            label=gettext("Who may read it"),
            choices=[(m, f"{m.label} – {MEANINGS[m]}") for m in Marking],
            initial=Marking.GREEN,
        )

    def _read_initial(self) -> dict[str, Any]:
        if not self.content:
            return {"language": self.language}
        initial = {name: value for name, value in self.content.items() if name in self.fields}
        return initial | {
            name: say_lines(name, self.content) for name in LINES if name in self.fields
        }

    def get_first(self) -> list[forms.BoundField]:
        """The fields that are asked first."""
        return [self[name] for name in FIRST[self.kind]]

    def get_rest(self) -> list[dict[str, Any]]:
        """The folded parts; one with an error, or with something in it, stands open."""
        titles = section_titles()
        return [
            {
                "key": key,
                "title": titles[key],
                "fields": [self[name] for name in names],
                "is_open": any(self[name].errors for name in names),
            }
            for key, names in REST[self.kind]
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, read in (
            ("places", lambda text: read_places(text, given.get("economies", []))),
            ("money", read_money),
            ("economy_shares", read_shares),
        ):
            if name not in self.fields:
                continue
            try:
                given[name] = read(given.get(name, ""))
                if name == "economy_shares":
                    check_shares(given[name])
            except BadInput as problem:
                self.add_error(name, str(problem))
        start, end = given.get("start_date"), given.get("end_date")
        if start and end and end < start:
            self.add_error("end_date", gettext("It ends before it starts."))
        return given

    def get_content(self) -> dict[str, Any]:
        """The content; organisations that are not here yet are made: call it in a transaction."""
        given = self.cleaned_data
        content = {
            name: given[name]
            for name in self.fields
            if name in given
            and name not in (*LINES, "organisation", "marking", "base_version", "started")
        }
        for name in content:
            field: Any = next((f for f in self.model._meta.fields if f.name == name), None)
            if field is not None and field.choices and not content[name] and not field.blank:
                content[name] = field.get_default()
        offered = {key for _frame, rows in list_measures(self.language) for key, _label in rows}
        content["measures"] += [m for m in self.content.get("measures", ()) if m not in offered]
        if self.kind == "initiative":
            content |= self._get_details(given)
        return content

    def _get_details(self, given: dict[str, Any]) -> dict[str, Any]:
        economies = given["economies"]
        economy = economies[0] if len(economies) == 1 else ""

        def find(text: str) -> list[str]:
            return find_organisations(text, by=self.viewer, at=self.at, economy=economy)

        partners = [
            [reference, role] for role in ORGANISATION_ROLES for reference in find(given[role])
        ]
        funding = []
        for donor, row in given["money"]:
            references = find(donor) if donor else [""]
            funding.append([references[0], *row])
        return {
            "partners": sorted(partners),
            "funding": funding,
            "places": given["places"],
            "economy_shares": given["economy_shares"],
        }


def list_measures(language: str) -> list[Any]:
    """Measures of current frames, by frame."""
    groups: dict[str, list[tuple[str, str]]] = {}
    nodes = FrameNode.objects.filter(frame__is_current=True).select_related("frame")
    for node in nodes.order_by("frame__title", "path"):
        label = f"{node.code} {node.get_title(language)}"
        groups.setdefault(str(node.frame), []).append((node.reference, label))
    return list(groups.items())


def _labels() -> dict[str, str]:
    return {
        "economies": gettext("Economies"),
        "topics": gettext("What it is about"),
        "target_groups": gettext("For whom"),
        "measures": gettext("Measures of a plan that it serves"),
        "lead": gettext("Who leads it"),
        "implementer": gettext("Who carries it out"),
        "partner": gettext("Partners"),
        "donor": gettext("Donors"),
        "money": gettext("Money"),
        "places": gettext("Municipalities"),
        "economy_shares": gettext("Shares of the economies"),
    }


def _hints() -> dict[str, str]:
    line = gettext("One a line. Any spelling or language will do.")
    return {
        "lead": line,
        "implementer": line,
        "partner": line,
        "donor": line,
        "money": gettext(
            "One a line: 240000 EUR First Donor. Or a band: band to_50k, to_250k, to_1m, to_5m."
        ),
        "places": gettext("One a line: AL Elbasan."),
        "economy_shares": gettext("One a line: AL 60. Together they make 100."),
    }


class PartnerForm(forms.Form):
    """Whom to ask."""

    partner = forms.CharField(label=_("Partner"), max_length=300)
    email = forms.EmailField(label=_("E-mail address of an office"))


class CorrectionForm(forms.Form):
    """What a partner may correct without an account."""

    title = forms.CharField(label=_("Title"), max_length=400)
    summary = forms.CharField(
        label=_("Summary"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    start_date = TolerantDateField(label=_("Start"), required=False)
    end_date = TolerantDateField(label=_("End"), required=False)

    def __init__(self, *args: Any, record: MappedRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = type(record)._meta.get_field("status")
        self.fields["status"] = forms.ChoiceField(label=_("Status"), choices=field.choices)
        if record.kind == "initiative":
            self.fields["contact_point"] = forms.CharField(
                label=_("Contact point (an office, not a person)"), required=False, max_length=300
            )
        self.record = record
        self.initial = {
            name: self._plain(getattr(record, name)) for name in self.fields
        } | self.initial

    @staticmethod
    def _plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value or ""

    def get_corrections(self) -> dict[str, Any]:
        """What differs from what stands."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if (value or "") != (self._plain(getattr(self.record, name)) or "")
        }


class FrameForm(forms.Form):
    """A plan and its spreadsheet."""

    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_(
            "A row for each pillar, objective and measure, with its number (2.1.3) and its title;"
            " further columns may hold titles in other languages (title sq), topics, a description."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
    )
    key = forms.SlugField(
        label=_("Short name"),
        max_length=60,
        help_text=_("Small letters. The next edition of the same plan has the same short name."),
    )
    edition = forms.CharField(label=_("Edition"), max_length=40, help_text=_("Such as 2025-2027."))
    title = forms.CharField(label=_("Title"), max_length=300)
    acronym = forms.CharField(label=_("Acronym"), max_length=40, required=False)
    start_date = TolerantDateField(label=_("Start"), required=False)
    end_date = TolerantDateField(label=_("End"), required=False)
    source_url = forms.URLField(label=_("Source"), required=False, assume_scheme="https")

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=get_language_choices(language), initial=language
        )
        self.fields["economy"] = forms.ChoiceField(
            label=_("Plan of one economy"),
            choices=[("", _("Of the region")), *get_vocabulary().economy_choices(language)],
            required=False,
        )

    @staticmethod
    def get_days(given: dict[str, Any]) -> dict[str, Any]:
        """The values with days as days."""
        return given | {
            name: date.fromisoformat(given[name]) if given[name] else None
            for name in ("start_date", "end_date")
        }
