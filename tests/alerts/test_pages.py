"""The pages of following and of news, as a member uses them."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from focal.alerts import selectors, services
from focal.alerts.models import Item, Reader, Subscription
from focal.alerts.notices import notify
from focal.alerts.tokens import make_stop_url
from focal.mail.models import Address
from focal.records.services import set_sharing
from focal.sharing.viewer import Viewer
from focal.vocabulary.models import Concept, Economy
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_record, make_viewer

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def person():
    Concept.objects.create(key="prison", scheme="topics", position=1)
    Economy.objects.get_or_create(code="AL")
    return PersonFactory()


@pytest.fixture
def viewer(person):
    return Viewer.from_person(person, on=NOON.date())


@pytest.fixture
def browser(person):
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def press(client, page: str, label: str):
    """Press the button with this label on a page, as a form would be posted."""
    body = client.get(page).content.decode()
    forms = re.findall(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", body, re.DOTALL)
    found = [(url, inner) for url, inner in forms if label in inner]
    assert found, f"no button {label} on {page}"
    url, inner = found[0]
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', inner))
    fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
    return client.post(url, fields)


@pytest.mark.parametrize(
    ("page", "what", "value"),
    [
        ("/topics/prison/", "topic", "prison"),
        ("/economies/AL/", "economy", "AL"),
        ("/directory/organisations/thefollowedoes/", "organisation", "thefollowedoes"),
    ],
)
def test_page_of_what_can_be_followed_has_a_button_that_does_it_and_undoes_it(
    browser, page, what, value
):
    OrganisationFactory(reference="thefollowedoes")
    page = {"topic": reverse("web:topic", args=[value])}.get(what, page)
    page = {"economy": reverse("web:economy", args=[value])}.get(what, page)
    page = {"organisation": reverse("directory:organisation", args=[value])}.get(what, page)

    answer = press(browser, page, "Follow")
    assert answer.headers["Location"] == page
    assert list(Subscription.objects.values_list("what", "value")) == [(what, value)]

    press(browser, page, "Following: stop")
    assert not Subscription.objects.exists()


def test_record_and_search_pages_have_their_buttons(browser):
    record = make_record(title="Youth")

    press(browser, record.get_absolute_url(), "Follow")
    press(browser, "/search?q=youth+work&kind=news&page=1&sort=newest", "Save this search")

    assert set(Subscription.objects.values_list("what", "query")) == {
        ("record", ""),
        ("search", "?q=youth+work&kind=news"),
    }


def test_visitors_see_no_buttons_and_are_asked_to_sign_in(client):
    make_record(title="Youth")

    assert b"Save this search" not in client.get("/search?q=youth").content
    for name in ("inbox", "following", "open"):
        assert client.get(reverse(f"alerts:{name}")).status_code == 302
    assert client.post(reverse("alerts:follow"), {"what": "economy"}).status_code == 302


def test_follow_button_leads_to_no_other_site(browser):
    for address in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"):
        answer = browser.post(
            reverse("alerts:follow"), {"what": "economy", "value": "AL", "next": address}
        )
        assert answer.headers["Location"] == reverse("alerts:following")


def test_follow_what_is_not_there_says_so(browser):
    answer = browser.post(reverse("alerts:follow"), {"what": "record", "value": "nowhere"})

    assert answer.status_code == 422
    assert "There is no such thing to follow." in answer.content.decode()


def test_inbox_shows_what_is_new_why_and_how_much_and_forgets_it_when_read(
    browser, viewer, follow, catch_up
):
    follow(viewer, "topic", "prison")
    record = make_record(title="Youth in prison", topics=["prison"], summary="What works.")
    catch_up()

    page = browser.get(reverse("alerts:inbox")).content.decode()
    assert "Youth in prison" in page
    assert "What works." in page
    assert "1 unread" in page

    answer = browser.get(reverse("alerts:open"), {"item": f"match:publication:{record.reference}"})
    assert answer.headers["Location"] == record.get_absolute_url()
    assert "You have read everything" in browser.get(reverse("alerts:inbox")).content.decode()
    assert "Youth in prison" in browser.get(reverse("alerts:inbox") + "?all=1").content.decode()


def test_news_of_one_record_stand_in_one_place_and_are_read_together(
    browser, person, viewer, follow, catch_up
):
    follow(viewer, "topic", "prison")
    record = make_record(title="Youth in prison", topics=["prison"])
    catch_up()
    with transaction.atomic():
        notify(
            person_ids=[person.pk], kind="mention", text="Ana mentions you.", at=NOON,
            url=record.get_absolute_url(), record=record.reference, key="a",
        )  # fmt: skip
    inbox = reverse("alerts:inbox")

    groups = browser.get(inbox).context["items"]
    told = [[shown.title for shown in group] for group in groups]
    assert told == [["Ana mentions you.", "Youth in prison"]]
    assert browser.get(inbox).text.count("Because you follow") == 1

    names = [shown.item.name for shown in groups[0]]
    browser.post(reverse("alerts:mark"), {"item": names, "read": "1"})
    assert selectors.count_unread(viewer) == 0
    browser.post(reverse("alerts:mark"), {"item": names, "read": "0"})
    assert selectors.count_unread(viewer) == 2
    browser.get(reverse("alerts:open"), {"item": names[0]})
    assert selectors.count_unread(viewer) == 0


def test_inbox_opens_nothing_of_a_record_that_was_narrowed(browser, viewer, follow, catch_up):
    follow(viewer, "topic", "prison")
    owner = OrganisationFactory()
    editor = make_viewer(organisation=owner)
    record = make_record(by=editor, organisation=owner, topics=["prison"], title="quietheron")
    catch_up()
    set_sharing(record=record, marking="RED", releases=(), by=editor, at=NOON)

    name = {"item": f"match:publication:{record.reference}"}
    assert "quietheron" not in browser.get(reverse("alerts:inbox") + "?all=1").content.decode()
    assert browser.get(reverse("alerts:open"), name).status_code == 404
    assert browser.post(reverse("alerts:mark"), name).status_code == 404


def test_mark_all_as_read_spares_what_came_later(browser, person, viewer):
    notify(person_ids=[person.pk], kind="t", text="First", url="/a", at=NOON)
    press(browser, reverse("alerts:inbox"), "Mark all as read")
    notify(person_ids=[person.pk], kind="t", text="Second", url="/a", at=NOON)

    texts = [item.text for item in selectors.list_news(viewer, only_unread=True)]
    assert texts == ["Second"]


def test_old_news_are_forgotten_and_what_waits_to_be_done_is_not(person):
    for source, settled in (("notice", None), ("nudge", None), ("nudge", NOON)):
        Item.objects.create(
            person=person, source=source, kind="t", key=f"{source}{settled}", created_at=NOON,
            settled_at=settled,
        )  # fmt: skip

    services.forget_old(NOON + timedelta(days=181))

    assert [item.key for item in Item.objects.all()] == ["nudgeNone"]


def test_item_of_somebody_else_can_be_neither_opened_nor_marked(browser):
    other = PersonFactory()
    notify(person_ids=[other.pk], kind="t", text="Theirs", url="/a", at=NOON, key="k")

    assert browser.get(reverse("alerts:open"), {"item": "notice:t:k"}).status_code == 404
    assert browser.post(reverse("alerts:mark"), {"item": "notice:t:k"}).status_code == 404
    assert Item.objects.get().read_at is None


def test_following_page_changes_when_mail_comes_and_can_take_giving_up_back(
    browser, viewer, follow
):
    subscription = follow(viewer, "search", "?q=youth&economy=AL", name="Youth")
    change = reverse("alerts:change", args=[subscription.reference])

    assert browser.post(change, {"rhythm": "now"}).status_code == 302
    assert browser.post(change, {"rhythm": "hourly"}).status_code == 422
    browser.post(change, {"name": "Young people"})
    subscription.refresh_from_db()
    assert (subscription.rhythm, subscription.name) == ("now", "Young people")

    browser.post(reverse("alerts:give_up", args=[subscription.reference]))
    press(browser, reverse("alerts:following"), "Follow it again")
    assert Subscription.objects.get().name == "Young people"


def test_subscription_of_somebody_else_answers_like_none(browser, follow):
    theirs = follow(make_viewer(), "economy", "AL")

    for name in ("change", "give_up"):
        for reference in (theirs.reference, "nowhere"):
            url = reverse(f"alerts:{name}", args=[reference])
            assert browser.post(url, {"rhythm": "now"}).status_code == 404
    assert Subscription.objects.get().rhythm == "daily"


def test_choosing_mail_switches_it_off_and_on_again_also_after_it_came_back(browser, person):
    url = reverse("alerts:choose")
    browser.post(url, {"notices": "weekly", "nudges": "never"})
    reader = Reader.objects.get()
    assert (reader.notices, reader.nudges) == ("weekly", "never")
    assert reader.mail_stopped_at is not None

    Address.objects.create(email=person.email, stopped_at=NOON)
    browser.post(url, {"notices": "now", "nudges": "daily", "mail": "1"})
    assert Reader.objects.get().mail_stopped_at is None
    assert not Address.objects.exists()


def test_pages_cost_the_same_for_any_number(browser, viewer, follow, catch_up):
    counts = []
    for number in range(3):
        follow(viewer, "search", f"?q=youth{number}&meaning=0")
        make_record(title=f"youth{number}")
        catch_up()
        asked = []
        for name in ("inbox", "following"):
            with CaptureQueriesContext(connection) as queries:
                browser.get(reverse(f"alerts:{name}"))
            asked.append(len(queries))
        counts.append(asked)

    assert counts[1] == counts[2]


# The door out


def stop_path(person) -> str:
    return re.sub(r"^https?://[^/]+", "", make_stop_url(person.reference))


def test_one_post_without_signing_in_or_cookies_stops_mail(person):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(stop_path(person), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert Reader.objects.get(person=person).mail_stopped_at is not None


def test_looking_at_the_door_out_stops_nothing(person):
    client = Client(enforce_csrf_checks=True)

    page = client.get(stop_path(person)).content.decode()

    assert not Reader.objects.exists()
    assert person.full_name not in page
    assert person.email not in page
    client.post(stop_path(person))
    client.post(stop_path(person), {"again": "1"})
    assert Reader.objects.get().mail_stopped_at is None


def test_door_out_with_a_token_that_was_not_made_here_is_not_there(client, person):
    good = stop_path(person)

    for path in (good[:-3] + "x/", good.replace("/stop/", "/stop/x"), "/alerts/stop/x/"):
        assert client.post(path).status_code == 404
    assert not Reader.objects.exists()
