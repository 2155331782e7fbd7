"""Asking, answering, closing: who may, who sees it, and what it becomes."""

from datetime import datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from focal.alerts.digests import send_digests
from focal.alerts.models import Item
from focal.alerts.nudges import gather_nudges
from focal.directory.models import FocalPoint, Format, FormatMember, Membership, Person
from focal.inquiries import nudges, reporting, selectors, services
from focal.inquiries.models import Answer, Inquiry, Pointer, SourceRequest
from focal.inquiries.near import look_near
from focal.inquiries.reporting import make_report
from focal.inquiries.spaces import show_requests_of
from focal.kernel.errors import BadInput, Refused
from focal.records.content import read_content
from focal.records.finding.search import Wish, find
from focal.records.models import Practice, Record
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.threads import services as threads
from focal.vocabulary.models import Economy
from tests.factories import (
    NOON,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
)

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
DAY = timedelta(days=1)


def member(name, economy=None, role=Membership.Role.CONTRIBUTOR):
    """Somebody who writes for an organisation of their own."""
    place = Economy.objects.get_or_create(code=economy)[0] if economy else None
    organisation = OrganisationFactory(name=f"Office of {name}", economy=place)
    person = PersonFactory(full_name=name)
    MembershipFactory(person=person, organisation=organisation, role=role)
    return Viewer.from_person(person, on=TODAY)


@pytest.fixture
def asker():
    return member("Ana", "AL")


@pytest.fixture
def helper():
    return member("Hana", "MK")


@pytest.fixture
def bystander():
    return member("Boris", "RS")


def organisation_of(viewer):
    return Membership.objects.get(person_id=viewer.person_id).organisation


def org(viewer):
    return f"org:{organisation_of(viewer).pk}"


def ask(by, *recipients, marking=Marking.AMBER, due=TODAY + 30 * DAY, at=NOON, **content):
    return services.ask(
        content={
            "title": "How do you train prison staff?",
            "language": "en",
            "due_date": due.isoformat() if due else "",
            **content,
        },
        owner_organisation=organisation_of(by),
        marking=marking,
        releases=[org(viewer) for viewer in recipients],
        by=by,
        at=at,
    )


def give(inquiry, by, text="<p>With a course.</p>", sort="answer", at=NOON, **more):
    return services.give_answer(inquiry=inquiry, sort=sort, text=text, by=by, at=at, **more)


def stand(viewer, inquiry):
    return selectors.read_standings(viewer, [inquiry], language="en", on=TODAY)[inquiry.pk]


def told(kind):
    return set(Item.objects.filter(kind=kind).values_list("person_id", flat=True))


# Asking


def test_contributor_asks_and_it_is_out_at_once_to_exactly_those_named(asker, helper, bystander):
    inquiry = ask(asker, helper)

    assert inquiry.is_out
    assert selectors.get_inquiry(helper, inquiry.reference) == inquiry
    assert selectors.get_inquiry(bystander, inquiry.reference) is None
    assert selectors.get_inquiry(ANONYMOUS, inquiry.reference) is None
    assert told("inquiries.asked") == {helper.person_id}


def test_other_kinds_still_need_an_editor(asker):
    from focal.records.services import take_step

    draft = make_record(by=asker, organisation=organisation_of(asker), state="draft")

    with pytest.raises(Refused, match="Contributors cannot publish"):
        take_step(record=draft, step="publish", by=asker, at=NOON)


@pytest.mark.parametrize(
    ("content", "problem"),
    [({"title": ""}, "title"), ({"due_date": "2026-03-01"}, "passed already")],
)
def test_ask_says_what_is_wrong(asker, helper, content, problem):
    with pytest.raises(BadInput, match=problem):
        ask(asker, helper, **content)


def test_amber_question_needs_somebody_to_ask(asker):
    with pytest.raises(BadInput, match="at least one recipient"):
        ask(asker)

    assert not Inquiry.objects.visible_to(asker).exists()


# Answering


