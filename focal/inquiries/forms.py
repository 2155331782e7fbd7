"""Forms of asking, answering and closing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from focal.directory.models import Organisation
from focal.inquiries.models import Answer, Inquiry
from focal.inquiries.selectors import ShownAnswer
from focal.records import portions
from focal.records.forms.editing import KeptForm, get_language_choices, list_organisations
from focal.records.forms.editing_fields import (
    Column,
    RichTextField,
    RowsField,
    TolerantDateField,
    find_reference,
)
from focal.records.models import Record
from focal.records.selectors import get_known_tokens
from focal.sharing.forms import AudienceForm
from focal.sharing.markings import Marking
from focal.sharing.recipients import LISTS, Recipients
from focal.sharing.viewer import Viewer
from focal.threads.forms import OptionalFilesField
from focal.ui.widgets import LongSelectMultiple

CONTENT = ("title", "body", "language", "due_date", "answer_form")


class QuestionFields(KeptForm):
    """What is asked: the question, its background, until when and in which form."""

    title = forms.CharField(
        label=gettext_lazy("Your question"),
        max_length=400,
        help_text=gettext_lazy(
            "One question, as you would put it to a colleague. Example: How did others train"
            " prison staff to notice radicalisation?"
        ),
        error_messages={"required": gettext_lazy("Write your question.")},
    )
    body = RichTextField(
        label=gettext_lazy("Background"),
        required=False,
        takes_portions=True,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "What you know already and what you need it for. Write about measures and"
            " organisations, never about individual persons."
        ),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the question"))
    due_date = TolerantDateField(
        label=gettext_lazy("Answers help until"),
        required=False,
        help_text=gettext_lazy(
            "Those who have not answered are reminded a week before and on the last days, never"
            " more than twice. Example: 3.5.2026"
        ),
    )
    answer_form = forms.CharField(
        label=gettext_lazy("What form of answer would help?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        help_text=gettext_lazy("Example: a curriculum, a contact, three lines on what worked."),
    )

    def clean_due_date(self) -> str:
        day = self.cleaned_data["due_date"]
        if day and day < timezone.localdate().isoformat() and day != self.initial.get("due_date"):
            raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
        return day

    def get_content(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in CONTENT}


class AskForm(QuestionFields, AudienceForm):
    """A new question, and whom it is put to."""

    owner = forms.ChoiceField(
        label=gettext_lazy("You ask for"),
        error_messages={"required": gettext_lazy("Choose the organisation you ask for.")},
    )
    field_order = [*CONTENT, "owner", "marking"]

    def __init__(self, data: QueryDict | None = None, *, viewer: Viewer, language: str) -> None:
        super().__init__(data, viewer=viewer, language=language, known=get_known_tokens)
        del self.fields["until"]
        self.fields["language"].choices = get_language_choices(language)  # type: ignore[attr-defined]
        self.initial = {"language": language}
        marking = self.fields["marking"]
        marking.label = _("Who may read your question and its answers?")
        marking.choices = [  # type: ignore[attr-defined]
            choice
            for choice in marking.choices
            if choice[0] != Marking.CLEAR  # type: ignore[attr-defined]
        ]
        owners = list_organisations(viewer.writes_for)
        self.fields["owner"].choices = (  # type: ignore[attr-defined]
            owners if len(owners) == 1 else [("", _("Choose an organisation")), *owners]
        )

    def start_with_recipients(self, wanted: QueryDict) -> None:
        """Begin with those that a link named: `?to_formats=nfp`. What is no choice is left out."""
        for name in LISTS.values():
            offered = {str(value) for value, _label in self.fields[name].choices}  # type: ignore[attr-defined]
            if chosen := [value for value in wanted.getlist(name) if value in offered]:
                self.initial |= {name: chosen, "marking": Marking.AMBER.value}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        marking = cleaned.get("marking")
        takes_list = marking and marking != Marking.GREEN
        if takes_list and not self.get_tokens() and not self._has_errors_in_lists():
            self.add_error(None, _("Say whom you ask: choose at least one recipient."))
        return cleaned

    def _has_errors_in_lists(self) -> bool:
        return any(name.startswith("to_") for name in self.errors)

    def get_owner(self) -> Organisation:
        """The organisation that asks."""
        return Organisation.objects.get(reference=self.cleaned_data["owner"])

    def get_owner_key(self) -> int | None:
        reference = self.cleaned_data.get("owner")
        return Organisation.objects.filter(reference=reference).values_list("pk", flat=True).first()


class EditForm(QuestionFields):
    """A question that has been asked."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, inquiry: Inquiry, language: str) -> None:
        super().__init__(data)
        choices = get_language_choices(language)
        if inquiry.language not in dict(choices):
            choices.append((inquiry.language, inquiry.language))
        self.fields["language"].choices = choices  # type: ignore[attr-defined]
        self.initial = {
            "title": inquiry.title,
            "body": portions.read_full(inquiry, inquiry.body),
            "language": inquiry.language,
            "due_date": inquiry.due_date.isoformat() if inquiry.due_date else "",
            "answer_form": inquiry.answer_form,
            "base_version": inquiry.version,
        }


