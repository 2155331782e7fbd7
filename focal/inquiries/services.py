"""Changes of inquiries: with their log, outbox and notices, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from focal.alerts.notices import notify
from focal.alerts.nudges import settle
from focal.alerts.words import Words
from focal.audit.services import write_entry
from focal.directory.models import Organisation
from focal.inquiries import policy
from focal.inquiries.models import Answer, Inquiry, Pointer, SourceRequest
from focal.inquiries.parties import find_parties_of, read_directory
from focal.kernel.errors import BadInput
from focal.outbox.services import emit
from focal.records import persons, portions
from focal.records import services as records
from focal.records.attachments import Document
from focal.records.content import clean_html, read_content
from focal.records.models import Record, Release
from focal.records.selectors import to_plain
from focal.sharing.markings import Marking
from focal.sharing.people import find_people
from focal.sharing.viewer import Viewer
from focal.threads import services as threads
from focal.threads.models import Post, Thread

KIND = "inquiry"
SOURCE_NUDGE, DUE_NUDGE = "inquiries.source", "inquiries.due"
OVERDUE_NUDGE = "inquiries.overdue"
MORE_TIME = timedelta(days=14)  # what one click adds to a day that has passed
ANSWER, REMARK, OUTCOME = "answer", "remark", "outcome"  # places of words that are kept


@transaction.atomic
def ask(
    *,
    content: Mapping[str, Any],
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    marking: str = Marking.AMBER,
    releases: Collection[str] = (),
    not_persons: str = "",
) -> Inquiry:
    """Ask: the inquiry is out at once, and those it is released to are told.

    `content` is a record's (title: the question, body: its background, language) with
    `due_date` (ISO) and `answer_form`. An AMBER or narrower question without recipients is
    BadInput: nobody could answer it.
    """
    if marking not in {Marking.CLEAR, Marking.GREEN} and not releases:
        raise BadInput(_("Say whom you ask: choose at least one recipient."))
    _check_due_date(content.get("due_date"), at)
    record = records.create_record(
        kind=KIND,
        content=dict(content),
        owner_organisation=owner_organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
    )
    records.take_step(record=record, step="publish", by=by, at=at, not_persons=not_persons)
    inquiry = lock(record.pk)
    _tell_recipients(inquiry, releases, by=by, at=at)
    return inquiry


def _check_due_date(day: Any, at: datetime) -> None:
    if day and str(day) < timezone.localdate(at).isoformat():
        raise BadInput(_("The day until which answers help has passed already."))


def _tell_recipients(
    inquiry: Inquiry, tokens: Collection[str], *, by: Viewer, at: datetime
) -> None:
    """Those named are told; all members (GREEN) find it in what they follow."""
    people = find_people(tokens, on=timezone.localdate(at)) - {by.person_id}
    notify(
        person_ids=people,
        kind="inquiries.asked",
        text=Words(gettext_noop("{name} asks: {question}"), name=by.name, question=inquiry),
        url=inquiry.get_absolute_url(),
        record=inquiry.reference,
        key=inquiry.reference,
        at=at,
    )


@transaction.atomic
def edit(
    *,
    inquiry: Inquiry,
    content: Mapping[str, Any],
    base_version: int,
    by: Viewer,
    at: datetime,
    not_persons: str = "",
) -> None:
    """Change the question, its background, until when answers help and in which form."""
    due_date = content.get("due_date")
    if str(due_date or "") != str(read_content(inquiry)["due_date"] or ""):
        _check_due_date(due_date, at)
        settle(kind=OVERDUE_NUDGE, keys=[inquiry.reference], at=at)
    records.edit_record(
        record=inquiry,
        content=content,
        base_version=base_version,
        by=by,
        at=at,
        not_persons=not_persons,
    )


def extend(*, inquiry: Inquiry, by: Viewer, at: datetime) -> None:
    """Take answers for a while longer, by one click of whoever asked."""
    records.require(policy.may_steer(by, inquiry))
    if not inquiry.is_open:
        raise BadInput(_("It is closed already."))
    day = timezone.localdate(at) + MORE_TIME
    content = {"due_date": day.isoformat()}
    edit(inquiry=inquiry, content=content, base_version=inquiry.version, by=by, at=at)


def open_conversation(inquiry: Inquiry, *, by: Viewer, at: datetime) -> Thread:
    """The conversation that shares the inquiry's audience; begun with its first post."""
    return threads.open_thread(title="", shares_audience_of=inquiry, by=by, at=at)


