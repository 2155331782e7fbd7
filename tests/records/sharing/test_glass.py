"""Break-glass reading: two people, a reason, a time, one record, and its owner knows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from focal.audit.models import Entry
from focal.kernel.errors import BadInput, Refused
from focal.records import glass, services
from focal.records.models import GlassRequest, Notice
from focal.records.notices import describe
from focal.records.selectors import get_record
from focal.sharing import policy
from focal.sharing.viewer import Viewer
from tests.factories import OrganisationFactory, PersonFactory, make_record, make_viewer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
NOWHERE = "nowhereatall22"


@pytest.fixture
def owner():
    return OrganisationFactory(name="Owner")


@pytest.fixture
def editor(owner):
    return make_viewer(PersonFactory(full_name="Ana"), organisation=owner)


@pytest.fixture
def administrator():
    return make_viewer(PersonFactory(full_name="Adm", is_administrator=True))


@pytest.fixture
def secretary():
    office = OrganisationFactory(name="Office", is_secretariat=True)
    return make_viewer(PersonFactory(full_name="Sec"), organisation=office)


@pytest.fixture
def record(owner, editor):
    return make_record(marking="AMBER", by=editor, organisation=owner, title="A plan")


def ask(by, reference, **more):
    return glass.ask(
        **{
            "reference": reference,
            "ground": "ordered",
            "reason": "A court asks.",
            "hours": 4,
            "by": by,
            "at": NOW,
        }
        | more
    )


def actions():
    return list(
        Entry.objects.filter(action__startswith="glass.")
        .order_by("number")
        .values_list("action", flat=True)
    )


def at_time(monkeypatch, moment):
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_two_people_open_one_record_for_a_time_and_it_ends_by_itself(
    record, editor, administrator, secretary, monkeypatch
):
    other = make_record(marking="AMBER", by=editor, organisation=record.owner_organisation)
    asked = ask(administrator, record.reference)
    assert get_record(administrator, record.reference) is None

    assert glass.decide(asked=asked, grant=True, by=secretary, at=NOW) == "opened"

    at_time(monkeypatch, NOW + timedelta(hours=4, microseconds=-1))
    assert get_record(administrator, record.reference) is not None
    assert get_record(administrator, other.reference) is None
    assert get_record(secretary, record.reference) is None
    at_time(monkeypatch, NOW + timedelta(hours=4))
    assert get_record(administrator, record.reference) is None
    assert actions() == ["glass.asked", "glass.opened"]


def test_it_is_for_reading_alone(record, administrator, secretary):
    glass.decide(asked=ask(administrator, record.reference), grant=True, by=secretary, at=NOW)
    seen = get_record(administrator, record.reference)

    for rule in (policy.may_edit, policy.may_share, policy.may_withdraw, policy.may_publish):
        assert not rule(administrator, seen)


def test_the_owner_is_told_who_why_and_until_when(record, editor, administrator, secretary):
    glass.decide(asked=ask(administrator, record.reference), grant=True, by=secretary, at=NOW)

    notice = Notice.objects.get(person_id=editor.person_id)
    assert (notice.kind, notice.values["name"], notice.values["second"]) == (
        "glass_opened",
        "Adm",
        "Sec",
    )
    assert notice.values["reason"] == "A court or an oversight body has ordered it. A court asks."


def test_a_refusal_is_logged_and_the_owner_is_told(record, editor, administrator, secretary):
    asked = ask(administrator, record.reference)

    outcome = glass.decide(asked=asked, grant=False, by=secretary, at=NOW, answer="Ask the owner.")

    assert outcome == "refused"
    assert get_record(administrator, record.reference) is None
    assert actions() == ["glass.asked", "glass.refused"]
    assert Notice.objects.filter(person_id=editor.person_id, kind="glass_refused").exists()


def test_red_is_never_opened_and_answers_like_a_record_that_does_not_exist(
    owner, editor, administrator, secretary
):
    red = make_record(marking="RED", by=editor, organisation=owner)
    outcomes = {
        reference: glass.decide(
            asked=ask(administrator, reference), grant=True, by=secretary, at=NOW
        )
        for reference in (red.reference, NOWHERE)
    }

    assert outcomes == {red.reference: "closed", NOWHERE: "closed"}
    assert get_record(administrator, red.reference) is None
    told = Notice.objects.filter(person_id=administrator.person_id, kind="glass_shut")
    assert {tuple(n.values.items()) for n in told} == {(("reason", ""),)}
    assert Notice.objects.filter(person_id=editor.person_id, kind="glass_refused").exists()


def test_a_record_that_becomes_red_is_shut(record, editor, administrator, secretary):
    glass.decide(asked=ask(administrator, record.reference), grant=True, by=secretary, at=NOW)

    services.set_sharing(record=record, marking="RED", releases=(), by=editor, at=NOW)

    assert get_record(administrator, record.reference) is None


def test_nobody_opens_for_themselves(record, administrator):
    asked = ask(administrator, record.reference)

    with pytest.raises(Refused, match="Somebody else"):
        glass.decide(asked=asked, grant=True, by=administrator, at=NOW)
    assert GlassRequest.objects.get().outcome == "waiting"


def test_members_neither_ask_nor_answer(record, editor, administrator):
    with pytest.raises(Refused):
        ask(editor, record.reference)
    asked = ask(administrator, record.reference)
    with pytest.raises(Refused):
        glass.decide(asked=asked, grant=True, by=editor, at=NOW)


@pytest.mark.parametrize(
    "wrong", [{"hours": 0}, {"hours": 73}, {"reason": "  "}, {"ground": ""}, {"ground": "because"}]
)
def test_without_a_ground_a_reason_or_a_limit_it_is_not_asked(administrator, wrong):
    with pytest.raises(BadInput):
        ask(administrator, NOWHERE, **wrong)


def test_the_second_person_is_told_the_ground_and_not_the_reason(record, administrator, secretary):
    ask(administrator, record.reference, reason="The plan of Quietheron.")

    notice = Notice.objects.get(person_id=secretary.person_id)
    assert notice.values == {"name": "Adm", "ground": "ordered"}
    assert "ordered it" in describe(notice)


def test_the_second_person_is_never_told_whether_there_is_such_a_record(
    record, administrator, secretary
):
    told = set()
    for reference in (record.reference, NOWHERE):
        asked = ask(administrator, reference, reason=f"Because of {reference}.")
        told.add(tuple(_shown(secretary, asked).items()))
        glass.decide(asked=asked, grant=True, by=secretary, at=NOW, answer="Be quick.")
        told.add(tuple(_shown(secretary, asked).items()))
        glass.end(asked=asked, by=secretary, at=NOW + timedelta(hours=1))
        told.add(tuple(_shown(secretary, asked).items()))

    assert len(told) == 3


def _shown(viewer, asked):
    asked.refresh_from_db()
    shown = glass.describe(viewer, asked, at=NOW + timedelta(hours=1))
    return {key: value for key, value in shown.items() if key != "asked"}


def test_reading_can_be_ended_before_its_time(record, administrator, secretary):
    asked = ask(administrator, record.reference)
    glass.decide(asked=asked, grant=True, by=secretary, at=NOW)

    glass.end(asked=asked, by=administrator, at=NOW + timedelta(minutes=1))

    assert get_record(administrator, record.reference) is None
    assert actions()[-1] == "glass.ended"


def test_sharing_it_anew_does_not_shut_the_reader_out(record, editor, administrator, secretary):
    glass.decide(asked=ask(administrator, record.reference), grant=True, by=secretary, at=NOW)

    services.set_sharing(record=record, marking="AMBER", releases=(), by=editor, at=NOW)
    services.set_sharing(record=record, marking="AMBER+STRICT", releases=(), by=editor, at=NOW)

    assert get_record(administrator, record.reference) is not None
    assert not Viewer.from_person(PersonFactory(is_administrator=True), on=NOW.date()).writes_for
