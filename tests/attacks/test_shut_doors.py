"""What can be told of all addresses at once: tokens, redirects, sessions, sign-in, letters."""

from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from focal.mail.models import Letter
from tests.doors import iterate_routes
from tests.factories import MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet heron stands"
LOGIN = "/accounts/login/"

# May be posted without a token, and why that harms nobody.
WITHOUT_TOKEN = {
    "web:set_language",  # chooses the language of the interface, nothing else
    "alerts:stop",  # RFC 8058: mail programs post there; the address itself is the secret
}


@pytest.fixture(autouse=True)
def _nobody_counted():
    cache.clear()


@pytest.fixture
def member():
    person = PersonFactory(email="mira@example.org", full_name="Mira")
    person.set_password(PASSWORD)
    person.save()
    MembershipFactory(person=person)
    return person


def test_no_address_takes_a_post_without_its_token():
    exempt = {
        name
        for name, pattern in iterate_routes()
        if getattr(pattern.callback, "csrf_exempt", False)
    }

    assert exempt - WITHOUT_TOKEN == set()


def test_a_post_from_elsewhere_is_refused_and_says_what_to_do(member):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(LOGIN, {"login": member.email, "password": PASSWORD})

    assert answer.status_code == 403
    assert "_auth_user_id" not in client.session


EVIL = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "https://testserver@evil.example/",
    "http://testserver.evil.example/",
)


@pytest.mark.parametrize("target", EVIL)
def test_signing_in_and_choosing_a_language_lead_nowhere_else(client, member, target):
    answers = [
        client.get(LOGIN, {"next": target}),
        client.post(reverse("web:set_language"), {"language": "sq", "next": target}),
        client.post(LOGIN + f"?next={target}", {"login": member.email, "password": PASSWORD}),
        client.post(LOGIN, {"login": member.email, "password": PASSWORD, "next": target}),
    ]

    for answer in answers:
        assert "evil.example" not in answer.headers.get("Location", "")
        assert "javascript:" not in answer.headers.get("Location", "")


def test_a_session_that_somebody_planted_is_worth_nothing_after_signing_in(member):
    planted = Client()
    session = planted.session
    session["planted"] = "by the attacker"
    session.save()
    victim = Client()
    victim.cookies["focal_session"] = session.session_key
    victim.get(LOGIN)
    token = victim.cookies["focal_csrf"].value if "focal_csrf" in victim.cookies else ""

    victim.post(LOGIN, {"login": member.email, "password": PASSWORD})

    assert victim.cookies["focal_session"].value != session.session_key
    assert victim.session["_auth_user_id"] == str(member.pk)
    assert "_auth_user_id" not in Client(cookies=planted.cookies).session
    stolen = Client()
    stolen.cookies["focal_session"] = session.session_key
    assert "_auth_user_id" not in stolen.session
    if token and "focal_csrf" in victim.cookies:
        assert victim.cookies["focal_csrf"].value != token


def count_hashes(client, email, password="some wrong password"):
    cache.clear()
    with patch.object(
        MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
    ) as encode:
        client.post(LOGIN, {"login": email, "password": password})
    return encode.call_count


def test_signing_in_does_the_same_work_whether_the_account_exists(client, member):
    inactive = PersonFactory(email="gone@example.org", is_active=False)
    inactive.set_password(PASSWORD)
    inactive.save()
    unusable = PersonFactory(email="keyonly@example.org")
    unusable.set_unusable_password()
    unusable.save()

    work = {
        who: count_hashes(client, email)
        for who, email in (
            ("member", member.email),
            ("nobody", "nobody@example.org"),
            ("inactive", inactive.email),
            ("without a password", unusable.email),
        )
    }

    assert work["nobody"] == 1
    assert set(work.values()) == {1}, work


@pytest.mark.parametrize(
    "value",
    [
        "mira@example.org\r\nBcc: thief@evil.example",
        "mira@example.org\nBcc: thief@evil.example",
        "mira@example.org%0ABcc:thief@evil.example",
        '"mira\\r\\nBcc: thief"@example.org',
        "mira@example.org,thief@evil.example",
    ],
)
def test_an_address_with_a_line_in_it_sends_no_letter_elsewhere(client, member, value):
    client.post("/accounts/password/reset/", {"email": value})

    everybody = [each for letter in mail.outbox for each in letter.recipients()]
    everybody += list(Letter.objects.values_list("to_address", flat=True))
    assert [each for each in everybody if "evil" in each or "thief" in each] == []
    for letter in mail.outbox:
        assert "Bcc" not in letter.message()
