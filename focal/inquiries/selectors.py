"""Reads of inquiries: always for a viewer, and of private answers only what they may see."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Any, NamedTuple, cast

from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
)
from django.db.models.functions import Cast

from focal.inquiries import policy
from focal.inquiries.models import Answer, Inquiry, Pointer, SourceRequest
from focal.inquiries.parties import Directory, find_parties_of, read_directory
from focal.records.finding.shown import ShownRecord, show
from focal.records.models import OUT, Record, Release
from focal.sharing.viewer import Viewer
from focal.threads.selectors import (
    ShownPost,
    find_posts,
    is_said_beside,
    list_posts_beside,
)

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody an answer is expected from. `sort` is that of their first answer, if any."""

    token: str
    name: str
    sort: str = ""

    @property
    def has_answered(self) -> bool:
        """Whether they have said anything, be it that they do not have it."""
        return bool(self.sort)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an inquiry stands, as one viewer may know it."""

    parties: tuple[Party, ...]
    answers: int
    nothing: int
    has_answered: bool

    @property
    def missing(self) -> tuple[Party, ...]:
        """Who was asked and has not answered, as far as this viewer sees."""
        return tuple(party for party in self.parties if not party.has_answered)

    @property
    def answered(self) -> tuple[Party, ...]:
        """Who has answered."""
        return tuple(party for party in self.parties if party.has_answered)


class Voice(NamedTuple):
    """An answer as far as counting needs it: by whom, and for which parties."""

    sort: str
    author_id: int | None
    parties: Sequence[str]


@dataclass(frozen=True, slots=True)
class ListedInquiry:
    """An inquiry in the list."""

    inquiry: Inquiry
    shown: ShownRecord
    standing: Standing
    age: int
    is_mine: bool
    is_for_me: bool
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list, and how many there are of the same state and words, by `whose`."""

    page: Page
    rows: Sequence[ListedInquiry]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the list is narrowed to."""

    status: str = "open"
    whose: str = "all"
    text: str = ""


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One contribution on an inquiry's page: a post, what it answers with, whom it names."""

    shown: ShownPost
    answer: Answer | None = None
    pointers: tuple[Pointer, ...] = ()
    request: SourceRequest | None = None


def get_inquiry(viewer: Viewer, reference: str) -> Inquiry | None:
    """An inquiry, or None when the viewer cannot see it."""
    return (
        Inquiry.objects.visible_to(viewer)
        .select_related("owner_organisation", "owner_person")
        .filter(reference=reference)
        .first()
    )


def get_result(viewer: Viewer, inquiry: Inquiry) -> Record | None:
    """What the inquiry became, as far as the viewer may see it."""
    if inquiry.result_id is None:
        return None
    return Record.objects.visible_to(viewer).filter(pk=inquiry.result_id).first()


# The list


def find_inquiries(viewer: Viewer, choice: Choice) -> QuerySet[Any]:
    """The inquiries of a state and with words, newest first, whosever they are.

    Each with `is_for_viewer`, whether it waits for their answer, and `is_of_viewer`.
    """
    person = viewer.person_id or 0
    own = Answer.objects.filter(post__author_id=person, post__withdrawn_at__isnull=True)
    named = Release.objects.filter(record_id=OuterRef("pk"), token__in=sorted(viewer.tokens))
    rows = Inquiry.objects.visible_to(viewer).filter(Q(state__in=OUT) | Q(owner_person_id=person))
    if choice.status in Inquiry.Status.values:
        rows = rows.filter(status=choice.status)
    if choice.text:
        rows = rows.filter(title__icontains=choice.text)
    annotated = rows.annotate(
        is_for_viewer=_is_true(
            Exists(named), ~Q(owner_person_id=person), ~Q(pk__in=own.values("inquiry_id"))
        ),
        is_of_viewer=_is_true(Q(owner_person_id=person)),
    )
    return cast("QuerySet[Any]", annotated.order_by("-published_at", "-pk"))


def _is_true(*rules: Any) -> ExpressionWrapper:
    return ExpressionWrapper(reduce(and_, (Q(rule) for rule in rules)), output_field=BooleanField())


def list_page(viewer: Viewer, choice: Choice, *, number: int, language: str, on: date) -> Listing:
    """One page of the list. The same number of queries for any number of inquiries.

    Only keys are put in order, of all there are: whole rows are read for one page.
    """
    rows = find_inquiries(viewer, choice)
    keys: dict[str, list[int]] = {"all": [], "for-me": [], "mine": []}
    for key, is_for_viewer, is_of_viewer in rows.values_list("pk", "is_for_viewer", "is_of_viewer"):
        keys["all"].append(key)
        if is_for_viewer:
            keys["for-me"].append(key)
        if is_of_viewer:
            keys["mine"].append(key)
    page = Paginator(keys[choice.whose], PAGE_SIZE).get_page(number)
    found = list(
        rows.filter(pk__in=page.object_list)
        .select_related("owner_organisation", "owner_person")
        .defer("body")
    )
    standings = read_standings(viewer, found, language=language, on=on)
    listed = [
        ListedInquiry(
            inquiry=row,
            shown=item,
            standing=standings[row.pk],
            age=(on - (row.published_at or row.created_at).date()).days,
            is_mine=policy.is_asker(viewer, row),
            is_for_me=row.is_for_viewer and row.is_open,
            days_left=(row.due_date - on).days if row.due_date and row.is_open else None,
        )
        for row, item in zip(found, show(found, language), strict=True)
    ]
    return Listing(page, listed, {whose: len(those) for whose, those in keys.items()})


# How inquiries stand


