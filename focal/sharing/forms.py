"""Choosing a marking and a release list, for every form that shares something.

`AudienceForm` is a form of its own and a base for others. `sharing/_chooser.html` draws it, with
what each marking permits, and, live, who will see it. For something new nothing is chosen
beforehand: who may see it is never a default.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from focal.sharing.markings import EXAMPLES, MEANINGS, Marking, is_narrower
from focal.sharing.people import Audience, describe_audience
from focal.sharing.recipients import LISTS, Recipients
from focal.sharing.tokens import explain_lists, may_release_to
from focal.sharing.viewer import Viewer
from focal.ui.widgets import LongSelectMultiple

KnownTokens = Callable[[int], Collection[str]]


class AudienceForm(forms.Form):
    """The marking and whom it is released to, in words; `get_tokens` gives the tokens.

    `known` tells to which tokens an organisation has shared something before: an audience that
    is new to it is asked about once more. `before` and `releases` are what stands already.
    `widest` limits a form that may not say everything: markings before it are not offered.
    """

    marking = forms.ChoiceField(
        label=gettext_lazy("Who may see it once it is published?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who may see it.")},
    )
    to_formats = forms.MultipleChoiceField(
        label=gettext_lazy("Formats"),
        required=False,
        widget=LongSelectMultiple,
        help_text=gettext_lazy("Those who sit in these regional formats."),
    )
    to_economies = forms.MultipleChoiceField(
        label=gettext_lazy("Economies"),
        required=False,
        widget=LongSelectMultiple,
        help_text=gettext_lazy("The focal points of these economies."),
    )
    to_organisations = forms.MultipleChoiceField(
        label=gettext_lazy("Organisations"),
        required=False,
        widget=LongSelectMultiple,
        help_text=gettext_lazy("All members of these organisations."),
    )
    to_people = forms.MultipleChoiceField(
        label=pgettext_lazy("release list", "People"),
        required=False,
        widget=LongSelectMultiple,
        help_text=gettext_lazy("These people alone, wherever they work."),
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}),
        help_text=gettext_lazy(
            "The last day on which those you add now can read it, such as the day of the meeting."
            " Leave it empty when there is no end."
        ),
    )
    confirmed = forms.BooleanField(
        label=gettext_lazy("Yes, more people are to see it"), required=False
    )
    confirmed_new = forms.BooleanField(
        label=gettext_lazy("Yes, they are the ones I mean"), required=False
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        viewer: Viewer,
        language: str,
        before: str = "",
        releases: Collection[str] = (),
        owner_organisation: int | None = None,
        known: KnownTokens = lambda organisation: (),
        has_portions: bool = False,
    ) -> None:
        super().__init__(data)
        self.viewer = viewer
        self.before, self.releases = before, frozenset(releases)
        self.owner_organisation, self.known = owner_organisation, known
        self.has_portions = has_portions
        self.needs_confirmation = False
        self.needs_confirmation_of: list[str] = []
        self.recipients = Recipients(language, viewer)
        self.fields["marking"].choices = [  # type: ignore[attr-defined]
            (marking.value, describe_marking(marking)) for marking in Marking
        ]
        for kind, name in LISTS.items():
            self.fields[name].choices = self.recipients.choices[kind]  # type: ignore[attr-defined]
        if before:
            self.initial = {"marking": before, **self.recipients.to_lists(releases)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        marking = cleaned.get("marking")
        if not marking:
            return cleaned
        for kind, name in LISTS.items():
            tokens = [f"{kind}:x"] if cleaned.get(name) else []
            decision = may_release_to(marking, tokens, has_portions=self.has_portions)
            if not decision:
                self.add_error(name, decision.reason)
        until = cleaned.get("until")
        if until and until < timezone.localdate():
            self.add_error("until", _("This day has passed. Choose today or a later day."))
        self._ask_before_widening(marking, confirmed=bool(cleaned.get("confirmed")))
        self._ask_before_a_new_audience(confirmed=bool(cleaned.get("confirmed_new")))
        return cleaned

    def _ask_before_widening(self, marking: str, *, confirmed: bool) -> None:
        if not self.before or not is_narrower(self.before, marking):
            return
        self.needs_confirmation = True
        if not confirmed:
            self.add_error(
                "confirmed",
                _("%(new)s lets more people read it than %(old)s. Confirm that you mean it.")
                % {"new": Marking(marking).label, "old": Marking(self.before).label},
            )

    def _ask_before_a_new_audience(self, *, confirmed: bool) -> None:
        organisation = self.get_owner_key()
        if organisation is None or self.errors.keys() - {"confirmed"}:
            return
        own = {f"org:{organisation}", f"person:{self.viewer.person_id}"}
        new = set(self.get_tokens()) - self.releases - own
        new -= set(self.known(organisation)) if new else set()
        if not new:
            return
        self.needs_confirmation_of = self.recipients.name(new)
        if not confirmed:
            self.add_error(
                "confirmed_new",
                ngettext(
                    "Your organisation has never shared anything with %(names)s."
                    " Confirm that this is who you mean.",
                    "Your organisation has never shared anything with these before: %(names)s."
                    " Confirm that they are who you mean.",
                    len(new),
                )
                % {"names": ", ".join(self.needs_confirmation_of)},
            )

    def get_owner_key(self) -> int | None:
        """The organisation that it belongs to, as far as it is known."""
        return self.owner_organisation

    def get_tokens(self) -> list[str]:
        """The release list, as the services take it. What the viewer may not know of stays."""
        marking = self.cleaned_data["marking"]
        kept = {
            token
            for token in self.recipients.find_unknown(self.releases)
            if may_release_to(marking, [token], has_portions=self.has_portions)
        }
        chosen = self.recipients.to_tokens(
            {name: self.cleaned_data.get(name, ()) for name in LISTS.values()}
        )
        return [*chosen, *sorted(kept)]

    def get_end(self) -> datetime | None:
        """When access of those who are added ends: the first moment after the chosen day."""
        return end_of_day(self.cleaned_data.get("until"))

    # What the template asks for

    @property
    def lists(self) -> list[dict[str, Any]]:
        """The lists with the markings that take them."""
        return [
            {
                "field": self[name],
                "takes": " ".join(
                    marking.value
                    for marking in Marking
                    if may_release_to(marking, [f"{kind}:x"], has_portions=self.has_portions)
                ),
            }
            for kind, name in LISTS.items()
        ]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """For each marking why it does not take some of the lists; empty where it takes all."""
        return [
            (marking.value, explain_lists(marking, has_portions=self.has_portions))
            for marking in Marking
        ]

    @property
    def new_names(self) -> str:
        """Those who are asked about once more."""
        return ", ".join(self.needs_confirmation_of)


class PreviewForm(AudienceForm):
    """What the live preview is asked with; nothing of it is refused, it is only looked at."""

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data

    def describe(self, *, owner_organisation: int | None, owner_person: int | None) -> Audience:
        """Who would see it."""
        self.is_valid()
        marking = self.cleaned_data["marking"]
        tokens = [t for t in self.get_tokens() if may_release_to(marking, [t])]
        return describe_audience(
            marking=marking,
            releases=tokens,
            owner_organisation_id=owner_organisation,
            owner_person_id=owner_person,
            hidden_formats=self.recipients.hidden_formats,
            on=timezone.localdate(),
        )


def describe_marking(marking: Marking) -> str:
    """A marking with what it permits and an example."""
    return format_html(
        "<span class='marking marking-{}'>{}</span> <span class='explained'>{}</span>"
        "<span class='explained example'>{}</span>",
        marking.value.partition("+")[0].lower(),
        marking.label,
        MEANINGS[marking],
        EXAMPLES[marking],
    )


def end_of_day(day: Any) -> datetime | None:
    """The first moment after a day, where the platform stands; None for no day."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
