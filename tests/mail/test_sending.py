"""Letters: queued with their deed, sent once, whatever dies in between."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from focal.kernel.errors import BadInput, Refused
from focal.mail import services
from focal.mail.message import build_message
from focal.mail.models import Address, Letter, State
from focal.mail.registry import register_recheck
from focal.outbox.services import deliver_all
from tests.factories import NOON

HOUR = timedelta(hours=1)


def write(**more):
    given = {
        "to": "ana@example.org",
        "kind": "test",
        "subject": "Hello",
        "text": "Text.",
        "at": NOON,
    }
    with transaction.atomic():
        return services.send_letter(**{**given, **more})


def read_state(letter):
    letter.refresh_from_db()
    return letter.state


# What arrives


@pytest.mark.django_db
def test_letter_arrives_with_text_html_and_its_headers(post, settings):
    settings.SITE_ADDRESS = "https://focal.example"
    settings.DEFAULT_FROM_EMAIL = "Focal <desk@focal.example>"
    settings.MAIL_BOUNCES = "bounces@focal.example"
    letter = write(
        subject="Čitaj",
        text="Tekst č.",
        html="<p>Tekst č.</p>",
        marking="GREEN",
        thread="record abc",
        stop_url="https://focal.example/stop",
        language="bs",
    )

    deliver_all("letters")

    [envelope], [message] = post.envelopes, post.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bounces@focal.example", ["ana@example.org"])
    assert {name: message[name] for name in message if name != "X-Peer"} == {
        "From": "Focal <desk@focal.example>",
        "To": "ana@example.org",
        "Subject": "TLP:GREEN Čitaj",
        "Date": "Mon, 02 Mar 2026 12:00:00 +0000",
        "Message-ID": f"<{letter.reference}@focal.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "bs",
        "In-Reply-To": "<thread-record-abc@focal.example>",
        "References": "<thread-record-abc@focal.example>",
        "List-Unsubscribe": "<https://focal.example/stop>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    parts = [(part.get_content_type(), part.get_content().strip()) for part in message.iter_parts()]
    assert parts == [("text/plain", "Tekst č."), ("text/html", "<p>Tekst č.</p>")]
    assert read_state(letter) == State.SENT


@pytest.mark.django_db
def test_the_way_to_stop_letters_is_written_out_however_long_it_is():
    address = f"https://focal.example/alerts/stop/{'Ab3-' * 40}/"

    sent = build_message(write(stop_url=address, thread="record-" + "a" * 80)).as_bytes()

    assert f"List-Unsubscribe: <{address}>\r\n".encode() in sent
    assert f"References: <thread-record-{'a' * 80}@".encode() in sent


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x00\n"])
def test_letter_whose_subject_holds_headers_sends_none_of_them(post, end):
    write(subject=f"Hello{end}Bcc: eve@example.org{end}{end}Body", language=f"en{end}Bcc: e@x.org")

    deliver_all("letters")

    [envelope], [message] = post.envelopes, post.messages
    assert envelope.rcpt_tos == ["ana@example.org"]
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: eve@example.org Body"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "ana@example.org\nBcc: eve@example.org",
        "ana@example.org,eve@example.org",
        "",
        "ana",
        "č@x.org",
    ],
)
def test_send_letter_to_what_is_no_single_address_is_refused(address):
    with pytest.raises(BadInput):
        write(to=address)
    assert not Letter.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("marking", ["AMBER", "AMBER+STRICT", "RED"])
def test_send_letter_refuses_what_mail_may_not_carry(marking):
    with pytest.raises(Refused, match="nothing narrower"):
        write(marking=marking)
    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_letter_into_the_folder_is_one_file(folder):
    letter = write()

    deliver_all("letters")

    [path] = folder.iterdir()
    assert path.name == f"20260302-120000-{letter.reference}.eml"
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert (message["To"], message.get_content().strip()) == ("ana@example.org", "Text.")


@pytest.mark.django_db
def test_django_s_own_mail_becomes_letters_that_forget_their_text(post, settings):
    settings.EMAIL_BACKEND = "focal.mail.backend.QueueBackend"
    mail = EmailMultiAlternatives("Reset", "A link", to=["ana@example.org"], cc=["b@example.org"])
    mail.attach_alternative("<p>A link</p>", "text/html")

    assert mail.send() == 1
    deliver_all("letters")

    assert [one.rcpt_tos for one in post.envelopes] == [["ana@example.org"], ["b@example.org"]]
    assert (
        list(Letter.objects.values_list("state", "text", "html", "is_secret"))
        == [(State.SENT, "", "", True)] * 2
    )


# Once


@pytest.mark.django_db
def test_send_letter_with_the_same_key_is_one_letter(post):
    assert write(once="digest 1").pk == write(once="digest 1").pk

    deliver_all("letters")

    assert len(post.envelopes) == 1


@pytest.mark.django_db(transaction=True)
def test_letter_of_a_deed_that_is_rolled_back_is_never_sent(post):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    deliver_all("letters")

    assert (post.envelopes, Letter.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_letter_told_of_twice_is_sent_once(post):
    letter = write()

    services.send_queued([letter.reference])
    services.send_queued([letter.reference])
    services.send_due(NOON + HOUR)

    assert len(post.envelopes) == 1


def leave_behind(letter, state, *, host=None, number=None):
    """As a worker leaves it that was killed."""
    dead = number or int(
        subprocess.check_output([sys.executable, "-c", "import os; print(os.getpid())"])
    )
    letter.state, letter.claimed_at = state, NOON
    letter.claimed_by = f"{host or socket.gethostname()}:{dead}"
    letter.save()


@pytest.mark.django_db
def test_letter_whose_worker_died_before_handing_it_over_is_sent_then(post):
    letter = write()
    leave_behind(letter, State.CLAIMED)

    services.send_due(NOON)

    assert (len(post.envelopes), read_state(letter)) == (1, State.SENT)


@pytest.mark.django_db
def test_letter_whose_worker_died_while_handing_it_over_is_doubtful_and_not_sent_again(post):
    letter = write()
    leave_behind(letter, State.HANDING)

    services.send_due(NOON)
    services.send_due(NOON + HOUR)

    assert (post.envelopes, read_state(letter)) == ([], State.DOUBTFUL)


@pytest.mark.django_db
def test_letter_whose_worker_died_is_written_into_the_folder_again_as_the_same_file(folder):
    letter = write()
    services.send_due(NOON)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    leave_behind(letter, State.HANDING)

    services.send_due(NOON)

    assert [path.name for path in folder.iterdir()] == [path.name for path in before]
    assert read_state(letter) == State.SENT


@pytest.mark.django_db
@pytest.mark.parametrize("host", [None, "another-machine"])
def test_letter_of_a_worker_that_runs_is_left_alone(post, host):
    letter = write()
    leave_behind(letter, State.CLAIMED, host=host, number=os.getpid())

    services.send_due(NOON + timedelta(minutes=9))

    assert (post.envelopes, read_state(letter)) == ([], State.CLAIMED)


@pytest.mark.django_db
def test_letter_of_a_silent_worker_elsewhere_is_taken_over_in_the_end(post):
    letter = write()
    leave_behind(letter, State.CLAIMED, host="another-machine")

    services.send_due(NOON + timedelta(minutes=11))

    assert read_state(letter) == State.SENT


# When the mail server says no


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_letter_that_is_not_taken_now_is_tried_again_later(post, step):
    post.answers[step] = "451 4.7.1 Greylisted"
    letter = write()

    services.send_due(NOON)
    services.send_due(NOON + timedelta(seconds=30))
    assert (read_state(letter), letter.attempts) == (State.WAITING, 1)
    post.answers[step] = "250 OK"
    services.send_due(NOON + timedelta(minutes=1))

    assert (read_state(letter), len(post.envelopes)) == (State.SENT, 1)


@pytest.mark.django_db
def test_letter_waits_while_there_is_no_mail_server_and_is_given_up_after_three_days(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    letter = write()

    for hours in range(0, 24 * 4, 2):
        services.send_due(NOON + hours * HOUR)

    assert read_state(letter) == State.FAILED
    assert letter.error.startswith("The mail server cannot be reached.")


@pytest.mark.django_db
def test_letter_that_is_refused_for_good_fails_and_does_not_stop_the_others(post):
    first = write()
    post.answers["RCPT"] = "550 5.7.1 Relaying denied"
    services.send_due(NOON)
    post.answers["RCPT"] = "250 OK"
    second = write()

    services.send_due(NOON)

    assert (read_state(first), read_state(second)) == (State.FAILED, State.SENT)
    assert first.error == "RCPT: 550 5.7.1 Relaying denied"
    assert not Address.objects.exists()


@pytest.mark.django_db
def test_letter_when_the_line_breaks_while_it_is_handed_over_is_doubtful(post, monkeypatch):
    import smtplib

    def break_off(self, message):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "data", break_off)
    letter = write()

    services.send_due(NOON)

    assert read_state(letter) == State.DOUBTFUL


@pytest.mark.django_db
def test_address_that_does_not_exist_gets_no_more_mail_but_links_for_one_use(post):
    post.answers["RCPT"] = "550 5.1.1 No such user"
    write()
    services.send_due(NOON)
    post.answers["RCPT"] = "250 OK"

    letter, secret = write(), write(is_secret=True)
    deliver_all("letters")

    assert (read_state(letter), read_state(secret)) == (State.STOPPED, State.SENT)


@pytest.mark.django_db
def test_letter_is_dropped_when_it_is_no_longer_right(post, monkeypatch):
    monkeypatch.setattr("focal.mail.registry._rechecks", {})
    register_recheck("test", lambda letter: letter.about != ["narrowed"])
    overtaken, right = write(about=["narrowed"]), write(about=["open"])

    services.send_due(NOON)

    assert (read_state(overtaken), read_state(right)) == (State.OVERTAKEN, State.SENT)
    assert len(post.envelopes) == 1


@pytest.mark.django_db
def test_send_again_sends_what_an_administrator_decided_on(post):
    letter = write()
    leave_behind(letter, State.HANDING)
    services.recover(at=NOON)

    letter.refresh_from_db()
    services.send_again(letter=letter, at=NOON + HOUR)
    deliver_all("letters")

    assert (read_state(letter), len(post.envelopes)) == (State.SENT, 1)
    with pytest.raises(Refused):
        services.send_again(letter=letter, at=NOON + HOUR)


@pytest.mark.django_db
def test_forget_old_drops_texts_after_a_month_and_letters_after_three(post):
    letter = write()
    services.send_due(NOON)

    services.forget_old(NOON + timedelta(days=31))
    letter.refresh_from_db()
    assert (letter.text, letter.subject) == ("", "test")
    services.forget_old(NOON + timedelta(days=91))

    assert not Letter.objects.exists()
