"""The form a chart is made with: series, form, what of them. No code, no specification."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from focal.indicators.charting import Choice
from focal.indicators.models import WORLD, Chart, Series
from focal.indicators.selectors import name_area
from focal.records.content import clean_line, clean_text
from focal.records.finding.shown import show
from focal.records.forms.editing import KeptForm, get_language_choices
from focal.records.forms.editing_fields import SearchedSelect, find_reference
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

MOST_SERIES = 6


class _AlwaysChosen(forms.ChoiceField):
    """A choice whose first entry is one as well, though it is kept as nothing."""

    def validate(self, value: Any) -> None:
        if not self.valid_value(value):
            super().validate(value)


def list_series(viewer: Viewer, language: str) -> list[tuple[str, str]]:
    """The series that can be drawn for a viewer: references and titles."""
    rows = Series.objects.visible_to(viewer).defer("body")
    choices = [(item.reference, item.title) for item in show(rows, language)]
    return sorted(choices, key=lambda choice: choice[1].casefold())


class StartForm(forms.Form):
    """Whose figures a new chart shows: all that must be known before one can be proposed."""

    def __init__(self, data: QueryDict | None, *, viewer: Viewer, language: str) -> None:
        super().__init__(data)
        self.fields["series"] = make_series_field(list_series(viewer, language))


def make_series_field(choices: list[tuple[str, str]]) -> forms.Field:
    """The field in which series are searched and chosen."""
    return forms.MultipleChoiceField(
        label=_("Series"),
        choices=choices,
        widget=SearchedSelect(),
        help_text=_("Whose figures are drawn. Several may stand in one chart."),
        error_messages={"required": _("Choose at least one series.")},
    )


class ChartForm(KeptForm):
    """What is drawn, and the words above it."""

    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        viewer: Viewer,
        language: str,
        chart: Chart | None = None,
        start: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.viewer, self.language, self.chart = viewer, language, chart
        add = self.fields
        add["series"] = make_series_field(list_series(viewer, language))
        add["form"] = forms.ChoiceField(
            label=_("Form"), choices=Chart.Form.choices, widget=forms.RadioSelect
        )
        add["title"] = forms.CharField(
            label=_("Title"),
            max_length=400,
            help_text=_("Best is a sentence that says what the chart shows."),
            error_messages={"required": _("Give it a title.")},
        )
        add["summary"] = forms.CharField(
            label=_("Line below the title"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("What is counted, among whom, when."),
        )
        add["areas"] = forms.MultipleChoiceField(
            label=_("Where"),
            required=False,
            choices=self._list_areas(),
            widget=SearchedSelect(),
            help_text=_("None chosen: everywhere there is a figure."),
        )
        for name, label in (
            ("time", _("Which figures")),
            ("split", _("Broken down")),
            ("order", _("Order")),
        ):
            choices = Chart._meta.get_field(name).choices
            add[name] = _AlwaysChosen(label=label, choices=choices)
        add["language"] = forms.ChoiceField(
            label=_("Language of the title"), choices=get_language_choices(language)
        )
        add["shown_with"] = forms.CharField(
            label=_("Also on the page of"),
            required=False,
            help_text=_("The address of a record's page: the chart then stands there as well."),
        )
        self._leave_pasting_alone()
        self.initial = {"form": "bar", "language": language, "base_version": 0, **(start or {})}
        if chart is not None:
            self.initial |= {
                name: getattr(chart, name)
                for name in ("title", "summary", "form", "split", "time", "order", "language")
            }
            self.initial |= {
                "series": chart.series_list.split(),
                "areas": chart.areas.split(),
                "shown_with": chart.shown_with,
                "base_version": chart.version,
            }

    def _list_areas(self) -> list[tuple[str, str]]:
        words = get_vocabulary()
        groups = [(code, words.group_name(code, self.language)) for code in words.groups]
        return [
            *words.economy_choices(self.language),
            *groups,
            (WORLD, name_area(WORLD, self.language)),
        ]

    def clean_series(self) -> list[str]:
        chosen = self.cleaned_data["series"]
        if len(chosen) > MOST_SERIES:
            raise forms.ValidationError(
                _("At most %s series fit into one chart.") % MOST_SERIES, code="too_many"
            )
        return chosen

    def clean_shown_with(self) -> str:
        text = self.cleaned_data["shown_with"].strip()
        if not text:
            return ""
        reference = find_reference(text)
        if not Record.objects.visible_to(self.viewer).filter(reference=reference).exists():
            raise forms.ValidationError(
                _("There is no such record. Paste the address of its page.")
            )
        return reference

    def get_content(self) -> dict[str, Any]:
        """What the services take."""
        cleaned = self.cleaned_data
        return {
            "title": clean_line(cleaned["title"]),
            "summary": clean_text(cleaned["summary"]),
            "language": cleaned["language"],
            "form": cleaned["form"],
            "series_list": "\n".join(cleaned["series"]),
            "areas": " ".join(cleaned["areas"]),
            "split": cleaned["split"],
            "time": cleaned["time"],
            "order": cleaned["order"],
            "shown_with": cleaned["shown_with"],
        }

    def get_choice(self) -> Choice:
        """What is chosen so far, whether the form could be saved or not."""
        offered = {
            "series": dict(self.fields["series"].choices),  # type: ignore[attr-defined]
            "areas": dict(self._list_areas()),
        }
        picked = {
            name: tuple(v for v in self[name].value() or () if v in known)
            for name, known in offered.items()
        }
        form = self["form"].value()
        return Choice(
            form=form if form in Chart.Form.values else "bar",
            series=picked["series"],
            areas=picked["areas"],
            **{name: str(self[name].value() or "") for name in ("split", "time", "order")},
            title=clean_line(str(self["title"].value() or "")),
            subtitle=clean_line(str(self["summary"].value() or "")),
        )


def start_from_choice(choice: Choice, title: str) -> dict[str, Any]:
    """A form that begins with what fits its series."""
    return {
        "series": list(choice.series),
        "title": title,
        "form": choice.form,
        "split": choice.split,
        "time": choice.time,
        "order": choice.order,
    }
