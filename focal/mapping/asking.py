"""What organisations are asked: partners by a link, owners at the day of review, and how much.

The link carries a secret, is kept as a hash, works once and for a month, and opens one record
alone. Sending it is sharing: only who may share the record may send it, and what is marked
TLP:AMBER+STRICT or TLP:RED is not sent at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from focal.alerts.nudges import Nudge, Urgency, settle
from focal.alerts.words import Words
from focal.audit.services import write_entry
from focal.directory.models import Membership, Organisation
from focal.directory.selectors import hash_secret
from focal.kernel.errors import Refused
from focal.mail.services import send_letter
from focal.mapping import services
from focal.mapping.models import Effort, MappedRecord, PartnerQuestion
from focal.mapping.selectors import MODELS, OUT
from focal.records.content import clean_line
from focal.records.second_eyes import explain_change
from focal.records.services import require
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

WORKS_FOR = timedelta(days=30)
NUDGE = "mapping.still-true"
EARLY = timedelta(days=14)  # owners hear so long before the day of review
CORRECTABLE = ("title", "summary", "status", "start_date", "end_date", "contact_point")


# Partners


@transaction.atomic
def ask_partner(
    *, record: MappedRecord, partner: str, email: str, by: Viewer, at: datetime
) -> tuple[PartnerQuestion, str]:
    """Send a partner the link by which they confirm or correct an entry; returns the link too."""
    require(policy.may_share(by, record))
    if record.marking in (Marking.RED, Marking.AMBER_STRICT):
        raise Refused(
            _("What is marked %s is not sent to anybody outside. Ask the partner in person.")
            % Marking(record.marking).label
        )
    secret = secrets.token_urlsafe(32)
    question = PartnerQuestion.objects.create(
        record_id=record.pk,
        secret_hash=hash_secret(secret),
        partner=clean_line(partner)[:300],
        email=email.strip(),
        asked_by_id=by.person_id,
        asked_at=at,
        expires_at=at + WORKS_FOR,
    )
    link = settings.SITE_ADDRESS.rstrip("/") + reverse("mapping:partner", args=[secret])
    told = {
        "partner": question.partner,
        "owner": record.owner_organisation,
        "link": link,
        "expires_at": question.expires_at,
        "site_address": settings.SITE_ADDRESS,
    }
    send_letter(
        to=question.email,
        kind="mapping.partner",
        subject=_("Is this right? An entry about your organisation"),
        text=render_to_string("mapping/letters/partner.txt", told),
        at=at,
        is_secret=True,
    )
    write_entry(
        action="mapping.partner_asked",
        target_kind="record",
        target_key=record.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"question": question.reference},
    )
    return question, link


def find_question(*, secret: str, at: datetime) -> tuple[PartnerQuestion, MappedRecord] | None:
    """The question and the record that a link opens; None where it was used, expired, invented."""
    question = PartnerQuestion.objects.filter(secret_hash=hash_secret(secret)).first()
    if question is None or not question.is_open(at):
        return None
    for model in MODELS.values():
        found = (
            model.objects.for_system("the link was sent by somebody who may share the record")
            .select_related("owner_organisation")
            .filter(pk=question.record_id)
            .exclude(state="withdrawn")
            .first()
        )
        if found is not None and found.marking not in (Marking.RED, Marking.AMBER_STRICT):
            return question, found
    return None


@transaction.atomic
def answer_question(*, secret: str, corrections: dict[str, Any], at: datetime) -> PartnerQuestion:
    """The partner's word: as it stands, or with corrections. The link does not work again.

    A correction has no more force than whoever sent the link: a contributor's waits for a
    reviewer, or they would change what is published by a letter to themselves.
    """
    found = find_question(secret=secret, at=at)
    if found is None:
        raise Refused(_("This link does not work any more."))
    question, record = found
    question = PartnerQuestion.objects.select_for_update().get(pk=question.pk)
    if not question.is_open(at):
        raise Refused(_("This link does not work any more."))
    by = Viewer.for_organisation(record.owner_organisation, name=f"partner:{question.reference}")
    content = {name: value for name, value in corrections.items() if name in CORRECTABLE}
    if content:
        asker = _find_asker(question, at=at) or by
        services.edit_or_send_to_review(
            record=record,
            content=content,
            base_version=record.version,
            by=asker if explain_change(record, by=asker) else by,
            at=at,
            note=_("Corrected by %s") % question.partner[:200],
        )
        question.answer = PartnerQuestion.Answer.CORRECTED
    else:
        services.confirm_mapped(record=record, by=by, at=at)
        question.answer = PartnerQuestion.Answer.CONFIRMED
    question.answered_at = at
    question.save(update_fields=("answer", "answered_at"))
    write_entry(
        action="mapping.partner_answered",
        target_kind="record",
        target_key=record.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"answer": question.answer},
    )
    settle_nudge(record, at=at)
    return question


def _find_asker(question: PartnerQuestion, *, at: datetime) -> Viewer | None:
    """Who sent the link; nobody where a job of the organisation did. They may have left."""
    if question.asked_by is None:
        return None
    if not question.asked_by.is_active:
        raise Refused(_("This link does not work any more."))
    return Viewer.from_person(question.asked_by, on=timezone.localdate(at))


# Still true?


def gather_nudges(at: datetime) -> Iterator[Nudge]:
    """One for each record whose day of review is near or past, for those who write for it."""
    today = at.date()
    writers: dict[int, set[int]] = {}
    for person_id, organisation_id in (
        Membership.objects.current(today)
        .filter(role__in=(Membership.Role.CONTRIBUTOR, Membership.Role.EDITOR))
        .values_list("person_id", "organisation_id")
    ):
        writers.setdefault(organisation_id, set()).add(person_id)
    for kind, model in MODELS.items():
        rows = (
            model.objects.for_system("owners are told of what is theirs")
            .filter(state__in=OUT, is_example=False, review_due_date__lte=today + EARLY)
            .order_by("review_due_date", "pk")
        )
        for row in rows.only(
            "reference", "title", "marking", "owner_organisation_id", "owner_person_id",
            "review_due_date", "last_confirmed_date",
        ):  # fmt: skip
            people = set(writers.get(row.owner_organisation_id, ()))
            if row.marking == Marking.RED or not people:
                people = {row.owner_person_id} - {None}
            if people:
                yield _make_nudge(kind, row, frozenset(people), at)


def _make_nudge(kind: str, row: Any, people: frozenset[int], at: datetime) -> Nudge:
    texts = {
        "need": gettext_noop("Is this need still as stated? %(title)s"),
        "response": gettext_noop("Is this still in force or running? %(title)s"),
        "initiative": gettext_noop("Is this initiative still as described? %(title)s"),
    }
    return Nudge(
        key=_get_key(row),
        person_ids=people,
        text=Words(texts[kind], title=row.title),
        url=reverse("mapping:record", args=[row.reference]),
        record=row.reference,
        action_label=Words(gettext_noop("Still true")),
        action_url=reverse("mapping:confirm", args=[row.reference]),
        due_date=row.review_due_date,
        urgency=Urgency.HIGH if row.review_due_date < at.date() else Urgency.NORMAL,
    )


def _get_key(row: Any) -> str:
    return f"{row.reference}:{row.last_confirmed_date}"


@transaction.atomic
def say_still_true(*, record: MappedRecord, by: Viewer, at: datetime) -> bool:
    """One click of an owner: it is confirmed, and nobody is asked again until the next day."""
    key = _get_key(record)
    done = services.confirm_mapped(record=record, by=by, at=at)
    settle(kind=NUDGE, keys=[key], at=at)
    if done:
        note_effort(record.owner_organisation, Effort.What.CONFIRMED, at=at, offered=1)
    return done


def settle_nudge(record: MappedRecord, *, at: datetime) -> None:
    """Whatever was asked about this record is answered."""
    settle(kind=NUDGE, keys=[_get_key(record)], at=at)


# How much is asked


def note_effort(
    organisation: Organisation,
    what: str,
    *,
    at: datetime,
    entries: int = 1,
    offered: int = 0,
    seconds: int = 0,
) -> None:
    """Keep that an organisation did something. `offered` are values it did not have to give."""
    Effort.objects.create(
        organisation=organisation,
        what=what,
        entries=entries,
        offered=offered,
        seconds=min(seconds, 4 * 3600),
        at=at,
    )


@dataclass(frozen=True, slots=True)
class Burden:
    """What an organisation was asked this year, and how long it took."""

    what: str
    times: int
    entries: int
    offered: int
    minutes: int


def measure_burden(organisation: Organisation, *, year: int) -> list[Burden]:
    """By what it did, the most first."""
    rows = (
        Effort.objects.filter(organisation=organisation, at__year=year)
        .values("what")
        .annotate(
            times=Count("pk"),
            all_entries=Sum("entries"),
            all_offered=Sum("offered"),
            all_seconds=Sum("seconds"),
        )
        .order_by("-times", "what")
    )
    return [
        Burden(
            str(Effort.What(row["what"]).label),
            row["times"],
            row["all_entries"],
            row["all_offered"],
            round(row["all_seconds"] / 60),
        )
        for row in rows
    ]
