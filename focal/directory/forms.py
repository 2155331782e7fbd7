"""The forms of the account pages. Rules stand in `policy` and `services`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, cast

from allauth.account import forms as account
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
)
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.utils.translation import get_language as get_active_language
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from focal.directory import limits
from focal.directory.models import (
    Format,
    FormatMember,
    FormatSeat,
    Membership,
    Organisation,
    Person,
    Profile,
)
from focal.directory.passwords import GuessableValidator
from focal.directory.selectors import list_organisations
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary


def _language_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Language of the pages"), choices=settings.LANGUAGES)


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As colleagues know you; it stands beside what you write."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class LoginForm(account.LoginForm):
    """allauth's form in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["remember"].label = _("Stay signed in on this device")


class ResetPasswordForm(account.ResetPasswordForm):
    """allauth's form in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")

    def clean_email(self) -> str:
        """One question for every address; allauth asks more of those it knows."""
        email = self.cleaned_data["email"].strip().lower()
        person = Person.objects.filter(email=email, is_active=True).first()
        self.users = [person] if person else []
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """The same work for an address without an account: what it comes to is thrown away."""
        if not self.users:
            nobody = Person(pk=0, email=self.cleaned_data["email"])
            for _question in range(2):
                EmailAddress.objects.filter(user_id=nobody.pk).exists()
            PasswordResetTokenGenerator().make_token(nobody)
        return super().save(request, **kwargs)


class AddKeyForm(webauthn.AddWebAuthnForm):
    """allauth's form in our words; a passkey is what most people come for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")
        self.fields["name"].help_text = _("So that you can tell several apart.")
        self.fields["passwordless"].label = _("Sign in with it alone, without the password")
        self.fields["passwordless"].help_text = _(
            "That makes it a passkey. Otherwise it is a second step after the password."
        )
        self.fields["passwordless"].initial = True


class _CountedCode:
    """allauth counts wrong codes by account alone; we count them as wrong passwords."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        attempts = limits.count_attempt(allauth_context.request, "code", self.user.email)
        if attempts is None:
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code = self.cleaned_data["code"]
        for authenticator in Authenticator.objects.filter(user=self.user).exclude(
            type=Authenticator.Type.WEBAUTHN
        ):
            if authenticator.wrap().validate_code(code) and limits.is_first_use(
                self.user.email, code
            ):
                authenticator.user = self.user
                self.authenticator = authenticator
                attempts.take_back()
                return code
        raise get_adapter().validation_error("incorrect_code")


class CodeForm(_CountedCode, base.AuthenticateForm):
    """The second step of signing in."""


class ConfirmingCodeForm(_CountedCode, base.ReauthenticateForm):
    """A code asked for once more."""


def _say_what_is_asked() -> str:
    """How long, and how to find a good one. What else is refused says so itself."""
    told = (MinimumLengthValidator, GuessableValidator)
    return " ".join(
        validator.get_help_text()
        for validator in get_default_password_validators()
        if isinstance(validator, told)
    )


class AcceptForm(forms.Form):
    """What somebody who was invited tells."""

    full_name = _name_field()
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label=_("Password once more"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = _language_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _say_what_is_asked()

    def clean(self) -> dict[str, object]:
        """Without `repeated`: it has done its work."""
        cleaned = super().clean() or self.cleaned_data
        repeated = cleaned.pop("repeated", None)
        if repeated is not None and "password" in cleaned and repeated != cleaned["password"]:
            self.add_error("repeated", _("This is not what you wrote above."))
        return cleaned


class FirstAdministratorForm(AcceptForm):
    """The first administrator also says which address is theirs."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    takes_place = forms.BooleanField(
        label=_("Also make me editor of the secretariat"),
        required=False,
        initial=True,
        help_text=_(
            "An administrator does technical work and sees no content by right. Editors of the"
            " secretariat write and publish for it, and invite members."
        ),
    )
    field_order = ("full_name", "email", "password", "repeated", "language", "takes_place")


