"""Formats whose existence, or whose members, are not everybody's to know."""

import ast
from datetime import timedelta

import pytest
from django.urls import reverse

from focal.directory.models import Format, FormatChair, FormatMember, FormatSeat
from focal.vocabulary.models import Economy
from tests.directory.conftest import sign_in
from tests.doors import plain_bytes
from tests.factories import (
    NOON,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
    make_viewer,
)
from tests.test_boundaries import CODE

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


@pytest.fixture
def quiet(db) -> Format:
    return Format.objects.create(slug="quiet", name="Quiet heron circle", is_confidential=True)


@pytest.fixture
def seated(quiet):
    """A contributor who sits in the confidential format."""
    person = MembershipFactory(person__full_name="Sena").person
    FormatSeat.objects.create(person=person, format=quiet)
    return person


def test_only_those_who_sit_there_know_a_confidential_format(quiet, seated, member, administrator):
    Format.objects.create(slug="open", name="Open")
    former = PersonFactory()
    FormatSeat.objects.create(person=former, format=quiet, until=TODAY - timedelta(days=1))

    def known(person_id):
        found = Format.objects.known_to(person_id, on=TODAY)
        return set(found.values_list("slug", flat=True))

    assert known(seated.pk) == {"quiet", "open"}
    for other in (None, member.pk, administrator.pk, former.pk):
        assert known(other) == {"open"}


def test_members_that_hide_are_known_to_the_chair_and_the_secretary_alone(seated):
    body = Format.objects.create(slug="shy", name="Shy", hides_members=True)
    people = {role: PersonFactory() for role in FormatSeat.Role.values}
    for role, person in people.items():
        FormatSeat.objects.create(person=person, format=body, role=role)

    shown = {
        role
        for role, person in people.items()
        if Format.objects.with_members_known_to(person.pk, on=TODAY).filter(pk=body.pk).exists()
    }

    assert shown == {"chair", "secretary"}
    assert Format.objects.known_to(None, on=TODAY).get(slug="shy") == body


PAGES_WITH_FORMATS = ["web:home", "web:formats", "web:sitemap", "web:economies"]


def test_absent_and_hidden_are_the_same_byte_for_byte(client, member, quiet):
    sign_in(client, member)
    Economy.objects.get_or_create(code="AL")
    FormatMember.objects.create(format=quiet, economy_id="AL")
    FormatChair.objects.create(format=quiet, economy_id="AL")
    pages = [reverse(name) for name in PAGES_WITH_FORMATS]
    pages += ["/economies/AL", "/formats/quiet/", reverse("records:new_kind", args=["news"])]

    hidden = [plain_bytes(client.get(page)) for page in pages]
    Format.objects.all().delete()
    absent = [plain_bytes(client.get(page)) for page in pages]

    assert hidden == absent


def test_those_who_sit_there_find_it(client, seated, quiet):
    sign_in(client, seated)

    assert "Quiet heron circle" in client.get(reverse("web:formats")).content.decode()
    assert "Quiet heron circle" in client.get("/formats/quiet/").content.decode()


def test_a_confidential_format_is_offered_and_named_to_those_who_sit_there_alone(
    client, seated, quiet
):
    organisation = seated.memberships.get().organisation
    editor = make_viewer(seated)
    record = make_record(
        marking="AMBER", releases=(f"format:{quiet.pk}",), by=editor, organisation=organisation
    )
    colleague = MembershipFactory(organisation=organisation).person
    pages = [
        reverse(f"records:{name}", args=[record.reference])
        for name in ("sharing", "edit", "preview", "history", "record")
    ]

    told = {
        person: "Quiet heron" in "".join(client.get(page).content.decode() for page in pages)
        for person in (colleague, seated)
        if sign_in(client, person)
    }

    assert told == {colleague: False, seated: True}


def test_a_colleague_who_does_not_know_the_format_leaves_it_on_the_list(client, seated, quiet):
    from focal.records.selectors import get_releases

    organisation, other = seated.memberships.get().organisation, OrganisationFactory()
    record = make_record(
        marking="AMBER",
        releases=(f"format:{quiet.pk}",),
        by=make_viewer(seated),
        organisation=organisation,
    )
    sign_in(client, MembershipFactory(organisation=organisation).person)

    answer = client.post(
        reverse("records:sharing", args=[record.reference]),
        {"marking": "AMBER", "to_organisations": [other.reference], "confirmed_new": "on"},
    )

    assert answer.status_code == 302
    assert set(get_releases(record)) == {f"format:{quiet.pk}", f"org:{other.pk}"}


# Where formats are asked for outside `directory`, and why that cannot tell of a confidential one.
ASKED_ELSEWHERE = {
    "alerts/announcements.py": "tells each who sits there, and names nobody to anybody",
    "alerts/matching.py": "serves the worker; a follower is told by what they hold themselves",
    "briefings/drafting.py": "names the offices of formats that come from `with_members_known_to`",
    "inquiries/parties.py": "keeps what is not known out of the names it gives",
    "sharing/people.py": "names those of `hidden_formats`, which come from `known_to`",
    "sharing/viewer.py": "the viewer's own seats",
    "threads/audience.py": "counts who holds a token",
    "web/services.py": "loads the starter content",
}


def test_formats_are_asked_for_by_what_the_viewer_may_know():
    """Every app that lists or offers formats starts from `known_to` (or names its reason here)."""
    asked = {
        str(path.relative_to(CODE))
        for path in CODE.rglob("*.py")
        if "migrations" not in path.parts and "Format" in (text := path.read_text())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "objects"
        and isinstance(node.value.value, ast.Name)
        and (
            (node.value.value.id == "Format" and node.attr not in KNOWN)
            or (node.value.value.id in ROWS and node.attr == "current")
        )
    }

    elsewhere = {path for path in asked if not path.startswith("directory/")}
    assert elsewhere - set(ASKED_ELSEWHERE) == set()


KNOWN = {"known_to", "with_members_known_to"}
ROWS = {"FormatSeat", "FormatMember", "FormatChair"}