def test_answer_to_all_is_read_by_all_who_were_asked(asker, helper, bystander):
    inquiry = ask(asker, helper, bystander)

    give(inquiry, helper, language="mk")

    for viewer in (asker, helper, bystander):
        (entry,) = selectors.list_contributions(viewer, inquiry, "en")
        assert entry.shown.post.body == "<p>With a course.</p>"
    assert told("inquiries.answered") == {asker.person_id}


def test_private_answer_is_nowhere_for_other_recipients(asker, helper, bystander, in_step):
    inquiry = ask(asker, helper, bystander)
    in_step()
    before = (
        stand(bystander, inquiry),
        selectors.get_inquiry(bystander, inquiry.reference).updated_at,
    )

    give(inquiry, helper, text="<p>quietheron</p>", to_asker_only=True)
    in_step()

    after = (
        stand(bystander, inquiry),
        selectors.get_inquiry(bystander, inquiry.reference).updated_at,
    )
    assert before == after
    assert selectors.list_contributions(bystander, inquiry, "en") == []
    assert find(bystander, Wish(text="quietheron"), language="en").total == 0
    assert (
        not Item.objects.filter(person_id=bystander.person_id)
        .exclude(kind="inquiries.asked")
        .exists()
    )
    assert [party.name for party in stand(asker, inquiry).answered] == ["Office of Hana"]
    assert len(selectors.list_contributions(asker, inquiry, "en")) == 1


def test_answers_are_found_by_search_by_those_who_may_see_them(asker, helper, bystander, in_step):
    inquiry = ask(asker, helper)
    give(inquiry, helper, text="<p>openheron</p>")
    private = give(inquiry, helper, text="<p>quietheron</p>", to_asker_only=True)
    in_step()

    def urls(viewer, word):
        found = find(viewer, Wish(text=word), language="en")
        return [item.record.url for item in found.records], found.total

    plain = f"/records/{inquiry.reference}/"
    assert urls(asker, "openheron") == urls(helper, "openheron") == ([plain], 1)
    anchored = f"{plain}#post-{private.post.reference}"
    assert urls(asker, "quietheron") == urls(helper, "quietheron") == ([anchored], 1)
    assert urls(bystander, "openheron") == urls(bystander, "quietheron") == ([], 0)


def test_withdrawn_answer_is_not_found_though_the_index_has_not_heard(asker, helper, in_step):
    inquiry = ask(asker, helper)
    answers = [
        give(inquiry, helper, text=f"<p>{word}</p>", to_asker_only=private)
        for word, private in (("openheron", False), ("quietheron", True))
    ]
    in_step()

    for answer in answers:
        threads.withdraw_post(post=answer.post, by=helper, at=NOON)

    for word in ("openheron", "quietheron"):
        assert find(asker, Wish(text=word, meaning=False), language="en").total == 0


def test_answers_beside_a_public_inquiry_are_not_found_by_visitors(asker, helper, in_step):
    inquiry = ask(asker, marking=Marking.CLEAR)
    give(inquiry, helper, text="<p>openheron</p>")
    in_step()

    assert find(ANONYMOUS, Wish(text="openheron"), language="en").total == 0


def test_not_us_names_somebody_and_only_the_asker_adds_them(asker, helper, bystander):
    inquiry = ask(asker, helper)
    give(inquiry, helper, text="", sort="not_us", pointers=[org(bystander)])
    pointer = Pointer.objects.get()
    assert (pointer.name, pointer.state) == ("Office of Boris", "open")
    with pytest.raises(Refused, match="Only those who asked"):
        services.settle_pointer(pointer=pointer, adds=True, by=helper, at=NOON)
    assert selectors.get_inquiry(bystander, inquiry.reference) is None

    services.settle_pointer(pointer=pointer, adds=True, by=asker, at=NOON)

    assert selectors.get_inquiry(bystander, inquiry.reference) == inquiry
    assert told("inquiries.asked") == {helper.person_id, bystander.person_id}


