"""Told blindly: two closed initiatives overlap, and neither owner may see the other's.

An owner may wish, for one initiative, to be asked when that happens. When both have wished it,
both are asked the same: somebody works on the same; do you agree to be introduced? Only when both
say yes do they learn who it is.

Nobody learns of the other by a no. What an owner is shown comes from their own side alone: the
day they were asked, the day the question closes (fixed when it is put), and what they answered
themselves. A no, no answer at all, and an initiative that has gone away since all look the same
until that day and after it. A pair is asked once, so that not being asked again says nothing. And
asking says no more than that an owner who wished to be asked was: whoever has not wished it is
never asked about, and cannot be found out by wishing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from focal.alerts.notices import notify
from focal.alerts.words import Words
from focal.audit.services import write_entry
from focal.directory.models import Membership
from focal.kernel.errors import BadInput, Refused
from focal.kernel.ids import new_reference
from focal.mapping.models import BlindSide, BlindWish, Initiative, OverlapPair, PairKind
from focal.records.models import RecordAudience
from focal.records.services import require
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.tokens import COMMUNITY, PUBLIC
from focal.sharing.viewer import WRITERS, Viewer
from focal.threads.services import add_post, open_thread

OPEN_FOR = timedelta(days=30)
NOTICE = "overlap-blind"


@transaction.atomic
def set_wish(*, initiative: Initiative, wanted: bool, by: Viewer, at: datetime) -> None:
    """Wish, or no longer wish, to be asked about closed initiatives that come close to this one."""
    require(policy.may_edit(by, initiative))
    there = BlindWish.objects.filter(initiative_id=initiative.pk)
    if there.exists() == wanted:
        return
    if wanted:
        BlindWish.objects.create(initiative_id=initiative.pk, by_id=by.person_id, at=at)
    else:
        there.delete()
    write_entry(
        action="overlap.wish_set" if wanted else "overlap.wish_ended",
        target_kind="record",
        target_key=initiative.reference,
        actor_key=by.actor_key,
        at=at,
    )
    if wanted:
        put_questions(initiative.pk, at=at)


def put_questions(pk: int, *, at: datetime) -> None:
    """Ask both owners of each closed pair of this initiative that both wished to hear of."""
    if not BlindWish.objects.filter(initiative_id=pk).exists():
        return
    pairs = (
        OverlapPair.objects.filter(Q(first_id=pk) | Q(second_id=pk))
        .exclude(kind=PairKind.PHASE)
        .select_related("first", "second")
        .order_by("pk")
    )
    for pair in pairs:
        other = pair.second if pair.first_id == pk else pair.first
        if (
            BlindWish.objects.filter(initiative_id=other.pk).exists()
            and are_closed_to_each_other(pair.first, pair.second)
            and not _was_asked(pair)
        ):
            _ask(pair, at=at)


def are_closed_to_each_other(first: Initiative, second: Initiative) -> bool:
    """Whether both are restricted, of different owners, and neither owner may see the other's."""
    if first.owner_organisation_id == second.owner_organisation_id:
        return False
    for record, other in ((first, second), (second, first)):
        audience = set(
            RecordAudience.objects.filter(record_id=record.pk).values_list("token", flat=True)
        )
        owner = other.owner_organisation_id
        tokens = {PUBLIC, COMMUNITY, f"org:{owner}", f"desk:{owner}"}
        if other.owner_person_id:
            tokens.add(f"person:{other.owner_person_id}")
        if audience & tokens:
            return False
    return True


def _was_asked(pair: OverlapPair) -> bool:
    meetings = BlindSide.objects.filter(initiative_id=pair.first_id).values("meeting")
    return BlindSide.objects.filter(initiative_id=pair.second_id, meeting__in=meetings).exists()


def _ask(pair: OverlapPair, *, at: datetime) -> None:
    meeting = new_reference()
    for initiative in (pair.first, pair.second):
        side = BlindSide.objects.create(
            meeting=meeting, initiative_id=initiative.pk, asked_at=at, closes_at=at + OPEN_FOR
        )
        notify(
            person_ids=find_owners(initiative),
            kind=NOTICE,
            text=Words(gettext_noop("Somebody works on the same. Do you agree to be introduced?")),
            url=f"/mapping/overlaps/blind/{side.reference}/",
            at=at,
            record=initiative.reference,
        )


def find_owners(initiative: Initiative) -> list[int]:
    """The people who answer for an initiative: its owner where it is RED, else its desk."""
    if initiative.marking == Marking.RED:
        return [initiative.owner_person_id] if initiative.owner_person_id else []
    return list(
        Membership.objects.filter(
            organisation_id=initiative.owner_organisation_id, role__in=WRITERS, until__isnull=True
        )
        .order_by("person_id")
        .values_list("person_id", flat=True)
        .distinct()
    )


@transaction.atomic
def answer(*, side: BlindSide, answer: str, by: Viewer, at: datetime) -> BlindSide:
    """Say yes or no to being introduced. It is said once."""
    side = BlindSide.objects.select_for_update().select_related("initiative").get(pk=side.pk)
    require(policy.may_edit(by, side.initiative))
    if answer not in (BlindSide.Answer.YES, BlindSide.Answer.NO):
        raise BadInput(_("Say yes or no."))
    if side.answer or at >= side.closes_at:
        raise Refused(_("This question is closed."))
    side.answer, side.answered_by_id = answer, by.person_id
    side.save(update_fields=("answer", "answered_by"))
    write_entry(
        action="overlap.blind_answered",
        target_kind="record",
        target_key=side.initiative.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"answer": answer},
    )
    # The same work whatever was answered: how long it takes tells nothing either.
    other = (
        BlindSide.objects.select_for_update()
        .select_related("initiative__owner_organisation")
        .filter(meeting=side.meeting)
        .exclude(pk=side.pk)
        .first()
    )
    if answer == BlindSide.Answer.YES and other is not None and other.answer == answer:
        _introduce(side, other, by=by, at=at)
    return side


def _introduce(side: BlindSide, other: BlindSide, *, by: Viewer, at: datetime) -> None:
    """Both said yes: one conversation in which the two organisations stand by name."""
    owners = sorted(
        (side.initiative.owner_organisation, other.initiative.owner_organisation),
        key=lambda organisation: organisation.pk,
    )
    audience = {f"desk:{owner.pk}" for owner in owners}
    for one in (side, other):
        if one.initiative.marking == Marking.RED:
            audience -= {f"desk:{one.initiative.owner_organisation_id}"}
            audience |= {f"person:{one.initiative.owner_person_id}"}
    thread = open_thread(
        title=_("You work on the same"), by=by, at=at, audience=audience, marking=Marking.AMBER
    )
    add_post(
        thread=thread,
        text=_(
            "%(first)s and %(second)s: each of you has an initiative that comes close to the"
            " other's, and you both agreed to be introduced. Neither is shown to the other here:"
            " what you tell is for you to say."
        )
        % {"first": owners[0], "second": owners[1]},
        by=by,
        at=at,
    )
    BlindSide.objects.filter(meeting=side.meeting).update(thread_reference=thread.reference)
    side.thread_reference = thread.reference
    write_entry(
        action="overlap.blind_met",
        target_kind="thread",
        target_key=thread.reference,
        actor_key=by.actor_key,
        at=at,
    )
