"""Writing letters inside the transaction of what they tell of, and sending each of them once.

A letter goes from `waiting` to `claimed` (a worker has it) to `handing` (the mail server is
being given it) to `sent`; each step is stored before the next begins. Who dies while it is
`claimed` has sent nothing: it waits again. Who dies while it is `handing` leaves a doubt, and
a doubtful letter is not sent again by itself (docs/decisions/1100).
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput, Refused
from focal.mail.carriers import Carrier, InDoubt, Never, NotNow, open_carrier
from focal.mail.message import build_message, get_sender, one_line, to_ascii
from focal.mail.models import Address, Letter, State
from focal.mail.registry import is_still_right
from focal.outbox.services import emit

logger = logging.getLogger(__name__)

TOPIC = "letter"
CARRIED = frozenset({"", "CLEAR", "GREEN"})  # markings whose content mail may carry
FIRST_PAUSE = timedelta(minutes=1)  # doubled with each attempt, up to LONGEST_PAUSE
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=3)
LEASE = timedelta(minutes=10)  # after which a claim of another machine counts as left behind
TEXT_IS_KEPT = timedelta(days=30)
LETTERS_ARE_KEPT = timedelta(days=90)
SENT_AGAIN_FROM = frozenset({State.DOUBTFUL, State.FAILED, State.STOPPED})
BOUNCES_TO_STOP = 3
BATCH = 200


def send_letter(
    *,
    to: str,
    kind: str,
    subject: str,
    text: str,
    at: datetime,
    html: str = "",
    person_id: int | None = None,
    language: str = "",
    marking: str = "",
    about: Collection[str] = (),
    thread: str = "",
    stop_url: str = "",
    is_secret: bool = False,
    once: str = "",
) -> Letter:
    """Queue one letter to one address, in the caller's transaction. The worker sends it.

    `kind` groups letters ("digest", "invitation"). `marking` is the narrowest of what the
    letter says, "" when it says nothing of any record; only CLEAR and GREEN may travel, anything
    else is Refused: write of the matter without its content instead. It is put before the
    subject, as TLP 2.0 asks. `about` names the records told of, for the recheck
    before sending (`mail.registry`). Letters of one `thread` are shown together by mail
    programs. `stop_url` is the address that ends such letters by a single POST (RFC 8058).
    `is_secret` letters (single-use links) are shown to no administrator, are sent also to
    addresses from which mail came back, and their text is forgotten once sent. `once` is a key:
    a second letter with the same one is not written, the first is returned.
    """
    if once and (known := Letter.objects.filter(once=once).first()):
        return known
    draft = Draft(
        to=to,
        kind=kind,
        subject=subject,
        text=text,
        html=html,
        person_id=person_id,
        language=language,
        marking=marking,
        about=about,
        thread=thread,
        stop_url=stop_url,
        is_secret=is_secret,
        once=once,
    )
    return queue_letters([draft], at=at)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What `send_letter` is given, for `queue_letters`."""

    to: str
    kind: str
    subject: str
    text: str
    html: str = ""
    person_id: int | None = None
    language: str = ""
    marking: str = ""
    about: Collection[str] = ()
    thread: str = ""
    stop_url: str = ""
    is_secret: bool = False
    once: str = ""


def queue_letters(drafts: Sequence[Draft], *, at: datetime) -> list[Letter]:
    """Queue many letters, in the caller's transaction; three queries for any number."""
    if any(draft.marking not in CARRIED for draft in drafts):
        raise Refused(_("Mail may carry TLP:CLEAR and TLP:GREEN, nothing narrower."))
    addresses = [_check_address(draft.to) for draft in drafts]
    stopped = find_stopped(addresses)
    letters = Letter.objects.bulk_create(
        [
            Letter(
                once=draft.once or None,
                to_address=address,
                person_id=draft.person_id,
                kind=draft.kind,
                language=_clean_code(draft.language),
                marking=draft.marking,
                subject=one_line(str(draft.subject))[:300],
                text=str(draft.text),
                html=str(draft.html),
                about=sorted(set(draft.about)),
                thread=draft.thread,
                stop_url=draft.stop_url,
                is_secret=draft.is_secret,
                state=State.STOPPED
                if not draft.is_secret and address.lower() in stopped
                else State.WAITING,
                created_at=at,
            )
            for draft, address in zip(drafts, addresses, strict=True)
        ]
    )
    waiting = [letter.reference for letter in letters if letter.state == State.WAITING]
    if waiting:
        emit(topic=TOPIC, keys=waiting, at=at)
    return letters


