"""A form that holds one of every field, for the page of components."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class SampleForm(forms.Form):
    """Shown on the page of components; nothing is done with what it is sent."""

    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("What it is called, in its own language.")
    )
    address = forms.EmailField(label=_("E-mail address"))
    summary = forms.CharField(label=_("Summary"), widget=forms.Textarea, required=False)
    day = forms.DateField(
        label=_("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", "---------"), ("a", _("First")), ("b", _("Second"))]
    )
    many = forms.MultipleChoiceField(
        label=_("Several of many"),
        required=False,
        choices=[(str(n), f"{word} {n}") for n in range(1, 9) for word in ("Čačak", "Đerdap")],
    )
    one = forms.ChoiceField(
        label=_("One of few"),
        widget=forms.RadioSelect,
        choices=[("x", _("This one")), ("y", _("That one"))],
    )
    agreed = forms.BooleanField(label=_("It can be shared"), required=False)
    documents = forms.FileField(
        label=_("Files"),
        required=False,
        widget=ManyFiles,
        help_text=_("PDF, Word, OpenDocument, HTML or plain text."),
    )
