"""Following, the list of news, the letter and the door out, on a desk and on a telephone."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from focal.alerts import digests, nudges
from focal.alerts.models import Item, Subscription
from focal.alerts.notices import notify
from focal.alerts.nudges import Nudge, Urgency
from focal.alerts.tokens import make_stop_url
from focal.mail.models import Letter
from focal.mail.services import send_due
from focal.outbox.services import deliver_all
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot
from tests.factories import OrganisationFactory, PersonFactory, make_record, make_viewer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]


@pytest.fixture
def member(transactional_db, settings, tmp_path):
    settings.EMAIL_URL = (tmp_path / "mail").as_uri()
    return PersonFactory(email="arta@example.org", full_name="Arta Hoxha", is_administrator=True)


@pytest.fixture
def sign_in(live_server, settings):
    def sign_in(page, person):
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )

    return sign_in


def publish_some(member):
    owner = OrganisationFactory(name="Ministry of Justice")
    editor = make_viewer(organisation=owner)
    for title, summary, more in (
        (
            "Training prison staff to notice early: what three years taught",
            "Forty courses in six prisons, measured before and after, with the modules to reuse.",
            {"economies": ["AL", "XK"]},
        ),
        ("Youth work behind walls", "A toolkit for educators.", {"marking": "GREEN"}),
        (
            "Lessons from one wing",
            "Only for those it is released to.",
            {"marking": "AMBER", "releases": (f"person:{member.pk}",), "economies": ["MK"]},
        ),
    ):
        make_record(
            by=editor, organisation=owner, title=title, summary=summary,
            topics=["prison"], at=timezone.now(), **more,
        )  # fmt: skip
    deliver_all("words", "meaning", "embeddings", "subscriptions-measure")
    deliver_all("subscriptions", "subscriptions-meaning")


def look_at(page, name):
    assert_no_serious_axe(page)
    assert fits_the_screen(page)
    screenshot(page, name)


@pytest.mark.parametrize("device", ["page", "phone_page"])
def test_member_follows_hears_reads_and_stops(request, device, member, sign_in, monkeypatch):
    page = request.getfixturevalue(device)
    kind = device.removesuffix("_page").replace("page", "desk")
    sign_in(page, member)

    page.goto("/alerts/")
    page.get_by_text("You follow nothing yet").wait_for()
    look_at(page, f"inbox-empty-{kind}")

    page.goto("/topics/prison/")
    page.get_by_role("button", name="Follow").click()
    page.get_by_role("button", name="Following: stop").wait_for()
    look_at(page, f"topic-followed-{kind}")

    page.goto("/search?q=youth+work+in+prisons&kind=publication")
    page.get_by_role("button", name="Save this search").click()
    page.get_by_role("button", name="Saved: stop following").wait_for()
    look_at(page, f"search-saved-{kind}")
    assert Subscription.objects.count() == 2

    publish_some(member)
    nudge = Nudge(
        key="a",
        person_ids=frozenset({member.pk}),
        text="“Mentors for released prisoners” was last confirmed 13 months ago.",
        url="/library/",
        action_label="It still holds",
        action_url="/nowhere/",
        due_date=timezone.localdate(),
        urgency=Urgency.HIGH,
        marking="GREEN",
    )
    monkeypatch.setattr(nudges, "_kinds", {})
    nudges.register_nudges(kind="t", label="To confirm", gather=lambda at: [nudge])
    nudges.gather_nudges(timezone.now())
    with transaction.atomic():
        notify(
            person_ids=[member.pk],
            kind="t",
            text="Elena Popova answered your question.",
            url="/library/",
            at=timezone.now(),
        )

    page.goto("/alerts/")
    page.get_by_role("link", name="Youth work behind walls").wait_for()
    assert page.locator(".site-head .count").inner_text().startswith("5")
    look_at(page, f"inbox-{kind}")
    page.get_by_role("link", name="Youth work behind walls").click()
    page.get_by_role("heading", name="Youth work behind walls").wait_for()
    look_at(page, f"record-followed-{kind}")
    assert page.locator(".site-head .count").inner_text().startswith("4")

    page.goto("/alerts/following/")
    page.get_by_label("When mail tells of Prison").select_option("weekly")
    page.get_by_text("Saved.").wait_for()
    look_at(page, f"following-{kind}")
    page.get_by_role("button", name=re.compile("Stop following.*Prison")).click()
    page.get_by_role("button", name="Follow it again").click()
    page.get_by_role("link", name="Prison", exact=True).first.wait_for()


@pytest.mark.parametrize("device", ["page", "phone_page"])
def test_letter_is_written_drawn_and_can_be_stopped_without_signing_in(
    request, device, member, sign_in, live_server, settings
):
    from focal.alerts import services
    from focal.sharing.viewer import Viewer

    page = request.getfixturevalue(device)
    kind = device.removesuffix("_page").replace("page", "desk")
    settings.SITE_ADDRESS = live_server.url
    viewer = Viewer.from_person(member, on=timezone.localdate())
    services.follow(what="topic", value="prison", by=viewer, at=timezone.now())
    publish_some(member)
    Item.objects.update(created_at=timezone.now() - timedelta(days=8))
    digests.send_digests(timezone.now())
    send_due(timezone.now())
    letter = Letter.objects.get()

    sign_in(page, member)
    page.goto("/mail/")
    page.get_by_role("link", name=re.compile("Training|Youth")).first.wait_for()
    look_at(page, f"letters-{kind}")
    page.goto(f"/mail/{letter.reference}/")
    look_at(page, f"letter-{kind}")
    page.get_by_role("link", name="As a mail program draws it").click()
    page.get_by_role("heading", name="What is new for you").wait_for()
    screenshot(page, f"letter-drawn-{kind}")

    page.context.clear_cookies()
    page.goto(make_stop_url(member.reference))
    look_at(page, f"stop-{kind}")
    page.get_by_role("button", name="Stop all mail of news").click()
    page.get_by_role("heading", name="You get no more mail of news").wait_for()
    look_at(page, f"stopped-{kind}")
    page.get_by_role("button", name="That was a mistake").click()
    page.get_by_role("button", name="Stop all mail of news").wait_for()
