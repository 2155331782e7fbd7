"""Announcements of a format reach those who sit in it, and nobody else."""

from datetime import timedelta

import pytest

from focal.alerts import digests
from focal.alerts.models import Item, Reader
from focal.directory import formats
from focal.directory.models import Format, FormatSeat
from focal.mail.models import Letter
from focal.outbox.services import deliver_all
from tests.factories import NOON, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def body():
    return Format.objects.create(slug="a-format", name="A format", is_confidential=True)


@pytest.fixture
def chair(body):
    person = PersonFactory(full_name="Cha")
    FormatSeat.objects.create(format=body, person=person, role=FormatSeat.Role.CHAIR)
    return person


@pytest.fixture
def seated(body):
    person = PersonFactory(language="bs")
    FormatSeat.objects.create(format=body, person=person)
    return person


def announce(body, chair):
    return formats.announce(
        body=body,
        title="We meet in Quietheron",
        text="In May.",
        until=None,
        language="en",
        by=chair,
        at=NOON,
    )


def test_those_who_sit_there_are_told_once_and_nobody_else(body, chair, seated):
    left = PersonFactory()
    FormatSeat.objects.create(format=body, person=left, until=NOON.date() - timedelta(days=1))
    PersonFactory()
    announce(body, chair)

    deliver_all("announcements")
    deliver_all("announcements")

    item = Item.objects.get()
    assert item.person == seated
    assert "We meet in Quietheron" in item.text
    assert item.url == "/formats/a-format/"


def test_mail_tells_that_there_is_something_and_not_what(body, chair, seated, settings, tmp_path):
    settings.EMAIL_URL = (tmp_path / "mail").as_uri()
    Reader.objects.create(person=seated, notices="daily")
    announce(body, chair)
    deliver_all("announcements")

    assert digests.send_digests(NOON + timedelta(days=1)) == 1

    letter = Letter.objects.get()
    told = letter.subject + letter.text + letter.html
    assert "Quietheron" not in told
    assert "A format" not in told


def test_what_is_taken_down_goes_from_the_inboxes(body, chair, seated):
    made = announce(body, chair)
    deliver_all("announcements")

    formats.take_down(announcement=made, by=chair, at=NOON)
    deliver_all("announcements")

    assert not Item.objects.exists()