def test_we_do_not_have_this_is_an_answer_and_is_counted(asker, helper, bystander):
    inquiry = ask(asker, helper, bystander)

    give(inquiry, helper, text="", sort="nothing")

    standing = stand(asker, inquiry)
    assert (standing.nothing, standing.answers) == (1, 0)
    assert [party.name for party in standing.missing] == ["Office of Boris"]


def test_asker_and_strangers_and_the_late_cannot_answer(asker, helper, bystander):
    inquiry = ask(asker, helper)
    with pytest.raises(Refused, match="your own question"):
        give(inquiry, asker)
    with pytest.raises(BadInput, match="not here any more"):
        give(inquiry, bystander)
    services.close(inquiry=inquiry, outcome="<p>Done.</p>", by=asker, at=NOON)
    with pytest.raises(Refused, match="closed"):
        give(inquiry, helper)

    assert Answer.objects.count() == 0


def test_format_is_taken_apart_into_its_members(asker, helper):
    body = Format.objects.create(slug="group", name="The group")
    for code in ("AL", "MK", "RS"):
        FormatMember.objects.create(
            format=body, economy=Economy.objects.get_or_create(code=code)[0]
        )
    seated = PersonFactory(full_name="Seated")
    body.seats.create(person=seated)
    FocalPoint.objects.create(person=seated, economy_id="MK")
    inquiry = services.ask(
        content={"title": "Who?", "language": "en"},
        owner_organisation=organisation_of(asker),
        releases=[f"format:{body.pk}"],
        by=asker,
        at=NOON,
    )
    give(inquiry, Viewer.from_person(seated, on=TODAY))

    standing = stand(asker, inquiry)

    # The asker's own economy is not waited for.
    assert {party.token for party in standing.missing} == {"economy:RS"}
    assert {party.token for party in standing.answered} == {"economy:MK"}


def test_format_shows_what_it_was_asked_and_what_is_closed(asker):
    body = Format.objects.create(slug="group", name="The group")
    person = PersonFactory()
    body.seats.create(person=person)
    first, _second = (
        services.ask(
            content={"title": title, "language": "en"},
            owner_organisation=organisation_of(asker),
            releases=[f"format:{body.pk}"],
            by=asker,
            at=at,
        )
        for title, at in (("First", NOON), ("Second", NOON + DAY))
    )
    services.close(inquiry=first, outcome="<p>Done.</p>", by=asker, at=NOON + DAY)

    shown = show_requests_of(body, Viewer.from_person(person, on=TODAY), 5)

    assert [(row.title, row.state) for row in shown.teasers] == [
        ("Second", ""),
        ("First", "Closed"),
    ]


def test_members_of_a_format_that_hides_them_stay_unsaid(asker):
    body = Format.objects.create(slug="quiet", name="The quiet ones", hides_members=True)
    FormatMember.objects.create(format=body, economy=Economy.objects.get_or_create(code="RS")[0])
    inquiry = services.ask(
        content={"title": "Who?", "language": "en"},
        owner_organisation=organisation_of(asker),
        releases=[f"format:{body.pk}"],
        by=asker,
        at=NOON,
    )

    assert [party.name for party in stand(asker, inquiry).parties] == ["The quiet ones"]


# Reminders


def remind(on):
    return {(nudge.key, person) for nudge in nudges.gather_due(on) for person in nudge.person_ids}


def test_reminders_come_twice_at_most_and_only_to_those_who_have_not_answered(
    asker, helper, bystander
):
    inquiry = ask(asker, helper, bystander, due=TODAY + 30 * DAY)
    give(inquiry, helper)

    keys = {key for days in range(40) for key, person in remind(NOON + days * DAY)}
    people = {person for days in range(40) for key, person in remind(NOON + days * DAY)}

    assert keys == {f"{inquiry.reference}:1", f"{inquiry.reference}:2"}
    assert people == {bystander.person_id}
    assert remind(NOON + 22 * DAY) == remind(NOON + 31 * DAY) == set()


