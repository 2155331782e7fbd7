"""Forms of briefings: a new one, one block of it, an edition."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from focal.briefings.blocks import KINDS, MARKINGS, NEEDED, Block
from focal.briefings.models import Briefing
from focal.directory.models import Organisation
from focal.records.forms.editing_fields import RichTextField
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

Choices = Sequence[tuple[str, Any]]


def list_languages() -> list[tuple[str, str]]:
    """The languages a text can be in, by their names."""
    reader = get_language() or "en"
    vocabulary = get_vocabulary()
    return [(code, vocabulary.language_name(code, reader)) for code in vocabulary.languages]


ABOUT = {
    "economy": _("Economy"),
    "topic": _("Topic"),
    "meeting": _("Format"),
    "survey": _("Survey"),
}


class NewBriefingForm(forms.Form):
    """What a briefing begins with."""

    title = forms.CharField(label=_("Title"), max_length=400)
    summary = forms.CharField(
        label=_("Summary"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    template = forms.ChoiceField(
        label=_("Template"),
        choices=Briefing.Template.choices,
        widget=forms.RadioSelect,
        initial=Briefing.Template.FACTSHEET,
        help_text=_("It fills in what the platform knows; all of it can be changed."),
    )
    language = forms.ChoiceField(label=_("Language"))
    organisation = forms.ModelChoiceField(
        label=_("Organisation it belongs to"), queryset=Organisation.objects.none()
    )
    marking = forms.ChoiceField(
        label=_("Marking"), choices=[c for c in Marking.choices if c[0] != Marking.RED]
    )

    def __init__(
        self, *args: Any, viewer: Viewer, subjects: Mapping[str, Choices], **kwargs: Any
    ) -> None:
        """`subjects`: what a briefing can be about, by its template."""
        super().__init__(*args, **kwargs)
        self.subjects = subjects
        for template, choices in subjects.items():
            is_asked = not self.is_bound or self.data.get("template") == template
            self.fields[template] = forms.ChoiceField(
                label=ABOUT[template],
                choices=[("", _("Choose")), *choices],
                required=bool(choices) and is_asked,
                error_messages={"required": _("Choose what it is about.")},
            )
        self.fields["language"].choices = list_languages()
        mine = Organisation.objects.filter(pk__in=viewer.writes_for).order_by("name", "pk")
        self.fields["organisation"].queryset = mine
        if len(mine) == 1:
            self.initial.setdefault("organisation", mine[0])

    @property
    def about_fields(self) -> list[Any]:
        """The fields of what it is about, one for each template that is about something."""
        return [self[template] for template in self.subjects]

    @property
    def other_fields(self) -> list[Any]:
        """What is asked whatever the template."""
        return [field for field in self if field.name not in {"template", *self.subjects}]

    def clean(self) -> dict[str, Any]:
        """`about` is what was chosen for the template that was chosen."""
        given = super().clean() or {}
        given["about"] = given.get(given.get("template", ""), "")
        return {name: value for name, value in given.items() if name not in self.subjects}


class AboutForm(forms.Form):
    """Title and summary of a briefing."""

    title = forms.CharField(label=_("Title"), max_length=400)
    summary = forms.CharField(
        label=_("Summary"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    needs_check = forms.BooleanField(label=_("Needs a check by a native reader"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_translation: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_translation:
            del self.fields["needs_check"]


LABELS = {
    "text": _("Text"),
    "label": _("What it counts"),
    "caption": _("Caption"),
    "title": _("Title"),
    "lines": _("Names and how to reach them, one a line"),
    "description": _("What the picture shows"),
    "credit": _("Credit"),
    "observation": _("Figure"),
    "record": _("Chart or series"),
    "source": _("Source"),
    "url": _("Address of the source"),
    "q": _("Words"),
    "kind": _("Kind"),
    "topic": _("Topic"),
    "economy": _("Economy"),
    "attachment": _("Picture"),
}
HELP = {
    "label": _("Empty: the title of its series."),
    "q": _("Words, or what stands after '?' in a search's address: kind=practice&topic=prison"),
}


# What a list and an extract of the coverage ask for, each in a field of its own.
LIST = "list"
QUESTIONS = {LIST: ("q", "kind", "topic", "economy"), "coverage": ("economy",)}


def split_question(
    query: str, names: Collection[str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """A question as it is kept: the values that a field of the form can hold, and all others.

    Words that stand alone are looked for.
    """
    asked = parse_qs(query) or ({"q": [query]} if query else {})
    held = {name: values[0] for name, values in asked.items() if name in names and not values[1:]}
    return held, {name: values for name, values in asked.items() if name not in held}


class BlockForm(forms.Form):
    """One block in one language; its fields are those of its kind."""

    def __init__(
        self,
        *args: Any,
        kind: str,
        language: str,
        block: Block | None = None,
        choices: dict[str, Choices] | None = None,
        is_original: bool = True,
        **kwargs: Any,
    ) -> None:
        """`is_original`: it is the briefing's own language, in which needed texts must be there."""
        super().__init__(*args, **kwargs)
        self.kind, self.language, self.block = KINDS[kind], language, block
        self.needed = {n for n in self.kind.needed if is_original or n in self.kind.fields}
        texts = (block or {"texts": {}})["texts"].get(language, {})
        for name in self.kind.texts:
            self.fields[name] = self._make_text(name)
            self.initial.setdefault(name, texts.get(name, ""))
        asked = QUESTIONS.get(kind, ())
        self.question, self.kept = split_question((block or {}).get("query", ""), asked)
        for name in asked:
            self.fields[name] = self._make_field(name, (choices or {}).get(name))
            self.initial.setdefault(name, self.question.get(name, ""))
        for name in self.kind.fields:
            if name != "query":
                self.fields[name] = self._make_field(name, (choices or {}).get(name))
                self.initial.setdefault(name, (block or {}).get(name, ""))
        self.fields["marking"] = forms.ChoiceField(
            label=_("Marking of this part"),
            choices=[
                ("", _("As the whole briefing")),
                *(choice for choice in Marking.choices if choice[0] in MARKINGS),
            ],
            required=False,
            initial=(block or {}).get("marking", ""),
        )
        self.fields["needs_check"] = forms.BooleanField(
            label=_("Needs a check by a native reader"),
            required=False,
            initial=language in (block or {"checks": ()})["checks"],
        )
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    def _describe(self, name: str) -> dict[str, Any]:
        is_needed = name in self.needed
        return {
            "label": LABELS[name],
            "help_text": HELP.get(name, ""),
            "required": is_needed,
            "error_messages": {"required": NEEDED[name]} if is_needed else {},
        }

    def _make_text(self, name: str) -> forms.Field:
        more = self._describe(name)
        if name in self.kind.rich:
            return RichTextField(**more)
        if name == "lines" or (name == "text" and self.kind.key in {"quote", "pull"}):
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **more)
        return forms.CharField(max_length=1000, **more)

    def _make_field(self, name: str, choices: Choices | None) -> forms.Field:
        more = self._describe(name)
        if choices is not None:
            none = _("All") if name in QUESTIONS[LIST] else _("Choose")
            return forms.ChoiceField(choices=[("", none), *choices], **more)
        return forms.CharField(max_length=1000, **more)

    def clean(self) -> dict[str, Any]:
        """A list has to be told what it is to find."""
        given = super().clean() or {}
        if self.kind.key == LIST and not self._make_query(given):
            self.add_error("q", NEEDED["query"])
        return given

    def _make_query(self, given: dict[str, Any]) -> str:
        """What the fields ask for, as it stands in a search's address."""
        asked = {name: [given[name]] for name in QUESTIONS[self.kind.key] if given.get(name)}
        if "?" in "".join(asked.get("q", ())):  # an address of a search was pasted
            asked |= parse_qs(asked.pop("q")[0].partition("?")[2])
        return urlencode({**self.kept, **asked}, doseq=True)

    def make_block(self) -> dict[str, Any]:
        """The block as the form leaves it; texts in other languages stay as they are."""
        given = self.cleaned_data
        block = dict(self.block or {"texts": {}, "checks": [], "kind": self.kind.key})
        block["texts"] = {
            **block["texts"],
            self.language: {name: given[name] for name in self.kind.texts},
        }
        block |= {name: given[name] for name in self.kind.fields if name != "query"}
        if "query" in self.kind.fields:
            block["query"] = self._make_query(given)
        block["marking"] = given["marking"]
        checks = set(block["checks"]) - {self.language}
        block["checks"] = sorted(checks | ({self.language} if given["needs_check"] else set()))
        return block


class FreezeForm(forms.Form):
    """An edition: for whom, and what is said of it."""

    marking = forms.ChoiceField(
        label=_("For the readers of"),
        choices=[choice for choice in Marking.choices if choice[0] != Marking.RED],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
