"""Mail that came back: believed only about letters that were really sent."""

import json

import pytest
from click.testing import CliRunner
from django.db import transaction

from focal.mail import services
from focal.mail.bounces import take_report
from focal.mail.cli import mail
from focal.mail.message import make_message_id
from focal.mail.models import Address, State
from tests.factories import NOON

pytestmark = pytest.mark.django_db
REPORT = """\
From: MAILER-DAEMON@mx.example
To: bounces@focal.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

I am sorry.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} No such user

--part
Content-Type: {returned}

Message-ID: {name}
Subject: Hello

Text
--part--
"""


@pytest.fixture
def letter(folder):
    with transaction.atomic():
        letter = services.send_letter(
            to="ana@example.org", kind="test", subject="Hello", text="Text.", at=NOON
        )
    services.send_due(NOON)
    return letter


def report(letter, **more):
    given = {
        "address": "Ana@example.org",
        "action": "failed",
        "status": "5.1.1",
        "returned": "text/rfc822-headers",
        "name": make_message_id(letter),
    }
    return REPORT.format(**{**given, **more}).encode()


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_address_that_does_not_exist_is_stopped_at_once(letter, returned):
    assert take_report(report(letter, returned=returned), at=NOON) == 1

    address = Address.objects.get()
    assert (address.email, address.stopped_at) == ("ana@example.org", NOON)
    assert address.reason == "5.1.1 550 5.1.1 No such user"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "<23456789abcdef@focal.example>"},
        {"name": "nonsense"},
        {"address": "boss@example.org"},
        {"action": "delayed"},
        {"status": "4.2.2"},
        {"returned": "text/plain"},
    ],
)
def test_report_that_is_forged_about_somebody_else_or_not_final_stops_nobody(letter, change):
    assert take_report(report(letter, **change), at=NOON) == 0
    assert not Address.objects.filter(stopped_at__isnull=False).exists()


def test_full_mailbox_is_stopped_after_the_third_letter(folder):
    stopped = []
    for _number in range(3):
        with transaction.atomic():
            letter = services.send_letter(
                to="ana@example.org", kind="test", subject="Hello", text="Text.", at=NOON
            )
        same = report(letter, status="5.2.2")
        stopped += [take_report(same, at=NOON), take_report(same, at=NOON)]

    assert stopped == [0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("content", [b"", b"Subject: x\n\nHello", b"\xff\x00" * 50])
def test_what_is_no_report_is_passed_over(content):
    assert take_report(content, at=NOON) == 0


def test_command_reads_reports_from_files_and_from_standard_input(letter, tmp_path):
    path = tmp_path / "report.eml"
    path.write_bytes(report(letter))

    done = CliRunner().invoke(mail, ["bounces", "--json", str(path)])
    assert json.loads(done.output) == {"reports": 1, "stopped": 1}
    done = CliRunner().invoke(mail, ["bounces", "--json"], input=report(letter))
    assert done.exception is None, done.exception
    assert json.loads(done.output) == {"reports": 1, "stopped": 0}


def test_command_sends_a_letter_to_try_the_way_out(post, settings):
    done = CliRunner().invoke(mail, ["test", "ana@example.org"])
    assert (done.exit_code, len(post.envelopes)) == (0, 1)

    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    done = CliRunner().invoke(mail, ["test", "ana@example.org"])
    assert done.exit_code == 1
    assert "cannot be reached" in done.output


def test_address_that_works_again_gets_mail_again(letter):
    take_report(report(letter), at=NOON)
    services.resume_address(email="ANA@example.org")

    with transaction.atomic():
        again = services.send_letter(
            to="ana@example.org", kind="test", subject="Hello", text="Text.", at=NOON
        )
    assert again.state == State.WAITING
