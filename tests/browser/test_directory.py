"""Who is who, roles, a format's space, leaving: at a desk and on a telephone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from focal.directory import formats, services
from focal.directory.models import (
    FocalPoint,
    Format,
    FormatChair,
    FormatMember,
    FormatSeat,
    Membership,
    Profile,
)
from focal.vocabulary.models import Economy
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot, sign_in
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]

NAMES = (
    ("Arta Hoxha", "AL", "Head of the coordination centre"),
    ("Ivana Marković", "ME", "Adviser on prevention"),
    ("Dimitar Stojanovski", "MK", "National coordinator"),
    ("Elena Popescu", "MD", "Senior officer, prisons"),
    ("Nikos Papadopoulos", "GR", ""),
    ("Amra Kovačević", "BA", "Researcher on youth work"),
)
MINISTRIES = {
    "AL": "Coordination Center for Countering Violent Extremism",
    "ME": "Ministry of the Interior of Montenegro",
    "MK": "National Committee for Countering Violent Extremism",
    "MD": "National Administration of Penitentiaries",
    "GR": "Hellenic Foundation for European Policy",
    "BA": "Centre for Security Studies",
}


@pytest.fixture
def network(transactional_db):
    """A small network: people of six economies, a format with its chair, records, announcements."""
    now = timezone.now()
    people = {}
    for name, code, post in NAMES:
        economy = Economy.objects.get(code=code)
        organisation = OrganisationFactory(
            name=MINISTRIES[code],
            economy=economy,
            description="It coordinates prevention, and answers for the national strategy.",
            website="https://example.org/",
        )
        person = PersonFactory(full_name=name, email=f"{code.lower()}@example.org")
        MembershipFactory(
            person=person,
            organisation=organisation,
            post=post,
            role=Membership.Role.EDITOR,
            since=timezone.localdate() - timedelta(days=400),
        )
        people[code] = person
    for code in ("AL", "ME", "MK"):
        FocalPoint.objects.create(
            person=people[code], economy_id=code, since=timezone.localdate() - timedelta(days=300)
        )
    Profile.objects.create(
        person=people["AL"],
        phone="+355 4 222 333",
        about="I coordinate schools, prisons and municipalities. Ask me about mentoring.",
        languages=["sq", "en", "it"],
        topics=["prison", "youth"],
        shown={"phone": "members", "email": "members"},
    )
    body = Format.objects.create(
        slug="nfp",
        name="Group of National Focal Points",
        acronym="NFP",
        description="The national coordinators of South East Europe. It drafts recommendations.",
        rhythm="Two meetings a year",
    )
    for code in ("AL", "ME", "MK"):
        FormatMember.objects.create(format=body, economy_id=code, since="2016-01-27")
        FormatSeat.objects.create(
            format=body,
            person=people[code],
            role="chair" if code == "AL" else "member",
            since=timezone.localdate() - timedelta(days=100),
        )
    FormatChair.objects.create(format=body, economy_id="AL", since="2026-01-01")
    formats.announce(
        body=body,
        title="Autumn meeting moved to Tirana",
        text="The meeting of 12 October is in Tirana. Papers are due two weeks before.",
        until=None,
        language="en",
        by=people["AL"],
        at=now,
    )
    make_record(
        marking="AMBER",
        title="Draft recommendations on work with families",
        summary="For the autumn meeting.",
        releases=(f"format:{body.pk}",),
        organisation=people["AL"].memberships.get().organisation,
        at=now,
    )
    make_record(
        marking="CLEAR",
        kind="practice",
        title="Mentoring in open prisons",
        organisation=people["AL"].memberships.get().organisation,
        at=now,
    )
    office = OrganisationFactory(name="Regional secretariat", is_secretariat=True)
    people["office"] = MembershipFactory(
        person=PersonFactory(full_name="Sela Secretary"), organisation=office
    ).person
    return people


LOOKS = ["page", "phone_page"]


def look(page, address, name, how):
    page.goto(address)
    assert_no_serious_axe(page)
    assert fits_the_screen(page), name
    screenshot(page, f"directory-{name}-{how}")


@pytest.mark.parametrize("how", LOOKS)
def test_pages_of_the_directory(request, network, live_server, client, how):
    page, chair = request.getfixturevalue(how), network["AL"]
    look(page, "/directory/roles/", "roles", how)
    look(page, "/directory/organisations/", "organisations", how)
    sign_in(page, live_server.url, chair, client)
    organisation = chair.memberships.get().organisation
    for name, address in {
        "who": "/directory/",
        "who-narrowed": "/directory/?q=prison&topic=prison",
        "nobody": "/directory/?q=nobodyofthisname",
        "person": f"/directory/people/{network['AL'].reference}/",
        "person-other": f"/directory/people/{network['ME'].reference}/",
        "organisation": f"/directory/organisations/{organisation.reference}/",
        "organisation-change": f"/directory/organisations/{organisation.reference}/change/",
        "show-myself": "/accounts/me/shown/",
        "format-space": "/formats/nfp/",
        "format-manage": "/directory/formats/nfp/",
        "leave": "/accounts/me/leave/",
        "my-data": "/accounts/me/data/",
        "invite-focal-point": "/accounts/invite/",
    }.items():
        look(page, address, name, how)


@pytest.mark.parametrize("how", LOOKS)
def test_pages_of_the_secretariat(request, network, live_server, client, how):
    page = request.getfixturevalue(how)
    sign_in(page, live_server.url, network["office"], client)
    for name, address in {
        "account": f"/accounts/people/{network['AL'].reference}/",
        "hand-over": f"/accounts/people/{network['AL'].reference}/close/",
        "format-new": "/directory/formats/new/",
    }.items():
        look(page, address, name, how)


def test_a_story_of_leaving(page, network, live_server, client):
    """The chair gives a colleague a seat, hands everything over and is out; the colleague is in."""
    chair = network["AL"]
    colleague = MembershipFactory(
        person=PersonFactory(full_name="Besa Leka"),
        organisation=chair.memberships.get().organisation,
        role=Membership.Role.CONTRIBUTOR,
    ).person
    sign_in(page, live_server.url, chair, client)
    page.goto("/directory/formats/nfp/")
    page.get_by_label("Person").select_option(colleague.reference)
    page.get_by_role("button", name="Give a seat").click()
    page.get_by_role("row", name="Besa Leka").wait_for()

    page.goto("/accounts/me/")
    page.get_by_role("link", name="My data").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download my data").click()
    assert taken.value.suggested_filename.endswith(".zip")
    page.get_by_role("link", name="Leave the network").click()
    page.locator("select[name=successor]").select_option(colleague.reference, force=True)
    page.get_by_label("Yes, the account is to be closed at once").check()
    page.get_by_role("button", name="Leave", exact=True).click()
    page.get_by_role("heading", name="You have left the network").wait_for()
    screenshot(page, "directory-left-page")
    page.goto("/formats/nfp/")
    assert not page.get_by_text("Autumn meeting moved").is_visible()

    sign_in(page, live_server.url, colleague, client)
    page.goto("/formats/nfp/")
    assert page.get_by_text("Autumn meeting moved").is_visible()
    assert page.get_by_role("link", name="Draft recommendations on work with families").is_visible()
    page.goto(f"/directory/people/{chair.reference}/")
    assert page.get_by_role("link", name="Besa Leka").is_visible()


def test_what_i_show_is_what_others_see(page, network, live_server, client):
    sign_in(page, live_server.url, network["AL"], client)
    page.goto("/accounts/me/shown/")
    page.get_by_label("My telephone number").select_option("nobody")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/directory/people/**")
    sign_in(page, live_server.url, network["BA"], client)
    page.goto("/directory/?q=hoxha")
    page.get_by_role("link", name="Arta Hoxha").click()
    page.get_by_role("heading", name="Arta Hoxha").wait_for()

    assert page.get_by_text("al@example.org").is_visible()
    assert not page.get_by_text("+355 4 222 333").is_visible()


def test_an_invitation_by_a_focal_point(page, network, live_server, client):
    sign_in(page, live_server.url, network["AL"], client)
    page.goto("/accounts/invite/")
    page.get_by_label("E-mail address").fill("new@example.org")
    organisation = network["AL"].memberships.get().organisation
    page.locator("select[name=organisation]").select_option(str(organisation.pk))
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_role("heading", name="Invited").wait_for()

    assert page.locator("code").count() == 0
    screenshot(page, "directory-invited-by-focal-point-page")
    assert services.VALID_FOR.days == 7
