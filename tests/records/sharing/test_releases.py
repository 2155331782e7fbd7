"""Releases that end, are recalled or need a second look; who opened what; who is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from focal.audit.models import Entry
from focal.kernel.errors import BadInput, Refused
from focal.outbox.services import deliver_all
from focal.records import releasing, services
from focal.records.finding.library import read_holdings
from focal.records.models import Notice, Opening, PastRelease, Record, RecordAudience, Release
from focal.records.notices import describe
from focal.records.opening import list_readers, note_opening
from focal.records.second_eyes import SecondEyesNeeded
from focal.records.selectors import get_record, get_releases
from focal.search.queries import Query
from focal.search.services import search, similar, suggest
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_record, make_viewer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def owner():
    return OrganisationFactory(name="Owner")


@pytest.fixture
def editor(owner):
    return make_viewer(PersonFactory(full_name="Ana"), organisation=owner)


@pytest.fixture
def agency():
    return OrganisationFactory(name="Agency")


@pytest.fixture
def reader(agency):
    return make_viewer(PersonFactory(full_name="Rea"), organisation=agency)


@pytest.fixture
def record(owner, editor, agency):
    """An AMBER record that the agency reads."""
    return make_record(
        marking="AMBER",
        releases=(f"org:{agency.pk}",),
        by=editor,
        organisation=owner,
        title="Quietheron plan",
    )


def share(record, by, *tokens, at=NOW, marking="AMBER", **more):
    return services.set_sharing(
        record=record, marking=marking, releases=tokens, by=by, at=at, **more
    )


def at_time(monkeypatch, moment):
    monkeypatch.setattr(timezone, "now", lambda: moment)


def sees(viewer, record):
    return get_record(viewer, record.reference) is not None


def last_action():
    return Entry.objects.order_by("-number").values_list("action", flat=True).first()


# An end


def test_a_release_ends_exactly_at_its_end_though_nothing_has_run(
    record, editor, reader, agency, monkeypatch
):
    token = f"org:{agency.pk}"
    share(record, editor, token, ends={token: TOMORROW})

    at_time(monkeypatch, TOMORROW - timedelta(microseconds=1))
    assert sees(reader, record)
    at_time(monkeypatch, TOMORROW)
    assert not sees(reader, record)
    assert sees(editor, record)
    assert get_releases(record) == []


def test_at_its_end_it_is_in_no_answer_though_the_index_still_has_it(
    record, editor, reader, agency, monkeypatch, in_step
):
    token = f"org:{agency.pk}"
    share(record, editor, token, ends={token: TOMORROW})
    in_step()
    query = Query(text="quietheron", meaning=False)
    assert search(query, reader.tokens).total == 1

    at_time(monkeypatch, TOMORROW)

    answer = search(query, reader.tokens)
    assert (answer.total, answer.hits, suggest("quieth", reader.tokens)) == (0, (), [])
    assert not any(answer.facets.values())
    assert similar(record.reference, reader.tokens) == []


def test_sweeping_brings_lists_log_and_index_in_step(record, editor, reader, agency, in_step):
    token = f"org:{agency.pk}"
    share(record, editor, token, ends={token: TOMORROW})
    in_step()

    assert services.end_lapsed(TOMORROW) == 1
    assert services.end_lapsed(TOMORROW) == 0

    past = PastRelease.objects.get()
    assert (past.token, past.end, past.ended_at) == (token, "lapsed", TOMORROW)
    assert not Release.objects.exists()
    assert not RecordAudience.objects.filter(token=token).exists()
    assert last_action() == "record.release_ended"
    deliver_all("words", "meaning", "embeddings")
    query = Query(text="quietheron", meaning=False)
    assert search(query, reader.tokens).total == 0
    assert search(query, editor.tokens).total == 1


def test_an_end_that_is_no_release_of_its_own_takes_nothing(record, editor, owner):
    """The owner's own organisation is on the list until tomorrow, and sees it for ever."""
    token = f"org:{owner.pk}"
    share(record, editor, token, ends={token: TOMORROW})

    assert RecordAudience.objects.get(record_id=record.pk, token=token).until is None


def test_an_end_in_the_past_is_refused(record, editor, agency):
    token = f"org:{agency.pk}"

    with pytest.raises(BadInput, match="cannot end in the past"):
        share(record, editor, token, ends={token: NOON}, at=NOW)


def test_sharing_again_keeps_the_end(record, editor, agency):
    token = f"org:{agency.pk}"
    share(record, editor, token, ends={token: TOMORROW})

    share(record, editor, token, "economy:AL")

    assert dict(Release.objects.values_list("token", "ends_at")) == {
        token: TOMORROW,
        "economy:AL": None,
    }


# A recall