def test_reminders_are_two_letters_though_the_day_is_moved_and_the_worker_slept(asker, helper):
    inquiry = ask(asker, helper, due=TODAY + 9 * DAY)
    Item.objects.all().delete()
    days = {}
    for day in (*range(6), *range(14, 32)):  # the worker stands still for a week
        at = NOON + timedelta(days=day)
        if day in {4, 17}:
            Inquiry.objects.for_system("test").update(due_date=TODAY + (day + 12) * DAY)
        gather_nudges(at)
        days[day] = send_digests(at)

    assert [day for day, written in days.items() if written] == [3, 16]
    told = Item.objects.filter(kind="inquiries.due", mailed_at__isnull=False)
    assert sorted(told.values_list("key", flat=True)) == [
        f"{inquiry.reference}:1",
        f"{inquiry.reference}:2",
    ]


def test_private_answer_does_not_show_in_whom_colleagues_reminders_reach(asker, helper):
    colleague = PersonFactory()
    MembershipFactory(person=colleague, organisation=organisation_of(helper))
    inquiry = ask(asker, helper, due=TODAY + 3 * DAY)

    give(inquiry, helper, to_asker_only=True)

    assert remind(NOON) == {(f"{inquiry.reference}:1", colleague.pk)}


def test_asker_is_told_to_close_once_the_day_has_passed(asker, helper):
    inquiry = ask(asker, helper, due=TODAY + DAY)

    assert list(nudges.gather_overdue(NOON + 2 * DAY)) == []
    (nudge,) = nudges.gather_overdue(NOON + 10 * DAY)
    assert (nudge.record, nudge.person_ids) == (inquiry.reference, {asker.person_id})


# Closing


def test_closing_becomes_a_draft_whose_sources_agreed(asker, helper, bystander):
    inquiry = ask(asker, helper, bystander, due=None)
    yes, no = give(inquiry, helper, text="<p>secretheron</p>"), give(inquiry, bystander)
    posts = [yes.post.reference, no.post.reference]
    services.close(
        inquiry=inquiry,
        outcome="<p>Three courses exist.</p>",
        becomes="practice",
        sources=posts,
        by=asker,
        at=NOON,
    )
    requests = {row.answer_id: row for row in SourceRequest.objects.all()}
    assert len(list(nudges.gather_source_requests(NOON))) == 2
    with pytest.raises(Refused, match="whoever wrote"):
        services.decide_source(request=requests[yes.pk], agrees=True, by=bystander, at=NOON)

    services.decide_source(request=requests[yes.pk], agrees=True, by=helper, at=NOON)
    services.decide_source(request=requests[no.pk], agrees=False, by=bystander, at=NOON)
    draft = services.make_draft(inquiry=inquiry, by=asker, at=NOON)

    content = read_content(Practice.objects.visible_to(asker).get(pk=draft.pk))
    assert content["body"] == "<p>Three courses exist.</p>"
    assert [source[0] for source in content["sources"]] == [
        "Answer of Office of Hana to an inquiry, 2026-03-02"
    ]
    assert "secretheron" not in str(content)
    assert (draft.state, draft.marking) == ("draft", Marking.AMBER)
    assert not Record.objects.visible_to(helper).filter(pk=draft.pk).exists()
    assert told("inquiries.sources_decided") == {asker.person_id}
    with pytest.raises(BadInput, match="already"):
        services.make_draft(inquiry=inquiry, by=asker, at=NOON)


def test_whoever_has_not_said_whether_they_are_named_is_asked_no_more_once_the_draft_is_made(
    asker, helper
):
    inquiry = ask(asker, helper, due=None)
    post = give(inquiry, helper).post.reference
    services.close(
        inquiry=inquiry, outcome="<p>x</p>", becomes="practice", sources=[post], by=asker, at=NOON
    )
    gather_nudges(NOON)
    assert Item.objects.get(kind="inquiries.source").settled_at is None

    draft = services.make_draft(inquiry=inquiry, by=asker, at=NOON)

    assert read_content(Practice.objects.visible_to(asker).get(pk=draft.pk))["sources"] == []
    assert Item.objects.get(kind="inquiries.source").settled_at == NOON
    assert list(nudges.gather_source_requests(NOON)) == []


