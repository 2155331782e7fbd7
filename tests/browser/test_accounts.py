"""From the link that the first start prints to signing in with a one-time code."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from focal.audit.models import Entry
from focal.directory import services
from focal.directory.models import Person
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]
PASSWORD = "a quiet heron stands"


@pytest.fixture(autouse=True)
def _fresh_limits(settings, live_server):
    cache.clear()
    settings.SITE_ADDRESS = live_server.url
    settings.MFA_TOTP_TOLERANCE = 1


@pytest.fixture
def secretariat(transactional_db):
    return OrganisationFactory(name="Regional secretariat", is_secretariat=True)


def accept_first(page, *, name="Ada Admin", email="ada@example.org"):
    page.goto(services.ensure_first_administrator_link(at=timezone.now()))
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password once more").fill(PASSWORD)
    page.get_by_role("button", name="Become administrator").click()
    return set_up_codes(page)


def set_up_codes(page, picture=""):
    """What the first sign-in leads to; the secret that the app would keep."""
    page.wait_for_url("**/second-factor/")
    if picture:
        assert_no_serious_axe(page)
        assert fits_the_screen(page)
        screenshot(page, picture)
    page.get_by_role("link", name="Set up codes").click()
    assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 0")
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("[name=code]").fill(code_of(secret))
    page.locator("[name=code]").press("Enter")
    page.wait_for_url("**/recovery-codes/")
    return secret


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_out(page):
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")


def test_first_administrator_sets_up_codes_and_signs_in_with_one(page, secretariat):
    secret = accept_first(page)
    assert page.get_by_text("Ada Admin").first.is_visible()
    screenshot(page, "accounts-recovery-codes")
    sign_out(page)

    page.goto("/accounts/login/?next=/accounts/me/")
    page.get_by_label("E-mail address").fill("Ada@Example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/2fa/authenticate/**")
    screenshot(page, "accounts-code")
    page.locator("[name=code]").fill(code_of(secret))
    page.get_by_role("main").get_by_role("button", name="Sign in").first.click()

    page.wait_for_url("**/accounts/me/")
    assert page.get_by_text("Editor: writes and publishes for the organisation").is_visible()
    assert Person.objects.get().is_administrator


def test_an_invitation_goes_from_the_form_to_the_new_member(page, make_page, secretariat):
    ministry = OrganisationFactory(name="Ministry of the Interior")
    accept_first(page)
    page.goto("/accounts/people/")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("mira@example.org")
    page.get_by_label("Organisation", exact=True).select_option(str(ministry.pk))
    page.get_by_label("Editor:").check()
    page.get_by_role("button", name="Send the invitation").click()
    link = page.locator("code").inner_text()
    assert link in mail.outbox[-1].body

    guest = make_page()
    guest.goto(link)
    guest.get_by_label("Name", exact=True).fill("Mira")
    guest.get_by_label("Password", exact=True).fill("short")
    guest.get_by_label("Password once more").fill("short")
    guest.get_by_role("button", name="Make my account").click()
    assert guest.locator("#id_password_error").is_visible()
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_label("Password once more").fill(PASSWORD)
    guest.get_by_role("button", name="Make my account").click()
    set_up_codes(guest, "accounts-second-factor-page")
    guest.goto("/accounts/me/")
    assert guest.get_by_text("Ministry of the Interior").is_visible()

    page.goto("/accounts/people/")
    page.get_by_role("link", name="Mira").click()
    page.get_by_role("link", name="Hand over and close the account").click()
    page.get_by_label("Yes, the account is to be closed at once").check()
    assert_no_serious_axe(page)
    screenshot(page, "accounts-hand-over")
    page.get_by_role("button", name="Hand over and close the account").click()
    page.wait_for_url("**/people/")
    guest.goto("/accounts/me/")
    assert re.search("/accounts/login/", guest.url)
    assert Entry.objects.filter(action="person.deactivated").count() == 1


def test_a_passkey_is_made_and_signs_in_at_a_name(page, live_server, secretariat):
    """A software key stands in for fingerprint and face."""
    base = live_server.url.replace("127.0.0.1", "localhost")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    person = PersonFactory(email="ada@example.org", full_name="Ada")
    person.set_password(PASSWORD)
    person.save()
    page.goto(f"{base}/accounts/login/")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/webauthn/add/")
    screenshot(page, "accounts-passkey-add")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{base}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")

    page.goto(f"{base}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{base}/")
    assert page.get_by_text("Ada").first.is_visible()
    page.goto(f"{base}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")

    page.goto(f"{base}/accounts/login/")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#mfa_webauthn_authenticate").click()
    page.wait_for_url(f"{base}/")
    assert page.get_by_text("Ada").first.is_visible()


PAGES = {
    "me": "/accounts/me/",
    "people": "/accounts/people/",
    "person": "/accounts/people/personaaaa9999/",
    "invite": "/accounts/invite/",
    "security": "/accounts/2fa/",
    "sessions": "/accounts/sessions/",
    "codes": "/accounts/2fa/totp/activate/",
    "passkeys": "/accounts/2fa/webauthn/",
    "passkey-elsewhere": "/accounts/2fa/webauthn/add/",
    "password": "/accounts/password/change/",
    "closed-link": "/accounts/invitation/nothing/",
    "signup": "/accounts/signup/",
    "logout": "/accounts/logout/",
}


@pytest.mark.parametrize("look", ["page", "dark_page", "phone_page"])
def test_account_pages_have_no_serious_fault_and_fit_the_screen(request, secretariat, look):
    page = request.getfixturevalue(look)
    MembershipFactory(
        person=PersonFactory(reference="personaaaa9999", full_name="Mira of a rather long name"),
        organisation__name="Coordination Center for Countering Violent Extremism of the Ministry",
    )
    services.invite(
        email="somebody.with.a.long.address@example.org",
        full_name="Somebody",
        organisation=secretariat,
        role="editor",
        invited_by=None,
        at=timezone.now(),
    )
    page.goto(services.ensure_first_administrator_link(at=timezone.now()))
    assert_no_serious_axe(page)
    assert fits_the_screen(page)
    screenshot(page, f"accounts-first-{look}")
    accept_first(page)

    for name, address in PAGES.items():
        page.goto(address)
        assert_no_serious_axe(page)
        assert fits_the_screen(page), name
        screenshot(page, f"accounts-{name}-{look}")