def test_recalling_ends_access_at_once_and_tells_those_who_had_opened_it(
    record, editor, reader, agency
):
    never_looked = make_viewer(organisation=agency)
    note_opening(viewer=reader, record=record, what="page", at=NOW)

    services.recall_releases(
        record=record, tokens=(f"org:{agency.pk}",), by=editor, at=NOW, reason="Wrong figures."
    )

    assert not sees(reader, record)
    assert not sees(never_looked, record)
    notice = Notice.objects.get()
    assert notice.person_id == reader.person_id
    assert describe(notice).startswith("Owner has recalled 'Quietheron plan', which you opened on")
    assert describe(notice).endswith("The reason: Wrong figures.")
    assert (PastRelease.objects.get().end, last_action()) == ("recalled", "record.recalled")


def test_recalling_is_not_for_readers(record, reader, agency):
    with pytest.raises(Refused):
        services.recall_releases(record=record, tokens=(f"org:{agency.pk}",), by=reader, at=NOW)
    assert get_releases(record) == [f"org:{agency.pk}"]


def test_whoever_still_sees_it_is_not_told_that_it_is_gone(record, editor, reader, agency):
    note_opening(viewer=reader, record=record, what="page", at=NOW)
    share(record, editor, f"org:{agency.pk}", f"person:{reader.person_id}")

    services.recall_releases(record=record, tokens=(f"org:{agency.pk}",), by=editor, at=NOW)

    assert sees(reader, record)
    assert not Notice.objects.exists()


def test_narrowing_and_withdrawing_tell_the_readers_too(record, editor, reader):
    note_opening(viewer=reader, record=record, what="page", at=NOW)

    share(record, editor)

    assert [notice.kind for notice in Notice.objects.all()] == ["narrowed"]


# Who opened it


def test_the_owner_sees_who_opened_what_and_when(record, editor, reader):
    later = NOW + timedelta(minutes=5)
    for moment in (NOW, NOW + timedelta(seconds=10), later):
        note_opening(viewer=reader, record=record, what="page", at=moment)
    note_opening(viewer=editor, record=record, what="page", at=NOW)

    (row,) = list_readers(record)

    assert (row.name, row.first_at, row.last_at, row.times) == ("Rea", NOW, later, 2)
    assert Entry.objects.filter(action="record.opened").count() == 1


@pytest.mark.parametrize("marking", ["CLEAR", "GREEN"])
def test_openings_of_open_records_are_not_kept(owner, editor, reader, marking):
    open_record = make_record(marking=marking, by=editor, organisation=owner)

    assert not note_opening(viewer=reader, record=open_record, what="page", at=NOW)
    assert not Opening.objects.exists()


# Originator control


def ask(record, by, *tokens, reason="They train the same staff."):
    return releasing.ask_for_release(
        record=record, tokens=tokens, names=["Somebody"], reason=reason, by=by, at=NOW
    )


def test_a_reader_asks_and_the_owners_yes_adds_to_the_list(record, editor, reader, agency):
    third = OrganisationFactory()
    asked = ask(record, reader, f"org:{third.pk}")
    assert [row.request for row in releasing.list_open(editor)] == [asked]
    assert releasing.list_open(reader) == []

    releasing.decide_release(asked=asked, record=record, grant=True, by=editor, at=NOW)

    assert get_releases(record) == [f"org:{agency.pk}", f"org:{third.pk}"]
    assert list(
        Entry.objects.filter(action__startswith="record.release_").values_list("action", flat=True)
    ) == ["record.release_asked", "record.release_granted"]
    assert {(n.person_id, n.kind) for n in Notice.objects.all()} == {
        (editor.person_id, "asked"),
        (reader.person_id, "granted"),
    }


def test_a_no_changes_nothing_and_is_logged(record, editor, reader, agency):
    asked = ask(record, reader, "economy:AL")

    releasing.decide_release(
        asked=asked, record=record, grant=False, by=editor, at=NOW, answer="Not yet."
    )

    assert get_releases(record) == [f"org:{agency.pk}"]
    assert last_action() == "record.release_refused"
    with pytest.raises(Refused, match="answered already"):
        releasing.decide_release(asked=asked, record=record, grant=True, by=editor, at=NOW)


def test_a_reader_cannot_answer_their_own_request(record, reader, agency):
    asked = ask(record, reader, "economy:AL")

    with pytest.raises(Refused):
        releasing.decide_release(asked=asked, record=record, grant=True, by=reader, at=NOW)
    assert get_releases(record) == [f"org:{agency.pk}"]


def test_what_the_marking_does_not_take_cannot_be_asked_for(owner, editor, reader):
    red = make_record(
        marking="RED", releases=(f"person:{reader.person_id}",), by=editor, organisation=owner
    )

    with pytest.raises(Refused, match="named one by one"):
        ask(red, reader, "economy:AL")


# A second pair of eyes


