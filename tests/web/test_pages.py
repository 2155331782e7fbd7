"""Pages of the roof: what they say, to whom, and at what cost."""

from datetime import date
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from focal.directory.models import FocalPoint, Format, FormatChair, FormatMember, Organisation
from focal.sharing.markings import Marking
from focal.vocabulary.models import Concept
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record
from tests.web.series import FIGURE, make_series

pytestmark = pytest.mark.usefixtures("loaded")

PAGES = [
    "/",
    "/about",
    "/accessibility",
    "/privacy",
    "/economies/",
    "/economies/XK/",
    "/topics/",
    "/topics/prevention/",
    "/formats/",
]
LISTS = ["/", "/economies/AL/", "/topics/prevention/"]


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_page_names_its_language_and_carries_the_footnote(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert '<html lang="en">' in text_of(response)
    assert "UNSCR 1244/1999" in text_of(response)


@pytest.mark.parametrize("address", PAGES)
def test_page_for_visitors_holds_nothing_of_chance(client, address):
    first, second = client.get(address), client.get(address)

    assert first.content == second.content
    assert "csrfmiddlewaretoken" not in text_of(first)
    assert first.cookies == {}


@pytest.mark.parametrize("address", PAGES)
def test_page_is_served_under_the_strict_policy(client, address):
    policy = client.get(address)["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("marking", [Marking.GREEN, Marking.AMBER, Marking.RED])
def test_page_is_silent_about_what_the_visitor_may_not_see(client, address, marking):
    author = PersonFactory()
    membership = MembershipFactory(person=author)
    make_record(
        title="quiet-heron",
        marking=marking,
        organisation=membership.organisation,
        economies=["AL"],
        topics=["prevention"],
    )
    before = client.get(address).content

    client.force_login(author)
    assert b"quiet-heron" in client.get(address).content or marking == Marking.RED
    client.logout()
    assert b"quiet-heron" not in client.get(address).content
    assert client.get(address).content == before


@pytest.mark.parametrize(
    ("address", "queries", "most"),
    [("/", 7, 6), ("/economies/AL/", 11, 8), ("/topics/prevention/", 2, 12)],
)
@pytest.mark.parametrize("count", [1, 9])
def test_page_costs_the_same_for_any_number(
    client, address, queries, most, count, django_assert_num_queries
):
    for number in range(count):
        make_record(title=f"Record {number}", economies=["AL"], topics=["prevention"])
        make_series(f"s{number}", [FIGURE | {"area": "AL"}])
        OrganisationFactory(economy_id="AL")
    client.get(address)  # the vocabulary is read once in a process

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert text_of(response).count('<article class="teaser">') == min(count, most)


def test_topic_page_shows_what_is_about_narrower_topics(client):
    narrow = Concept.objects.filter(scheme="topics", broader__key="prevention").first()
    make_record(title="A narrow one", topics=[narrow.key])

    assert "A narrow one" in text_of(client.get("/topics/prevention/"))


def test_kosovo_is_shown_with_its_asterisk(client):
    page = text_of(client.get("/economies/XK/"))

    assert "<h1>Kosovo*</h1>" in page
    assert "Kosovo<" not in page


def test_economy_page_names_the_institution_and_not_the_person(client):
    ministry = OrganisationFactory(name="Ministry of Waters", economy_id="AL")
    person = PersonFactory(full_name="Quiet Heron")
    MembershipFactory(person=person, organisation=ministry)
    FocalPoint.objects.create(person=person, economy_id="AL")

    page = text_of(client.get("/economies/AL/"))

    assert "Ministry of Waters" in page
    assert "Quiet Heron" not in page


def test_economy_in_small_letters_leads_to_its_page(client):
    response = client.get("/economies/al/")

    assert (response.status_code, response["Location"]) == (301, "/economies/AL/")


@pytest.mark.parametrize("address", ["/economies/XX/", "/topics/unknown/", "/formats/unknown/"])
def test_unknown_place_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_page_of_target_groups_is_no_topic(client):
    group = Concept.objects.filter(scheme="target-groups").first()

    assert client.get(reverse("web:topic", args=[group.key])).status_code == 404


def test_format_page_tells_members_by_status_and_former_ones_apart(client):
    body = Format.objects.create(slug="nfp", name="Focal points", acronym="NFP")
    agency = Organisation.objects.create(name="Agency")
    FormatMember.objects.create(format=body, economy_id="XK", since=date(2016, 1, 1))
    FormatMember.objects.create(format=body, organisation=agency, status="observer")
    FormatMember.objects.create(format=body, economy_id="TR", until=date(2020, 1, 1))
    FormatChair.objects.create(format=body, economy_id="SI")

    page = client.get("/formats/nfp/").context["page"]

    assert [(status, [p.label for p in places]) for status, places in page.members] == [
        ("Member", ["Kosovo*"]),
        ("Observer", ["Agency"]),
    ]
    assert [place.label for place in page.former] == ["Türkiye"]
    assert page.current_chair == "Slovenia"


def test_language_is_remembered_and_spoken(client):
    response = client.post("/language", {"language": "mk", "next": "/economies/"})
    page = client.get("/economies/")

    assert (response.status_code, response["Location"]) == (302, "/economies/")
    assert '<html lang="mk">' in text_of(page)
    assert "Северна Македонија" in text_of(page)


def test_language_leads_to_no_other_site(client):
    response = client.post("/language", {"language": "mk", "next": "https://example.org/"})

    assert response["Location"] == "/"


def test_sitemap_names_open_records_alone_even_for_members(client):
    person = PersonFactory()
    membership = MembershipFactory(person=person)
    shared = {"organisation": membership.organisation}
    clear = make_record(**shared)
    hidden = [make_record(marking=Marking.GREEN, **shared), make_record(state="draft", **shared)]
    client.force_login(person)

    root = ElementTree.fromstring(client.get("/sitemap.xml").content)

    found = {element.text for element in root.iter() if element.tag.endswith("loc")}
    assert any(address.endswith(clear.get_absolute_url()) for address in found)
    assert not [r for r in hidden if any(a.endswith(r.get_absolute_url()) for a in found)]


def test_robots_are_sent_to_the_sitemap_and_away_from_results(client):
    text = text_of(client.get("/robots.txt"))

    assert "Disallow: /search" in text
    assert "/sitemap.xml" in text


def test_account_menu_names_the_member_and_signs_out_by_post(client):
    client.force_login(PersonFactory(full_name="Arta Hoxha"))

    page = text_of(client.get("/about"))

    assert "Arta Hoxha" in page
    assert f'method="post" action="{reverse("account_logout")}"' in page
    assert client.get("/about")["Cache-Control"].startswith("max-age=0")
