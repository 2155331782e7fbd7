"""What somebody says, and what goes with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from focal.directory.models import Person
from focal.records.forms.documents import ACCEPTED, SeveralFilesInput
from focal.records.forms.editing import KeptForm
from focal.records.forms.editing_fields import RichTextField


class OptionalFilesField(forms.FileField):
    """Any number of files; its value is the list of them. Drawn by `threads/_files.html`."""

    widget = SeveralFilesInput(
        attrs={"multiple": True, "accept": ACCEPTED, "class": "form-control"}
    )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(OptionalFilesField, self).clean(file, initial) for file in files if file]


class PostForm(KeptForm):
    """A message. Only those who may read the conversation can be mentioned in it."""

    text = RichTextField(
        label=_("Your message"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "An empty line begins a new paragraph. Paste the address of a record to quote it."
        ),
        error_messages={"required": _("Write something first.")},
    )
    mentions = forms.MultipleChoiceField(
        label=_("Mention"),
        required=False,
        help_text=_("They are told of your message. Only those who may read it can be chosen."),
    )
    files = OptionalFilesField(label=_("Files"), required=False)

    def __init__(self, *args: Any, readers: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mentions"].choices = [  # type: ignore[attr-defined]
            (person.reference, str(person)) for person in readers
        ]
