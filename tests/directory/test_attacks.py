"""What an attacker would try on accounts, the directory and formats; nothing is found."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from focal.directory import formats, services
from focal.directory.models import Format, FormatSeat, Invitation, Organisation, Person, Profile
from tests.directory.conftest import PASSWORD, sign_in
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # many doors, one after another
SCRIPT = "<script>alert(1)</script>"
HANDLER = '"><img src=x onerror=alert(1)>'


def own_forms(member):
    """Every deed of ours, with arguments that exist."""
    organisation = member.memberships.get().organisation.reference
    return {
        "directory:me": [],
        "directory:show_myself": [],
        "directory:leave": [],
        "directory:my_data": [],
        "directory:end_sessions": [],
        "directory:end_session": [1],
        "directory:invite": [],
        "directory:revoke_invitation": [1],
        "directory:give_place": [member.reference],
        "directory:end_place": [member.reference, 1],
        "directory:appoint_focal_point": [member.reference],
        "directory:end_focal_post": [member.reference, 1],
        "directory:deactivate": [member.reference],
        "directory:new_organisation": [],
        "directory:change_organisation": [organisation],
        "directory:enter_format": [],
        "directory:change_format": ["circle"],
        "directory:add_to_format": ["circle", "seat"],
        "directory:end_in_format": ["circle", "seat", 1],
        "account_login": [],
        "account_logout": [],
        "account_reauthenticate": [],
        "account_change_password": [],
        "account_reset_password": [],
        "mfa_activate_totp": [],
        "mfa_reauthenticate": [],
        "mfa_generate_recovery_codes": [],
        "openid_connect_login": ["provider"],
    }


# Forged forms


def test_no_form_is_taken_from_elsewhere(secretary, member):
    """A page of somebody else sends it with the victim's cookies, and without our token."""
    Format.objects.create(slug="circle", name="Circle")
    victim = Client(enforce_csrf_checks=True)
    sign_in(victim, secretary)
    taken = [
        name
        for name, args in own_forms(member).items()
        for answer in [victim.post(reverse(name, args=args), {"x": "1"})]
        if answer.status_code != 403 or b"Not for your account" in answer.content
    ]
    link = services.invite(
        email="n@example.org",
        full_name="",
        organisation=None,
        role="member",
        invited_by=None,
        at=NOON,
    )

    assert taken == []
    assert victim.post(link, {"full_name": "X"}).status_code == 403


def test_deeds_are_not_done_by_a_link(client, secretary, member):
    """An image or a link on another page can only make a browser ask, never do."""
    Format.objects.create(slug="circle", name="Circle")
    sign_in(client, secretary)
    before = _everything()

    for name, args in own_forms(member).items():
        if name != "account_logout":
            client.get(reverse(name, args=args))

    assert _everything() == before


def _everything():
    return (
        list(Person.objects.order_by("pk").values_list("pk", "is_active", "full_name", "password")),
        list(FormatSeat.objects.values_list("pk", "until")),
        list(Organisation.objects.order_by("pk").values_list("name", flat=True)),
        Invitation.objects.count(),
    )


# Leading elsewhere

EVIL = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    "\thttps://evil.example",
]


@pytest.mark.parametrize("target", EVIL)
def test_no_page_leads_elsewhere(client, member, target):
    answers = [
        client.post(
            "/accounts/login/", {"login": member.email, "password": PASSWORD, "next": target}
        )
    ]
    for name in ("account_reauthenticate", "mfa_reauthenticate", "account_logout"):
        sign_in(client, member)
        address = reverse(name)
        sent = {"password": PASSWORD, "code": "1", "next": target}
        answers.append(client.post(address, sent))
        sign_in(client, member)
        answers.append(client.get(address, {"next": target}))
    answers.append(client.post(reverse("web:set_language"), {"language": "sq", "next": target}))

    leads = [answer.headers.get("Location", "") for answer in answers]
    assert [lead for lead in leads if "evil" in lead or lead.startswith(("java", "//"))] == []


