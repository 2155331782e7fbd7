"""The only way in: who may invite, what a link gives, and that it gives it once."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from focal.audit.models import Entry
from focal.directory import limits, services
from focal.directory.models import FocalPoint, Invitation, Membership, Person
from focal.kernel.errors import BadInput, Refused
from focal.vocabulary.models import Economy
from tests.directory.conftest import PASSWORD, secret_of, sign_in
from tests.doors import plain_bytes
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
MEMBER, CONTRIBUTOR, EDITOR = Membership.Role.values


def invite(**changes):
    return services.invite(
        **{
            "email": "new@example.org",
            "full_name": "New Person",
            "organisation": None,
            "role": MEMBER,
            "invited_by": None,
            "at": NOON,
            **changes,
        }
    )


def accept(link, **changes):
    return services.accept(
        **{
            "secret": secret_of(link),
            "full_name": "New Person",
            "password": PASSWORD,
            "language": "en",
            "at": NOON,
            **changes,
        }
    )


def make_inviter(kind):
    """Somebody with a place, by its name in the tables below."""
    if kind == "administrator":
        return PersonFactory(is_administrator=True)
    if kind == "closed administrator":
        return PersonFactory(is_administrator=True, is_active=False)
    where, role = kind.rsplit(" ", 1)
    office = OrganisationFactory(is_secretariat=where != "ministry")
    dates = {"since": NOON.date(), "until": NOON.date()} if where == "former secretariat" else {}
    return MembershipFactory(organisation=office, role=role, **dates).person


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("administrator", True),
        ("secretariat editor", True),
        ("secretariat contributor", True),
        ("secretariat member", False),
        ("former secretariat editor", False),
        ("ministry editor", False),
        ("ministry contributor", False),
        ("ministry member", False),
        ("closed administrator", False),
    ],
)
def test_invite_is_for_the_secretariat_s_writers_and_administrators(kind, may):
    inviter, ministry = make_inviter(kind), OrganisationFactory()

    if may:
        invite(organisation=ministry, role=EDITOR, invited_by=inviter)
    else:
        with pytest.raises(Refused, match="looked after by the secretariat"):
            invite(organisation=ministry, role=EDITOR, invited_by=inviter)

    assert Invitation.objects.count() == Entry.objects.count() == (1 if may else 0)


@pytest.mark.parametrize(
    ("kind", "may_make_editor", "may_make_administrator"),
    [
        ("administrator", True, True),
        ("secretariat editor", True, False),
        ("secretariat contributor", False, False),
    ],
)
def test_nobody_hands_out_more_than_they_hold(kind, may_make_editor, may_make_administrator):
    inviter = make_inviter(kind)
    office = OrganisationFactory(is_secretariat=True)
    done = []

    for name, changes in {
        "editor": {"organisation": office, "role": EDITOR},
        "administrator": {"makes_administrator": True},
    }.items():
        try:
            invite(invited_by=inviter, **changes)
        except Refused:
            continue
        done.append(name)

    assert ("editor" in done, "administrator" in done) == (may_make_editor, may_make_administrator)


def test_invite_keeps_no_secret_and_writes_no_address_into_the_log(
    secretary, django_capture_on_commit_callbacks
):
    ministry = OrganisationFactory()

    with django_capture_on_commit_callbacks(execute=True):
        link = invite(
            email=" New@Example.org ", organisation=ministry, role=EDITOR, invited_by=secretary
        )

    invitation = Invitation.objects.get()
    entry = Entry.objects.get()
    assert invitation.email == "new@example.org"
    assert secret_of(link) not in str(Invitation.objects.values())
    assert invitation.expires_at - invitation.created_at == timedelta(days=7)
    assert (entry.action, entry.target_kind, entry.actor_key) == (
        "invitation.made",
        "invitation",
        f"person:{secretary.pk}",
    )
    assert "example.org" not in str(entry.detail) + entry.target_key
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]
    assert link in mail.outbox[0].body


def test_no_letter_goes_out_when_the_deed_is_undone(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(BadInput):
        invite(role="emperor")

    assert mail.outbox == []
    assert not Invitation.objects.exists()


def test_inviting_again_replaces_the_pending_link():
    first = invite()
    second = invite()

    with pytest.raises(services.ClosedInvitation):
        accept(first)
    assert accept(second).email == "new@example.org"


def test_invite_refuses_somebody_who_has_an_account(member):
    with pytest.raises(BadInput, match="has an account already"):
        invite(email=member.email.upper())


def test_accept_makes_the_person_with_the_place_and_says_so_in_the_log():
    ministry = OrganisationFactory()
    person = accept(invite(organisation=ministry, role=CONTRIBUTOR), language="sq")

    places = person.memberships.values_list("organisation", "role", "since")
    assert list(places) == [(ministry.pk, CONTRIBUTOR, NOON.date())]
    assert (person.full_name, person.language, person.is_administrator) == (
        "New Person",
        "sq",
        False,
    )
    assert person.check_password(PASSWORD)
    assert list(Entry.objects.order_by("number").values_list("action", "target_key")) == [
        ("invitation.made", str(Invitation.objects.get().pk)),
        ("person.joined", person.reference),
        ("person.placed", person.reference),
    ]


def test_the_invited_address_cannot_be_exchanged():
    person = accept(invite(), email="other@example.org")

    assert person.email == "new@example.org"


def test_accept_works_once():
    link = invite()
    accept(link)

    with pytest.raises(services.ClosedInvitation):
        accept(link)
    assert Person.objects.count() == 1


def test_two_clicks_at_once_make_one_account(monkeypatch):
    """Both have read the invitation as open before either has used it up."""
    link = invite()
    open_invitation = services.find_open_invitation(secret=secret_of(link), at=NOON)
    accept(link)
    Person.objects.all().update(email="elsewhere@example.org")
    monkeypatch.setattr(services, "find_open_invitation", lambda **_: open_invitation)

    with pytest.raises(services.ClosedInvitation):
        accept(link)
    assert Person.objects.count() == 1


def test_accept_after_seven_days_is_too_late():
    link = invite()

    with pytest.raises(services.ClosedInvitation):
        accept(link, at=NOON + timedelta(days=7))
    assert accept(link, at=NOON + timedelta(days=7, seconds=-1)).pk


@pytest.mark.parametrize("password", ["short", "123456789012", "new@example.org", "New Person!"])
def test_a_weak_password_is_refused_beside_its_field_and_leaves_the_link_open(password):
    link = invite()

    with pytest.raises(ValidationError) as refusal:
        accept(link, password=password)

    assert list(refusal.value.message_dict) == ["password"]
    assert not Person.objects.exists()
    assert accept(link).pk


def test_a_revoked_link_is_closed(secretary):
    link = invite(invited_by=secretary)

    services.revoke_invitation(invitation=Invitation.objects.get(), by=secretary, at=NOON)

    with pytest.raises(services.ClosedInvitation):
        accept(link)
    assert Entry.objects.order_by("-number").first().action == "invitation.revoked"


# The first administrator


def test_the_first_administrator_s_link_is_fresh_each_time_and_ends_with_the_first(secretariat):
    old = services.ensure_first_administrator_link(at=NOON)
    link = services.ensure_first_administrator_link(at=NOON)
    with pytest.raises(services.ClosedInvitation):
        accept(old, email="ada@example.org")

    person = accept(link, email="Ada@Example.org")

    assert (person.email, person.is_administrator) == ("ada@example.org", True)
    assert [(m.organisation, m.role) for m in person.memberships.all()] == [(secretariat, EDITOR)]
    assert services.ensure_first_administrator_link(at=NOON) is None


def test_the_first_administrator_may_do_without_a_place(secretariat):
    link = services.ensure_first_administrator_link(at=NOON)

    person = accept(link, email="ada@example.org", takes_place=False)

    assert person.is_administrator
    assert not person.memberships.exists()


def test_the_first_administrator_s_link_closes_when_another_became_one():
    link = services.ensure_first_administrator_link(at=NOON)
    PersonFactory(is_administrator=True)

    with pytest.raises(services.ClosedInvitation):
        accept(link, email="ada@example.org")


def test_the_first_administrator_cannot_take_over_a_member_s_account(member):
    link = services.ensure_first_administrator_link(at=NOON)

    with pytest.raises(ValidationError) as refusal:
        accept(link, email=member.email)

    assert refusal.value.message_dict == {"email": ["This address has an account already."]}
    member.refresh_from_db()
    assert not member.is_administrator
    assert member.check_password(PASSWORD)


def test_a_closed_administrator_does_not_count():
    PersonFactory(is_administrator=True, is_active=False)

    assert services.ensure_first_administrator_link(at=NOON)


# The page


def closed_page(client, secret):
    response = client.get(reverse("directory:accept_invitation", args=[secret]))
    page = response.content.decode()
    return response.status_code, page.replace(secret, "SECRET").replace(quote(secret), "SECRET")


def test_used_expired_replaced_revoked_and_invented_links_get_the_same_page(client):
    now = timezone.now()
    used, expired = invite(email="a@example.org", at=now), invite(email="b@example.org", at=now)
    replaced = invite(email="c@example.org", at=now)
    invite(email="c@example.org", at=now)
    accept(used, at=now)
    Invitation.objects.filter(email="b@example.org").update(expires_at=now)

    pages = {
        closed_page(client, secret)
        for secret in (*map(secret_of, (used, expired, replaced)), "invented" * 5, "\x00")
    }

    assert [status for status, _ in pages] == [404]
    assert "This link does not work" in next(iter(pages))[1]


def test_the_page_signs_in_whoever_accepts(client):
    link = invite(organisation=OrganisationFactory(name="Ministry"), at=timezone.now())
    page = client.get(link)
    assert "Ministry" in page.content.decode()
    assert "new@example.org" in page.content.decode()

    answer = client.post(
        link,
        {
            "full_name": "Nora",
            "password": PASSWORD,
            "repeated": PASSWORD,
            "language": "en",
        },
    )

    person = Person.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"password": "short", "repeated": "short"}, "password", "too short"),
        ({"repeated": "something else here"}, "repeated", "not what you wrote above"),
        ({"full_name": " "}, "full_name", "required"),
    ],
)
def test_errors_stand_beside_their_field_and_the_secret_stays_out_of_the_log(
    client, caplog, changes, field, sentence
):
    link = invite(at=timezone.now())
    sent = {"full_name": "N", "password": PASSWORD, "repeated": PASSWORD, "language": "en"}

    answer = client.post(link, {**sent, **changes})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert sentence in str(answer.context["form"].errors)
    assert secret_of(link) not in caplog.text
    assert not Person.objects.exists()


def test_the_first_administrator_s_page_asks_for_the_address_and_offers_the_place(client):
    link = services.ensure_first_administrator_link(at=timezone.now())

    form = client.get(link).context["form"]

    assert list(form.fields) == [
        "full_name",
        "email",
        "password",
        "repeated",
        "language",
        "takes_place",
    ]
    assert form["takes_place"].initial is True


def test_attempts_on_links_are_limited(client, monkeypatch, caplog):
    monkeypatch.setitem(limits.PAGES, "accept_invitation", "1/m/ip")
    link = invite(at=timezone.now())

    answers = [client.post(link, {}).status_code for _ in range(2)]

    assert answers == [422, 429]
    assert secret_of(link) not in caplog.text


def test_accepting_signs_out_of_the_account_that_was_open(client, member):
    sign_in(client, member)
    link = invite(at=timezone.now())
    assert "You are signed in as Mira" in client.get(link).content.decode()

    client.post(
        link, {"full_name": "N", "password": PASSWORD, "repeated": PASSWORD, "language": "en"}
    )

    assert client.session["_auth_user_id"] == str(Person.objects.get(email="new@example.org").pk)


# A focal point invites for their economy


@pytest.fixture
def albania(db):
    return Economy.objects.get_or_create(code="AL")[0]


@pytest.fixture
def focal_point(albania):
    person = MembershipFactory(role=MEMBER, person__full_name="Flora").person
    FocalPoint.objects.create(person=person, economy=albania)
    return person


@pytest.mark.parametrize(
    ("economy", "is_secretariat", "makes_administrator", "may"),
    [
        ("AL", False, False, True),
        ("MK", False, False, False),
        (None, False, False, False),
        ("AL", True, False, False),
        ("AL", False, True, False),
    ],
)
def test_a_focal_point_invites_to_organisations_of_their_economy_alone(
    focal_point, economy, is_secretariat, makes_administrator, may
):
    if economy:
        Economy.objects.get_or_create(code=economy)
    organisation = OrganisationFactory(economy_id=economy, is_secretariat=is_secretariat)

    def deed():
        return invite(
            organisation=organisation,
            role=EDITOR,
            invited_by=focal_point,
            makes_administrator=makes_administrator,
        )

    if may:
        assert accept(deed()).memberships.get().organisation == organisation
    else:
        with pytest.raises(Refused):
            deed()
        assert not Invitation.objects.exists()


def test_a_former_focal_point_invites_nobody(focal_point):
    FocalPoint.objects.update(until=NOON.date())

    with pytest.raises(Refused):
        invite(organisation=OrganisationFactory(economy_id="AL"), invited_by=focal_point)


def test_inviting_does_not_tell_a_focal_point_whether_an_address_has_an_account(
    client, focal_point, member, django_capture_on_commit_callbacks
):
    ministry = OrganisationFactory(economy_id="AL", name="Ministry of Albania")
    sign_in(client, focal_point)
    told = {}

    for email in (member.email, "nobody@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            done = client.post(
                reverse("directory:invite"),
                {"email": email, "organisation": ministry.pk, "role": MEMBER},
            )
        waiting = client.get(reverse("directory:invite"))
        pages = [plain_bytes(answer, email) for answer in (done, waiting)]
        told[email] = pages
        Invitation.objects.all().delete()

    assert told[member.email] == told["nobody@example.org"]
    assert told[member.email][0][0] == 200
    letters = {letter.to[0]: letter.body for letter in mail.outbox}
    assert "/accounts/invitation/" not in letters[member.email]
    assert "have an account there already" in letters[member.email]
    assert "/accounts/invitation/" in letters["nobody@example.org"]


def test_a_focal_point_sees_and_revokes_their_own_invitations_alone(client, focal_point, secretary):
    ministry = OrganisationFactory(economy_id="AL")
    invite(email="theirs@example.org", organisation=ministry, invited_by=focal_point)
    invite(email="other@example.org", organisation=ministry, invited_by=secretary)
    sign_in(client, focal_point)
    page = client.get(reverse("directory:invite")).content.decode()
    theirs, other = Invitation.objects.order_by("email").values_list("email", "pk")[::-1]

    answers = [
        client.post(reverse("directory:revoke_invitation", args=[pk])).status_code
        for _email, pk in (theirs, other)
    ]

    assert ("theirs@" in page, "other@" in page) == (True, False)
    assert answers == [302, 404]
    assert [row.email for row in Invitation.objects.all()] == ["other@example.org"]
    assert client.get(reverse("directory:people")).status_code == 403
