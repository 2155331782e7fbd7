"""Every kind of nudge is settled by one click: in the list, and where a letter's button leads."""

import re
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation

from focal.alerts import letters, selectors
from focal.alerts.models import Item
from focal.alerts.notices import notify
from focal.alerts.nudges import Nudge, gather_nudges, get_nudge_kinds, register_nudges
from focal.alerts.words import Words
from focal.briefings import services as briefings
from focal.directory.models import Membership, Organisation, Person
from focal.indicators import services as indicators
from focal.indicators.models import Observation
from focal.inquiries import services as inquiries
from focal.inquiries.models import Answer, Inquiry
from focal.mapping.models import Need
from focal.records.models import WorkingCopy
from focal.records.services import create_record, keep_words, take_step
from focal.sharing.viewer import Viewer
from tests.briefings.conftest import FIGURES
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_viewer
from tests.indicators.making import make_series

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.DATA = tmp_path


def member(name: str) -> tuple[Viewer, Organisation]:
    place = OrganisationFactory(name=f"Office of {name}")
    person = PersonFactory(full_name=name)
    MembershipFactory(person=person, organisation=place, role=Membership.Role.EDITOR)
    return Viewer.from_person(person, on=timezone.localdate()), place


def ask(*, due: int) -> tuple[Inquiry, Viewer, Viewer]:
    """A question of Ana's to Hana, to be answered within so many days from now."""
    at = timezone.now()
    (asker, own), (helper, theirs) = member("Ana"), member("Hana")
    inquiry = inquiries.ask(
        content={"title": "How?", "language": "en"},
        owner_organisation=own,
        marking="AMBER",
        releases=[f"org:{theirs.pk}"],
        by=asker,
        at=at,
    )
    day = timezone.localdate(at) + due * DAY
    Inquiry._base_manager.filter(pk=inquiry.pk).update(due_date=day)
    inquiry.refresh_from_db()
    return inquiry, asker, helper


def open_reminder() -> int:
    return ask(due=3)[2].person_id


def open_overdue() -> int:
    return ask(due=-10)[1].person_id


def open_source_request() -> int:
    inquiry, asker, helper = ask(due=3)
    at = timezone.now()
    answer = inquiries.give_answer(
        inquiry=inquiry, sort="answer", text="<p>So.</p>", by=helper, at=at
    )
    inquiries.close(
        inquiry=inquiry,
        outcome="<p>So.</p>",
        becomes="practice",
        sources=[answer.post.reference],
        by=asker,
        at=at,
    )
    return helper.person_id


def open_superseded() -> int:
    return quote_figure()[0].person_id


def quote_figure() -> tuple[Viewer, Observation]:
    """A briefing that quotes a figure which has been corrected."""
    organisation = OrganisationFactory()
    editor, at = make_viewer(organisation=organisation), timezone.now()
    series = make_series(editor, observations=FIGURES)
    figure = Observation.objects.filter(series_id=series.pk).order_by("position").first()
    briefings.create_briefing(
        title="A briefing",
        summary="",
        template="factsheet",
        language="en",
        owner_organisation=organisation,
        by=editor,
        at=at,
        marking="CLEAR",
        blocks=[{"kind": "figure", "observation": figure.reference}],
    )
    rows = [{**FIGURES[0], "reference": figure.reference, "value": 900}, FIGURES[1]]
    indicators.set_observations(series=series, observations=rows, by=editor, at=at)
    return editor, figure


def open_stale() -> int:
    editor, place = member("Eda")
    record = create_record(
        kind="need",
        content={"title": "Mentors", "language": "en"},
        owner_organisation=place,
        by=editor,
        at=timezone.now(),
        marking="GREEN",
    )
    take_step(record=record, step="publish", by=editor, at=timezone.now())
    Need._base_manager.filter(pk=record.pk).update(
        last_confirmed_date=date(2024, 1, 1), review_due_date=date(2025, 1, 1)
    )
    return editor.person_id


OPENED_BY = {
    "inquiries.due": open_reminder,
    "inquiries.overdue": open_overdue,
    "inquiries.source": open_source_request,
    "briefings.superseded": open_superseded,
    "mapping.still-true": open_stale,
}


def test_every_kind_of_nudge_has_its_row_in_the_table():
    assert set(OPENED_BY) == {kind.key for kind in get_nudge_kinds()}


def find_form(client: Client, page: str, item: Item) -> tuple[str, dict[str, str]]:
    """The one form that a page has for an item."""
    body = client.get(page).content.decode()
    body = body[body.index('class="to-do"') :]
    place = body.index(quote(item.name))
    action, inner = re.search(
        r'<form method="post" action="([^"]+)">(.*?)</form>', body[place:], re.DOTALL
    ).groups()
    fields = dict(re.findall(r'name="([a-z]+)" value="([^"]*)"', inner))
    fields.pop("csrfmiddlewaretoken")
    return action, fields