@pytest.mark.parametrize("website", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_a_website_is_an_address_of_the_web(client, secretary, website):
    sign_in(client, secretary)
    sent = {"name": "Herons", "website": website}

    answers = [
        client.post(reverse(f"directory:{name}"), sent)
        for name in ("new_organisation", "enter_format")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert not Organisation.objects.filter(name="Herons").exists()


# Text that would like to run


@pytest.mark.parametrize("text", [SCRIPT, HANDLER, "{{ request }}{% now 'Y' %}"])
def test_what_people_write_is_shown_as_text(client, secretary, text):
    nasty = MembershipFactory(person__full_name=text, post=text[:200]).person
    organisation = nasty.memberships.get().organisation
    Organisation.objects.filter(pk=organisation.pk).update(
        name=text, acronym=text[:40], description=text
    )
    Profile.objects.create(person=nasty, about=text, phone=text[:40], languages=[text], topics=[])
    body = formats.enter_format(
        name=text,
        acronym=text[:40],
        description=text,
        rhythm=text,
        website="",
        is_confidential=False,
        hides_members=False,
        by=secretary,
        at=NOON,
    )
    formats.announce(
        body=body, title=text, text=text, until=None, language="en", by=secretary, at=NOON
    )
    formats.give_seat(body=body, person=nasty, role="chair", by=secretary, at=NOON)
    sign_in(client, secretary)
    pages = {
        reverse(name, args=args): client.get(reverse(name, args=args)).content.decode()
        for name, args in {
            "directory:who": [],
            "directory:member": [nasty.reference],
            "directory:organisations": [],
            "directory:organisation": [organisation.reference],
            "directory:change_organisation": [organisation.reference],
            "directory:people": [],
            "directory:person": [nasty.reference],
            "directory:deactivate": [nasty.reference],
            "directory:manage_format": [body.slug],
            "web:format": [body.slug],
            "web:formats": [],
        }.items()
    }

    assert all(page for page in pages.values())
    raw = [address for address, page in pages.items() if SCRIPT in page or "<img src=x" in page]
    assert raw == []
    assert not any("WSGIRequest" in page for page in pages.values())


def test_a_name_puts_no_line_into_a_letter_s_head(
    client, secretary, django_capture_on_commit_callbacks
):
    organisation = OrganisationFactory(name="Ministry\r\nBcc: evil@example.org")
    sign_in(client, secretary)
    sent = {"email": "new@example.org", "organisation": organisation.pk, "role": "member"}

    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("directory:invite"), {**sent, "full_name": "X\r\nBcc: evil@example.org"}
        )
        wrong = client.post(
            reverse("directory:invite"), {**sent, "email": "a@b.org\r\nBcc: evil@example.org"}
        )

    assert wrong.status_code == 422
    assert [letter.recipients() for letter in mail.outbox] == [["new@example.org"]]
    assert "\n" not in mail.outbox[0].subject


# Going through addresses and numbers


def test_numbers_of_others_lead_nowhere(client, member):
    """Rows that carry numbers are reached only through what is one's own to change."""
    chair = PersonFactory()
    own = Format.objects.create(slug="own", name="Own")
    other = Format.objects.create(slug="other", name="Other")
    FormatSeat.objects.create(format=own, person=member, role="chair")
    FormatSeat.objects.create(format=other, person=chair, role="chair")
    services.invite(
        email="n@example.org",
        full_name="",
        organisation=None,
        role="member",
        invited_by=None,
        at=NOON,
    )
    sign_in(client, member)
    found = []

    for number in range(1, 12):
        for name, args in {
            "directory:end_session": [number],
            "directory:revoke_invitation": [number],
            "directory:end_place": [chair.reference, number],
            "directory:end_focal_post": [chair.reference, number],
            "mfa_remove_webauthn": [number],
            "mfa_edit_webauthn": [number],
            "directory:end_in_format": ["other", "seat", number],
        }.items():
            answer = client.post(reverse(name, args=args))
            if answer.status_code not in {302, 403, 404}:
                found.append((name, number))

    assert found == []
    assert Invitation.objects.count() == 1
    assert FormatSeat.objects.filter(until__isnull=False).count() == 0


def test_addresses_of_people_tell_strangers_nothing(client, member):
    """Signed out, a person that exists and one that does not are the same redirect."""
    told = {
        client.get(reverse(name, args=[reference]))["Location"].replace(reference, "X")
        for reference in (member.reference, "nowhereatall22")
        for name in ("directory:member",)
    }

    assert len(told) == 1


def test_sending_more_fields_than_a_form_has_changes_nothing_more(client, secretary, member):
    organisation = member.memberships.get().organisation
    sign_in(client, secretary)
    client.post(
        reverse("directory:change_organisation", args=[organisation.reference]),
        {"name": "New name", "is_secretariat": "on", "reference": "taken", "economy": "AL"},
    )
    client.post(
        reverse("directory:give_place", args=[member.reference]),
        {"organisation": organisation.pk, "role": "member", "is_administrator": "on", "by": ""},
    )
    client.post(
        reverse("directory:invite"),
        {
            "email": "n@example.org",
            "organisation": organisation.pk,
            "role": "member",
            "makes_administrator": "on",
            "invited_by": "",
            "expires_at": "2099-01-01",
        },
    )

    organisation.refresh_from_db()
    member.refresh_from_db()
    invitation = Invitation.objects.get()
    assert (organisation.name, organisation.is_secretariat) == ("New name", False)
    assert not member.is_administrator
    assert (invitation.makes_administrator, invitation.invited_by) == (False, secretary)
    assert invitation.expires_at.year < 2099


def test_pages_of_members_are_kept_by_no_cache(client, member):
    sign_in(client, member)

    kept = [
        name
        for name in ("directory:who", "directory:me", "directory:sessions", "directory:my_data")
        if "no-store" not in client.get(reverse(name)).headers.get("Cache-Control", "")
    ]

    assert kept == []