@pytest.fixture
def colleague(owner):
    return make_viewer(PersonFactory(full_name="Bojan"), organisation=owner)


def members_of(*organisations):
    for organisation in organisations:
        make_viewer(organisation=organisation)
    return [f"org:{organisation.pk}" for organisation in organisations]


@pytest.fixture
def careful(record, editor, agency):
    """A record that may go to two organisations without a second look: it does already."""
    make_viewer(organisation=agency)
    return share(record, editor, f"org:{agency.pk}", second_eyes_over=2)


def test_going_to_more_organisations_needs_a_second_person(careful, editor, agency):
    more = members_of(OrganisationFactory())

    with pytest.raises(SecondEyesNeeded, match="3 organisations would see it"):
        share(careful, editor, f"org:{agency.pk}", *more)
    assert get_releases(careful) == [f"org:{agency.pk}"]


def test_what_a_second_person_confirms_is_done(careful, editor, colleague, agency):
    tokens = [f"org:{agency.pk}", *members_of(OrganisationFactory())]
    wanted = {"marking": "AMBER", "releases": tokens, "second_eyes_over": 2}

    asked = releasing.ask_second(record=careful, wanted=wanted, reason="", by=editor, at=NOW)
    with pytest.raises(Refused, match="Somebody else"):
        releasing.decide_second(asked=asked, record=careful, grant=True, by=editor, at=NOW)
    releasing.decide_second(asked=asked, record=careful, grant=True, by=colleague, at=NOW)

    assert get_releases(careful) == sorted(tokens)
    entry = Entry.objects.get(action="record.shared", number__gt=0, detail__has_key="confirmed_by")
    assert entry.actor_key == editor.actor_key
    assert entry.detail["confirmed_by"] == colleague.actor_key


def test_removing_the_rule_is_itself_confirmed(careful, editor, agency):
    with pytest.raises(SecondEyesNeeded, match="Loosening"):
        share(careful, editor, f"org:{agency.pk}", second_eyes_over=None)
    assert Record.objects.for_system("test").get(pk=careful.pk).second_eyes_over == 2


def test_narrowing_needs_no_second_person(careful, editor):
    assert share(careful, editor).second_eyes_over == 2


def test_publishing_counts_as_going_out(owner, editor, colleague):
    draft = make_record(marking="GREEN", state="draft", by=editor, organisation=owner)
    share(draft, editor, marking="GREEN", second_eyes_over=1)
    members_of(OrganisationFactory(), OrganisationFactory())

    with pytest.raises(SecondEyesNeeded):
        services.take_step(record=draft, step="publish", by=editor, at=NOW)
    asked = releasing.ask_second(
        record=draft, wanted={"step": "publish"}, reason="", by=editor, at=NOW
    )
    releasing.decide_second(asked=asked, record=draft, grant=True, by=colleague, at=NOW)

    assert Record.objects.for_system("test").get(pk=draft.pk).state == "published"


def test_without_anybody_to_confirm_it_says_so(careful, editor, agency):
    wanted = {"marking": "GREEN", "releases": [], "second_eyes_over": 2}

    with pytest.raises(Refused, match="nobody who could confirm"):
        releasing.ask_second(record=careful, wanted=wanted, reason="", by=editor, at=NOW)


# Widening what is published


@pytest.fixture
def contributor(owner):
    return make_viewer(PersonFactory(full_name="Con"), organisation=owner, role="contributor")


def wait_for(contributor, record, *tokens, **more):
    """A contributor's change, put before a second person."""
    with pytest.raises(SecondEyesNeeded, match="Contributors cannot show more people"):
        share(record, contributor, *tokens, **more)
    wanted = {"marking": "AMBER", "releases": list(tokens), "second_eyes_over": None, **more}
    return releasing.ask_second(record=record, wanted=wanted, reason="", by=contributor, at=NOW)


ORGANISATION, AGENCY, OTHER = "org:owner", "org:agency", "org:other"


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        (("AMBER", AGENCY), ("CLEAR",), False),
        (("AMBER", AGENCY), ("GREEN",), False),
        (("GREEN",), ("CLEAR",), False),
        (("AMBER+STRICT", AGENCY), ("AMBER", AGENCY), False),
        (("AMBER", AGENCY), ("AMBER", AGENCY, OTHER), False),
        (("AMBER", AGENCY), ("AMBER", OTHER), False),
        (("AMBER", AGENCY), ("AMBER+STRICT", OTHER), False),
        (("AMBER", AGENCY), ("AMBER",), True),
        (("AMBER", AGENCY), ("AMBER+STRICT", AGENCY), True),
        (("CLEAR",), ("GREEN",), True),
        (("CLEAR",), ("AMBER", AGENCY), True),
        (("GREEN",), ("RED",), True),
    ],
)
@pytest.mark.parametrize("state", ["published", "archived"])
def test_a_contributor_narrows_and_an_editor_widens(
    owner, editor, contributor, agency, before, after, may, state
):
    names = {AGENCY: f"org:{agency.pk}", OTHER: f"org:{OrganisationFactory().pk}"}
    record = make_record(
        marking=before[0],
        releases=tuple(names[t] for t in before[1:]),
        state=state,
        by=editor,
        organisation=owner,
    )
    audience = set(RecordAudience.objects.values_list("token", flat=True))
    wanted = [names[t] for t in after[1:]]

    if may:
        share(record, contributor, *wanted, marking=after[0])
    else:
        with pytest.raises(SecondEyesNeeded):
            share(record, contributor, *wanted, marking=after[0])
        assert set(RecordAudience.objects.values_list("token", flat=True)) == audience
        share(record, editor, *wanted, marking=after[0])


