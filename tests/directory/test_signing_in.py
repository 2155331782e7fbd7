"""Signing in and out, second factors, a forgotten password; and what a stranger can learn."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.urls import reverse

from focal.audit.models import Entry
from focal.directory import limits, services
from focal.directory.models import Person
from focal.web import context
from tests.directory.conftest import PASSWORD, sign_in
from tests.factories import NOON, PersonFactory

pytestmark = pytest.mark.django_db
STRANGER = "nobody@example.org"
LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def _clock_may_turn(settings):
    settings.MFA_TOTP_TOLERANCE = 1  # a test may run across the end of a code's half minute


def log_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password}, **more)


def who(client):
    return client.session.get("_auth_user_id")


def body_of(response, *names):
    """A page without what is random, and without the address that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    for name in names:
        text = text.replace(name, "ADDRESS")
    return response.status_code, response.headers.get("Location"), text


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up_codes(client):
    """Switch one-time codes on through the pages; the secret that the app would keep."""
    address = reverse("mfa_activate_totp")
    page = client.get(address, follow=True)
    if page.redirect_chain:
        client.post(page.request["PATH_INFO"] + "?next=" + address, {"password": PASSWORD})
        page = client.get(address)
    secret = page.context["form"].secret
    client.post(address, {"code": code_of(secret)})
    return secret


@pytest.mark.parametrize("email", ["mira@example.org", "Mira@Example.ORG", " mira@example.org "])
def test_the_address_is_taken_without_regard_to_case(client, member, email):
    answer = log_in(client, email)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert who(client) == str(member.pk)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://testserver.evil.example/",
        "javascript:alert(1)",
        "http://localhost/elsewhere",
        "\\\\evil.example",
    ],
)
def test_a_redirect_to_elsewhere_is_refused(client, member, settings, target):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]

    signed_in = client.post(LOGIN, {"login": member.email, "password": PASSWORD, "next": target})
    signed_out = client.post("/accounts/logout/", {"next": target})

    assert (signed_in["Location"], signed_out["Location"]) == ("/", "/")


def test_a_redirect_inside_is_followed(client, member):
    answer = client.post(
        LOGIN, {"login": member.email, "password": PASSWORD, "next": "/accounts/me/"}
    )

    assert answer["Location"] == "/accounts/me/"


@pytest.mark.parametrize("kind", ["wrong password", "closed account"])
def test_sign_in_answers_the_same_for_known_and_unknown_addresses(client, member, kind):
    password = "not the password"
    if kind == "closed account":
        services.deactivate(person=member, by=None, at=NOON)
        password = PASSWORD

    known = log_in(client, member.email, password)
    unknown = log_in(client, STRANGER, password)

    assert body_of(known, member.email) == body_of(unknown, STRANGER)
    assert known.context["form"].errors


def test_a_forgotten_password_answers_the_same_for_known_and_unknown_addresses(client, member):
    known = client.post(RESET, {"email": member.email})
    unknown = client.post(RESET, {"email": STRANGER})

    assert body_of(known) == body_of(unknown)
    assert known.status_code == 302
    assert [letter.to for letter in mail.outbox] == [[member.email], [STRANGER]]


def test_a_forged_host_does_not_reach_the_letter(client, member, settings):
    client.post(RESET, {"email": member.email}, headers={"host": "evil.example"})
    client.post(RESET, {"email": STRANGER}, headers={"host": "evil.example"})

    letters = [letter.subject + letter.body for letter in mail.outbox]
    assert all(settings.SITE_ADDRESS in letter for letter in letters)
    assert not any("evil" in letter or "testserver" in letter for letter in letters)


def test_a_forgotten_password_is_set_anew_by_the_letter_and_noted(client, member, settings):
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    client.post(RESET, {"email": member.email})
    link = re.search(r"http\S+/key/\S+", mail.outbox[0].body)[0].removeprefix(settings.SITE_ADDRESS)

    form = client.get(link, follow=True)
    client.post(
        form.redirect_chain[-1][0],
        {"password1": "a loud heron flies", "password2": "a loud heron flies"},
    )

    member.refresh_from_db()
    assert member.check_password("a loud heron flies")
    assert who(client) is None
    assert [(e.action, e.target_key) for e in Entry.objects.all()] == [
        ("person.password_set", member.reference)
    ]
    assert mail.outbox[1].subject == "Your password at Focal has been set anew"
    assert log_in(client, member.email).status_code == 200
    assert log_in(client, member.email, "a loud heron flies").status_code == 302


def test_the_letter_of_a_closed_account_is_that_of_an_unknown_one(client, member):
    services.deactivate(person=member, by=None, at=NOON)

    client.post(RESET, {"email": member.email})
    client.post(RESET, {"email": STRANGER})

    bodies = [
        letter.body.replace(member.email, "ADDRESS").replace(STRANGER, "ADDRESS")
        for letter in mail.outbox
    ]
    assert bodies[0] == bodies[1]


