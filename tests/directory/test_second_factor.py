"""A second factor is required of every member: nothing opens before this session has shown one."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.db import transaction
from django.urls import reverse

from tests.directory.conftest import PASSWORD, sign_in
from tests.doors import DOORS
from tests.factories import make_record

pytestmark = pytest.mark.django_db
LOGIN, SET_UP = "/accounts/login/", "/accounts/second-factor/"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _clock_may_turn(settings):
    settings.MFA_TOTP_TOLERANCE = 1


def log_in(client, person):
    return client.post(LOGIN, {"login": person.email, "password": PASSWORD})


def code_of(secret=SECRET):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


OPEN = {
    "account_logout",
    "account_reauthenticate",
    "directory:accept_invitation",
    "directory:second_factor",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "web:healthz",
    "web:robots",
    "web:set_language",
}


@pytest.mark.slow
def test_with_a_password_alone_every_door_leads_to_the_second_factor(client, member):
    record = make_record(marking="GREEN", title="A quiet heron")
    log_in(client, member)
    astray = []

    for door in DOORS.values():
        for address in door.addresses(record.reference):
            answer = getattr(client, door.method)(address)
            stays = answer.status_code == 302 and answer["Location"] == SET_UP
            if stays == (door.name in OPEN) or b"quiet heron" in answer.content:
                astray.append(address)

    assert [address for address in astray if address != reverse("account_logout")] == []


def test_whoever_has_none_sets_one_up_and_is_in(client, member, monkeypatch):
    monkeypatch.setattr(transaction, "on_commit", lambda deed, **_: deed())
    log_in(client, member)
    assert "One more step" in client.get(SET_UP).content.decode()
    address = reverse("mfa_activate_totp")
    client.post(f"{reverse('account_reauthenticate')}?next={address}", {"password": PASSWORD})
    secret = client.get(address).context["form"].secret

    client.post(address, {"code": code_of(secret)})

    assert client.get(reverse("directory:me")).status_code == 200
    assert client.get(SET_UP)["Location"] == reverse("mfa_index")


def test_a_session_that_knows_the_password_alone_gains_nothing_when_the_owner_sets_one_up(
    client, member
):
    log_in(client, member)
    TOTP.activate(member, SECRET)

    assert client.get("/")["Location"] == SET_UP
    assert "Show your second factor" in client.get(SET_UP).content.decode()
    assert client.get(reverse("mfa_activate_totp"))["Location"] == SET_UP  # none beside the other
    assert client.post(reverse("mfa_add_webauthn"))["Location"] == SET_UP

    client.post(f"{reverse('mfa_reauthenticate')}?next=/", {"code": code_of()})
    assert client.get(reverse("directory:me")).status_code == 200


def test_the_last_factor_stays(client, member):
    TOTP.activate(member, SECRET)
    sign_in(client, member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=member, type="totp").exists()

    key = Authenticator.objects.create(user=member, type="webauthn", data={"name": "Key"})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=member, type="totp").exists()

    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_nobody_removes_another_s_key(client, member, secretary):
    key = Authenticator.objects.create(user=secretary, type="webauthn", data={"name": "Key"})
    sign_in(client, member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    answer = client.post(reverse("mfa_remove_webauthn", args=[key.pk]))

    assert answer.status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()
