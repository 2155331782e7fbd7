"""Sign-in by a provider: against one that is played here, for invited people alone."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from focal.config import env
from focal.directory import services
from focal.directory.models import Person
from tests.directory.conftest import sign_in
from tests.factories import NOON, OrganisationFactory

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/provider/login/"


class FakeProvider(HTTPServer):
    """Answers what an OpenID Connect provider answers, about `claims`."""

    claims: dict

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: FakeProvider

    def do_GET(self):
        base = self.server.address
        known = {
            "/.well-known/openid-configuration": {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorise",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "jwks_uri": f"{base}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/userinfo": self.server.claims,
        }
        self.say(known[self.path])

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        token = {"iss": self.server.address, "aud": "focal", "iat": 1, "exp": 9999999999}
        signed = jwt.encode({**token, **self.server.claims}, "k" * 32, algorithm="HS256")
        self.say({"access_token": "a", "token_type": "Bearer", "id_token": signed})

    def say(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def provider(settings):
    server = FakeProvider(("127.0.0.1", 0), Answer)
    server.claims = {
        "sub": "42",
        "email": "mira@example.org",
        "email_verified": True,
        "name": "Mira K.",
    }
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    app = {
        "provider_id": "provider",
        "name": "Ministry sign-on",
        "client_id": "focal",
        "secret": "s",
        "settings": {"server_url": server.address},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
    }
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def come_back(client, **sent):
    """Go to the provider and come back from it, as a browser would."""
    away = client.post(LOGIN, sent)
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    return client.get(LOGIN + "callback/", {"code": "c", "state": asked["state"][0]})


def who(client):
    return client.session.get("_auth_user_id")


def invite(email="mira@example.org"):
    return services.invite(
        email=email,
        full_name="Mira",
        organisation=OrganisationFactory(name="Ministry"),
        role="contributor",
        invited_by=None,
        at=NOON,
    )


def test_a_member_signs_in_and_still_shows_a_second_factor(client, member, provider):
    answer = come_back(client)

    assert (answer.status_code, who(client)) == (302, str(member.pk))
    assert client.get(reverse("directory:me"))["Location"] == reverse("directory:second_factor")


def test_no_second_factor_is_asked_for_where_the_provider_asks_for_one(
    client, member, provider, settings
):
    settings.OIDC_SECOND_FACTOR = True
    come_back(client)

    assert client.get(reverse("directory:me")).status_code == 200


def test_an_invited_person_has_the_account_that_was_promised(client, provider, monkeypatch):
    invite()
    monkeypatch.setattr("focal.directory.adapters.timezone.now", lambda: NOON)

    come_back(client)

    person = Person.objects.get()
    assert (person.email, person.full_name, who(client)) == (
        "mira@example.org",
        "Mira K.",
        str(person.pk),
    )
    assert not person.has_usable_password()
    assert [place.role for place in person.memberships.all()] == ["contributor"]


@pytest.mark.parametrize(
    "case", ["nobody invited", "another address", "unchecked address", "too late", "closed"]
)
def test_everybody_else_gets_the_same_page(client, provider, case):
    if case == "another address":
        invite("other@example.org")
    if case == "too late":
        invite()
    if case == "unchecked address":
        provider.claims["email_verified"] = False
        Person.objects.create_person(email="mira@example.org", full_name="Mira")
    if case == "closed":
        person = Person.objects.create_person(email="mira@example.org", full_name="Mira")
        services.deactivate(person=person, by=None, at=NOON)

    answer = come_back(client)

    assert (answer.status_code, who(client)) == (403, None)
    assert "did not sign you in" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_a_forged_or_missing_state_leads_nowhere(client, member, provider):
    answer = client.get(LOGIN + "callback/", {"code": "c", "state": "invented"})

    assert (answer.status_code, who(client)) == (403, None)


def test_nobody_ties_a_foreign_identity_to_an_account(client, member, secretary, provider):
    sign_in(client, secretary)

    away = client.post(LOGIN + "?process=connect")
    state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
    answer = client.get(LOGIN + "callback/", {"code": "c", "state": state})

    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_closing_an_account_cuts_the_tie(client, member, provider):
    come_back(client)
    services.deactivate(person=member, by=None, at=NOON)

    assert not SocialAccount.objects.exists()
    assert come_back(client).status_code == 403


def test_the_sign_in_page_offers_it_only_where_it_is_configured(client, provider, settings):
    assert "Sign in with" in client.get("/accounts/login/").content.decode()

    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}

    assert "Sign in with Single" not in client.get("/accounts/login/").content.decode()
    assert client.post(LOGIN).status_code == 404


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/"])
def test_coming_back_leads_to_our_own_pages_alone(client, member, provider, target):
    away = client.post(f"{LOGIN}?next={target}")
    state = parse_qs(urlsplit(away["Location"]).query)["state"][0]

    answer = client.get(LOGIN + "callback/", {"code": "c", "state": state})

    assert answer["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "client_id"),
    [("http://login.example.org", "focal"), ("login.example.org", "f"), ("https://a.example", "")],
)
def test_a_provider_that_makes_no_sense_stops_the_start(address, client_id):
    with pytest.raises(ImproperlyConfigured, match="FOCAL_OIDC"):
        env.check_provider(address, client_id)
    assert env.origin_of("https://a.example:444/realms/x") == ["https://a.example:444"]
