"""Changes of conversations. Each is one transaction: the fact, its log and outbox entries."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from focal.alerts.notices import notify
from focal.alerts.words import Words
from focal.audit.services import write_entry
from focal.directory.models import FocalPoint, Membership, Person
from focal.kernel.errors import BadInput
from focal.outbox.services import emit
from focal.records import persons, portions
from focal.records.attachments import Document
from focal.records.content import clean_html, clean_line
from focal.records.kinds import get_kind
from focal.records.models import Record
from focal.records.selectors import to_plain
from focal.records.services import TOPIC as RECORD_TOPIC
from focal.records.services import forget_words, require
from focal.safety.persons import find_persons
from focal.sharing.markings import Marking
from focal.sharing.people import find_people
from focal.sharing.tokens import kind_of
from focal.sharing.viewer import Viewer
from focal.threads import policy
from focal.threads.audience import find_known_readers, get_tokens
from focal.threads.indexing import is_indexed
from focal.threads.models import Mention, Post, PostFile, Quote, Thread, ThreadAudience
from focal.vocabulary.selectors import get_vocabulary

TOPIC = "post"
RECORD_ADDRESS = re.compile(r"/(?:records|inquiries|figures)/([0-9a-z]{14})\b")
OWN_AUDIENCE = frozenset({"person", "org", "desk", "economy", "format", "secretariat"})
MESSAGE, THREAD = "message", "thread"  # places of words that are kept while they are typed
MOST_TEXT = 50_000
MOST_FILES = 10
MOST_QUOTES = 20


@transaction.atomic
def open_thread(
    *,
    title: str,
    by: Viewer,
    at: datetime,
    about: str = "",
    audience: Collection[str] = (),
    shares_audience_of: Record | None = None,
    marking: str = Marking.AMBER,
) -> Thread:
    """Begin a conversation; somebody who is no person (a job) may open one for others.

    Either it shares the audience of a record (then the record's one conversation is
    returned if there is one), or it has an audience of its own: tokens of people,
    organisations, their desks, economies, formats. `about` names a record by its reference:
    its link is shown to those who may see it. Raises BadInput, Refused.
    """
    title = clean_line(title)[:400]
    if shares_audience_of is not None:
        return _open_beside(shares_audience_of, title, at=at)
    tokens = set(audience) | ({f"person:{by.person_id}"} if by.person_id else set())
    if not title:
        raise BadInput(_("Give the conversation a title."))
    if not audience or {kind_of(token) for token in tokens} - OWN_AUDIENCE:
        raise BadInput(_("Say whom the conversation is for."))
    thread = Thread.objects.for_system("a new row shows nothing to anybody").create(
        title=title,
        about=_find_visible(by, about),
        marking=marking,
        owner_person_id=by.person_id,
        owner_organisation_id=min(by.writes_for, default=None),
        created_at=at,
    )
    ThreadAudience.objects.bulk_create(
        ThreadAudience(record_id=thread.pk, token=token) for token in sorted(tokens)
    )
    _log(thread, "thread.opened", by=by, at=at, detail={"audience": sorted(tokens)})
    return thread


def _open_beside(record: Record, title: str, *, at: datetime) -> Thread:
    Record._base_manager.select_for_update().get(pk=record.pk)
    existing = (
        Thread.objects.for_system("a record has one conversation, whoever asks")
        .filter(about_id=record.pk, shares_audience=True)
        .first()
    )
    if existing is not None:
        return existing
    return Thread.objects.for_system("a new row shows nothing to anybody").create(
        title=title or record.title,
        about=record,
        shares_audience=True,
        marking=record.marking,
        owner_organisation_id=record.owner_organisation_id,
        owner_person_id=record.owner_person_id,
        created_at=at,
    )


def _find_visible(by: Viewer, reference: str) -> Record | None:
    if not reference:
        return None
    found = Record.objects.visible_to(by).filter(reference=reference).first()
    if found is None:
        raise BadInput(_("No record that you can see belongs to '%s'.") % reference[:80])
    return found


@transaction.atomic
def add_post(
    *,
    thread: Thread,
    text: str,
    by: Viewer,
    at: datetime,
    language: str = "",
    to_asker_only: bool = False,
    files: Sequence[Document] = (),
    quotes: Collection[str] = (),
    mentions: Collection[str] = (),
    not_persons: str = "",
    begun_as: str | None = MESSAGE,
) -> Post:
    """Say something. `text` is rich text and is cleaned; `quotes` are references of records.

    Addresses of records in the text are quotes too, and `@Name` of somebody who may read it
    is a mention. Whoever may not read the conversation cannot be mentioned: BadInput.
    HoldsPersons when it seems to identify somebody and `not_persons` does not say why it does not.
    `begun_as` is the corner in which it was typed: what was kept of it there is forgotten. None
    for what nobody typed.
    """
    require(policy.may_post(by))
    if not Thread.objects.visible_to(by).filter(pk=thread.pk).exists():
        raise BadInput(_("This conversation is not here any more."))
    body = clean_html(text[:MOST_TEXT])
    if not strip_tags(body).strip() and not files:
        raise BadInput(_("Write something first."))
    portions.require_whole(body)
    if len(files) > MOST_FILES:
        raise BadInput(_("At most %s files go with one message.") % MOST_FILES)
    _check_persons(thread, body, files, reason=not_persons, by=by, at=at)
    person = Person.objects.get(pk=by.person_id or 0)
    post = Post.objects.create(
        thread=thread,
        author=person,
        author_name=str(person),
        author_place=describe_place(person, on=timezone.localdate(at)),
        language=language,
        body=body,
        is_private=to_asker_only,
        at=at,
    )
    for document in files:
        _keep_file(post, document)
    _keep_quotes(post, {*quotes, *RECORD_ADDRESS.findall(body)}, by=by)
    if not to_asker_only:
        _keep_mentions(post, mentions, by=by, on=timezone.localdate(at))
    _log(thread, "thread.posted", by=by, at=at, detail={"post": post.reference})
    emit(topic=TOPIC, keys=[post.reference], at=at)
    _tell_search(post, at=at)
    _tell_readers(post, by=by, at=at)
    if begun_as is not None:
        record, place = get_spot(thread, begun_as)
        forget_words(record=record, place=place, by=by)
    return post


def get_spot(thread: Thread, begun_as: str = MESSAGE) -> tuple[Record | None, str]:
    """Where words are kept while they are typed: beside the record, or in the conversation."""
    if thread.shares_audience and thread.about is not None:
        return thread.about, begun_as
    return None, f"{THREAD}:{thread.reference}"


def _check_persons(
    thread: Thread, body: str, files: Sequence[Document], *, reason: str, by: Viewer, at: datetime
) -> None:
    """Persons are not content here either. The log keeps the reason, never the number."""
    found = persons.check_pages(_("Message"), [to_plain(body)])
    for document in files:
        found += persons.check_pages(document.file_name, document.extracted.pages)
    if not found:
        return
    if not clean_line(reason):
        raise persons.HoldsPersons(found)
    if find_persons(reason):
        raise BadInput(_("The reason holds such a number itself. Say it without the number."))
    _log(
        thread,
        "thread.not_persons",
        by=by,
        at=at,
        detail={
            "reason": clean_line(reason)[:1000],
            "finds": [persons.describe_place(place) for place in found[:100]],
        },
    )


@transaction.atomic
def comment(
    *,
    record: Record,
    text: str,
    by: Viewer,
    at: datetime,
    files: Sequence[Document] = (),
    mentions: Collection[str] = (),
    not_persons: str = "",
) -> Post:
    """Say something beside a record, to everybody who may see the record and is a member."""
    thread = open_thread(title="", shares_audience_of=record, by=by, at=at)
    return add_post(
        thread=thread,
        text=text,
        by=by,
        at=at,
        files=files,
        mentions=mentions,
        not_persons=not_persons,
    )


def _keep_file(post: Post, document: Document) -> None:
    document.staged.keep()
    PostFile.objects.create(
        post=post,
        file_name=clean_line(PurePath(document.file_name).name)[-255:],
        media_type=document.extracted.media_type,
        size=document.staged.size,
        digest=document.staged.digest,
        text="\n".join(document.extracted.pages)[:200_000],
    )


def _keep_quotes(post: Post, references: Collection[str], *, by: Viewer) -> None:
    """Only what the author may see can be quoted; anything else is no record to them."""
    visible = Record.objects.visible_to(by).filter(reference__in=sorted(references)[:MOST_QUOTES])
    Quote.objects.bulk_create(Quote(post=post, record=row) for row in visible.order_by("pk"))


def _keep_mentions(post: Post, references: Collection[str], *, by: Viewer, on: date) -> None:
    readers = find_known_readers(get_tokens(post.thread), viewer=by, on=on)
    named = list(readers.filter(reference__in=references))
    if missing := set(references) - {person.reference for person in named}:
        raise BadInput(
            _("%s of those you mention may not read this, or are not here any more.") % len(missing)
        )
    plain = strip_tags(post.body)
    if "@" in plain:
        known = {person.pk for person in named}
        named += [
            person
            for person in readers
            if person.pk not in known and person.full_name and f"@{person.full_name}" in plain
        ]
    Mention.objects.bulk_create(
        Mention(post=post, person=person) for person in named if person.pk != post.author_id
    )


def describe_place(person: Person, *, on: date) -> str:
    """Where somebody speaks from: their organisation, or the economy they speak for."""
    place = (
        Membership.objects.current(on)
        .filter(person=person)
        .select_related("organisation")
        .order_by("pk")
        .first()
    )
    if place is not None:
        return str(place.organisation)
    post = FocalPoint.objects.current(on).filter(person=person).order_by("pk").first()
    return get_vocabulary().economy_name(post.economy_id, "en") if post else ""


@transaction.atomic
def withdraw_post(*, post: Post, by: Viewer, at: datetime) -> None:
    """Take back what one has said: its text, files and quotes go, that it was there stays."""
    post = Post.objects.select_for_update(of=("self",)).select_related("thread").get(pk=post.pk)
    require(policy.may_withdraw(by, post))
    post.withdrawn_at, post.body = at, ""
    post.save(update_fields=("withdrawn_at", "body"))
    for model in (PostFile, Quote, Mention):
        model._base_manager.filter(post_id=post.pk).delete()
    _log(post.thread, "thread.withdrew", by=by, at=at, detail={"post": post.reference})
    emit(topic=TOPIC, keys=[post.reference], at=at, revokes=True)
    _tell_search(post, at=at, revokes=True)


def _tell_search(post: Post, *, at: datetime, revokes: bool = False) -> None:
    """What was said is found with its record; what is private is found by itself."""
    about = post.thread.about
    if about is None or not post.thread.shares_audience or not is_indexed(about.kind):
        return
    key = post.reference if post.is_private else about.reference
    emit(topic=RECORD_TOPIC, keys=[key], at=at, revokes=revokes)


def _tell_readers(post: Post, *, by: Viewer, at: datetime) -> None:
    """Those named, and, where the conversation is about no inquiry of its own, who took part.

    Each of them is asked for once more by the door: nobody is told of what they cannot see.
    """
    thread = post.thread
    about = thread.about if thread.shares_audience else None
    named = set(Mention.objects.filter(post=post).values_list("person_id", flat=True))
    where: dict[str, Any] = {
        "url": _find_url(post),
        "record": about.reference if about else "",
        "key": post.reference,
        "at": at,
    }
    title = about.title if about else thread.title
    notify(
        person_ids=named,
        kind="threads.mentioned",
        text=Words(gettext_noop("{name} mentions you: {title}"), name=by.name, title=title),
        **where,
    )
    if about is not None and is_indexed(about.kind):
        return  # the app whose kind it is tells of its answers
    others = set(
        Post.objects.filter(thread=thread, is_private=False).values_list("author_id", flat=True)
    ) | {thread.owner_person_id if about is None else about.owner_person_id}
    if about is None:
        others |= find_people(get_tokens(thread), on=timezone.localdate(at))
    notify(
        person_ids={pk for pk in others if pk} - named - {by.person_id},
        kind="threads.posted",
        text=Words(gettext_noop("{name} wrote: {title}"), name=by.name, title=title),
        **where,
    )


def _find_url(post: Post) -> str:
    thread = post.thread
    if thread.shares_audience and thread.about is not None:
        address = reverse("threads:of_record", args=[thread.about.reference])
        if is_indexed(thread.about.kind):
            address = (
                get_kind(thread.about.kind)
                .model(reference=thread.about.reference)
                .get_absolute_url()
            )
    else:
        address = thread.get_absolute_url()
    return f"{address}#post-{post.reference}"


def _log(
    thread: Thread, action: str, *, by: Viewer, at: datetime, detail: dict[str, object]
) -> None:
    write_entry(
        action=action,
        target_kind="thread",
        target_key=thread.reference,
        actor_key=by.actor_key,
        at=at,
        detail=detail,
    )
