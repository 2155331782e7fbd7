"""Conversations: seen by exactly those they are for."""

from datetime import timedelta

import pytest
from django.test import Client

from focal.alerts.models import Item
from focal.audit.models import Entry
from focal.directory.models import Format, Membership
from focal.kernel.errors import BadInput, Refused
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.threads import selectors, services
from focal.threads.audience import find_known_readers, get_tokens
from focal.threads.models import Mention, Thread
from tests.factories import (
    NOON,
    OrganisationFactory,
    PersonFactory,
    make_record,
    make_viewer,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def bodies(viewer, thread):
    return [shown.post.body for shown in selectors.list_posts(viewer, thread, "en")]


@pytest.fixture
def asker():
    return make_viewer(organisation=OrganisationFactory(name="Asking ministry"))


@pytest.fixture
def helper():
    return make_viewer(organisation=OrganisationFactory(name="Helping agency"))


@pytest.fixture
def bystander():
    return make_viewer(organisation=OrganisationFactory(name="Third institute"))


@pytest.fixture
def shared(asker, helper, bystander):
    """An AMBER record of the asker's that the two others may see, and its conversation."""
    record = make_record(
        by=asker,
        organisation=organisation_of(asker),
        marking=Marking.AMBER,
        releases=tuple(f"person:{v.person_id}" for v in (helper, bystander)),
    )
    return services.open_thread(title="", shares_audience_of=record, by=asker, at=NOON)


def organisation_of(viewer):
    return Membership.objects.get(person_id=viewer.person_id).organisation


def test_conversation_with_its_own_audience_is_there_for_nobody_else(asker, helper, bystander):
    tokens = [f"person:{helper.person_id}"]

    thread = services.open_thread(title="Two of us", audience=tokens, by=asker, at=NOON)
    services.add_post(thread=thread, text="<p>Hello</p>", by=helper, at=NOON)

    assert bodies(asker, thread) == bodies(helper, thread) == ["<p>Hello</p>"]
    assert selectors.get_thread(bystander, thread.reference) is None
    assert bodies(bystander, thread) == []
    with pytest.raises(BadInput, match="not here any more"):
        services.add_post(thread=thread, text="<p>Me too</p>", by=bystander, at=NOON)


def test_conversation_beside_a_record_follows_its_audience(asker, helper, shared):
    from focal.records.services import set_sharing

    services.add_post(thread=shared, text="<p>Seen</p>", by=helper, at=NOON)
    assert bodies(helper, shared) == ["<p>Seen</p>"]

    set_sharing(record=shared.about, marking=Marking.AMBER, releases=(), by=asker, at=LATER)

    assert bodies(helper, shared) == []
    assert bodies(asker, shared) == ["<p>Seen</p>"]


def test_visitors_read_no_comments_even_on_public_records(helper):
    record = make_record(marking=Marking.CLEAR)

    services.comment(record=record, text="<p>Among us</p>", by=helper, at=NOON)

    assert selectors.get_thread_of(ANONYMOUS, record) is None
    assert "Among us" not in Client().get(f"/threads/of/{record.reference}/").content.decode()
    with pytest.raises(Refused, match="Sign in"):
        services.comment(record=record, text="<p>Spam</p>", by=ANONYMOUS, at=NOON)


def test_a_record_has_one_conversation(asker, helper, shared):
    again = services.open_thread(title="x", shares_audience_of=shared.about, by=helper, at=NOON)

    assert again.pk == shared.pk


def test_private_post_is_its_authors_and_the_askers_alone(asker, helper, bystander, shared):
    services.add_post(thread=shared, text="<p>Open</p>", by=helper, at=NOON)
    services.add_post(thread=shared, text="<p>For you</p>", by=helper, at=LATER, to_asker_only=True)

    assert bodies(asker, shared) == bodies(helper, shared) == ["<p>Open</p>", "<p>For you</p>"]
    assert bodies(bystander, shared) == ["<p>Open</p>"]


def test_text_is_cleaned_of_what_could_execute(asker, shared):
    post = services.add_post(
        thread=shared, text="<p onclick='x'>Hi<script>alert(1)</script></p>", by=asker, at=NOON
    )

    assert post.body == "<p>Hi</p>"


def test_quote_shows_the_record_only_to_those_who_may_see_it(asker, helper, shared):
    hidden = make_record(
        by=helper, organisation=organisation_of(helper), marking=Marking.AMBER, title="Ours"
    )
    services.add_post(
        thread=shared, text=f"<p>See /records/{hidden.reference}/</p>", by=helper, at=NOON
    )

    def quoted(viewer):
        shown = selectors.list_posts(viewer, shared, "en")
        return [record.title for post in shown for record in post.quotes]

    assert quoted(helper) == ["Ours"]
    assert quoted(asker) == []


def test_what_the_author_cannot_see_is_not_quoted(asker, helper, shared):
    hidden = make_record(
        by=helper, organisation=organisation_of(helper), marking=Marking.AMBER, title="Ours"
    )
    services.add_post(thread=shared, text="<p>x</p>", by=asker, at=NOON, quotes=[hidden.reference])

    assert [post.quotes for post in selectors.list_posts(helper, shared, "en")] == [()]


def test_only_readers_can_be_mentioned(asker, helper, shared):
    reader = PersonFactory._meta.model.objects.get(pk=helper.person_id)
    stranger = PersonFactory(full_name="Stranger")

    services.add_post(
        thread=shared, text="<p>x</p>", by=asker, at=NOON, mentions=[reader.reference]
    )
    services.add_post(
        thread=shared,
        text=f"<p>@{reader.full_name} and @{stranger.full_name}</p>",
        by=asker,
        at=NOON,
    )
    with pytest.raises(BadInput, match="may not read this"):
        services.add_post(
            thread=shared, text="<p>x</p>", by=asker, at=NOON, mentions=[stranger.reference]
        )

    assert set(Mention.objects.values_list("person__full_name", flat=True)) == {reader.full_name}
    assert Mention.objects.count() == 2


def test_author_takes_back_what_they_said(asker, helper, shared):
    post = services.add_post(thread=shared, text="<p>Wrong</p>", by=helper, at=NOON)
    with pytest.raises(Refused, match="Only its author"):
        services.withdraw_post(post=post, by=asker, at=LATER)

    services.withdraw_post(post=post, by=helper, at=LATER)

    assert bodies(asker, shared) == [""]


def test_each_deed_is_in_the_log_without_what_was_said(asker, shared):
    services.add_post(thread=shared, text="<p>secret-heron</p>", by=asker, at=NOON)

    entry = Entry.objects.latest("number")
    assert entry.action == "thread.posted"
    assert "secret-heron" not in str(entry.detail)


def test_those_who_sit_in_a_format_that_hides_its_members_cannot_be_mentioned(asker, helper):
    quiet = Format.objects.create(slug="quiet", name="The quiet ones", hides_members=True)
    seated = PersonFactory(full_name="Quiet heron")
    quiet.seats.create(person=seated)
    thread = services.open_thread(
        title="Us",
        audience=[f"format:{quiet.pk}", f"person:{helper.person_id}"],
        by=asker,
        at=NOON,
    )
    tokens = get_tokens(thread)

    known = find_known_readers(tokens, viewer=asker, on=NOON.date())

    assert {person.pk for person in known} == {asker.person_id, helper.person_id}
    with pytest.raises(BadInput, match="may not read this"):
        services.add_post(
            thread=thread, text="<p>x</p>", by=asker, at=NOON, mentions=[seated.reference]
        )


def test_owner_and_those_who_took_part_are_told_of_a_comment_and_nobody_else(
    asker, helper, bystander, shared
):
    services.add_post(thread=shared, text="<p>x</p>", by=helper, at=NOON)
    services.add_post(thread=shared, text="<p>y</p>", by=asker, at=LATER)

    told = {(item.person_id, item.record) for item in Item.objects.all()}
    reference = shared.about.reference
    assert told == {(asker.person_id, reference), (helper.person_id, reference)}


def test_member_comments_on_a_page_and_is_kept_out_of_another(client, helper):
    record = make_record(marking=Marking.GREEN)
    client.force_login(PersonFactory._meta.model.objects.get(pk=helper.person_id))
    address = f"/threads/of/{record.reference}/"

    empty = client.post(address, {"text": ""})
    sent = client.post(address, {"text": "We did this too."}, follow=True)

    assert empty.status_code == 422
    assert "<p>We did this too.</p>" in sent.content.decode()
    assert Thread.objects.visible_to(helper).count() == 1
    assert f'hx-get="{address}"' in client.get(f"/records/{record.reference}/").content.decode()


def test_files_go_along_and_come_back_as_downloads(client, asker, helper, bystander, shared):
    from django.core.files.uploadedfile import SimpleUploadedFile

    people = PersonFactory._meta.model.objects
    client.force_login(people.get(pk=helper.person_id))
    note = SimpleUploadedFile("note.txt", b"Plain words of a note.", "text/plain")
    client.post(f"/threads/of/{shared.about.reference}/", {"text": "Here.", "files": note})
    (post,) = selectors.list_posts(asker, shared, "en")
    address = f"/threads/files/{post.files[0].reference}/"

    answer = client.get(address)
    content = b"".join(answer.streaming_content)
    client.force_login(people.get(pk=make_viewer().person_id))

    assert content == b"Plain words of a note."
    assert answer["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert client.get(address).status_code == 404
