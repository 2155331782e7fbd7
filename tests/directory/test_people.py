"""Looking after members: who sees them, who closes an account, and what then ends."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from focal.audit.models import Entry
from focal.directory import services
from focal.directory.models import FocalPoint, Format, FormatSeat, Membership
from focal.kernel.errors import Refused
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.models import Economy
from focal.vocabulary.selectors import reset
from focal.vocabulary.services import load_vocabulary
from tests.directory.conftest import PASSWORD, secret_of, sign_in
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
MEMBER, CONTRIBUTOR, EDITOR = Membership.Role.values


def make(kind, secretariat):
    if kind == "administrator":
        return PersonFactory(is_administrator=True)
    if kind == "member":
        return MembershipFactory(role=EDITOR).person
    return MembershipFactory(organisation=secretariat, role=kind).person


@pytest.mark.parametrize(
    ("by", "of_member", "of_administrator"),
    [
        ("administrator", True, True),
        ("editor", True, False),
        ("contributor", False, False),
        ("member", False, False),
    ],
)
def test_who_may_close_whose_account(secretariat, by, of_member, of_administrator):
    closer, closed = make(by, secretariat), []
    others = {
        "member": make("member", secretariat),
        "administrator": make("administrator", secretariat),
    }

    for name, person in others.items():
        try:
            services.deactivate(person=person, by=closer, at=NOON)
        except Refused:
            continue
        closed.append(name)

    assert ("member" in closed, "administrator" in closed) == (of_member, of_administrator)
    assert [not person.is_active for person in others.values()] == [of_member, of_administrator]
    assert Entry.objects.count() == len(closed)


def test_nobody_closes_their_own_account(administrator):
    with pytest.raises(Refused, match="your own account"):
        services.deactivate(person=administrator, by=administrator, at=NOON)


def test_a_closed_account_ends_its_sessions_places_and_factors(client, member, administrator):
    sign_in(client, member)
    assert client.get(reverse("directory:me")).status_code == 200
    FocalPoint.objects.create(person=member, economy=Economy.objects.get_or_create(code="AL")[0])
    FormatSeat.objects.create(person=member, format=Format.objects.create(slug="f", name="F"))

    Authenticator.objects.create(user=member, type="totp", data={"secret": "x"})

    services.deactivate(person=member, by=administrator, at=NOON)

    assert client.get(reverse("directory:me")).status_code == 302
    assert not Authenticator.objects.filter(user=member).exists()
    assert Viewer.from_person(member, on=NOON.date()) == ANONYMOUS
    _added, entry = Entry.objects.order_by("number")
    assert (entry.target_key, entry.actor_key, entry.detail) == (
        member.reference,
        f"person:{administrator.pk}",
        {"places_ended": 3},
    )


def test_an_account_opened_again_has_only_what_the_invitation_gives(client, member):
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    old = member.memberships.get().organisation
    services.deactivate(person=member, by=None, at=NOON)
    ministry = OrganisationFactory()
    link = services.invite(
        email=member.email,
        full_name="",
        organisation=ministry,
        role=MEMBER,
        invited_by=None,
        at=NOON,
    )

    person = services.accept(
        secret=secret_of(link),
        full_name="Mira",
        password="a new heron lands",
        language="en",
        at=NOON,
    )

    assert person.pk == member.pk
    assert f"org:{ministry.pk}" in (tokens := Viewer.from_person(person, on=NOON.date()).tokens)
    assert f"org:{old.pk}" not in tokens
    assert client.get(reverse("directory:me")).status_code == 302  # the old session stays ended


def test_closing_twice_is_one_deed(member):
    for _time in range(2):
        services.deactivate(person=member, by=None, at=NOON)

    assert Entry.objects.count() == 1


def test_a_new_place_ends_the_old_role_in_that_organisation(member, administrator):
    organisation = member.memberships.get().organisation

    services.give_place(
        person=member, organisation=organisation, role=MEMBER, by=administrator, at=NOON
    )

    current = Membership.objects.current(NOON.date()).filter(person=member)
    assert [(place.organisation, place.role) for place in current] == [(organisation, MEMBER)]


def test_a_contributor_of_the_secretariat_makes_no_editor_of_it(secretariat, member):
    contributor = make("contributor", secretariat)

    with pytest.raises(Refused, match="Only an editor of the secretariat"):
        services.give_place(
            person=member, organisation=secretariat, role=EDITOR, by=contributor, at=NOON
        )
    assert not secretariat.memberships.filter(person=member).exists()


def test_a_place_ends(member, administrator):
    membership = member.memberships.get()

    services.end_place(membership=membership, by=administrator, at=NOON)

    assert not Membership.objects.current(NOON.date()).filter(person=member).exists()
    assert Entry.objects.get().action == "person.left"


CARETAKERS_PAGES = [
    ("get", "directory:people", []),
    ("get", "directory:invite", []),
    ("post", "directory:invite", []),
    ("get", "directory:person", ["REFERENCE"]),
    ("post", "directory:give_place", ["REFERENCE"]),
    ("post", "directory:end_place", ["REFERENCE", 1]),
    ("post", "directory:deactivate", ["REFERENCE"]),
    ("post", "directory:revoke_invitation", [1]),
]


@pytest.mark.parametrize(("method", "name", "arguments"), CARETAKERS_PAGES)
def test_pages_about_people_tell_members_nothing(client, member, method, name, arguments):
    other = PersonFactory(full_name="Quiet Heron", email="quiet.heron@example.org")
    arguments = [other.reference if value == "REFERENCE" else value for value in arguments]
    sign_in(client, member)

    answer = getattr(client, method)(reverse(name, args=arguments))

    assert answer.status_code == 403
    assert "by the secretariat" in answer.content.decode()
    assert "quiet" not in answer.content.decode().lower()
    other.refresh_from_db()
    assert other.is_active


def test_people_shows_members_invitations_and_closed_accounts(client, secretary, member):
    gone = PersonFactory(full_name="Gone Long", is_active=False)
    services.invite(
        email="new@example.org",
        full_name="",
        organisation=None,
        role=MEMBER,
        invited_by=None,
        at=NOON,
    )
    services.ensure_first_administrator_link(at=NOON)

    context = sign_in(client, secretary).get(reverse("directory:people")).context

    assert [row.person for row in context["members"]] == [member, secretary]
    assert [row.person for row in context["closed"]] == [gone]
    assert [invitation.email for invitation in context["invitations"]] == ["new@example.org"]


@pytest.mark.parametrize("count", [1, 20])
def test_people_costs_the_same_for_any_number(
    client, administrator, count, django_assert_max_num_queries
):
    MembershipFactory.create_batch(count)
    sign_in(client, administrator)

    with django_assert_max_num_queries(14):
        client.get(reverse("directory:people"))


def test_the_invite_page_shows_the_link_once(client, secretary, django_capture_on_commit_callbacks):
    ministry = OrganisationFactory()
    sign_in(client, secretary)

    answer = client.post(
        reverse("directory:invite"),
        {"email": "new@example.org", "organisation": ministry.pk, "role": EDITOR},
    )

    assert client.get(answer.context["link"]).status_code == 200
    assert answer.context["link"] not in client.get(reverse("directory:people")).content.decode()


def test_a_refusal_of_an_invitation_stands_on_the_page(client, secretary, member):
    sign_in(client, secretary)

    answer = client.post(
        reverse("directory:invite"),
        {"email": member.email, "organisation": OrganisationFactory().pk, "role": EDITOR},
    )

    assert answer.status_code == 422
    assert "has an account already" in answer.content.decode()


def test_a_secretary_cannot_slip_an_administrator_in(client, secretary):
    sign_in(client, secretary)
    sent = {
        "email": "new@example.org",
        "organisation": OrganisationFactory().pk,
        "role": EDITOR,
        "makes_administrator": "on",
    }

    link = client.post(reverse("directory:invite"), sent).context["link"]

    person = services.accept(
        secret=secret_of(link), full_name="N", password=PASSWORD, language="en", at=NOON
    )
    assert not person.is_administrator


def test_deeds_through_the_pages(client, administrator, member):
    sign_in(client, administrator)
    ministry, membership = OrganisationFactory(), member.memberships.get()
    services.invite(
        email="new@example.org",
        full_name="",
        organisation=None,
        role=MEMBER,
        invited_by=None,
        at=NOON,
    )
    invitation = services.Invitation.objects.get()

    client.post(
        reverse("directory:give_place", args=[member.reference]),
        {"organisation": ministry.pk, "role": CONTRIBUTOR},
    )
    client.post(reverse("directory:end_place", args=[member.reference, membership.pk]))
    client.post(reverse("directory:revoke_invitation", args=[invitation.pk]))
    page = client.get(reverse("directory:person", args=[member.reference]))
    client.post(reverse("directory:deactivate", args=[member.reference]), {"confirmed": "on"})

    assert [place.organisation for place in page.context["places"].memberships] == [ministry]
    member.refresh_from_db()
    assert not member.is_active
    assert list(Entry.objects.order_by("number").values_list("action", flat=True)) == [
        "invitation.made",
        "person.placed",
        "person.left",
        "invitation.revoked",
        "person.deactivated",
    ]


def test_me_changes_name_and_language(client, member):
    sign_in(client, member)

    answer = client.post(reverse("directory:me"), {"full_name": "Mira M.", "language": "sq"})

    member.refresh_from_db()
    assert (member.full_name, member.language) == ("Mira M.", "sq")
    assert answer.cookies["focal_language"].value == "sq"
    assert Entry.objects.get().detail == {"fields": ["full_name", "language"]}


def test_me_shows_my_places_and_no_others(client, member):
    load_vocabulary(NOON)
    reset()
    MembershipFactory(organisation__name="Quiet heron office")
    FocalPoint.objects.create(person=member, economy_id="XK")
    sign_in(client, member)

    page = client.get(reverse("directory:me")).content.decode()

    assert member.memberships.get().organisation.name in page
    assert "Kosovo*" in page
    assert "Quiet heron" not in page
