"""How search finds what was said beside records of certain kinds.

What everybody who sees the record may read is found with the record, like a page of it. A
private post is found by itself, by its author and the asker alone; search shows it as the
record it stands beside (`records.standins`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from focal.records.models import RecordAudience
from focal.records.selectors import to_plain
from focal.records.standins import Place
from focal.search.documents import Page, SearchDocument, Text
from focal.sharing.tokens import PUBLIC
from focal.sharing.viewer import Viewer
from focal.threads.models import Post, PostFile
from focal.threads.selectors import find_posts

_kinds: dict[str, str] = {}


def register_indexed_kind(key: str) -> None:
    """What is said beside records of this kind is found by search."""
    _kinds[key] = key


def is_indexed(kind: str) -> bool:
    """Whether search reads what is said beside records of that kind."""
    return kind in _kinds


def read_pages(record_ids: Sequence[int]) -> Mapping[int, Sequence[Page]]:
    """What was said to everybody who sees these records, with the text of its files.

    Beside a record that visitors read nothing is found: conversations are members' alone.
    """
    public = RecordAudience.objects.filter(record_id__in=record_ids, token=PUBLIC)
    posts = (
        Post.objects.filter(
            thread__about_id__in=record_ids,
            thread__shares_audience=True,
            is_private=False,
            withdrawn_at__isnull=True,
        )
        .exclude(thread__about_id__in=public.values("record_id"))
        .select_related("thread")
        .order_by("at", "pk")
    )
    pages: dict[int, list[Page]] = defaultdict(list)
    rows = list(posts)
    texts = _read_files([post.pk for post in rows])
    for post in rows:
        if post.thread.about_id is not None:
            body = "\n".join([to_plain(post.body), *texts[post.pk]])
            pages[post.thread.about_id].append(Page(post.reference, 1, post.language, body))
    return pages


def _read_files(ids: Sequence[int]) -> Mapping[int, list[str]]:
    texts: dict[int, list[str]] = defaultdict(list)
    for post_id, text in (
        PostFile.objects.filter(post_id__in=ids).order_by("pk").values_list("post_id", "text")
    ):
        texts[post_id].append(text)
    return texts


def load_private(keys: Sequence[str]) -> list[SearchDocument]:
    """Private posts as documents of their own, for the two people who may read each."""
    rows = list(_list_private().filter(reference__in=keys).select_related("thread__about"))
    texts = _read_files([post.pk for post in rows])
    return [
        SearchDocument(
            key=post.reference,
            kind=post.thread.about.kind if post.thread.about else "",
            audience=frozenset(
                f"person:{pk}" for pk in (post.author_id, _get_asker(post)) if pk is not None
            ),
            texts=(Text(post.language, "", "", "\n".join([to_plain(post.body), *texts[post.pk]])),),
            date=post.at.date(),
        )
        for post in rows
    ]


def _get_asker(post: Post) -> int | None:
    return post.thread.about.owner_person_id if post.thread.about else None


def _list_private():
    return Post.objects.filter(
        is_private=True,
        withdrawn_at__isnull=True,
        thread__shares_audience=True,
        thread__about__kind__in=list(_kinds),
    )


def iterate_private() -> Iterable[str]:
    """The keys of all private posts that search reads."""
    return _list_private().order_by("pk").values_list("reference", flat=True).iterator()


def find_places(viewer: Viewer, keys: Sequence[str]) -> dict[str, Place]:
    """Which records these posts stand beside, as far as the viewer may see the posts."""
    rows = find_posts(viewer).filter(
        reference__in=keys, is_private=True, withdrawn_at__isnull=True, thread__about__isnull=False
    )
    return {
        key: Place(record, f"#post-{key}")
        for key, record in rows.values_list("reference", "thread__about__reference")
    }
