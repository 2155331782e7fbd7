"""The page of roles says what the rules say: each cell is tried."""

import pytest
from django.urls import reverse

from focal.directory import policy, roles
from focal.directory.models import FocalPoint, Format, FormatSeat, Membership
from focal.records.models import Record
from focal.records.second_eyes import explain_change
from focal.sharing import policy as sharing
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.models import Economy
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory, make_record

pytestmark = pytest.mark.django_db
ON = NOON.date()
MEMBER, CONTRIBUTOR, EDITOR = Membership.Role.values


class Stage:
    """One of each role, and what they are tried on: something of their own, something not."""

    def __init__(self):
        self.economy = Economy.objects.get_or_create(code="AL")[0]
        self.own = OrganisationFactory(economy=self.economy)
        self.other = OrganisationFactory()
        self.office = OrganisationFactory(is_secretariat=True)
        self.body = Format.objects.create(slug="b", name="B")
        self.hidden = Format.objects.create(slug="h", name="H", is_confidential=True)
        place = {"member": MEMBER, "contributor": CONTRIBUTOR, "editor": EDITOR}
        self.people = {"visitor": None}
        for role in place:
            self.people[role] = MembershipFactory(organisation=self.own, role=place[role]).person
        self.people["secretariat"] = MembershipFactory(organisation=self.office, role=EDITOR).person
        self.people["focal_point"] = PersonFactory()
        FocalPoint.objects.create(person=self.people["focal_point"], economy=self.economy)
        self.people["officer"] = PersonFactory()
        FormatSeat.objects.create(person=self.people["officer"], format=self.body, role="chair")
        self.people["administrator"] = PersonFactory(is_administrator=True)

    def viewer(self, role):
        person = self.people[role]
        return ANONYMOUS if person is None else Viewer.from_person(person, on=ON)

    def is_visible(self, role, record):
        return Record.objects.visible_to(self.viewer(role)).filter(pk=record.pk).exists()

    def tries(self):
        """For each deed: what is tried, on something within the bounds of the table."""
        own, office = self.own, self.office
        records = {
            (name, home): make_record(organisation=at, **more)
            for name, more in {
                "clear": {"marking": "CLEAR"},
                "green": {"marking": "GREEN"},
                "draft": {"marking": "AMBER", "state": "draft"},
                "review": {"marking": "AMBER", "state": "in_review"},
            }.items()
            for home, at in (("own", own), ("office", office))
        }

        def near(role, name):
            return records[name, "office" if role == "secretariat" else "own"]

        def person(role):
            return self.people[role]

        def acts(rule, **more):
            return lambda role: person(role) is not None and bool(rule(person(role), on=ON, **more))

        def released(role):
            if person(role) is None:
                return False
            record = make_record(
                marking="RED", releases=(f"person:{person(role).pk}",), organisation=self.other
            )
            return self.is_visible(role, record)

        return {
            "read_clear": lambda role: self.is_visible(role, records["clear", "own"]),
            "read_green": lambda role: self.is_visible(role, records["green", "own"]),
            "read_released": released,
            "read_drafts": lambda role: self.is_visible(role, near(role, "draft")),
            "read_review": lambda role: self.is_visible(role, records["review", "own"]),
            "who_is_who": lambda role: person(role) is not None,
            "write": lambda role: bool(sharing.may_create(self.viewer(role))),
            "publish": lambda role: bool(
                sharing.may_publish(self.viewer(role), records["review", "own"])
            ),
            "change": lambda role: bool(
                sharing.may_edit(self.viewer(role), near(role, "green"))
                and not explain_change(near(role, "green"), by=self.viewer(role))
            ),
            "share": lambda role: bool(sharing.may_share(self.viewer(role), near(role, "draft"))),
            "widen": lambda role: bool(
                sharing.may_share(self.viewer(role), near(role, "green"))
                and sharing.may_widen(self.viewer(role), near(role, "green"), "CLEAR")
            ),
            "manage_format": acts(policy.may_manage_format, body=self.body),
            "enter_format": acts(policy.may_enter_format),
            "invite": acts(
                policy.may_invite, organisation=own, role=EDITOR, makes_administrator=False
            ),
            "appoint": acts(policy.may_appoint_focal_points),
            "close": lambda role: (
                person(role) is not None
                and bool(policy.may_deactivate(person(role), person=PersonFactory(), on=ON))
            ),
            "describe": acts(policy.may_describe, organisation=own),
            "leave": lambda role: (
                person(role) is not None
                and (role == "administrator" or bool(policy.may_leave(person(role))))
            ),
            "make_administrator": acts(
                policy.may_invite, organisation=None, role=MEMBER, makes_administrator=True
            ),
        }


def test_every_cell_of_the_table_is_what_the_rules_say():
    stage = Stage()
    tries = stage.tries()
    deeds = [deed for _title, group in roles.GROUPS for deed in group]
    assert [deed.key for deed in deeds] == list(tries)

    wrong = [
        (deed.key, role)
        for deed in deeds
        for role in roles.KEYS
        if tries[deed.key](role) != (role in deed.by)
    ]

    assert wrong == []


def test_bounds_are_bounds():
    stage = Stage()
    there = make_record(organisation=stage.other, marking="AMBER", state="draft")
    for role in ("contributor", "editor", "secretariat", "administrator", "officer", "focal_point"):
        assert not stage.is_visible(role, there)
        assert not sharing.may_share(stage.viewer(role), there)
    assert not policy.may_manage_format(stage.people["secretariat"], body=stage.hidden, on=ON)
    assert not policy.may_manage_format(stage.people["officer"], body=stage.hidden, on=ON)
    assert not policy.may_describe(stage.people["editor"], organisation=stage.other, on=ON)
    assert not policy.may_describe(stage.people["focal_point"], organisation=stage.other, on=ON)


def test_a_confidential_format_without_an_officer_is_looked_after_by_those_who_sit_there():
    stage = Stage()
    FormatSeat.objects.create(person=stage.people["member"], format=stage.hidden)
    assert policy.may_manage_format(stage.people["member"], body=stage.hidden, on=ON)

    FormatSeat.objects.create(person=stage.people["editor"], format=stage.hidden, role="secretary")
    assert not policy.may_manage_format(stage.people["member"], body=stage.hidden, on=ON)
    assert policy.may_manage_format(stage.people["editor"], body=stage.hidden, on=ON)


def test_the_page_is_for_everybody(client):
    answer = client.get(reverse("directory:roles"))

    assert answer.status_code == 200
    assert "Sees no content by right" in answer.content.decode()