@transaction.atomic
def give_answer(
    *,
    inquiry: Inquiry,
    sort: str,
    text: str,
    by: Viewer,
    at: datetime,
    language: str = "",
    to_asker_only: bool = False,
    files: Sequence[Document] = (),
    quotes: Collection[str] = (),
    pointers: Collection[str] = (),
    not_persons: str = "",
    begun_as: str | None = ANSWER,
) -> Answer:
    """Answer an inquiry: to all who see it, or to whoever asked alone.

    `pointers` are tokens of organisations and people whom to ask in one's place ('not us').
    `begun_as` as in `threads.add_post`. Refused when it is closed, BadInput when nothing is said.
    """
    inquiry = lock(inquiry.pk)
    records.require(policy.may_answer(by, inquiry))
    if sort == Answer.Sort.NOT_US and not pointers and not text.strip():
        raise BadInput(_("Say whom to ask instead, or why it is not you."))
    post = threads.add_post(
        thread=open_conversation(inquiry, by=by, at=at),
        text=text.strip() or f"<p>{_say_in_short(sort)}</p>",
        by=by,
        at=at,
        language=language,
        to_asker_only=to_asker_only,
        files=files,
        quotes=quotes,
        not_persons=not_persons,
        begun_as=begun_as,
    )
    on = timezone.localdate(at)
    answer = Answer.objects.create(
        inquiry=inquiry,
        post=post,
        sort=sort,
        speaks_for=sorted(find_parties_of([post.author_id or 0], on=on)[post.author_id or 0]),
    )
    if sort == Answer.Sort.NOT_US:
        _keep_pointers(answer, pointers, by=by, at=at)
    settle(kind=DUE_NUDGE, keys=name_reminders(inquiry), person_id=by.person_id, at=at)
    _log(inquiry, "inquiry.answered", by=by, at=at, detail={"post": post.reference})
    _tell_asker(inquiry, post, by=by, at=at)
    return answer


@transaction.atomic
def say_nothing_is_there(*, inquiry: Inquiry, by: Viewer, at: datetime) -> None:
    """'We do not have this', by one click. Said twice it is one answer, unless the first was
    withdrawn; an answer that somebody has half written is kept as it is."""
    inquiry = lock(inquiry.pk)
    records.require(policy.may_answer(by, inquiry))
    said = Answer.objects.filter(
        inquiry=inquiry,
        sort=Answer.Sort.NOTHING,
        post__author_id=by.person_id,
        post__withdrawn_at__isnull=True,
    )
    if not said.exists():
        give_answer(inquiry=inquiry, sort=Answer.Sort.NOTHING, text="", by=by, at=at, begun_as=None)


def name_reminders(inquiry: Inquiry) -> list[str]:
    """The keys of both reminders of a question."""
    return [f"{inquiry.reference}:1", f"{inquiry.reference}:2"]


def _say_in_short(sort: str) -> str:
    if sort == Answer.Sort.NOTHING:
        return _("We do not have this.")
    return _("Not us: ask those named here.") if sort == Answer.Sort.NOT_US else ""


def _keep_pointers(answer: Answer, tokens: Collection[str], *, by: Viewer, at: datetime) -> None:
    directory = read_directory(tokens, viewer=by, language="en", on=timezone.localdate(at))
    Pointer.objects.bulk_create(
        Pointer(answer=answer, token=token, name=directory.name(token)[:340])
        for token in sorted(set(tokens))
        if directory.name(token) and token.startswith(("org:", "person:"))
    )


def _tell_asker(inquiry: Inquiry, post: Post, *, by: Viewer, at: datetime) -> None:
    if inquiry.owner_person_id is None:
        return
    notify(
        person_ids=[inquiry.owner_person_id],
        kind="inquiries.answered",
        text=Words(
            gettext_noop("{name} answered your question: {question}"),
            name=by.name,
            question=inquiry,
        ),
        url=f"{inquiry.get_absolute_url()}#post-{post.reference}",
        record=inquiry.reference,
        key=post.reference,
        at=at,
    )


@transaction.atomic
def add_remark(
    *,
    inquiry: Inquiry,
    text: str,
    by: Viewer,
    at: datetime,
    files: Sequence[Document] = (),
    not_persons: str = "",
) -> Post:
    """Say something to everybody who sees the inquiry, without answering it."""
    inquiry = lock(inquiry.pk)
    records.require(policy.may_remark(by, inquiry))
    thread = open_conversation(inquiry, by=by, at=at)
    return threads.add_post(
        thread=thread,
        text=text,
        by=by,
        at=at,
        files=files,
        not_persons=not_persons,
        begun_as=REMARK,
    )


