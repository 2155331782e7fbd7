"""Reads of conversations: always for a viewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from focal.records.finding.shown import ShownRecord, get_rows, show
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.threads import policy
from focal.threads.models import Mention, Post, PostFile, Quote, Thread

LISTED = 200


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as one viewer reads it. `quotes` are those records that they may see."""

    post: Post
    is_mine: bool
    may_withdraw: bool
    files: tuple[PostFile, ...]
    quotes: tuple[ShownRecord, ...]
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedThread:
    """A conversation in a list, with when something was last said in it."""

    thread: Thread
    last_at: datetime
    last_by: str


def get_thread(viewer: Viewer, reference: str) -> Thread | None:
    """A conversation, or None when the viewer cannot see it."""
    return (
        Thread.objects.visible_to(viewer)
        .select_related("owner_person", "owner_organisation")
        .filter(reference=reference)
        .first()
    )


def get_thread_of(viewer: Viewer, record: Record) -> Thread | None:
    """The conversation beside a record, once somebody has said something there."""
    return (
        Thread.objects.visible_to(viewer).filter(about_id=record.pk, shares_audience=True).first()
    )


def get_about(viewer: Viewer, thread: Thread) -> Record | None:
    """The record that a conversation is about, as far as the viewer may see it."""
    if thread.about_id is None:
        return None
    return Record.objects.visible_to(viewer).filter(pk=thread.about_id).first()


def find_posts(viewer: Viewer) -> QuerySet[Post]:
    """Posts that the viewer may know to exist, whatever the conversation.

    A private one is its author's and the asker's: who owns the record that the conversation
    stands beside, or the conversation itself. Nobody else learns that it is there.
    """
    visible = Thread.objects.visible_to(viewer)
    # Asked of each post's conversation, not as a list of all of them: who asks wants few posts.
    return Post.objects.filter(
        _is_told_to(viewer), Exists(visible.filter(pk=OuterRef("thread_id")))
    )


def is_said_beside(viewer: Viewer, path: str = "") -> Q:
    """Posts that the viewer may know to exist, beside records that they were found to see.

    For reads over many such records, whose conversations would be asked for one by one otherwise.
    `path` leads from the rows that are filtered to the post.
    """
    return _is_told_to(viewer, path) & Q(**{f"{path}thread__shares_audience": True})


def _is_told_to(viewer: Viewer, path: str = "") -> Q:
    """Whom a post is told among those who may see its conversation; no visitor sees any."""
    person = viewer.person_id
    if person is None:
        return Q(pk__in=())
    ways: tuple[dict[str, Any], ...] = (
        {"is_private": False},
        {"author_id": person},
        {"thread__shares_audience": True, "thread__about__owner_person_id": person},
        {"thread__shares_audience": False, "thread__owner_person_id": person},
    )
    return reduce(or_, (Q(**{path + name: way[name] for name in way}) for way in ways))


def list_posts(viewer: Viewer, thread: Thread, language: str) -> list[ShownPost]:
    """The posts of a conversation that the viewer may see, oldest first. Five queries."""
    rows = find_posts(viewer).filter(thread_id=thread.pk)
    return show_posts(viewer, rows.order_by("at", "pk"), language)


def list_posts_beside(viewer: Viewer, record: Record, language: str) -> list[ShownPost]:
    """What was said beside a record that the viewer was found to see, the same way."""
    rows = Post.objects.filter(is_said_beside(viewer), thread__about_id=record.pk)
    return show_posts(viewer, rows.order_by("at", "pk"), language)


def show_posts(viewer: Viewer, rows: Iterable[Post], language: str) -> list[ShownPost]:
    """Posts the viewer was found to see, with what hangs on them."""
    posts = list(rows)
    ids = [post.pk for post in posts if post.withdrawn_at is None]
    files: dict[int, list[PostFile]] = defaultdict(list)
    for file in PostFile.objects.filter(post_id__in=ids).defer("text").order_by("pk"):
        files[file.post_id].append(file)
    quotes = _read_quotes(viewer, ids, language)
    names: dict[int, list[str]] = defaultdict(list)
    for post_id, name in (
        Mention.objects.filter(post_id__in=ids)
        .order_by("pk")
        .values_list("post_id", "person__full_name")
    ):
        names[post_id].append(name)
    return [
        ShownPost(
            post=post,
            is_mine=viewer.person_id is not None and post.author_id == viewer.person_id,
            may_withdraw=bool(policy.may_withdraw(viewer, post)),
            files=tuple(files[post.pk]),
            quotes=tuple(quotes[post.pk]),
            mentions=tuple(names[post.pk]),
        )
        for post in posts
    ]


def _read_quotes(
    viewer: Viewer, ids: Collection[int], language: str
) -> dict[int, list[ShownRecord]]:
    pairs = list(
        Quote.objects.filter(post_id__in=ids)
        .order_by("pk")
        .values_list("post_id", "record__reference")
    )
    # One query more whether something is quoted or not: the number would tell of it.
    rows = get_rows(viewer, [reference for _post, reference in pairs])
    shown = {item.reference: item for item in show(rows.values(), language)}
    found: dict[int, list[ShownRecord]] = defaultdict(list)
    for post_id, reference in pairs:
        if reference in shown:
            found[post_id].append(shown[reference])
    return found


def list_threads(viewer: Viewer) -> list[ListedThread]:
    """Conversations with an audience of their own, the liveliest first."""
    last = find_posts(viewer).filter(thread_id=OuterRef("pk")).order_by("-at", "-pk")
    rows = (
        Thread.objects.visible_to(viewer)
        .filter(shares_audience=False)
        .annotate(
            last_at=Subquery(last.values("at")[:1]),
            last_by=Subquery(last.values("author_name")[:1]),
        )
        .order_by("-created_at", "-pk")[:LISTED]
    )
    listed = [ListedThread(row, row.last_at or row.created_at, row.last_by or "") for row in rows]
    return sorted(listed, key=lambda item: item.last_at, reverse=True)


def get_post(viewer: Viewer, reference: str) -> Post | None:
    """A post, or None when the viewer cannot see it."""
    return find_posts(viewer).select_related("thread").filter(reference=reference).first()


def get_file(viewer: Viewer, reference: str) -> PostFile | None:
    """A file of a post that the viewer may see and that was not taken back."""
    posts = find_posts(viewer).filter(withdrawn_at__isnull=True)
    return PostFile.objects.filter(reference=reference, post_id__in=posts.values("pk")).first()


def iterate_digests() -> Iterable[str]:
    """The contents of all files of posts, for whoever cleans the store."""
    return PostFile.objects.values_list("digest", flat=True).distinct().iterator(chunk_size=5000)
