"""Guessing is limited; and nobody can use the limit to shut another person out."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from focal.directory import limits
from focal.directory.models import Attempt
from tests.directory.conftest import PASSWORD
from tests.directory.test_second_factor import SECRET, code_of

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def log_in(client, email, password=PASSWORD, network="192.0.2.1"):
    return client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=network)


def use_up(client, email, **where):
    for _attempt in range(6):
        last = log_in(client, email, "not the password", **where)
    assert "Too many" in last.content.decode()


def is_in(client):
    return "_auth_user_id" in client.session


def test_a_stranger_elsewhere_cannot_shut_the_owner_out(member):
    use_up(Client(), member.email, network="203.0.113.9")

    owner = Client()
    log_in(owner, member.email)

    assert is_in(owner)


def test_a_stranger_in_the_same_network_cannot_shut_out_a_device_that_is_known(member):
    known, strange = Client(), Client()
    log_in(known, member.email)
    known.post("/accounts/logout/")
    use_up(Client(), member.email)

    log_in(known, member.email)
    log_in(strange, member.email)

    assert (is_in(known), is_in(strange)) == (True, False)


def test_a_known_device_is_counted_too(member):
    client = Client()
    log_in(client, member.email)
    client.post("/accounts/logout/")

    for _attempt in range(10):
        log_in(client, member.email, "not the password")

    assert "Too many" in log_in(client, member.email).content.decode()


def test_a_device_is_known_to_one_account_alone_and_its_cookie_names_nobody(member, secretary):
    client = Client()
    log_in(client, member.email)
    cookie = client.cookies[limits.COOKIE]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert member.email not in cookie.value
    request = client.get("/").wsgi_request
    assert limits.find_device(request, member.email.upper())
    assert not limits.find_device(request, secretary.email)
    client.cookies[limits.COOKIE] = cookie.value + "x"
    assert not limits.find_device(client.get("/").wsgi_request, member.email)


def test_attempts_are_counted_for_all_processes_together(member):
    use_up(Client(), member.email)

    cache.clear()  # what another process knows
    client = Client()
    log_in(client, member.email)

    assert not is_in(client)


@pytest.mark.parametrize(
    ("action", "address", "sent"),
    [
        ("accept_invitation", "/accounts/invitation/nosuchlink/", {}),
        ("reset_password", "/accounts/password/reset/", {"email": "who@example.org"}),
        ("reset_password_from_key", "/accounts/password/reset/key/1-set-password/", {}),
        ("reauthenticate", "/accounts/reauthenticate/", {"password": "guessed"}),
        ("change_password", "/accounts/password/change/", {"oldpassword": "guessed"}),
        ("passkey", "/accounts/2fa/webauthn/login/", {}),
    ],
)
def test_pages_are_limited_for_all_processes_together(member, monkeypatch, action, address, sent):
    [rate, *_more] = limits.PAGES[action].split(",")
    per = rate.rpartition("/")[2]
    monkeypatch.setitem(limits.PAGES, action, f"2/m/{per}")
    client = Client()
    if per == "user":
        client.force_login(member)

    answers = []
    for _post in range(3):
        cache.clear()  # each comes to another process
        answers.append(client.post(address, sent).status_code)

    assert answers[2] == 429
    assert 429 not in answers[:2]
    assert client.get(address).status_code != 429


def test_letters_to_one_address_are_limited_from_all_networks_together(monkeypatch):
    monkeypatch.setitem(limits.PAGES, "reset_password", "20/m/ip,2/m/key")

    answers = [
        Client().post(
            "/accounts/password/reset/",
            {"email": "Who@example.org "},
            REMOTE_ADDR=f"203.0.113.{place}",
        )
        for place in range(3)
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 429]


def test_a_code_works_once_for_all_processes_together(member):
    TOTP.activate(member, SECRET)
    code, said = code_of(), []
    for _device in range(2):
        cache.clear()  # what another process knows
        client = Client()
        log_in(client, member.email)
        client.post(reverse("mfa_authenticate"), {"code": code})
        said.append(is_in(client))

    assert said == [True, False]


def test_guesses_sent_at_once_see_one_another(member, rf, monkeypatch):
    """The last of six is written before the first is judged, and is not judged as the first."""
    request = rf.post(LOGIN)
    written = Attempt.objects.bulk_create
    held = []

    def write_and_hold(rows):
        rows = list(rows)
        made = written(rows)
        if not held:  # five more arrive meanwhile
            held.append(True)
            held.extend(limits.count_attempt(request, "password", member.email) for _ in range(5))
        return made

    monkeypatch.setattr(Attempt.objects, "bulk_create", write_and_hold)
    first = limits.count_attempt(request, "password", member.email)

    assert [bool(one) for one in (*held[1:], first)].count(True) <= 5


def test_attempts_name_nobody_and_are_forgotten(member):
    use_up(Client(), member.email)
    kept = Attempt.objects.count()

    assert not any(member.email in row.key for row in Attempt.objects.all())
    assert limits.forget_attempts(timezone.now()) == 0
    assert limits.forget_attempts(timezone.now() + limits.KEPT_FOR * 2) == kept


def test_right_passwords_are_not_counted(member):
    client = Client()
    for _time in range(8):
        log_in(client, member.email)
        assert is_in(client)
        client.post("/accounts/logout/")
        client.cookies.pop(limits.COOKIE)


def test_codes_are_counted_by_network_and_over_all_strange_devices(member, monkeypatch):
    TOTP.activate(member, SECRET)
    monkeypatch.setattr(limits, "ALL_STRANGE", {"code": "12/h/key"})
    known = Client()
    log_in(known, member.email)
    known.post(reverse("mfa_authenticate"), {"code": code_of()})
    assert is_in(known)
    known.post("/accounts/logout/")

    said = []
    for network in range(4):
        stranger = Client(REMOTE_ADDR=f"203.0.113.{network}")
        log_in(stranger, member.email, network=f"203.0.113.{network}")
        for _attempt in range(4):
            page = stranger.post(reverse("mfa_authenticate"), {"code": "000000"})
        said.append("Too many" in page.content.decode())

    assert said == [False, False, False, True]
    log_in(known, member.email)
    assert known.get(reverse("mfa_authenticate")).status_code == 200  # its owner is asked as ever


@pytest.mark.parametrize("door", ["sign in", "forgotten password"])
def test_a_door_works_as_hard_for_every_address(member, monkeypatch, door):
    """Known, unknown and closed: the same number of hashes and of questions to the database."""
    from django.contrib.auth.hashers import MD5PasswordHasher
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from focal.directory import services
    from tests.factories import NOON, PersonFactory

    closed = PersonFactory(email="closed@example.org")
    services.deactivate(person=closed, by=None, at=NOON)
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *a, **k: hashed.append(1) or encode(*a, **k)
    )
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    EmailAddress.objects.create(user=closed, email=closed.email, verified=True, primary=True)

    def knock(email):
        if door == "sign in":
            return log_in(Client(), email, "not the password")
        return Client().post(reverse("account_reset_password"), {"email": email})

    knock("warm@example.org")

    cost = {}
    for email in (member.email, "nobody@example.org", closed.email):
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            knock(email)
        cost[email] = (len(hashed), len(asked))

    assert len(set(cost.values())) == 1, cost