def _check_address(to: str) -> str:
    address = to.strip()
    try:
        validate_email(address)
        to_ascii(address)
    except (ValidationError, ValueError) as error:
        raise BadInput(_("This is not an e-mail address: %s") % one_line(to)) from error
    return address


# Sending


def send_queued(references: Sequence[str]) -> None:
    """The outbox consumer: send these letters if they wait to be sent."""
    send_letters(Letter.objects.filter(reference__in=references).order_by("pk"), at=timezone.now())


def send_due(at: datetime) -> int:
    """Take up what was left behind, and send every letter that is due; returns how many."""
    recover(at=at)
    due = Letter.objects.filter(
        Q(retry_at__isnull=True) | Q(retry_at__lte=at), state=State.WAITING
    ).order_by("pk")
    sent = 0
    while letters := list(due[:BATCH]):
        took = send_letters(letters, at=at)
        sent += took
        if not took:
            break  # the mail server takes nothing now; what was tried has a later moment
    return sent


def send_letters(letters: Collection[Letter], *, at: datetime) -> int:
    """Try to send each of these letters that waits; returns how many were sent."""
    carrier = open_carrier()
    try:
        return sum(_send(letter, carrier, at) for letter in letters)
    finally:
        carrier.close()


def _send(letter: Letter, carrier: Carrier, at: datetime) -> bool:
    if not _claim(letter, at):
        return False
    if not is_still_right(letter):
        _finish(letter, State.OVERTAKEN)
        return False
    try:
        carrier.carry(
            build_message(letter),
            sender=get_sender(),
            to=to_ascii(letter.to_address),
            name=f"{letter.created_at:%Y%m%d-%H%M%S}-{letter.reference}",
            before=lambda: _move(letter, State.HANDING),
        )
    except NotNow as error:
        _postpone(letter, error, at)
        return False
    except Never as error:
        _finish(letter, State.FAILED, error=str(error))
        if error.concerns_address and error.status.startswith("5.1."):
            note_bounce(letter=letter, status=error.status, reason=str(error), at=at)
        return False
    except InDoubt as error:
        _finish(letter, State.DOUBTFUL, error=str(error))
        return False
    except (ValueError, LookupError) as error:  # it cannot be made into a message
        logger.exception("Letter %s cannot be written", letter.reference)
        _finish(letter, State.FAILED, error=f"{type(error).__name__}: {error}")
        return False
    _finish(letter, State.SENT, sent_at=at)
    return True


def _claim(letter: Letter, at: datetime) -> bool:
    """Take a waiting letter; of several workers one succeeds."""
    if letter.state != State.WAITING:
        return False
    me = f"{socket.gethostname()}:{os.getpid()}"
    taken = Letter.objects.filter(
        Q(retry_at__isnull=True) | Q(retry_at__lte=at), pk=letter.pk, state=State.WAITING
    ).update(state=State.CLAIMED, claimed_at=at, claimed_by=me)
    letter.refresh_from_db()
    return bool(taken)


def _move(letter: Letter, state: State) -> None:
    letter.state = state
    letter.save(update_fields=("state",))


def _finish(
    letter: Letter, state: State, *, error: str = "", sent_at: datetime | None = None
) -> None:
    letter.state, letter.error, letter.sent_at = state, error[:2000], sent_at
    if letter.is_secret and state in {State.SENT, State.DOUBTFUL}:
        letter.text = letter.html = ""
    letter.save(update_fields=("state", "error", "sent_at", "text", "html"))


def _postpone(letter: Letter, error: Exception, at: datetime) -> None:
    if at - letter.created_at >= GIVE_UP_AFTER:
        _finish(letter, State.FAILED, error=str(error))
        return
    letter.attempts += 1
    pause = min(FIRST_PAUSE * 2 ** min(letter.attempts - 1, 10), LONGEST_PAUSE)
    letter.state, letter.retry_at, letter.error = State.WAITING, at + pause, str(error)[:2000]
    letter.save(update_fields=("state", "attempts", "retry_at", "error"))
    logger.warning("Letter %s could not be sent: %s", letter.reference, error)