class AnswerForm(KeptForm):
    """An answer, in any language, to everybody or to the asker alone."""

    sort = forms.ChoiceField(
        label=gettext_lazy("What can you say?"),
        choices=Answer.Sort.choices,
        widget=forms.RadioSelect,
        initial=Answer.Sort.ANSWER,
    )
    text = RichTextField(
        label=gettext_lazy("Your answer"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "In any language. Write about measures and organisations, never about individual"
            " persons."
        ),
    )
    to_organisations = forms.MultipleChoiceField(
        label=gettext_lazy("Organisations to ask instead"),
        required=False,
        widget=LongSelectMultiple,
    )
    to_people = forms.MultipleChoiceField(
        label=gettext_lazy("People to ask instead"),
        required=False,
        widget=LongSelectMultiple,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of your answer"))
    to_asker_only = forms.BooleanField(label="", required=False)
    files = OptionalFilesField(label=gettext_lazy("Files"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: Any = None,
        *,
        viewer: Viewer,
        asker: str,
        language: str,
    ) -> None:
        super().__init__(data, files)
        self.viewer = viewer
        self.recipients = Recipients(language, viewer, kinds=("org", "person"))
        for kind, name in (("org", "to_organisations"), ("person", "to_people")):
            self.fields[name].choices = self.recipients.choices[kind]  # type: ignore[attr-defined]
        self.fields["to_organisations"].help_text = _(
            "They are not asked by this: %(asker)s decides."
        ) % {"asker": asker}
        self.fields["language"].choices = get_language_choices(language)  # type: ignore[attr-defined]
        self.fields["quotes"] = RowsField(
            label=_("Records you refer to"),
            help_text=_("Each reader is shown those that they may see."),
            needs="record",
            add_label=_("Add a record"),
            find=self._find_record,
            columns=(Column("record", _("Record"), "record"),),
        )
        only = self.fields["to_asker_only"]
        only.label = _("To %(asker)s alone") % {"asker": asker}
        only.help_text = _(
            "Nobody else learns that you answered. Without this, everybody who was asked reads it."
        )
        self.initial = {"language": language, "sort": Answer.Sort.ANSWER}

    def _find_record(self, text: str) -> tuple[str, str] | None:
        """Only what the author can see can be quoted; all else does not exist."""
        reference = find_reference(text)
        return (
            Record.objects.visible_to(self.viewer)
            .filter(reference=reference)
            .values_list("reference", "title")
            .first()
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        sort, text = cleaned.get("sort"), cleaned.get("text")
        named = cleaned.get("to_organisations") or cleaned.get("to_people")
        if sort == Answer.Sort.ANSWER and not text and not cleaned.get("files"):
            self.add_error("text", _("Write your answer, or add a file."))
        elif sort == Answer.Sort.NOT_US and not text and not named:
            self.add_error("to_organisations", _("Say whom to ask, or write why it is not you."))
        return cleaned

    def get_pointers(self) -> list[str]:
        """Whom to ask instead, as tokens; nobody unless it is 'not us'."""
        if self.cleaned_data["sort"] != Answer.Sort.NOT_US:
            return []
        return self.recipients.to_tokens(
            {name: self.cleaned_data[name] for name in ("to_organisations", "to_people")}
        )

    def get_quotes(self) -> list[str]:
        """References of the records that it refers to."""
        return [row[0] for row in self.cleaned_data.get("quotes", ())]


class RemarkForm(KeptForm):
    """Something said to everybody who sees the inquiry, that is no answer."""

    text = RichTextField(
        label=gettext_lazy("Your remark"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Everybody who sees the inquiry can read it."),
        error_messages={"required": gettext_lazy("Write something first.")},
    )
    files = OptionalFilesField(label=gettext_lazy("Files"), required=False)


class CloseForm(KeptForm):
    """What came of an inquiry, and what it becomes."""

    outcome = RichTextField(
        label=gettext_lazy("What came of it?"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "A few sentences that help somebody who asks the same next year. Everybody who sees"
            " the inquiry can read them."
        ),
        error_messages={"required": gettext_lazy("Say in a few sentences what came of it.")},
    )
    becomes = forms.ChoiceField(
        label=gettext_lazy("What does it become?"),
        required=False,
        choices=Inquiry.Becomes.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "A draft with your summary as its text. You go on writing it before it is published."
        ),
    )
    sources = forms.MultipleChoiceField(
        label=gettext_lazy("Answers to name as its sources"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Their authors are asked first, and agree with one click. A source names who answered"
            " and when, not what they wrote."
        ),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        inquiry: Inquiry,
        contributions: Sequence[ShownAnswer],
    ) -> None:
        super().__init__(data)
        choices = [
            (item.shown.post.reference, _name(item))
            for item in contributions
            if item.answer is not None
            and item.answer.sort == Answer.Sort.ANSWER
            and item.shown.post.withdrawn_at is None
        ]
        self.fields["sources"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["sources"]
        self.initial = {
            "outcome": inquiry.outcome,
            "becomes": "",
            "sources": [reference for reference, _name in choices],
        }


def _name(item: ShownAnswer) -> str:
    post = item.shown.post
    place = f", {post.author_place}" if post.author_place else ""
    return f"{post.author_name}{place}"
