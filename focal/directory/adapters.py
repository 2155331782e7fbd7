"""The rules that allauth asks for: who may open an account, where one lands, what mails say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from focal.directory import limits
from focal.directory.factors import count_factors
from focal.directory.models import Person
from focal.directory.services import accept_by_provider, log_password_set

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation alone; links lead to our own address and nowhere else."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of the site that was asked, not of other names it answers to."""
        request = allauth_context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Count the attempt, by address and network or by known device."""
        self._attempts = limits.count_attempt(request, "password", credentials.get("email", ""))
        if self._attempts is None:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: str) -> Person | None:
        """One question and one hash for every address: known, unknown or closed."""
        self.pre_authenticate(request, **credentials)
        email = credentials.get("email", "").strip().lower()
        password = credentials.get("password", "")
        person = Person.objects.filter(email=email).first()
        if person is None:
            Person().set_password(password)
            return None
        if not person.check_password(password) or not person.is_active:
            return None
        if self._attempts is not None:
            self._attempts.take_back()
        return person

    def post_login(self, request: HttpRequest, user: Person, **more: object) -> HttpResponse:
        """The device is known from now on."""
        response = super().post_login(request, user, **more)
        limits.remember_device(request, response, user.email)
        return response

    def format_email_subject(self, subject: str) -> str:
        return str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Letters name the configured address: a forged Host header must not reach them."""
        site = SimpleNamespace(name="Focal", domain=urlsplit(settings.SITE_ADDRESS).netloc)
        address = settings.SITE_ADDRESS.rstrip("/")
        super().send_mail(
            template_prefix, email, {**context, "current_site": site, "site_address": address}
        )

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the letter, at the configured address."""
        uidb36, _dash, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": rest})
        return settings.SITE_ADDRESS.rstrip("/") + path

    @transaction.atomic
    def set_password(self, user: Person, password: str) -> None:
        """Change or reset: in the log either way."""
        super().set_password(user, password)
        log_password_set(person=user, at=timezone.now())


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: the last one stays."""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return True
        return count_factors(authenticator.user) > 1


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Sign-in by the configured provider: for members and for those who are invited.

    What it says about an address counts only where it says that it has checked it. Everybody
    else gets one and the same page, whatever the reason.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.state.get("process") not in {None, "login"}:
            raise ImmediateHttpResponse(_refuse(request))
        if not sociallogin.is_existing:
            person = _find_member(sociallogin)
            if person is not None:
                sociallogin.connect(request, person)
        if not sociallogin.is_existing or not sociallogin.user.is_active:
            raise ImmediateHttpResponse(_refuse(request))

    def on_authentication_error(self, request: HttpRequest, *args: object, **more: object) -> None:
        """Cancelled, forged, out of order: nothing of it is repeated to the visitor."""
        raise ImmediateHttpResponse(_refuse(request))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False


def _find_member(sociallogin: SocialLogin) -> Person | None:
    """Who has the address that the provider has checked; an invitation is accepted by it."""
    for address in sociallogin.email_addresses:
        if not address.verified:
            continue
        email = address.email.strip().lower()
        person = Person.objects.filter(email=email, is_active=True).first()
        if person is not None:
            return person
        name = str(sociallogin.account.extra_data.get("userinfo", {}).get("name") or "")
        return accept_by_provider(email=email, full_name=name, at=timezone.now())
    return None


def _refuse(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/provider_refused.html", status=403)