def test_a_later_end_is_wider_and_an_earlier_one_is_not(record, editor, contributor, agency):
    token = f"org:{agency.pk}"
    share(record, editor, token, ends={token: TOMORROW})

    with pytest.raises(SecondEyesNeeded):
        share(record, contributor, token, ends={token: TOMORROW + timedelta(days=1)})
    share(record, contributor, token, ends={token: TOMORROW - timedelta(hours=1)})


def test_a_draft_is_shared_as_its_contributor_wants(owner, contributor):
    draft = make_record(marking="AMBER", state="draft", by=contributor, organisation=owner)

    assert share(draft, contributor, marking="CLEAR").marking == "CLEAR"


def test_what_a_contributor_widens_waits_for_an_editor(record, editor, contributor, agency):
    tokens = [f"org:{agency.pk}", f"org:{OrganisationFactory().pk}"]
    asked = wait_for(contributor, record, *tokens)
    assert get_releases(record) == tokens[:1]

    releasing.decide_second(asked=asked, record=record, grant=True, by=editor, at=NOW)

    assert get_releases(record) == sorted(tokens)


def test_a_contributor_owner_of_red_names_people_but_does_not_take_it_out_of_red(
    owner, editor, contributor
):
    red = make_record(marking="RED", by=contributor, organisation=owner)

    share(red, contributor, f"person:{PersonFactory().pk}", marking="RED")
    with pytest.raises(SecondEyesNeeded):
        share(red, contributor, marking="CLEAR")


def test_the_list_of_a_clear_record_says_who_reads_its_marked_paragraphs(
    owner, editor, contributor, agency
):
    body = '<p>Open.</p><p data-marking="AMBER">Closed.</p>'
    record = make_record(marking="CLEAR", by=editor, organisation=owner, body=body)

    with pytest.raises(SecondEyesNeeded):
        share(record, contributor, f"org:{agency.pk}", marking="CLEAR")


def test_a_contributors_yes_to_a_reader_waits_as_well(record, editor, contributor, reader):
    token = f"org:{OrganisationFactory().pk}"
    asked = releasing.ask_for_release(
        record=record, tokens=[token], names=["X"], reason="Work.", by=reader, at=NOW
    )
    with pytest.raises(SecondEyesNeeded):
        releasing.decide_release(asked=asked, record=record, grant=True, by=contributor, at=NOW)
    wanted = releasing.put_as_change(asked, record, at=NOW)
    second = releasing.ask_second(record=record, wanted=wanted, reason="", by=contributor, at=NOW)

    releasing.decide_second(asked=second, record=record, grant=True, by=editor, at=NOW)

    asked.refresh_from_db()
    assert (asked.is_granted, asked.decided_by_id) == (True, contributor.person_id)
    assert token in get_releases(record)


def test_a_contributor_may_show_a_question_to_more_members_but_not_to_everybody(
    owner, contributor, agency
):
    question = make_record(
        kind="inquiry", marking="AMBER", by=contributor, organisation=owner, state="draft"
    )
    services.take_step(record=question, step="publish", by=contributor, at=NOW)

    assert share(question, contributor, f"org:{agency.pk}").is_out
    with pytest.raises(SecondEyesNeeded):
        share(question, contributor, marking="CLEAR")


def test_counts_of_the_library_end_with_the_release_before_any_sweep(
    record, editor, reader, agency, monkeypatch, django_assert_num_queries
):
    """A count is a door too; while nothing ends it still costs one question."""
    share(record, editor, f"org:{agency.pk}", ends={f"org:{agency.pk}": TOMORROW})
    at_time(monkeypatch, TOMORROW - timedelta(seconds=1))
    before = read_holdings(reader)
    with django_assert_num_queries(1):
        read_holdings(reader)

    at_time(monkeypatch, TOMORROW)

    assert (before.total, read_holdings(reader).total) == (1, 0)
    with django_assert_num_queries(1):
        assert read_holdings(reader).by_kind == {}
