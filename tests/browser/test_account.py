"""Signing in with password, one-time code and passkey, under the strict content policy."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot
from tests.factories import PersonFactory

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]
PASSWORD = "quiet-heron-lake-9"


@pytest.fixture
def member(transactional_db):
    person = PersonFactory(email="arta@example.org", full_name="Arta Hoxha")
    person.set_password(PASSWORD)
    person.save()
    return person


def fill_in_password(page):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill("arta@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in_with_password(page):
    fill_in_password(page)
    page.locator("header summary").get_by_text("Arta Hoxha").wait_for()


def confirm_if_asked(page):
    if "reauthenticate" in page.url:
        assert_no_serious_axe(page)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()


def sign_out(page):
    page.locator("details.menu:visible summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").first.wait_for()


def look_at(page, name):
    confirm_if_asked(page)
    assert_no_serious_axe(page)
    screenshot(page, f"{name}-desktop")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits_the_screen(page)
    screenshot(page, f"{name}-phone")
    page.set_viewport_size({"width": 1280, "height": 900})


def compute_code(secret: str) -> str:
    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counter))


def test_member_sets_up_one_time_codes_and_is_asked_for_one_from_then_on(member, page):
    sign_in_with_password(page)
    page.goto("/accounts/2fa/totp/activate/")
    confirm_if_asked(page)
    picture = page.locator("img.qr")
    assert picture.evaluate("e => e.naturalWidth > 0")
    assert_no_serious_axe(page)
    screenshot(page, "one-time-codes-desktop")
    secret = page.locator("#authenticator_secret").input_value()

    page.get_by_label(re.compile("code", re.IGNORECASE)).last.fill(compute_code(secret))
    page.get_by_role("button", name="Activate").click()
    page.goto("/accounts/2fa/")
    assert_no_serious_axe(page)
    screenshot(page, "sign-in-security-desktop")

    assert page.get_by_text("Switched on").is_visible()
    sign_out(page)
    fill_in_password(page)
    page.wait_for_url("**/2fa/authenticate/")
    assert_no_serious_axe(page)
    screenshot(page, "second-step-desktop")
    page.goto("/about")
    assert page.get_by_role("link", name="Sign in").first.is_visible()


def test_member_adds_a_passkey_and_signs_in_with_it(member, page):
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    sign_in_with_password(page)
    page.goto("/accounts/2fa/webauthn/add/")
    confirm_if_asked(page)
    assert_no_serious_axe(page)
    page.get_by_label("Name").fill("Office key")
    if page.get_by_label("Passwordless").count():
        page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    page.goto("/accounts/2fa/webauthn/")
    assert page.get_by_role("heading", name="Passkeys and security keys").is_visible()
    look_at(page, "passkeys")
    page.get_by_role("link", name=re.compile("Edit.*Office key")).click()
    page.get_by_label("Name").fill("Key of the office")
    look_at(page, "passkey-name")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=re.compile("Remove.*Key of the office")).click()
    look_at(page, "passkey-remove")
    page.goto("/accounts/2fa/recovery-codes/generate/")
    look_at(page, "recovery-codes-new")
    sign_out(page)

    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    page.locator("header summary").get_by_text("Arta Hoxha").wait_for()