@transaction.atomic
def settle_pointer(*, pointer: Pointer, adds: bool, by: Viewer, at: datetime) -> None:
    """Ask whom an answer named, or leave it. Only those who asked can; adding releases it."""
    pointer = (
        Pointer.objects.select_for_update(of=("self",)).select_related("answer").get(pk=pointer.pk)
    )
    inquiry = lock(pointer.answer.inquiry_id)
    records.require(policy.may_steer(by, inquiry))
    if pointer.state != Pointer.State.OPEN:
        return
    if adds:
        add_recipients(inquiry=inquiry, tokens=[pointer.token], by=by, at=at)
    pointer.state = Pointer.State.ADDED if adds else Pointer.State.LEFT
    pointer.settled_at = at
    pointer.save(update_fields=("state", "settled_at"))


@transaction.atomic
def add_recipients(*, inquiry: Inquiry, tokens: Collection[str], by: Viewer, at: datetime) -> None:
    """Release the inquiry to more people and tell them. All members see a GREEN one already."""
    inquiry = lock(inquiry.pk)
    records.require(policy.may_steer(by, inquiry))
    before = set(Release.objects.filter(record_id=inquiry.pk).values_list("token", flat=True))
    if inquiry.marking not in {Marking.CLEAR, Marking.GREEN}:
        records.set_sharing(
            record=inquiry,
            marking=inquiry.marking,
            releases=sorted(before | set(tokens)),
            by=by,
            at=at,
        )
    _tell_recipients(inquiry, set(tokens) - before, by=by, at=at)


@transaction.atomic
def close(
    *,
    inquiry: Inquiry,
    outcome: str,
    by: Viewer,
    at: datetime,
    becomes: str = "",
    sources: Collection[str] = (),
    not_persons: str = "",
) -> Inquiry:
    """Close with a short summary (rich text). It may become a draft practice or publication.

    `sources` are references of posts: answers that are to be named as its sources. Their
    authors are asked first. BadInput without a summary.
    """
    inquiry = lock(inquiry.pk)
    records.require(policy.may_steer(by, inquiry))
    if not inquiry.is_open:
        raise BadInput(_("It is closed already."))
    text = clean_html(outcome)
    if not text:
        raise BadInput(_("Say in a few sentences what came of it."))
    portions.require_whole(text)
    found = persons.check_pages(_("What came of it"), [to_plain(text)])
    persons.require_none(found, record=inquiry, by=by, at=at, reason=not_persons)
    inquiry.status, inquiry.closed_at = Inquiry.Status.CLOSED, at
    inquiry.outcome, inquiry.becomes = text, becomes
    inquiry.save(update_fields=("status", "closed_at", "outcome", "becomes"))
    _log(inquiry, "inquiry.closed", by=by, at=at, detail={"becomes": becomes})
    emit(topic=records.TOPIC, keys=[inquiry.reference], at=at)
    if becomes:
        _ask_for_sources(inquiry, sources, by=by, at=at)
    _tell_those_who_answered(inquiry, by=by, at=at)
    settle(kind=OVERDUE_NUDGE, keys=[inquiry.reference], at=at)
    settle(kind=DUE_NUDGE, keys=name_reminders(inquiry), at=at)
    records.forget_words(record=inquiry, place=OUTCOME, by=by)
    return inquiry


def _ask_for_sources(inquiry: Inquiry, posts: Collection[str], *, by: Viewer, at: datetime) -> None:
    """Answers that whoever asks may see, each once; one's own words need no asking."""
    for answer in Answer.objects.filter(
        inquiry=inquiry, post__reference__in=posts, post__withdrawn_at__isnull=True
    ).select_related("post"):
        if answer.post.is_private and not policy.is_asker(by, inquiry):
            continue
        SourceRequest.objects.get_or_create(answer=answer, defaults={"asked_at": at})


def _ask_no_more(inquiry: Inquiry, *, at: datetime) -> None:
    """Who has not said whether their answer may be named is asked no longer: it is not."""
    waiting = SourceRequest.objects.filter(answer__inquiry=inquiry, state=SourceRequest.State.ASKED)
    settle(kind=SOURCE_NUDGE, keys=list(waiting.values_list("reference", flat=True)), at=at)
    waiting.delete()


def _tell_those_who_answered(inquiry: Inquiry, *, by: Viewer, at: datetime) -> None:
    authors = Answer.objects.filter(inquiry=inquiry).values_list("post__author_id", flat=True)
    notify(
        person_ids={author for author in authors if author} - {by.person_id},
        kind="inquiries.closed",
        text=Words(
            gettext_noop("The question you answered is closed, with a summary: {question}"),
            question=inquiry,
        ),
        url=inquiry.get_absolute_url(),
        record=inquiry.reference,
        at=at,
    )


