"""The forms of the account pages. Rules stand in `policy` and `services`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from allauth.account import forms as account
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

from focal.directory import limits
from focal.directory.models import Membership, Organisation
from focal.directory.selectors import list_organisations


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
            if authenticator.wrap().validate_code(code):
                authenticator.user = self.user
                self.authenticator = authenticator
                attempts.take_back()
                return code
        raise get_adapter().validation_error("incorrect_code")


class CodeForm(_CountedCode, base.AuthenticateForm):
    """The second step of signing in."""


class ConfirmingCodeForm(_CountedCode, base.ReauthenticateForm):
    """A code asked for once more."""


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
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

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

    def __init__(self, *args: Any, economies: Collection[str] | None = None, **kwargs: Any) -> None:
        """`economies`: only organisations of these are offered."""
        super().__init__(*args, **kwargs)
        organisation = cast("forms.ModelChoiceField", self.fields["organisation"])
        offered = list_organisations()
        if economies is not None:
            offered = offered.filter(economy_id__in=economies, is_secretariat=False)
        organisation.queryset = offered


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
        if not offers_administrator:
            del self.fields["makes_administrator"]


class MeForm(forms.Form):
    """One's own name and language."""

    full_name = _name_field()
    language = _language_field()