class PlaceForm(forms.Form):
    """A place in an organisation."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none()
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        initial=Membership.Role.MEMBER,
        widget=forms.RadioSelect,
    )
    post = forms.CharField(
        label=_("Post"),
        max_length=200,
        required=False,
        help_text=_("What they are there, for instance head of department."),
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    def __init__(self, *args: Any, economies: Collection[str] | None = None, **kwargs: Any) -> None:
        """`economies`: only organisations of these are offered."""
        super().__init__(*args, **kwargs)
        organisation = cast("forms.ModelChoiceField", self.fields["organisation"])
        offered = list_organisations()
        if economies is not None:
            offered = offered.filter(economy_id__in=economies, is_secretariat=False)
        organisation.queryset = offered
        organisation.empty_label = gettext("Choose an organisation")


class InviteForm(PlaceForm):
    """Whom to invite, and to which place."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The link works for this address alone."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    full_name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("They can correct it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    makes_administrator = forms.BooleanField(
        label=_("Make this person an administrator"),
        required=False,
        help_text=_("Technical work: settings and accounts. It opens no content."),
    )
    field_order = ("email", "full_name", "organisation", "role", "makes_administrator")

    def __init__(self, *args: Any, offers_administrator: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["post"]  # they tell it themselves
        if not offers_administrator:
            del self.fields["makes_administrator"]


class MeForm(forms.Form):
    """One's own name and language."""

    full_name = _name_field()
    language = _language_field()


def get_language() -> str:
    """The reader's language, as the vocabulary spells it."""
    return canonical_language(get_active_language() or "en")


def _economy_choices(empty: str) -> list[tuple[str, str]]:
    return [("", empty), *get_vocabulary().economy_choices(get_language())]


class FocalPostForm(forms.Form):
    """Which economy somebody speaks for."""

    economy = forms.ChoiceField(label=_("Economy"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["economy"])
        field.choices = _economy_choices(gettext("Choose an economy"))


class ShownForm(forms.Form):
    """What one tells of oneself, and whom."""

    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    about = forms.CharField(
        label=_("About me"),
        max_length=2000,
        required=False,
        help_text=_("What you work on, and what colleagues can ask you."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    languages = forms.MultipleChoiceField(label=_("Languages I work in"), required=False)
    topics = forms.MultipleChoiceField(label=_("Topics I know about"), required=False)

    LEVELS = (
        ("places", _("My organisations and posts")),
        ("formats", _("The formats I sit in")),
        ("former", _("Where I was before")),
        ("email", _("My e-mail address")),
        ("phone", _("My telephone number")),
        ("about", _("What I wrote about me")),
        ("languages", _("My languages")),
        ("topics", _("My topics")),
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        initial: dict[str, object] = {
            name: getattr(profile, name) for name in ("phone", "about", "languages", "topics")
        }
        initial |= {f"shows_{name}": profile.get_level(name) for name, _label in self.LEVELS}
        super().__init__(*args, initial=initial, **kwargs)
        vocabulary, language = get_vocabulary(), get_language()
        for name, choices in (
            ("languages", vocabulary.language_choices(language)),
            ("topics", vocabulary.choices("topics", language)),
        ):
            cast("forms.MultipleChoiceField", self.fields[name]).choices = choices
        for name, label in self.LEVELS:
            self.fields[f"shows_{name}"] = forms.ChoiceField(
                label=label, choices=Profile.Level.choices
            )

    @property
    def told(self) -> list[forms.BoundField]:
        """What is told."""
        return [self[name] for name in ("about", "topics", "languages", "phone")]

    @property
    def levels(self) -> list[forms.BoundField]:
        """The choices of who sees what."""
        return [self[f"shows_{name}"] for name, _label in self.LEVELS]

    def clean(self) -> dict[str, object]:
        """The levels gathered into `shown`."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["shown"] = {name: cleaned.pop(f"shows_{name}", "") for name, _label in self.LEVELS}
        return cleaned


class WhoForm(forms.Form):
    """What the list of people is narrowed to."""

    q = forms.CharField(label=_("Name or word"), required=False, max_length=100)
    economy = forms.ChoiceField(label=_("Economy"), required=False)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    format = forms.ChoiceField(label=_("Format"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    focal_points = forms.BooleanField(label=_("Only National Focal Points"), required=False)

    def __init__(self, *args: Any, formats: Iterable[Format], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = gettext("All")
        organisations = list_organisations().values_list("reference", "name", "acronym")
        choices = {
            "economy": _economy_choices(every),
            "organisation": [
                ("", every),
                *(
                    (reference, f"{name} ({short})" if short else name)
                    for reference, name, short in organisations
                ),
            ],
            "format": [("", every), *((row.slug, str(row)) for row in formats)],
            "topic": [("", every), *get_vocabulary().choices("topics", get_language())],
        }
        for name, offered in choices.items():
            cast("forms.ChoiceField", self.fields[name]).choices = offered


class OrganisationForm(forms.Form):
    """What an organisation's page says. Its economy is settled when it is entered."""

    name = forms.CharField(label=_("Name"), max_length=300)
    acronym = forms.CharField(label=_("Acronym"), max_length=40, required=False)
    economy = forms.ChoiceField(label=_("Economy"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    description = forms.CharField(
        label=_("What it does"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    def __init__(
        self, *args: Any, is_new: bool, economies: Collection[str] | None, **kwargs: Any
    ) -> None:
        """`economies`: the only ones to choose from; None for all and for none in particular."""
        super().__init__(*args, **kwargs)
        kinds = get_vocabulary().choices("organisation-kinds", get_language())
        cast("forms.ChoiceField", self.fields["kind"]).choices = [("", gettext("Not said")), *kinds]
        if not is_new:
            del self.fields["economy"]
            return
        offered = _economy_choices(gettext("None in particular"))
        if economies is not None:
            offered = [(code, name) for code, name in offered if code in economies]
        cast("forms.ChoiceField", self.fields["economy"]).choices = offered


# Formats


class FormatForm(forms.Form):
    """What a format's page says, and who is to know of it."""

    name = forms.CharField(label=_("Name"), max_length=300)
    acronym = forms.CharField(label=_("Acronym"), max_length=40, required=False)
    description = forms.CharField(
        label=_("What it is"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    rhythm = forms.CharField(
        label=_("Rhythm"),
        max_length=500,
        required=False,
        help_text=_("How often it meets, how long a chair lasts."),
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    is_confidential = forms.BooleanField(
        label=_("Only those who sit in it know that it exists"),
        required=False,
        help_text=_("For everybody else, the secretariat among them, it is not there at all."),
    )
    hides_members = forms.BooleanField(
        label=_("Its members do not see one another"),
        required=False,
        help_text=_("Only its chair and secretary see who belongs to it."),
    )


def _date_field(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class SeatForm(forms.Form):
    """Who sits in a format."""

    person = forms.ModelChoiceField(
        label=_("Person"), queryset=Person.objects.none(), to_field_name="reference"
    )
    role = forms.ChoiceField(label=_("Role"), choices=FormatSeat.Role.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(is_active=True).order_by("full_name", "pk")
        person = cast("forms.ModelChoiceField", self.fields["person"])
        person.queryset = people
        person.empty_label = gettext("Choose a person")


class _PartyForm(forms.Form):
    """An economy or an organisation, for a time."""

    economy = forms.ChoiceField(label=_("Economy"), required=False)
    organisation = forms.ModelChoiceField(
        label=_("or organisation"),
        queryset=Organisation.objects.none(),
        required=False,
        to_field_name="reference",
    )
    since = _date_field(_("Since"))
    until = _date_field(_("Until"), _("That day itself is not part of it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["economy"]).choices = _economy_choices(
            gettext("Choose an economy")
        )
        organisations = cast("forms.ModelChoiceField", self.fields["organisation"])
        organisations.queryset = list_organisations()
        organisations.empty_label = gettext("Choose an organisation")


class FormatMemberForm(_PartyForm):
    """An economy's or organisation's place in a format."""

    status = forms.ChoiceField(label=_("As"), choices=FormatMember.Status.choices)
    field_order = ("economy", "organisation", "status", "since", "until")


class FormatChairForm(_PartyForm):
    """Whose turn it is to chair."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class AnnouncementForm(forms.Form):
    """What those who sit in a format are told."""

    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(
        label=_("Text"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    language = forms.ChoiceField(label=_("Language"))
    until = _date_field(_("Shown until"), _("Empty: until it is taken down."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = get_vocabulary().language_choices(get_language()) or [("en", "English")]
        cast("forms.ChoiceField", self.fields["language"]).choices = choices
        self.fields["language"].initial = get_language()


# Leaving


class HandOverForm(forms.Form):
    """Who takes over what somebody leaves."""

    successor = forms.ModelChoiceField(
        label=_("Successor"),
        queryset=Person.objects.none(),
        required=False,
        to_field_name="reference",
        help_text=_(
            "Takes over posts and offices, and those records of organisations they write for."
            " Without one, records stay with their organisation."
        ),
    )
    confirmed = forms.BooleanField(label=_("Yes, the account is to be closed at once"))

    def __init__(self, *args: Any, leaver: Person, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Person.objects.filter(is_active=True).exclude(pk__in=(leaver.pk, by.pk))
        field = cast("forms.ModelChoiceField", self.fields["successor"])
        field.queryset = others.order_by("full_name", "pk")
        field.empty_label = gettext("Nobody")


class LeaveForm(HandOverForm):
    """One's own leaving; what is sealed is one's own to give."""

    ASKED = ("successor", "includes_sealed", "deletes_contact")
    includes_sealed = forms.BooleanField(
        label=_("My TLP:RED records go to them as well"),
        required=False,
        help_text=_(
            "Otherwise they stay yours, closed to everybody but those you named. Nobody else can"
            " decide it for you."
        ),
    )
    deletes_contact = forms.BooleanField(
        label=_("Delete my address, my name and what I told of myself at once"),
        required=False,
        help_text=_("Otherwise they are kept for a time, for questions about what you wrote."),
    )
    field_order = ("successor", "includes_sealed", "deletes_contact", "confirmed")

    def clean(self) -> dict[str, object]:
        """RED records go to somebody, or stay."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("includes_sealed") and not cleaned.get("successor"):
            self.add_error("successor", _("Choose to whom your TLP:RED records go."))
        return cleaned