@transaction.atomic
def reopen(*, inquiry: Inquiry, by: Viewer, at: datetime) -> Inquiry:
    """Open it again: it takes answers as before. Its summary is kept for the next closing."""
    inquiry = lock(inquiry.pk)
    records.require(policy.may_steer(by, inquiry))
    if inquiry.is_open:
        return inquiry
    inquiry.status, inquiry.closed_at, inquiry.becomes = Inquiry.Status.OPEN, None, ""
    inquiry.save(update_fields=("status", "closed_at", "becomes"))
    _ask_no_more(inquiry, at=at)
    _log(inquiry, "inquiry.reopened", by=by, at=at)
    emit(topic=records.TOPIC, keys=[inquiry.reference], at=at)
    return inquiry


@transaction.atomic
def decide_source(*, request: SourceRequest, agrees: bool, by: Viewer, at: datetime) -> None:
    """Whoever wrote an answer says whether it is named. The last to decide tells the asker."""
    request = (
        SourceRequest.objects.select_for_update(of=("self",))
        .select_related("answer__post", "answer__inquiry")
        .get(pk=request.pk)
    )
    records.require(policy.may_decide(by, request))
    request.state = SourceRequest.State.AGREED if agrees else SourceRequest.State.DECLINED
    request.settled_at = at
    request.save(update_fields=("state", "settled_at"))
    inquiry = request.answer.inquiry
    post = request.answer.post
    _log(inquiry, "inquiry.source_decided", by=by, at=at, detail={"post": post.reference})
    settle(kind=SOURCE_NUDGE, keys=[request.reference], at=at)
    waiting = SourceRequest.objects.filter(answer__inquiry=inquiry, state=SourceRequest.State.ASKED)
    if inquiry.owner_person_id and not waiting.exists():
        notify(
            person_ids=[inquiry.owner_person_id],
            kind="inquiries.sources_decided",
            text=Words(
                gettext_noop("Everybody has said whether their answer is named: {question}"),
                question=inquiry,
            ),
            url=inquiry.get_absolute_url(),
            record=inquiry.reference,
            at=at,
        )


@transaction.atomic
def make_draft(*, inquiry: Inquiry, by: Viewer, at: datetime) -> Record:
    """The draft that an inquiry becomes, with the answers as sources whose authors agreed.

    It begins as narrow as the inquiry was; who may see it is the next choice of its owner.
    A source names who answered and when, not what was asked nor what was said.
    """
    inquiry = lock(inquiry.pk)
    records.require(policy.may_steer(by, inquiry))
    if inquiry.is_open or not inquiry.becomes:
        raise BadInput(_("Close the inquiry first and say what it becomes."))
    if inquiry.result_id is not None:
        raise BadInput(_("There is a draft already."))
    content = read_content(inquiry)
    kept = ("title", "language", "economies", "topics", "target_groups")
    draft = records.create_record(
        kind=inquiry.becomes,
        content={
            **{name: content[name] for name in kept},
            "body": inquiry.outcome,
            "sources": _list_sources(inquiry),
        },
        owner_organisation=inquiry.owner_organisation,
        by=by,
        at=at,
        marking=inquiry.marking,
        releases=list(Release.objects.filter(record_id=inquiry.pk).values_list("token", flat=True)),
    )
    inquiry.result = draft
    inquiry.save(update_fields=("result",))
    _ask_no_more(inquiry, at=at)
    _log(inquiry, "inquiry.became", by=by, at=at, detail={"draft": draft.reference})
    return draft


def _list_sources(inquiry: Inquiry) -> list[list[str]]:
    agreed = (
        SourceRequest.objects.filter(
            answer__inquiry=inquiry,
            state=SourceRequest.State.AGREED,
            answer__post__withdrawn_at__isnull=True,
        )
        .select_related("answer__post")
        .order_by("answer__post__at", "pk")
    )
    return [
        [
            _("Answer of %(who)s to an inquiry, %(day)s")
            % {
                "who": request.answer.post.author_place or request.answer.post.author_name,
                "day": timezone.localdate(request.answer.post.at).isoformat(),
            },
            f"{settings.SITE_ADDRESS.rstrip('/')}{inquiry.get_absolute_url()}"
            f"#post-{request.answer.post.reference}",
            "",
        ]
        for request in agreed
    ]


def lock(pk: int) -> Inquiry:
    """The row as it is now, held until the transaction ends."""
    return (
        Inquiry._base_manager.select_for_update(of=("self",))
        .select_related("owner_organisation")
        .get(pk=pk)
    )


def _log(
    inquiry: Inquiry,
    action: str,
    *,
    by: Viewer,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    write_entry(
        action=action,
        target_kind="record",
        target_key=inquiry.reference,
        actor_key=by.actor_key,
        at=at,
        detail=detail,
    )
