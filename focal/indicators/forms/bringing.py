"""The form by which a file of figures is brought."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from focal.directory.models import Organisation
from focal.indicators.exchange.mapping import list_mappings
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

ENDINGS = ".csv,.xlsx,.xml"


class BringForm(forms.Form):
    """A file, how its columns are to be read, which of its series, whose they are."""

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

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(name, name) for name in list_mappings()]
        self.fields["known"].choices = [("", gettext("Go by their names")), *named]  # type: ignore[attr-defined]
        mine = Organisation.objects.filter(pk__in=viewer.writes_for).order_by("name", "pk")
        self.fields["organisation"].queryset = mine  # type: ignore[attr-defined]
        if len(mine) == 1:
            self.initial.setdefault("organisation", mine[0])