def read_standings(
    viewer: Viewer, rows: Sequence[Inquiry], *, language: str, on: date
) -> dict[int, Standing]:
    """Who was asked and who has answered, by inquiry. Some twelve queries for any number."""
    voices = _read_voices(viewer, [row.pk for row in rows])
    return _read_standings(viewer, rows, voices, language=language, on=on)


def read_standing(
    viewer: Viewer,
    inquiry: Inquiry,
    contributions: Iterable[ShownAnswer],
    *,
    language: str,
    on: date,
) -> Standing:
    """The same of one inquiry whose contributions were read for this viewer."""
    voices = [
        Voice(item.answer.sort, item.shown.post.author_id, item.answer.speaks_for)
        for item in contributions
        if item.answer is not None and item.shown.post.withdrawn_at is None
    ]
    found = _read_standings(viewer, [inquiry], {inquiry.pk: voices}, language=language, on=on)
    return found[inquiry.pk]


def _read_standings(
    viewer: Viewer,
    rows: Sequence[Inquiry],
    voices: Mapping[int, Sequence[Voice]],
    *,
    language: str,
    on: date,
) -> dict[int, Standing]:
    releases = read_releases([row.pk for row in rows])
    tokens = {token for those in releases.values() for token in those}
    directory = read_directory(tokens, viewer=viewer, language=language, on=on)
    askers = find_parties_of({row.owner_person_id or 0 for row in rows}, on=on)
    return {
        row.pk: _stand(
            viewer,
            directory,
            releases[row.pk],
            voices[row.pk],
            askers[row.owner_person_id or 0] | {f"org:{row.owner_organisation_id}"},
        )
        for row in rows
    }


def read_releases(ids: Collection[int]) -> Mapping[int, list[str]]:
    """The release lists of these inquiries."""
    releases: dict[int, list[str]] = defaultdict(list)
    for record_id, token in Release.objects.filter(record_id__in=ids).values_list(
        "record_id", "token"
    ):
        releases[record_id].append(token)
    return releases


def find_answers(viewer: Viewer, ids: Collection[int]) -> QuerySet[Any]:
    """The answers that the viewer may see to inquiries that they were found to see, oldest first.

    `parties` is `speaks_for` as text: few people answer much, and reading it once each is enough.
    """
    return (
        Answer.objects.filter(
            is_said_beside(viewer, "post__"),
            inquiry_id__in=ids,
            post__thread__about_id=F("inquiry_id"),
            post__withdrawn_at__isnull=True,
        )
        .annotate(parties=Cast("speaks_for", TextField()))
        .order_by("post__at", "pk")
    )


def read_parties(text: str) -> list[str]:
    """What `find_answers` gives as `parties`."""
    return list(json.loads(text))


def _read_voices(viewer: Viewer, ids: Collection[int]) -> Mapping[int, list[Voice]]:
    voices: dict[int, list[Voice]] = defaultdict(list)
    known: dict[str, list[str]] = {}
    for inquiry, sort, author, text in find_answers(viewer, ids).values_list(
        "inquiry_id", "sort", "post__author_id", "parties"
    ):
        if text not in known:
            known[text] = read_parties(text)
        voices[inquiry].append(Voice(sort, author, known[text]))
    return voices


def _stand(
    viewer: Viewer,
    directory: Directory,
    tokens: Iterable[str],
    answers: Sequence[Voice],
    asker: Collection[str],
) -> Standing:
    first: dict[str, str] = {}
    for answer in answers:
        for party in answer.parties:
            first.setdefault(party, answer.sort)
    parties = [
        Party(party, name, first.get(party, ""))
        for party in directory.expand(tokens)
        if party not in asker and (name := directory.name(party))
    ]
    return Standing(
        parties=tuple(sorted(parties, key=lambda party: party.name.casefold())),
        answers=sum(answer.sort == Answer.Sort.ANSWER for answer in answers),
        nothing=sum(answer.sort == Answer.Sort.NOTHING for answer in answers),
        has_answered=any(
            viewer.person_id is not None and answer.author_id == viewer.person_id
            for answer in answers
        ),
    )


# One inquiry


def list_contributions(viewer: Viewer, inquiry: Inquiry, language: str) -> list[ShownAnswer]:
    """What was said to an inquiry, oldest first, as far as the viewer may see it."""
    posts = list_posts_beside(viewer, inquiry, language)
    ids = [item.post.pk for item in posts]
    answers = {row.post_id: row for row in Answer.objects.filter(post_id__in=ids)}
    pointers: dict[int, list[Pointer]] = defaultdict(list)
    for pointer in Pointer.objects.filter(answer__post_id__in=ids).order_by("name", "pk"):
        pointers[pointer.answer_id].append(pointer)
    requests = {row.answer_id: row for row in SourceRequest.objects.filter(answer__post_id__in=ids)}
    return [
        ShownAnswer(
            shown=item,
            answer=answer,
            pointers=tuple(pointers[answer.pk]) if answer else (),
            request=requests.get(answer.pk) if answer else None,
        )
        for item in posts
        for answer in [answers.get(item.post.pk)]
    ]


def get_pointer(viewer: Viewer, reference: str) -> Pointer | None:
    """'Ask X' of an answer that the viewer may see."""
    return (
        Pointer.objects.filter(
            Exists(find_posts(viewer).filter(pk=OuterRef("answer__post_id"))), reference=reference
        )
        .select_related("answer__inquiry")
        .first()
    )


def get_source_request(viewer: Viewer, reference: str) -> SourceRequest | None:
    """What an author was asked, for an answer that the viewer may see."""
    return (
        SourceRequest.objects.filter(
            Exists(find_posts(viewer).filter(pk=OuterRef("answer__post_id"))), reference=reference
        )
        .select_related("answer__post", "answer__inquiry")
        .first()
    )
