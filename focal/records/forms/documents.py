"""Forms of the pages where documents are brought, and of those of one record."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from focal.directory.models import Organisation
from focal.records.importing.jobs import Upload
from focal.sharing.markings import MEANINGS, Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

ACCEPTED = ".pdf,.docx,.odt,.html,.htm,.txt,.xml,.csv"
ACCEPTED_IN_RECORD = ".pdf,.docx,.odt,.html,.htm,.txt,.xml,.png,.jpg,.jpeg,.webp"


class SeveralFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Several files; its value is the list of them."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            return [super().clean(None, initial)]
        return list(files)  # an empty file is refused by name later, the others go in


def list_languages(empty: str) -> list[tuple[str, Any]]:
    """The languages to choose from, none first."""
    reader = get_language() or "en"
    vocabulary = get_vocabulary()
    return [
        ("", empty),
        *((code, vocabulary.language_name(code, reader)) for code in vocabulary.languages),
    ]


class ImportForm(forms.Form):
    """What somebody brings, for whom, and who may read it."""

    files = SeveralFilesField(
        label=_("Documents"),
        help_text=_(
            "PDF, DOCX, ODT, HTML, XML or text, one by one or as a folder. Files whose names "
            "differ in the language alone (report_EN.pdf, report_MK.pdf) become one record. A "
            "table metadata.csv among them may say more about the files."
        ),
        widget=SeveralFilesInput(attrs={"multiple": True, "accept": ACCEPTED}),
    )
    organisation = forms.ChoiceField(label=_("Owner"))
    marking = forms.ChoiceField(label=_("Who may read them"), widget=forms.RadioSelect)
    publish = forms.BooleanField(
        label=_("Publish at once"),
        required=False,
        help_text=_("Otherwise they come in as drafts, which you can look through and undo."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        help_text=_("Found from the words. This counts only where the words do not tell."),
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Organisation.objects.filter(pk__in=viewer.writes_for).order_by("name", "pk")
        self.fields["organisation"].choices = [(each.reference, str(each)) for each in own]
        self.fields["marking"].choices = [
            (marking, f"{marking.label} – {MEANINGS[marking]}") for marking in Marking
        ]
        self.fields["language"].choices = list_languages(_("As the documents say"))
        if not viewer.publishes_for:
            del self.fields["publish"]
        self._own = {each.reference: each for each in own}

    def clean_organisation(self) -> Organisation:
        return self._own[self.cleaned_data["organisation"]]

    def get_uploads(self, data: QueryDict) -> list[Upload]:
        """The files with their paths, which the page sends beside them in the same order."""
        files, paths = self.cleaned_data["files"], data.getlist("files_paths")
        names = [PurePosixPath(each.name or "file").name for each in files]
        if [PurePosixPath(path).name for path in paths] != names:
            paths = names
        return [Upload(file, path) for file, path in zip(files, paths, strict=True)]


class DocumentFileForm(forms.Form):
    """One document, new or in the place of another."""

    file = forms.FileField(
        label=_("Document"),
        help_text=_(
            "PDF, DOCX, ODT, HTML, XML or text, or a picture (PNG, JPEG, WebP). Scripts and"
            " attached files are removed from PDFs; macros are refused."
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED_IN_RECORD}),
    )


class DocumentLabelForm(forms.Form):
    """How a document is called, and in which language it is."""

    title = forms.CharField(label=_("Title"), max_length=400)
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = list_languages(_("Not known"))
