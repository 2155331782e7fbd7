"""New and changed records reach those who follow them and may see them, and nobody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from focal.alerts import matching, selectors, services, wishes
from focal.alerts.models import Item, Subscription
from focal.directory.models import Format, FormatSeat
from focal.kernel.errors import BadInput, Refused
from focal.records.models import Record
from focal.records.services import edit_record, set_sharing, take_step
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.models import Concept, Economy
from tests.alerts.conftest import read_keys
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_record, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def lists():
    """A broad topic with a narrower one, and an economy."""
    broad = Concept.objects.create(key="places", scheme="topics", position=1)
    Concept.objects.create(key="prison", scheme="topics", position=2, broader=broad)
    Economy.objects.get_or_create(code="AL")


def test_follower_of_a_topic_is_told_of_records_about_it_and_about_narrower_ones(follow, catch_up):
    reader = make_viewer()
    follow(reader, "topic", "places")

    record = make_record(topics=["prison"])
    make_record(title="Another")
    catch_up()

    assert read_keys(reader) == {record.reference}


@pytest.mark.parametrize(
    ("what", "value", "content"),
    [
        ("economy", "AL", {"economies": ["AL"]}),
        ("topic", "prison", {"topics": ["prison"]}),
        ("organisation", "fromtheseeeeee", {"organisations": ["fromtheseeeeee"]}),
        ("search", "?q=youth", {"title": "Youth work"}),
        ("search", "?q=youth&meaning=0", {"title": "Youth work"}),
        ("search", "?q=youth&words=0", {"title": "Youth"}),
        ("search", "?kind=publication&economy=AL", {"economies": ["AL"]}),
        ("search", "?from=2020&to=2022", {"issued_date": "2021-05-04"}),
        ("search", "?q=kind:publication", {}),
    ],
)
def test_follower_is_told_of_what_fits_and_of_nothing_else(follow, catch_up, what, value, content):
    OrganisationFactory(reference="fromtheseeeeee")
    reader = make_viewer()
    follow(reader, what, value)

    make_record(kind="news", title="Something else entirely", issued_date="2019-01-01")
    record = make_record(**content)
    catch_up()

    assert read_keys(reader) == {record.reference}


def test_search_by_meaning_passes_its_filters_too(follow, catch_up):
    reader = make_viewer()
    follow(reader, "search", "?q=youth&words=0&economy=AL")

    make_record(title="Youth")
    record = make_record(title="Youth", economies=["AL"])
    catch_up()

    assert read_keys(reader) == {record.reference}


def test_follower_of_a_record_is_told_of_each_change_once_while_unread(follow, catch_up):
    reader = make_viewer()
    owner = OrganisationFactory()
    editor = make_viewer(organisation=owner)
    record = make_record(by=editor, organisation=owner)
    follow(reader, "record", record.reference)
    catch_up()
    Item.objects.all().delete()

    for title in ("First change", "Second change"):
        record = edit_record(
            record=record, content={"title": title}, base_version=record.version, by=editor, at=NOON
        )
        catch_up()

    item = Item.objects.get()
    assert (item.person_id, item.key, item.version) == (reader.person_id, record.reference, 3)


def test_reader_is_told_again_of_a_change_after_a_week_and_not_before(follow):
    reader = make_viewer()
    owner = OrganisationFactory()
    editor = make_viewer(organisation=owner)
    follow(reader, "topic", "prison")
    record = make_record(by=editor, organisation=owner, topics=["prison"])
    matching.match_records([record.reference], at=NOON)
    Item.objects.update(read_at=NOON, mailed_at=NOON)

    told = []
    for days in (1, 8):
        at = NOON + timedelta(days=days)
        record = edit_record(
            record=record,
            content={"title": f"After {days} days"},
            base_version=record.version,
            by=editor,
            at=at,
        )
        matching.match_records([record.reference], at=at)
        item = Item.objects.get()
        told.append((item.read_at is None, item.mailed_at is None, item.is_change))

    assert told == [(False, False, False), (True, True, True)]


def test_matching_twice_tells_once(follow):
    reader = make_viewer()
    follow(reader, "topic", "prison")
    record = make_record(topics=["prison"])

    first = matching.match_records([record.reference], at=NOON)
    again = matching.match_records([record.reference], at=NOON)

    assert (first, again, Item.objects.count()) == (1, 0, 1)


def test_record_that_several_subscriptions_find_is_one_item_that_names_them_all(follow, catch_up):
    reader = make_viewer()
    topic, search = follow(reader, "topic", "prison"), follow(reader, "search", "?q=youth")

    make_record(title="Youth", topics=["prison"])
    catch_up()

    item = Item.objects.get()
    assert set(item.subscriptions) == {topic.pk, search.pk}


def test_nobody_is_told_of_their_own_record_or_of_one_that_is_not_out(follow, catch_up):
    owner = OrganisationFactory()
    editor, colleague = make_viewer(organisation=owner), make_viewer(organisation=owner)
    for viewer in (editor, colleague):
        follow(viewer, "topic", "prison")

    make_record(by=editor, organisation=owner, topics=["prison"], state="draft")
    make_record(by=editor, organisation=owner, topics=["prison"], state="withdrawn")
    record = make_record(by=editor, organisation=owner, topics=["prison"])
    catch_up()

    assert (read_keys(editor), read_keys(colleague)) == (set(), {record.reference})


def test_record_is_told_of_to_those_it_is_released_to_alone(follow, catch_up):
    named, other = make_viewer(), make_viewer()
    for viewer in (named, other):
        follow(viewer, "topic", "prison")
        follow(viewer, "search", "?q=quietheron")

    record = make_record(
        title="quietheron",
        topics=["prison"],
        marking="RED",
        releases=(f"person:{named.person_id}",),
    )
    catch_up()

    assert (read_keys(named), read_keys(other)) == ({record.reference}, set())


def test_item_of_a_record_that_was_narrowed_is_not_shown_nor_counted(follow, catch_up):
    reader, owner = make_viewer(), OrganisationFactory()
    editor = make_viewer(organisation=owner)
    follow(reader, "topic", "prison")
    record = make_record(by=editor, organisation=owner, topics=["prison"], title="quietheron")
    catch_up()
    assert selectors.count_unread(reader) == 1

    set_sharing(record=record, marking="RED", releases=(), by=editor, at=NOON)

    assert selectors.count_unread(reader) == 0
    assert list(selectors.list_news(reader, only_unread=False)) == []
    items = Item.objects.filter(person_id=reader.person_id)
    assert selectors.show_items(reader, items, language="en", at=NOON) == []


def test_follower_of_a_format_is_told_of_what_reaches_them_through_it(follow, catch_up):
    body = Format.objects.create(slug="seemic", name="SEEMIC")
    seated, recipient = PersonFactory(), PersonFactory()
    FormatSeat.objects.create(format=body, person=seated)
    viewers = [Viewer.from_person(person, on=NOON.date()) for person in (seated, recipient)]
    for viewer in viewers:
        follow(viewer, "format", "seemic")

    record = make_record(marking="AMBER", releases=(f"format:{body.pk}", f"person:{recipient.pk}"))
    catch_up()

    assert [read_keys(viewer) for viewer in viewers] == [{record.reference}, set()]


def test_changes_to_subscriptions_count_from_the_next_record_on(follow, catch_up):
    reader = make_viewer()
    first = make_record(topics=["prison"])
    catch_up()
    subscription = follow(reader, "topic", "prison")
    second = make_record(topics=["prison"])
    catch_up()
    services.give_up(subscription=subscription, by=reader)
    make_record(topics=["prison"])
    catch_up()

    assert read_keys(reader) == set()
    assert first.reference != second.reference


def test_give_up_keeps_what_another_subscription_found_and_what_was_read(follow, catch_up):
    reader = make_viewer()
    given_up, kept = follow(reader, "topic", "prison"), follow(reader, "economy", "AL")
    both = make_record(topics=["prison"], economies=["AL"])
    make_record(topics=["prison"])
    read = make_record(topics=["prison"])
    catch_up()
    Item.objects.filter(key=read.reference).update(read_at=NOON)

    services.give_up(subscription=given_up, by=reader)

    assert read_keys(reader) == {both.reference, read.reference}
    assert kept.pk in Item.objects.get(key=both.reference).subscriptions


# Following


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("topic", "nowhere"),
        ("economy", "XX"),
        ("format", "nowhere"),
        ("organisation", "nowhere"),
        ("record", "nowhere"),
        ("search", "?q=youth"),
        ("planet", "mars"),
    ],
)
def test_follow_what_is_not_there_is_refused(what, value):
    with pytest.raises(BadInput):
        services.follow(what=what, value=value, by=make_viewer(), at=NOON)


def test_follow_a_record_or_format_one_may_not_know_is_refused_like_what_is_not_there():
    hidden = make_record(marking="RED")
    Format.objects.create(slug="quiet", name="Quiet", is_confidential=True)

    for what, value in (("record", hidden.reference), ("format", "quiet")):
        with pytest.raises(BadInput, match="no such thing"):
            services.follow(what=what, value=value, by=make_viewer(), at=NOON)


def test_follow_without_a_person_is_refused():
    with pytest.raises(Refused):
        services.follow(what="economy", value="AL", by=ANONYMOUS, at=NOON)


def test_follow_twice_and_searches_that_ask_the_same_are_one(follow):
    reader = make_viewer()
    for _again in range(2):
        follow(reader, "economy", "AL")
    follow(reader, "search", "?q=youth&sort=newest&page=3")
    follow(reader, "search", "?q=youth")

    assert Subscription.objects.count() == 2


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20%21%21", "?sort=newest", "?page=2"])
def test_save_search_that_asks_for_nothing_is_refused(query):
    with pytest.raises(BadInput, match="Type what you look for"):
        services.save_search(query=query, by=make_viewer(), at=NOON)


def test_subscription_of_somebody_else_cannot_be_changed_nor_given_up(follow):
    subscription = follow(make_viewer(), "economy", "AL")

    with pytest.raises(Refused):
        services.change(subscription=subscription, by=make_viewer(), at=NOON, rhythm="now")
    with pytest.raises(Refused):
        services.give_up(subscription=subscription, by=make_viewer())
    assert Subscription.objects.get().rhythm == "daily"


# What a search means


def test_search_is_measured_against_what_its_owner_may_see_alone(follow, catch_up):
    reader = make_viewer()
    for number in range(30):
        make_record(title=f"Something {number}")
    make_record(title="youth", marking="RED")
    catch_up()
    with_hidden = follow(reader, "search", "?q=youth")
    catch_up()
    Record.objects.for_system("a test").filter(title="youth").delete()
    without = follow(reader, "search", "?q=youth&kind=publication")
    catch_up()

    with_hidden.refresh_from_db()
    without.refresh_from_db()
    assert with_hidden.floor == without.floor is not None


def test_searches_are_measured_again_after_a_week_or_when_the_model_changes(follow, catch_up):
    follow(make_viewer(), "search", "?q=youth")
    catch_up()
    now = timezone.now()

    assert wishes.measure_again(now) == 0
    assert wishes.measure_again(now + WEEK + timedelta(minutes=1)) == 1
    Subscription.objects.update(space="another model")
    assert wishes.measure_again(now + WEEK) == 1


def test_withdrawn_record_that_comes_back_is_told_of_once(follow, catch_up):
    reader, owner = make_viewer(), OrganisationFactory()
    editor = make_viewer(organisation=owner)
    follow(reader, "topic", "prison")
    record = make_record(by=editor, organisation=owner, topics=["prison"])
    catch_up()

    for step in ("withdraw", "reopen", "publish"):
        record = take_step(record=record, step=step, by=editor, at=NOON, reason="Because.")
        catch_up()

    assert Item.objects.count() == 1
