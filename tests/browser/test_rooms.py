"""The members' rooms, page by page, as each of those who use them: nothing that axe calls serious
in light or dark colours, nothing that sticks out on a telephone. With FOCAL_SCREENSHOTS a picture
of each: at a desk, dark, on a telephone."""

import os
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from focal.alerts import digests
from focal.alerts.models import Item
from focal.alerts.tokens import make_stop_url
from focal.mail.models import Letter
from focal.mail.services import send_due
from focal.outbox.services import deliver_all
from tests.browser.helpers import find_axe_faults, fits_the_screen, sign_in
from tests.browser.network import make_network

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SHOTS = os.environ.get("FOCAL_SCREENSHOTS")

ROOMS = {
    "visitor": {
        "login": "/accounts/login/",
        "password-reset": "/accounts/password/reset/",
        "signup": "/accounts/signup/",
        "inactive": "/accounts/inactive/",
        "roles": "/directory/roles/",
        "organisations": "/directory/organisations/",
        "organisation": "/directory/organisations/{organisation}/",
        "formats": "/formats/",
        "format-seen": "/formats/nfp/",
        "inquiries-visitor": "/inquiries/",
        "alerts-visitor": "/alerts/",
        "invitation-wrong": "/accounts/invitation/not-a-secret/",
        "not-there": "/records/aaaaaaaaaaaaaa/",
        "stop": "{stop}",
    },
    "member": {
        "member-me": "/accounts/me/",
        "member-inquiries": "/inquiries/",
        "member-ask-refused": "/inquiries/ask/",
        "member-inbox": "/alerts/",
        "member-following": "/alerts/following/",
        "member-threads": "/threads/",
        "member-desk": "/desk/",
        "member-people-refused": "/accounts/people/",
    },
    "contributor": {
        "contributor-me": "/accounts/me/",
        "contributor-inquiry": "/inquiries/{inquiry}/",
        "contributor-ask": "/inquiries/ask/",
        "contributor-desk": "/desk/",
    },
    "focal": {
        "who": "/directory/",
        "who-nobody": "/directory/?q=nobodyofthisname",
        "person": "/directory/people/{focal}/",
        "person-other": "/directory/people/{friend}/",
        "organisation-change": "/directory/organisations/{organisation}/change/",
        "format-space": "/formats/nfp/",
        "format-manage": "/directory/formats/nfp/",
        "me": "/accounts/me/",
        "shown": "/accounts/me/shown/",
        "password": "/accounts/password/change/",
        "security": "/accounts/2fa/",
        "totp": "/accounts/2fa/totp/activate/",
        "sessions": "/accounts/sessions/",
        "my-data": "/accounts/me/data/",
        "leave": "/accounts/me/leave/",
        "invite": "/accounts/invite/",
        "inbox": "/alerts/",
        "following": "/alerts/following/",
        "desk": "/desk/",
        "requests": "/desk/requests/",
        "sharing": "/records/{shared}/sharing/",
        "inquiry-answered": "/inquiries/{inquiry}/",
        "thread": "/threads/{thread}/",
        "logout": "/accounts/logout/",
    },
    "asker": {
        "inquiries": "/inquiries/",
        "inquiries-closed": "/inquiries/?status=closed",
        "ask": "/inquiries/ask/",
        "inquiry": "/inquiries/{inquiry}/",
        "inquiry-edit": "/inquiries/{inquiry}/edit/",
        "inquiry-close": "/inquiries/{inquiry}/close/",
        "inquiry-closed": "/inquiries/{closed}/",
        "report": "/inquiries/report/",
        "threads": "/threads/",
        "ask-release": "/records/{shared}/sharing/ask/",
        "record-read": "/records/{shared}/",
        "thread-of": "/threads/of/{shared}/",
    },
    "secretary": {
        "secretary-format": "/directory/formats/nfp/",
        "secretary-inquiry": "/inquiries/{inquiry}/",
        "secretary-inbox": "/alerts/",
    },
    "office": {
        "people": "/accounts/people/",
        "account": "/accounts/people/{focal}/",
        "hand-over": "/accounts/people/{focal}/close/",
        "format-new": "/directory/formats/new/",
        "organisation-new": "/directory/organisations/new/",
        "invite-office": "/accounts/invite/",
        "glass-second": "/break-glass/",
    },
    "administrator": {
        "admin-people": "/accounts/people/",
        "admin-account": "/accounts/people/{asker}/",
        "glass": "/break-glass/",
        "letters": "/mail/",
        "letter": "/mail/{letter}/",
        "letter-drawn": "/mail/{letter}/drawn/",
    },
}
OFTEN = {
    "focal": {"format-manage", "inbox", "sharing", "inquiry-answered"},
    "asker": {"ask"},
    "office": {"people"},
}
DRAWN = {"letter-drawn"}  # a mail program's page, not ours


@pytest.fixture
def network(transactional_db, settings, tmp_path, in_step, live_server):
    settings.EMAIL_URL = (tmp_path / "mail").as_uri()
    settings.SITE_ADDRESS = live_server.url
    network = make_network()
    in_step()
    deliver_all("subscriptions-measure", "subscriptions", "subscriptions-meaning")
    Item.objects.update(created_at=timezone.now() - timedelta(days=8))
    digests.send_digests(timezone.now())
    send_due(timezone.now())
    network.letter = Letter.objects.exclude(html="").get(person_id=network.people["focal"].pk)
    return network


def addresses_of(network):
    people = {key: person.reference for key, person in network.people.items()}
    return people | {
        "organisation": network.organisation.reference,
        "shared": network.shared.reference,
        "inquiry": network.inquiry.reference,
        "closed": network.closed.reference,
        "thread": network.thread.reference,
        "letter": network.letter.reference,
        "stop": make_stop_url(network.people["member"].reference),
    }


def picture(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def change_colours(page, scheme):
    """Other colours, drawn to the end: everything passes over into them."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function("name => document.documentElement.dataset.bsTheme == name", arg=scheme)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def look(page, name):
    """Everything that is wrong with how the page looks, in words."""
    page.wait_for_load_state("networkidle")
    picture(page, f"{name}-desk")
    if name in DRAWN:
        return []
    found = [f"{name}: {fault}" for fault in find_axe_faults(page)]
    change_colours(page, "dark")
    found += [f"{name}, dark: {fault}" for fault in find_axe_faults(page, "color-contrast")]
    picture(page, f"{name}-dark")
    change_colours(page, "light")
    page.set_viewport_size(PHONE)
    if not fits_the_screen(page):
        found.append(f"{name} sticks out on a telephone")
    picture(page, f"{name}-phone")
    page.set_viewport_size(DESK)
    return found


def walk(role, network, make_page, live_server, wanted=None):
    page = make_page(viewport=DESK, reduced_motion="reduce")
    if role != "visitor":
        sign_in(page, live_server.url, network.people[role], Client())
    known = addresses_of(network)
    found = []
    for name, address in ROOMS[role].items():
        if wanted is None or name in wanted:
            page.goto(address.format(**known))
            found += look(page, name)
    return found


def test_rooms_where_most_is_done_are_good_to_look_at(network, make_page, live_server):
    found = []
    for role, wanted in OFTEN.items():
        found += walk(role, network, make_page, live_server, wanted)

    assert "\n".join(found) == ""


@pytest.mark.slow
@pytest.mark.skipif(not SHOTS, reason="Looks at eighty pages: where pictures are wanted.")
def test_all_rooms_are_good_to_look_at(network, make_page, live_server):
    found = []
    for role in ROOMS:
        found += walk(role, network, make_page, live_server)

    assert "\n".join(found) == ""