def recover(*, at: datetime) -> int:
    """Settle letters whose worker died; returns how many.

    What had only been claimed waits again. What was being handed to a mail server is doubtful;
    into a folder it can be written again.
    """
    left = [
        letter
        for letter in Letter.objects.filter(state__in=(State.CLAIMED, State.HANDING))
        if _is_left_behind(letter, at)
    ]
    is_repeatable = open_carrier().is_repeatable
    for letter in left:
        if letter.state == State.CLAIMED or is_repeatable:
            _move(letter, State.WAITING)
        else:
            _finish(letter, State.DOUBTFUL, error="The worker died while handing it over.")
    return len(left)


def _is_left_behind(letter: Letter, at: datetime) -> bool:
    host, _colon, number = letter.claimed_by.rpartition(":")
    if host == socket.gethostname() and number.isdigit() and not _is_running(int(number)):
        return True
    return letter.claimed_at is None or at - letter.claimed_at > LEASE


def _is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@transaction.atomic
def send_again(*, letter: Letter, at: datetime) -> None:
    """An administrator decides that a doubtful or failed letter is sent once more."""
    if letter.state not in SENT_AGAIN_FROM or not letter.text:
        raise Refused(_("This letter cannot be sent again."))
    letter.state, letter.retry_at, letter.created_at = State.WAITING, None, at
    letter.save(update_fields=("state", "retry_at", "created_at"))
    emit(topic=TOPIC, keys=[letter.reference], at=at)


# Mail that came back


@transaction.atomic
def note_bounce(*, letter: Letter, status: str, reason: str, at: datetime) -> bool:
    """A letter came back; whether mail to its address stops now.

    It stops at once when the address does not exist (5.1.x), otherwise after the third
    letter that came back for good. A passing trouble (4.x.x) is only noted.
    """
    if status.startswith("4"):
        return False
    _new = Letter.objects.filter(pk=letter.pk, bounced_at__isnull=True).update(bounced_at=at)
    if not _new:
        return False
    address, _is_new = Address.objects.get_or_create(email=letter.to_address.lower())
    address.bounces += 1
    address.last_bounce_at, address.reason = at, one_line(f"{status} {reason}")[:300]
    if status.startswith("5.1.") or address.bounces >= BOUNCES_TO_STOP:
        address.stopped_at = address.stopped_at or at
    address.save()
    return address.stopped_at == at


def is_address_stopped(email: str) -> bool:
    """Whether mail to this address came back so that no more is sent."""
    return Address.objects.filter(email=email.lower(), stopped_at__isnull=False).exists()


def find_stopped(emails: Collection[str]) -> set[str]:
    """Those of these addresses, in small letters, to which no more is sent."""
    rows = Address.objects.filter(email__in={e.lower() for e in emails}, stopped_at__isnull=False)
    return set(rows.values_list("email", flat=True))


def resume_address(*, email: str) -> None:
    """Try mail to this address again, from now on."""
    Address.objects.filter(email=email.lower()).delete()


# Keeping little


def forget_old(at: datetime) -> None:
    """Drop texts of letters after 30 days, and letters altogether after 90."""
    Letter.objects.filter(created_at__lt=at - LETTERS_ARE_KEPT).delete()
    Letter.objects.filter(created_at__lt=at - TEXT_IS_KEPT).exclude(
        state__in=(State.WAITING, State.CLAIMED, State.HANDING)
    ).update(text="", html="", about=[], subject=F("kind"))


def forget_person(*, person_id: int, emails: Collection[str]) -> None:
    """Drop every letter to a person who has left, and what is known of their addresses."""
    Letter.objects.filter(Q(person_id=person_id) | Q(to_address__in=emails)).delete()
    Address.objects.filter(email__in=[email.lower() for email in emails]).delete()


def _clean_code(language: str) -> str:
    """A language's code without what a header or a database takes amiss."""
    return "".join(c for c in language if c.isascii() and (c.isalnum() or c == "-"))[:12]
