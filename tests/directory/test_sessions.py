"""Sessions and devices: listed, signed out one by one or all."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from focal.directory.models import Attempt
from tests.directory.conftest import PASSWORD, sign_in
from tests.directory.test_second_factor import SECRET, code_of

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
SESSIONS, ME = "/accounts/sessions/", "/accounts/me/"


@pytest.fixture(autouse=True)
def _clock_may_turn(settings):
    settings.MFA_TOTP_TOLERANCE = 1


def come_in(person, **more) -> Client:
    """A device that signed in with password and code."""
    client = Client(**more)
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code_of()})
    assert client.get(ME).status_code == 200
    return client


@pytest.fixture
def two(member):
    TOTP.activate(member, SECRET)
    first = come_in(member, HTTP_USER_AGENT=FIREFOX)
    Attempt.objects.all().delete()  # a code works once, and this is the same half minute
    cache.clear()
    return first, come_in(member)


def test_devices_are_listed_this_one_first(two):
    rows = two[0].get(SESSIONS).context["sessions"]

    assert [(row.is_current, row.browser, row.system) for row in rows] == [
        (True, "Firefox", "Windows"),
        (False, "", ""),
    ]


def test_one_is_signed_out_and_the_other_stays(two):
    here, there = two
    key = next(row.key for row in here.get(SESSIONS).context["sessions"] if not row.is_current)

    here.post(reverse("directory:end_session", args=[key]))

    assert (here.get(ME).status_code, there.get(ME).status_code) == (200, 302)
    assert UserSession.objects.count() == 1


def test_all_are_signed_out_at_once(two):
    here, there = two

    here.post(reverse("directory:end_sessions"))

    assert (here.get(ME).status_code, there.get(ME).status_code) == (302, 302)
    assert not UserSession.objects.exists()


def test_nobody_ends_another_s_session(two, client, secretary):
    sign_in(client, secretary)
    key = UserSession.objects.first().pk

    answer = client.post(reverse("directory:end_session", args=[key]))

    assert answer.status_code == 404
    assert two[0].get(ME).status_code == 200


def test_a_session_has_a_new_key_after_sign_in(member):
    """Whoever planted a session's key before does not share it afterwards."""
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key

    client.cookies["focal_session"] = before
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})

    assert client.session.session_key != before
    intruder = Client()
    intruder.cookies["focal_session"] = before
    assert intruder.get(ME).status_code == 302