def test_wrong_passwords_are_counted_for_known_and_unknown_addresses_alike(client, member):
    answers = []
    for email in (member.email, STRANGER):
        for _attempt in range(6):
            last = log_in(client, email, "not the password")
        answers.append(body_of(last, email))

    assert answers[0] == answers[1]
    assert "Too many" in answers[0][2]
    assert log_in(client, member.email).status_code == 200


def test_a_flood_gets_a_page_of_ours(client, monkeypatch):
    monkeypatch.setitem(limits.PAGES, "reset_password", "1/m/ip")

    answers = [client.post("/accounts/password/reset/", {"email": STRANGER}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 429]
    assert "Too many attempts" in answers[1].content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_opens_an_account_by_themselves(client, method):
    sent = {"email": STRANGER, "password1": PASSWORD, "password2": PASSWORD}

    answer = getattr(client, method)("/accounts/signup/", sent)

    assert "Accounts are by invitation" in answer.content.decode()
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    "path", ["confirm-email/", "login/code/", "signup/passkey/", "2fa/webauthn/signup/"]
)
def test_routes_of_allauth_that_we_do_not_want_do_not_exist(client, path):
    assert client.get(f"/accounts/{path}").status_code == 404


def test_addresses_cannot_be_added(client, member):
    sign_in(client, member)

    answer = client.post("/accounts/email/", {"action_add": "", "email": STRANGER})

    assert answer["Location"] == "/accounts/me/"
    assert not EmailAddress.objects.filter(email=STRANGER).exists()


def test_codes_are_set_up_asked_for_and_noted(client, member):
    log_in(client, member.email)
    secret = set_up_codes(client)
    client.post("/accounts/logout/")

    answer = log_in(client, member.email)
    assert (answer["Location"], who(client)) == (reverse("mfa_authenticate"), None)
    wrong = client.post(answer["Location"], {"code": "000000"})
    assert (wrong.status_code, who(client)) == (200, None)
    right = client.post(answer["Location"], {"code": code_of(secret)})

    assert (right.status_code, who(client)) == (302, str(member.pk))
    assert list(Entry.objects.order_by("number").values_list("action", "detail__kind")) == [
        ("person.factor_added", "totp"),
        ("person.factor_added", "recovery_codes"),
    ]


def test_a_second_factor_is_not_changed_without_the_password(client, member):
    sign_in(client, member)

    answer = client.get(reverse("mfa_activate_totp"))

    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_a_recovery_code_works_once(client, member):
    log_in(client, member.email)
    set_up_codes(client)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    results = []

    for _time in range(2):
        client.post("/accounts/logout/")
        log_in(client, member.email)
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        results.append(who(client))

    assert results == [str(member.pk), None]


def test_a_new_password_by_letter_does_not_pass_the_second_factor_by(client, member):
    log_in(client, member.email)
    set_up_codes(client)
    client.post("/accounts/logout/")
    member.set_password("a loud heron flies")
    member.save()

    log_in(client, member.email, "a loud heron flies")

    assert who(client) is None


ACCOUNT_PAGES = [
    "directory:me",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_generate_recovery_codes",
]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000"])
@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_pages_render_and_hold_nothing_that_the_content_policy_blocks(client, member, host, name):
    sign_in(client, member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD}, headers={"host": host})

    answer = client.get(
        reverse(name), headers={"host": host}, follow=name == "mfa_generate_recovery_codes"
    )

    page = answer.content.decode()
    assert answer.status_code in {200, 302}
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", page)
    scripts = re.findall(r"<script([^>]*)>", page)
    assert [s for s in scripts if "src=" not in s and "application/json" not in s] == []


def test_a_passkey_is_offered_at_a_name_and_explained_at_a_number(client, member):
    pages = {}
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "192.0.2.7:8000"):
        headers = {"host": host}
        login = client.get(LOGIN, headers=headers).content.decode()
        client.post(LOGIN, {"login": member.email, "password": PASSWORD}, headers=headers)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD}, headers=headers)
        add = client.get(reverse("mfa_add_webauthn"), headers=headers).content.decode()
        client.post("/accounts/logout/", headers=headers)
        pages[host] = (
            "passkey_login" in login,
            "mfa_webauthn_add" in add,
            "http://localhost:8000/accounts/2fa/webauthn/add/" in add,
        )

    assert pages == {
        "127.0.0.1:8000": (False, False, True),
        "localhost:8000": (True, True, False),
        "[::1]:8000": (False, False, True),
        "192.0.2.7:8000": (False, False, False),
    }


@pytest.mark.parametrize("name", ["directory:me", "directory:people", "mfa_index"])
def test_account_pages_ask_strangers_to_sign_in(client, name):
    answer = client.get(reverse(name))

    assert answer["Location"] == f"{LOGIN}?next={reverse(name)}"


def test_the_menu_leads_to_people_only_those_who_look_after_them(rf, member, secretary):
    from focal.sharing.viewer import Viewer

    shown = []
    for person in (member, secretary, PersonFactory(is_administrator=True)):
        request = rf.get("/")
        request.viewer = Viewer.from_person(person, on=NOON.date())
        links = context.build_navigation(request).account.links
        shown.append("/accounts/people/" in [link.url for link in links])

    assert shown == [False, True, True]
