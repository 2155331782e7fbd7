"""Forms of the mapping's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from focal.directory.models import Organisation
from focal.mapping.importing.columns import FIELDS
from focal.mapping.models import MappingImport
from focal.sharing.markings import MEANINGS, Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

FORMATS = (
    ("", _("Find out by itself")),
    ("iati", _("IATI activities")),
    ("3w", _("3W table, with or without HXL tags")),
    ("table", _("Another table")),
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
    marking = forms.ChoiceField(label=_("Who may read it"), widget=forms.RadioSelect)
    publish = forms.BooleanField(
        label=_("Publish what is new at once"),
        required=False,
        help_text=_("Otherwise it comes in as drafts, which count nowhere yet."),
    )
    field_order = ("file", "organisation", "format", "marking", "publish")

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        self.fields["marking"].choices = [
            (marking, f"{marking.label} – {MEANINGS[marking]}") for marking in Marking
        ]
        if not viewer.publishes_for:
            del self.fields["publish"]


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
        choices = [("", _("Leave it out")), *FIELDS.items()]
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
        return columns