def test_closing_needs_a_summary_and_can_be_undone(asker, helper):
    inquiry = ask(asker, helper)
    with pytest.raises(BadInput, match="what came of it"):
        services.close(inquiry=inquiry, outcome=" ", by=asker, at=NOON)
    with pytest.raises(Refused, match="Only those who asked"):
        services.close(inquiry=inquiry, outcome="<p>x</p>", by=helper, at=NOON)

    services.close(inquiry=inquiry, outcome="<p>x</p>", by=asker, at=NOON)
    again = services.reopen(inquiry=inquiry, by=asker, at=NOON)

    assert again.is_open
    give(again, helper)


# List and report


def test_list_tells_what_waits_for_whom(asker, helper, bystander):
    waiting = ask(asker, helper, bystander)
    done = ask(asker, helper, title="Another")
    give(done, helper)

    def listed(viewer, **choice):
        found = selectors.list_page(
            viewer, selectors.Choice(**choice), number=1, language="en", on=TODAY
        )
        return [row.inquiry.pk for row in found.rows]

    assert listed(helper, whose="for-me") == [waiting.pk]
    assert listed(asker, whose="mine") == [done.pk, waiting.pk]
    assert listed(bystander) == [waiting.pk]
    assert listed(asker, text="another") == [done.pk]
    assert listed(asker, status="closed") == []


def test_counts_beside_the_list_are_those_of_the_lists_they_lead_to(asker, helper, bystander):
    waiting = ask(asker, helper, bystander)
    give(ask(asker, helper, title="Another"), helper)
    services.close(inquiry=waiting, outcome="<p>x</p>", by=asker, at=NOON)

    for status in ("open", "closed", "any"):
        for text in ("", "another"):
            listings = {
                whose: selectors.list_page(
                    helper,
                    selectors.Choice(status=status, whose=whose, text=text),
                    number=1,
                    language="en",
                    on=TODAY,
                )
                for whose in ("all", "for-me", "mine")
            }
            for listing in listings.values():
                assert listing.counts == {w: len(each.rows) for w, each in listings.items()}


def test_list_costs_the_same_for_one_and_for_many(asker, helper, bystander):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as queries:
            selectors.list_page(asker, selectors.Choice(), number=1, language="en", on=TODAY)
        return len(queries)

    give(ask(asker, helper), helper)
    count()  # what is read once a process is read here
    one = count()
    for _n in range(4):
        give(ask(asker, helper, bystander), bystander)

    assert count() == one


@pytest.mark.slow
@pytest.mark.parametrize("page", ["list", "inquiry", "report", "of_record"])
def test_pages_cost_the_same_for_one_and_for_many(asker, helper, bystander, client, page):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first = ask(asker, helper, bystander, due=timezone.localdate() + DAY)
    addresses = {
        "list": "/inquiries/",
        "inquiry": first.get_absolute_url(),
        "report": f"/inquiries/report/?to={timezone.localdate() + 9 * DAY}",
        "of_record": f"/threads/of/{first.reference}/",
    }
    client.force_login(Person.objects.get(pk=asker.person_id))

    def count():
        cache.clear()  # the report is kept while nothing changes
        with CaptureQueriesContext(connection) as queries:
            assert client.get(addresses[page]).status_code == 200
        return len(queries)

    give(first, helper)
    count(), count()  # what is read once a process, and noted once a reader, is done here
    one = count()
    for number in range(24):
        give(first, (helper, bystander)[number % 2])
        ask(asker, helper, bystander, due=timezone.localdate() + DAY, title=f"Number {number}")

    assert count() == one