@pytest.mark.parametrize("kind", OPENED_BY)
def test_one_click_settles_it_and_it_does_not_come_again(kind):
    person = OPENED_BY[kind]()
    gather_nudges(timezone.now())
    item = Item.objects.get(kind=kind, person_id=person, settled_at=None)
    client = Client()
    client.force_login(Person.objects.get(pk=person), backend=BACKEND)
    address = letters._make_item_url(item, "alerts:nudge")
    alone = address[address.index("/alerts/") :]

    form = find_form(client, alone, item)
    assert form == find_form(client, "/alerts/", item)
    assert client.get(alone).content.decode().count("autofocus") == 1
    action, fields = form
    assert client.post(action, fields).status_code == 302

    item.refresh_from_db()
    assert item.settled_at is not None
    gather_nudges(timezone.now())
    assert not Item.objects.filter(kind=kind, person_id=person, settled_at=None).exists()
    assert "does not wait for you any more" in client.get(alone).content.decode()


def test_what_has_no_deed_of_its_own_is_put_away_for_whoever_clicks(monkeypatch):
    from focal.alerts import nudges

    first, second = PersonFactory(), PersonFactory()
    monkeypatch.setattr(nudges, "_kinds", {})
    people = frozenset({first.pk, second.pk})
    nudge = Nudge(key="a", person_ids=people, text=Words("Saved."), url="/library/")
    register_nudges(kind="test.plain", label="Plain", gather=lambda at: [nudge])
    gather_nudges(timezone.now())
    item = Item.objects.get(person=first)
    clients = [Client(), Client()]
    for client, person in zip(clients, (first, second), strict=True):
        client.force_login(person, backend=BACKEND)

    assert clients[1].post("/alerts/nudge/", {"item": "nudge:test.plain:b"}).status_code == 404
    action, fields = find_form(clients[0], f"/alerts/nudge/?item={item.name}", item)
    clients[0].post(action, fields)
    gather_nudges(timezone.now())

    waits = Item.objects.filter(settled_at=None)
    assert [row.person_id for row in waits] == [second.pk]


def test_saying_twice_that_one_does_not_have_it_is_one_answer():
    inquiry, _asker, helper = ask(due=3)
    client = Client()
    client.force_login(Person.objects.get(pk=helper.person_id), backend=BACKEND)

    for _time in range(2):
        client.post(f"/inquiries/{inquiry.reference}/nothing/")

    assert [row.sort for row in Answer.objects.all()] == [Answer.Sort.NOTHING]


def test_saying_that_one_does_not_have_it_leaves_a_half_written_answer_alone():
    inquiry, _asker, helper = ask(due=3)
    at, half = timezone.now(), {"text": "<p>We held a course in</p>"}
    keep_words(record=inquiry, place=inquiries.ANSWER, fields=half, by=helper, at=at)

    inquiries.say_nothing_is_there(inquiry=inquiry, by=helper, at=at)

    assert Answer.objects.count() == 1
    assert [row.fields for row in WorkingCopy.objects.all()] == [half]


def test_more_time_is_given_by_whoever_asked_alone():
    inquiry, asker, helper = ask(due=-10)
    answers = {}

    for viewer in (helper, asker):
        client = Client()
        client.force_login(Person.objects.get(pk=viewer.person_id), backend=BACKEND)
        answers[viewer] = client.post(f"/inquiries/{inquiry.reference}/extend/").status_code
        inquiry.refresh_from_db()
        answers[viewer] = (answers[viewer], inquiry.due_date > timezone.localdate())

    assert answers == {helper: (403, False), asker: (302, True)}


def test_the_list_speaks_the_language_of_the_page_not_the_one_it_was_told_in():
    person = PersonFactory(language="sq")
    words = Words("%(format)s announces: %(title)s", format="SEEMIC", title="{x} 100%")
    with transaction.atomic():
        notify(person_ids=[person.pk], kind="test", text=words, url="/", at=timezone.now())
    item, viewer = Item.objects.get(), Viewer.from_person(person, on=timezone.localdate())

    for language in ("en", "mk", "sq"):
        with translation.override(language):
            [shown] = selectors.show_items(viewer, [item], language=language, at=timezone.now())
            said = translation.gettext("%(format)s announces: %(title)s")
            assert shown.title == said % {"format": "SEEMIC", "title": "{x} 100%"}
    with translation.override("sq"):
        assert item.text == str(words)
