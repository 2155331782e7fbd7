"""The form by which an edition is brought."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from focal.directory.models import Organisation
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.surveys.microdata import ENDINGS

LARGEST_DESIGN = 4 * 1024 * 1024  # bytes


class BringForm(forms.Form):
    """Answers, their design, whose survey it is and who may read its estimates."""

    answers = forms.FileField(
        label=_("Answers"),
        help_text=_(
            "CSV, SPSS (.sav) or Stata (.dta), one row a person. They are kept closed: nobody can "
            "read or download them, and only the columns that the design names are kept."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
    )
    design = forms.FileField(
        label=_("Design"),
        help_text=_("A JSON file with weights, strata, clusters, groups, questions and scales."),
        widget=forms.FileInput(attrs={"accept": ".json"}),
    )
    organisation = forms.ModelChoiceField(
        label=_("Organisation it belongs to"),
        queryset=Organisation.objects.none(),
        to_field_name="reference",
    )
    marking = forms.ChoiceField(
        label=_("Who may read the estimates"),
        choices=Marking.choices,
        help_text=_("Of a new survey. An edition that is added has its survey's marking."),
    )
    only_check = forms.BooleanField(
        label=_("Only check it, write nothing"), required=False, initial=False
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Organisation.objects.filter(pk__in=viewer.writes_for).order_by("name", "pk")
        self.fields["organisation"].queryset = mine
        if len(mine) == 1:
            self.initial.setdefault("organisation", mine[0])

    def clean_design(self) -> Any:
        """The design as plain values."""
        file: UploadedFile = self.cleaned_data["design"]
        if file.size and file.size > LARGEST_DESIGN:
            raise forms.ValidationError(_("This is too large for a design."))
        try:
            return json.loads(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("Save the design as UTF-8.")) from None
        except (json.JSONDecodeError, RecursionError) as error:
            place = getattr(error, "lineno", "?")
            raise forms.ValidationError(
                _("The design is no valid JSON; look at line %(line)s."), params={"line": place}
            ) from None
