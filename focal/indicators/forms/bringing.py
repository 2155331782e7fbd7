"""The form by which a file of figures is brought."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from focal.directory.models import Organisation
from focal.indicators.exchange.mapping import list_mappings
from focal.records import sent_files
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

ENDINGS = ".csv,.xlsx,.xml"
FILES = ("file", "mapping")


class BringForm(forms.Form):
    """A file, how its columns are to be read, which of its series, whose they are.

    Files that came once are kept for the next answer: nobody chooses them twice. `data` is
    changed to that end, and must be a copy.
    """

    file = forms.FileField(
        label=_("File with figures"),
        help_text=_("CSV, Excel (.xlsx), SDMX or a file of the World Bank."),
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
    )
    known = forms.ChoiceField(label=_("What the columns mean"), required=False)
    mapping = forms.FileField(
        label=_("A mapping of your own"),
        required=False,
        help_text=_(
            "A JSON file. It is needed only where the columns carry names that are not known."
        ),
        widget=forms.FileInput(attrs={"accept": ".json"}),
    )
    only = forms.CharField(label=_("Only series whose name holds"), required=False, max_length=100)
    organisation = forms.ModelChoiceField(
        label=_("Organisation it belongs to"),
        queryset=Organisation.objects.none(),
        to_field_name="reference",
    )
    marking = forms.ChoiceField(
        label=_("Who may see it once it is published?"),
        choices=[("", ""), *Marking.choices],
        error_messages={"required": _("Choose who may see it.")},
    )
    only_check = forms.BooleanField(
        label=_("Only check it, write nothing"), required=False, initial=True
    )
    kept_file = forms.CharField(required=False, widget=forms.HiddenInput)
    kept_mapping = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.sent = {
            name: sent_files.find(self.data.get(f"kept_{name}", ""), by=viewer) for name in FILES
        }
        self.fields["file"].required = self.sent["file"] is None
        named = [(name, name) for name in list_mappings()]
        self.fields["known"].choices = [("", gettext("Go by their names")), *named]  # type: ignore[attr-defined]
        mine = Organisation.objects.filter(pk__in=viewer.writes_for).order_by("name", "pk")
        self.fields["organisation"].queryset = mine  # type: ignore[attr-defined]
        if len(mine) == 1:
            self.initial.setdefault("organisation", mine[0])

    def clean(self) -> dict[str, Any]:
        """`file` and `mapping` are what came now, or what was kept from before."""
        given = super().clean() or {}
        for name in FILES:
            if given.get(name):
                self.sent[name] = sent_files.keep(given[name])
            given[name] = sent = self.sent[name]
            self.data[f"kept_{name}"] = sent.make_token(self.viewer) if sent else ""
            if sent:
                self[name].help_text = (
                    gettext("Kept: %s. Choose a file only to take another one.") % sent.name
                )
        return given

    def go_on(self) -> None:
        """After a look the next thing is to write."""
        self.data.pop("only_check", None)
