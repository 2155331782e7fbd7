"""The administrator's page of letters."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from focal.mail import services
from focal.mail.models import Address, Letter, State
from tests.factories import NOON, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    client = Client()
    client.force_login(
        PersonFactory(is_administrator=True),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def write(**more):
    given = {"to": "ana@example.org", "kind": "news", "subject": "Heron", "text": "Quiet text."}
    with transaction.atomic():
        return services.send_letter(at=NOON, **{**given, **more})


def test_page_is_there_for_administrators_alone(client, administrator):
    letter = write()
    member = Client()
    member.force_login(
        PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    for name, args in (("letters", []), ("letter", [letter.reference])):
        url = reverse(f"mail:{name}", args=args)
        assert [c.get(url).status_code for c in (client, member, administrator)] == [404, 404, 200]
    again = reverse("mail:again", args=[letter.reference])
    assert [c.post(again).status_code for c in (client, member)] == [404, 404]


def test_folder_s_letters_are_shown_with_their_text_as_drawn_without_scripts(folder, administrator):
    letter = write(html="<p>Drawn <script>alert(1)</script></p>")

    page = administrator.get(reverse("mail:letter", args=[letter.reference])).content.decode()
    assert "Quiet text." in page
    drawn = administrator.get(reverse("mail:drawn", args=[letter.reference]))
    assert set(drawn.headers["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "sandbox",
    }


def test_links_for_one_use_and_what_a_mail_server_carries_are_shown_to_nobody(
    folder, administrator, settings
):
    secret = write(subject="Reset", text="https://focal.example/key", is_secret=True)
    letter = write(html="<p>Quiet text.</p>")

    page = administrator.get(reverse("mail:letter", args=[secret.reference])).content.decode()
    assert "focal.example/key" not in page
    settings.EMAIL_URL = "smtp://user:password@mx.example:587"
    for address in ("mail:letters", "mail:letter"):
        args = [letter.reference] if address == "mail:letter" else []
        page = administrator.get(reverse(address, args=args)).content.decode()
        assert [w for w in ("Quiet text", "Heron", "user:password") if w in page] == []
    assert administrator.get(reverse("mail:drawn", args=[letter.reference])).status_code == 404


def test_doubtful_letter_is_sent_again_by_an_administrator(folder, administrator):
    letter = write(kind="test")
    Letter.objects.update(state=State.DOUBTFUL)

    administrator.post(reverse("mail:again", args=[letter.reference]))
    services.send_due(NOON.replace(year=2030))

    letter.refresh_from_db()
    assert letter.state == State.SENT


def test_address_whose_mail_came_back_is_listed_and_tried_again(folder, administrator):
    Address.objects.create(email="gone@example.org", stopped_at=NOON, reason="5.1.1 no such user")

    assert b"gone@example.org" in administrator.get(reverse("mail:letters")).content
    administrator.post(reverse("mail:resume"), {"email": "gone@example.org"})

    assert not Address.objects.exists()