def test_report_is_kept_until_something_changes(asker, helper, monkeypatch):
    due = TODAY + 5 * DAY
    inquiry = ask(asker, helper, due=due)
    made = []
    monkeypatch.setattr(
        reporting, "make_report", lambda viewer, **day: made.append(1) or make_report(viewer, **day)
    )

    def read(viewer):
        report = reporting.read_report(viewer, since=TODAY, until=due, language="en")
        return [(row.asked, row.answered) for row in report.rows], len(made)

    assert [read(asker), read(asker), read(helper)] == [
        ([(1, 0)], 1),
        ([(1, 0)], 1),
        ([(1, 0)], 2),
    ]
    give(inquiry, helper)
    assert read(asker) == ([(1, 1)], 3)


def test_report_is_not_kept_beyond_the_end_of_a_release(asker, helper, monkeypatch):
    from focal.records.services import set_sharing

    inquiry = ask(asker, helper, due=TODAY + 5 * DAY)
    end = timezone.now() + timedelta(seconds=90)
    set_sharing(
        record=inquiry,
        marking=Marking.AMBER,
        releases=[org(helper)],
        ends={org(helper): end},
        by=asker,
        at=timezone.now(),
    )
    kept = []
    monkeypatch.setattr(cache, "set", lambda key, value, timeout: kept.append(timeout))

    reporting.read_report(helper, since=TODAY, until=TODAY + 5 * DAY, language="en")

    assert 0 < kept[0] <= 90


def test_report_takes_an_answer_of_the_last_evening_for_in_time(asker, helper):
    due = TODAY + 5 * DAY
    midnight = timezone.make_aware(datetime.combine(due + DAY, time.min))
    for moment in (midnight - timedelta(microseconds=1), midnight):
        give(ask(asker, helper, due=due), helper, at=moment)

    [row] = make_report(asker, since=due, until=due, language="en").rows
    assert (row.answered, row.in_time) == (2, 1)


def test_report_counts_by_economy_what_was_answered_in_time(asker, helper, bystander):
    due = TODAY + 5 * DAY
    inquiry = ask(asker, helper, bystander, due=due)
    give(inquiry, helper, at=NOON + 6 * DAY)
    give(inquiry, bystander, sort="nothing", text="", at=NOON + 2 * DAY)
    give(ask(asker, helper, due=due), helper, to_asker_only=True)

    def rows(viewer):
        report = make_report(viewer, since=TODAY, until=due, language="en")
        return {
            row.economy: (row.asked, row.answered, row.in_time, row.nothing) for row in report.rows
        }

    assert rows(asker) == {"MK": (2, 2, 1, 0), "RS": (1, 1, 1, 1)}
    assert rows(bystander) == {"MK": (1, 1, 0, 0), "RS": (1, 1, 1, 1)}
    assert rows(ANONYMOUS) == {}


# What lies near


def test_near_shows_only_what_the_asker_may_see(asker, helper, bystander, in_step):
    words = "Training prison staff against radicalisation"
    for viewer, marking in ((helper, Marking.GREEN), (bystander, Marking.AMBER)):
        make_record(
            by=Viewer.for_organisation(organisation_of(viewer), name="import"),
            organisation=organisation_of(viewer),
            marking=marking,
            title=f"{words}: {viewer.name}",
        )
    earlier = ask(helper, marking=Marking.GREEN, title=f"{words}, earlier")
    give(earlier, bystander)
    in_step()

    near = look_near(asker, title=words, background="", language="en", on=TODAY)

    assert {item.record.title for item in near.found} == {f"{words}: Hana", f"{words}, earlier"}
    assert {(k.name, *(r.has_answered for r in k.reasons)) for k in near.organisations} == {
        ("Office of Hana", False),
        ("Office of Boris", True),
    }
    assert [k.name for k in near.people] == ["Boris"]
    assert near.people[0].value == Person.objects.get(pk=bystander.person_id).reference


def test_near_is_silent_about_those_known_only_from_what_is_hidden(asker, bystander, in_step):
    words = "Training prison staff against radicalisation"
    make_record(
        by=Viewer.for_organisation(organisation_of(bystander), name="import"),
        organisation=organisation_of(bystander),
        marking=Marking.AMBER,
        title=words,
    )
    in_step()

    near = look_near(asker, title=words, background="", language="en", on=TODAY)

    assert near.is_empty
