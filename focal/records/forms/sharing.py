"""Forms about who sees a record: the owner's rule, a reader's request, break-glass reading."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from focal.records.forms.editing import SharingForm
from focal.records.forms.editing_fields import find_reference
from focal.records.glass import MOST_HOURS
from focal.records.models import GlassRequest
from focal.sharing.recipients import LISTS, Recipients
from focal.sharing.tokens import get_releasable
from focal.sharing.viewer import Viewer

_REFERENCE = re.compile(r"[0-9a-z]{14}")


class RecordSharingForm(SharingForm):
    """Marking, release list and the rule of the second pair of eyes, of a record that stands."""

    second_eyes_over = forms.IntegerField(
        label=gettext_lazy("Ask for a second pair of eyes above this many organisations"),
        required=False,
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        help_text=gettext_lazy(
            "Before more organisations than this see it, another editor of your organisation or"
            " the secretariat has to confirm. Leave it empty to ask nobody."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["second_eyes_over"] = self.record.second_eyes_over


class AskReleaseForm(forms.Form):
    """A reader names whom a record should be released to, and why."""

    to_formats = forms.MultipleChoiceField(label=gettext_lazy("Formats"), required=False)
    to_economies = forms.MultipleChoiceField(label=gettext_lazy("Economies"), required=False)
    to_organisations = forms.MultipleChoiceField(
        label=gettext_lazy("Organisations"), required=False
    )
    to_people = forms.MultipleChoiceField(
        label=pgettext_lazy("release list", "People"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why do they need it?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": gettext_lazy("Say why they need it.")},
    )

    def __init__(
        self, data: QueryDict | None = None, *, viewer: Viewer, language: str, marking: str
    ) -> None:
        super().__init__(data)
        self.recipients = Recipients(language, viewer)
        allowed = get_releasable(marking)
        for kind, name in LISTS.items():
            if kind in allowed:
                self.fields[name].choices = self.recipients.choices[kind]
            else:
                del self.fields[name]

    def get_tokens(self) -> list[str]:
        """Whom it should be released to."""
        return self.recipients.to_tokens(
            {name: self.cleaned_data.get(name, ()) for name in LISTS.values()}
        )

    def get_names(self) -> list[str]:
        """The same in words."""
        return self.recipients.name(self.get_tokens())


class GlassForm(forms.Form):
    """Which record, on what ground, why, and for how long."""

    record = forms.CharField(
        label=gettext_lazy("Address or reference of the record"),
        max_length=500,
        help_text=gettext_lazy("You are not told whether it exists before somebody has agreed."),
        error_messages={"required": gettext_lazy("Say which record.")},
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("On what ground?"),
        choices=GlassRequest.Ground.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("The second person decides by this, and may ask you in person."),
        error_messages={"required": gettext_lazy("Choose on what ground.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why do you have to read it?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text=gettext_lazy(
            "Its owner reads this, and it stays in the log. The second person does not see it: it"
            " may say more of the record than they may know."
        ),
        error_messages={"required": gettext_lazy("Say why you have to read it.")},
    )
    hours = forms.TypedChoiceField(
        label=gettext_lazy("For how long?"),
        coerce=int,
        initial=4,
        choices=[
            (1, gettext_lazy("1 hour")),
            (4, gettext_lazy("4 hours")),
            (24, gettext_lazy("1 day")),
            (MOST_HOURS, gettext_lazy("3 days")),
        ],
    )

    def clean_record(self) -> str:
        text = self.cleaned_data["record"].strip()
        reference = text if _REFERENCE.fullmatch(text) else find_reference(text)
        if not reference:
            raise ValidationError(
                _("This is no record's address. It looks like /records/ and fourteen characters.")
            )
        return reference
