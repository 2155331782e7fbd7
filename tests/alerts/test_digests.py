"""One letter: what is due, for whom, and no more than mail may carry."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from focal.alerts import digests, nudges, services
from focal.alerts.models import Item, Reader
from focal.alerts.notices import notify
from focal.alerts.nudges import Nudge
from focal.mail.models import Letter, State
from focal.mail.services import send_due
from focal.records.models import Record
from focal.records.services import save_translation, set_sharing
from focal.sharing.viewer import Viewer
from focal.vocabulary.models import Concept, Economy
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_record, make_viewer
from tests.world import CAST, SHARINGS, add_record, make_cast, word_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HOUR = timedelta(hours=1)
EVENING = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # Sunday, before the day's and the week's letter


@pytest.fixture(autouse=True)
def lists(settings, tmp_path):
    settings.EMAIL_URL = (tmp_path / "mail").as_uri()
    settings.SITE_ADDRESS = "https://focal.example"
    Concept.objects.create(key="prison", scheme="topics", position=1)
    Economy.objects.get_or_create(code="AL")


@pytest.fixture
def reader():
    return Viewer.from_person(PersonFactory(email="reader@example.org"), on=NOON.date())


@pytest.fixture
def publish(catch_up):
    """Publish a record about prisons and let it be matched, as if at a moment."""

    def publish(at=EVENING, **content):
        record = make_record(**{"topics": ["prison"], "title": "Youth in prison", **content})
        catch_up()
        Item.objects.filter(key=record.reference).update(created_at=at)
        return record

    return publish


def read_letters():
    return list(Letter.objects.order_by("pk"))


# When


@pytest.mark.parametrize(
    ("rhythm", "moments"),
    [
        ("now", [EVENING]),
        ("daily", [NOON]),
        ("weekly", [NOON]),
        ("never", []),
    ],
)
def test_letter_comes_when_it_was_asked_for_and_once(reader, follow, publish, rhythm, moments):
    subscription = follow(reader, "topic", "prison")
    services.change(subscription=subscription, by=reader, at=NOON, rhythm=rhythm)
    publish()

    for moment in (EVENING, EVENING + HOUR, NOON, NOON + HOUR, NOON + timedelta(days=1)):
        digests.send_urgent(moment)
        digests.send_digests(moment)

    assert [letter.created_at for letter in read_letters()] == moments


def test_weekly_letter_waits_for_monday(reader, follow, publish):
    subscription = follow(reader, "topic", "prison")
    services.change(subscription=subscription, by=reader, at=NOON, rhythm="weekly")
    publish(at=NOON)

    written = [digests.send_digests(NOON + timedelta(days=day)) for day in range(1, 9)]

    assert written == [0, 0, 0, 0, 0, 0, 1, 0]


def test_day_s_and_week_s_things_are_one_letter(reader, follow, publish):
    weekly = follow(reader, "economy", "AL")
    services.change(subscription=weekly, by=reader, at=NOON, rhythm="weekly")
    follow(reader, "topic", "prison")
    publish(title="Daily thing")
    publish(title="Weekly thing", topics=[], economies=["AL"])

    digests.send_digests(NOON)

    [letter] = read_letters()
    assert "Daily thing" in letter.text
    assert "Weekly thing" in letter.text
    assert letter.subject.endswith(", and 1 more")


def test_what_was_read_on_the_platform_is_not_mailed(reader, follow, publish):
    follow(reader, "topic", "prison")
    publish()
    Item.objects.update(read_at=EVENING)

    assert digests.send_digests(NOON) == 0


def test_letters_at_once_keep_apart_and_gather_what_came_meanwhile(reader, follow, publish):
    subscription = follow(reader, "topic", "prison")
    services.change(subscription=subscription, by=reader, at=NOON, rhythm="now")
    publish(title="First")
    digests.send_urgent(NOON)
    publish(title="Second")
    publish(title="Third")

    written = [digests.send_urgent(NOON + timedelta(minutes=m)) for m in (1, 9, 10, 11)]

    assert written == [0, 0, 1, 0]
    assert all(title in read_letters()[1].text for title in ("Second", "Third"))


@pytest.mark.parametrize("reason", ["stopped", "closed", "bounced"])
def test_nobody_who_stopped_mail_left_or_cannot_be_reached_is_written_to(
    reader, follow, publish, reason
):
    from focal.directory.models import Person
    from focal.mail.models import Address

    follow(reader, "topic", "prison")
    publish()
    if reason == "stopped":
        services.stop_mail(person_id=reader.person_id, at=NOON)
    elif reason == "closed":
        Person.objects.filter(pk=reader.person_id).update(is_active=False)
    else:
        Address.objects.create(email="reader@example.org", stopped_at=NOON)

    assert digests.send_digests(NOON) == 0


def test_digests_killed_in_the_middle_lose_nobody_and_write_to_nobody_twice(
    follow, publish, monkeypatch
):
    readers = [make_viewer() for _number in range(5)]
    for one in readers:
        follow(one, "topic", "prison")
    publish()
    monkeypatch.setattr(digests, "TOGETHER", 2)
    written = digests.Desk.write

    def die_at_the_fourth(desk, items, shelf):
        if desk.person.pk == readers[3].person_id:
            raise SystemExit
        return written(desk, items, shelf)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(digests.Desk, "write", die_at_the_fourth)
        digests.send_digests(NOON)
    digests.send_digests(NOON + HOUR)

    assert sorted(letter.person_id for letter in read_letters()) == sorted(
        one.person_id for one in readers
    )


# What


def test_letter_reads_in_its_reader_s_language_with_titles_in_it(follow, publish):
    person = PersonFactory(language="bs")
    viewer = Viewer.from_person(person, on=NOON.date())
    owner = OrganisationFactory()
    editor = make_viewer(organisation=owner)
    follow(viewer, "topic", "prison")
    record = publish(by=editor, organisation=owner, state="draft")
    save_translation(
        record=record,
        language="bs",
        title="Mladi u zatvoru",
        summary="",
        body="",
        by=editor,
        at=NOON,
    )
    from focal.alerts.matching import match_records
    from focal.records.services import take_step

    take_step(record=record, step="publish", by=editor, at=NOON)
    match_records([record.reference], at=EVENING)

    digests.send_digests(NOON)

    [letter] = read_letters()
    assert letter.subject == "Mladi u zatvoru"
    assert letter.language == "bs"


def test_letter_puts_the_most_relevant_first_under_what_it_comes_from_and_is_short(
    reader, follow, publish
):
    follow(reader, "economy", "AL")
    follow(reader, "search", "?q=youth&meaning=0", name="My search")
    for number in range(12):
        make_record(title=f"Weak {number}", economies=["AL"])
    publish(title="Youth strong", topics=[], economies=["AL"], summary="word " * 100)
    Item.objects.update(created_at=EVENING)

    digests.send_digests(NOON)

    [letter] = read_letters()
    assert letter.subject == "Youth strong, and 12 more"
    assert letter.text.index("My search") < letter.text.index("Youth strong")
    assert letter.text.count("TLP:CLEAR]") == 5
    assert len(letter.text.split()) < 250
    assert Item.objects.filter(mailed_at__isnull=True).count() == 0


def test_letter_of_a_busy_person_is_short_whatever_there_is(reader, follow, publish):
    """It is read in a minute, with what presses most; the rest stands in the list."""
    follow(reader, "economy", "AL")
    follow(reader, "topic", "prison")
    follow(reader, "search", "?q=mentors&meaning=0", name="Mentors")
    summary = "It helped them a lot. " * 20
    for number in range(10):
        title = f"{number} How teachers and prison staff learnt to work with mentors"
        topics = ["prison"] if number % 2 else []
        make_record(title=title, topics=topics, economies=["AL"], summary=summary)
    publish(title="The last", topics=[], economies=["AL"], summary=summary)
    with transaction.atomic():
        for number in range(9):
            notify(
                person_ids=[reader.person_id],
                kind="test",
                text=f"Somebody mentions you: the {number}. meeting of the group in autumn",
                url="/",
                at=EVENING,
                marking="GREEN",
            )
    Item.objects.update(created_at=EVENING)

    digests.send_digests(NOON)

    [letter] = read_letters()
    words = re.sub(r"<(style|title).*?</\1>|<[^>]+>", " ", letter.html, flags=re.DOTALL).split()
    assert len(words) < 270
    assert letter.text.count("Somebody mentions you") == 3
    assert "in Focal" in letter.text


def test_letter_carries_the_narrowest_marking_of_what_it_says(reader, follow, publish):
    follow(reader, "topic", "prison")
    publish(title="Open thing")
    publish(title="Green thing", marking="GREEN")

    digests.send_digests(NOON)

    [letter] = read_letters()
    assert letter.marking == "GREEN"
    assert letter.text.startswith("TLP:GREEN\n")
    assert letter.text.endswith("TLP:GREEN\n")


@pytest.mark.parametrize("marking", ["AMBER", "AMBER+STRICT", "RED"])
def test_letter_says_of_narrower_things_only_that_they_are_there(reader, follow, publish, marking):
    follow(reader, "topic", "prison")
    publish(
        title="quietheron", summary="quietheron", marking=marking,
        releases=(f"person:{reader.person_id}",), economies=["AL"],
    )  # fmt: skip

    digests.send_digests(NOON)

    [letter] = read_letters()
    assert letter.subject == "1 new item for you in Focal"
    assert "1 new item for you in “Publications”" in letter.text
    said = letter.subject + letter.text + letter.html
    assert [
        word for word in ("quietheron", "Albania", "AMBER", "RED", "prison") if word in said
    ] == []
    assert (letter.marking, letter.about) == ("", [])


def test_nudges_stand_first_with_the_click_that_settles_them_and_come_again_after_a_week(
    reader, monkeypatch
):
    nudge = Nudge(
        key="a", person_ids=frozenset({reader.person_id}), text=_("Is this still true?"), url="/n",
        action_label="Yes", action_url="/yes", marking="GREEN", due_date=NOON.date(),
    )  # fmt: skip
    monkeypatch.setattr(nudges, "_kinds", {})
    nudges.register_nudges(kind="t", label="Stale", gather=lambda at: [nudge])
    nudges.gather_nudges(EVENING)

    written = [digests.send_digests(NOON + timedelta(days=day)) for day in range(9)]

    assert written == [1, 0, 0, 0, 0, 0, 0, 1, 0]
    assert "Is this still true?" in read_letters()[0].text
    assert ">Yes</a>" in read_letters()[0].html


def test_nudge_or_notice_without_a_marking_is_counted_under_its_name(reader, monkeypatch):
    nudge = Nudge(key="a", person_ids=frozenset({reader.person_id}), text="quietheron", url="/n")
    monkeypatch.setattr(nudges, "_kinds", {})
    nudges.register_nudges(kind="t", label="Stale needs", gather=lambda at: [nudge])
    nudges.gather_nudges(EVENING)
    with transaction.atomic():
        notify(person_ids=[reader.person_id], kind="t", text="quietheron", url="/", at=EVENING)

    digests.send_digests(NOON)

    [letter] = read_letters()
    assert "quietheron" not in letter.subject + letter.text + letter.html
    assert "“Stale needs”" in letter.text


def test_text_of_others_cannot_break_out_of_the_letter(reader, follow, publish):
    follow(reader, "topic", "prison")
    publish(title='<script>alert(1)</script> "x"', summary="<img src=x onerror=alert(1)>")

    digests.send_digests(NOON)

    [letter] = read_letters()
    assert "<script" not in letter.html
    assert "<img" not in letter.html
    assert "&lt;script&gt;" in letter.html


# Before it leaves


def test_letter_about_what_was_narrowed_meanwhile_is_dropped_and_told_of_anew(
    reader, follow, publish
):
    follow(reader, "topic", "prison")
    owner = OrganisationFactory()
    editor = make_viewer(organisation=owner)
    narrowed = publish(title="quietheron", by=editor, organisation=owner)
    publish(title="Open thing")
    digests.send_digests(NOON)
    set_sharing(record=narrowed, marking="RED", releases=(), by=editor, at=NOON)

    send_due(NOON)
    digests.send_digests(NOON + timedelta(days=1))
    send_due(NOON + timedelta(days=1))

    first, second = read_letters()
    assert (first.state, second.state) == (State.OVERTAKEN, State.SENT)
    assert "quietheron" not in second.subject + second.text + second.html
    assert second.subject == "Open thing"


def test_letter_to_somebody_who_stopped_mail_meanwhile_is_dropped(reader, follow, publish):
    follow(reader, "topic", "prison")
    publish()
    digests.send_digests(NOON)
    services.stop_mail(person_id=reader.person_id, at=NOON)

    send_due(NOON)

    assert [letter.state for letter in read_letters()] == [State.OVERTAKEN]


# The mail door in the matrix: everybody follows everything, and every way to share is there


def test_every_letter_says_what_its_reader_may_see_and_mail_may_carry(follow, catch_up):
    Concept.objects.all().delete()
    world = make_cast()
    members = [name for name in CAST if name != "anonymous"]
    for name in members:
        follow(world.viewer(name), "search", "?q=prevention")
        follow(world.viewer(name), "economy", "AL")
    for number, sharing in enumerate(SHARINGS):
        add_record(world, sharing, "publication", number)
    catch_up()
    Item.objects.update(created_at=EVENING)

    digests.send_digests(NOON)

    letters = {letter.person_id: letter for letter in read_letters()}
    wrong = []
    for name in members:
        letter = letters.get(world.people[name].pk)
        said = letter.subject + letter.text + letter.html if letter else ""
        for sharing in SHARINGS:
            is_said = word_of(sharing, "publication") in said
            is_out = sharing.state in {"published", "archived"}
            may_be = name in sharing.seen_by and is_out and sharing.marking in {"CLEAR", "GREEN"}
            is_own = name == "editor"  # nobody is told of their own
            if is_said != (may_be and not is_own):
                wrong.append((name, sharing.key, is_said))
        withheld = sum(
            name in s.seen_by and s.state in {"published", "archived"} and name != "editor"
            and s.marking not in {"CLEAR", "GREEN"}
            for s in SHARINGS
        )  # fmt: skip
        if withheld and f"{withheld} new item" not in said:
            wrong.append((name, "withheld", withheld))
    assert wrong == []


def test_readers_are_remembered_by_the_day(reader, follow, publish):
    follow(reader, "topic", "prison")
    publish()
    digests.send_digests(NOON)

    assert Reader.objects.get().last_daily_at == NOON


@pytest.mark.parametrize("count", [2, 12])
def test_digests_cost_the_same_questions_for_any_number_of_readers(
    follow, publish, count, django_assert_max_num_queries
):
    """Beyond those of a single reader there is one more each: that items were told of."""
    for number in range(count):
        person = PersonFactory(language=("en", "bs")[number % 2])
        follow(Viewer.from_person(person, on=NOON.date()), "topic", "prison")
    publish()

    with django_assert_max_num_queries(26 + count):
        assert digests.send_digests(NOON) == count


def test_the_door_for_many_says_what_the_door_for_one_says():
    world = make_cast()
    for number, sharing in enumerate(SHARINGS):
        add_record(world, sharing, "publication", number)
    viewers = {name: world.viewer(name) for name in (*world.people, "anonymous")}

    rows, seen = Record.objects.visible_to_each(viewers, kind="publication")

    assert seen == {
        name: set(Record.objects.visible_to(viewer).values_list("pk", flat=True))
        for name, viewer in viewers.items()
    }
    assert rows.keys() == set().union(*seen.values())
    people = world.people
    assert Viewer.from_people(people.values(), on=NOON.date()) == {
        people[name].pk: viewer for name, viewer in viewers.items() if name in people
    }


# Told once


@pytest.fixture
def ask(publish, reader):
    """Publish something new that concerns the reader in person."""

    def ask(**content):
        record = publish(title="quietheron", **content)
        Item.objects.update(is_change=False)
        with transaction.atomic():
            notify(
                person_ids=[reader.person_id],
                kind="inquiries.asked",
                text="Ana asks: quietheron",
                url="/",
                record=record.reference,
                at=EVENING,
            )
        return record

    return ask


@pytest.mark.parametrize("marking", ["GREEN", "AMBER"])
@pytest.mark.parametrize("wish", ["now", "daily"])
def test_question_to_somebody_who_follows_its_topic_is_told_of_once(
    reader, follow, ask, marking, wish
):
    follow(reader, "topic", "prison")
    Reader.objects.update_or_create(person_id=reader.person_id, defaults={"notices": wish})
    ask(marking=marking, releases=(f"person:{reader.person_id}",) if marking == "AMBER" else ())

    for moment in (EVENING, NOON, NOON + timedelta(days=1)):
        digests.send_urgent(moment)
        digests.send_digests(moment)

    [letter] = read_letters()
    only = {"GREEN": "Ana asks: quietheron", "AMBER": "1 new item for you in Focal"}
    assert letter.subject == only[marking]
    assert letter.text.count("quietheron") == (marking == "GREEN")
    assert letter.text.count("1 new item for you in") == (marking == "AMBER")


def test_question_that_changed_after_it_was_told_of_is_news_again(reader, follow, ask):
    follow(reader, "topic", "prison")
    ask()
    digests.send_urgent(EVENING)
    Item.objects.filter(source="match").update(is_change=True)

    assert digests.send_digests(NOON) == 1
