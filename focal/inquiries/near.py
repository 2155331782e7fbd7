"""What the platform holds already on a question, and who is likely to know.

Both come from records that the asker may see; nobody is proposed because of what is hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import strip_tags

from focal.directory.models import Organisation, Person
from focal.directory.who import Card, get_cards
from focal.inquiries.models import Answer
from focal.records.finding.search import FoundRecord, Wish, find
from focal.records.finding.shown import get_rows, show
from focal.records.models import OUT, Record
from focal.search.services import similar_text
from focal.sharing.viewer import Viewer
from focal.threads.selectors import find_posts
from focal.vocabulary.selectors import get_vocabulary

ENOUGH = 12  # characters of a question before anything is looked for
LONGEST = 600  # characters that are looked for
MOST_FOUND = 6
NEAREST = 40  # records among which those who know are looked for
NAMED = 5  # organisations, and people, that are proposed
WEIGHED = 3  # an organisation counts by its nearest records, not by how many it has


@dataclass(frozen=True, slots=True)
class Because:
    """A record for which somebody is proposed; `has_answered`: it is an inquiry they answered."""

    title: str
    url: str
    language: str
    has_answered: bool = False


@dataclass(frozen=True, slots=True)
class Knower:
    """An organisation or person that is likely to know, and why. `value` is what a form sends."""

    field: str
    value: str
    name: str
    detail: str
    reasons: tuple[Because, ...]
    further: int


@dataclass(frozen=True, slots=True)
class Near:
    """What is shown beside a question that is being typed."""

    text: str
    found: tuple[FoundRecord, ...] = ()
    organisations: tuple[Knower, ...] = ()
    people: tuple[Knower, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.found or self.organisations or self.people)


def look_near(viewer: Viewer, *, title: str, background: str, language: str, on: date) -> Near:
    """What lies near a question, in every language, as far as the asker may see it."""
    text = " ".join(f"{title} {strip_tags(background)}".split())[:LONGEST]
    if len(text) < ENOUGH or viewer.is_anonymous:
        return Near(text)
    found = find(viewer, Wish(text=text), language=language, limit=MOST_FOUND)
    keys = {match.key: match.similarity for match in similar_text(text, viewer.tokens, NEAREST)}
    for item in found.records:
        keys.setdefault(item.record.reference, 0.8)
    rows = get_rows(viewer, keys)
    near = [row for row in rows.values() if row.state in OUT]
    near.sort(key=lambda row: (-keys[row.reference], row.reference))
    answered = _read_who_answered(viewer, near)
    return Near(
        text=text,
        found=found.records,
        organisations=_find_organisations(viewer, near, keys, answered, language),
        people=_find_people(viewer, near, keys, answered, language, on),
    )


def _read_who_answered(viewer: Viewer, near: Sequence[Record]) -> Mapping[int, list[Answer]]:
    """The answers that the asker may see, to the inquiries among these records."""
    inquiries = [row.pk for row in near if row.kind == "inquiry"]
    answered: dict[int, list[Answer]] = defaultdict(list)
    posts = find_posts(viewer).filter(withdrawn_at__isnull=True)
    for answer in Answer.objects.filter(
        inquiry_id__in=inquiries, sort=Answer.Sort.ANSWER, post_id__in=posts.values("pk")
    ).select_related("post"):
        answered[answer.inquiry_id].append(answer)
    return answered


Weighed = tuple[float, Record, bool]
Nearest = dict[int, list[Weighed]]


def _find_organisations(
    viewer: Viewer,
    near: Sequence[Record],
    keys: Mapping[str, float],
    answered: Mapping[int, list[Answer]],
    language: str,
) -> tuple[Knower, ...]:
    """Organisations whose records, or whose answers to earlier inquiries, lie nearest."""
    by: Nearest = defaultdict(list)
    authors = _read_organisations([row.pk for row in near])
    for row in near:
        weight = keys[row.reference]
        if row.kind != "inquiry":  # who once asked the same does not know
            for pk in {row.owner_organisation_id, *authors[row.pk]}:
                by[pk].append((weight, row, False))
        for pk in _list_numbers(answered[row.pk], "org"):
            by[pk].append((weight, row, True))
    for pk in viewer.writes_for | _list_own(viewer, "org"):
        by.pop(pk, None)
    best = _take_best(by)
    rows = Organisation.objects.in_bulk(best)
    vocabulary = get_vocabulary()
    return tuple(
        Knower(
            field="to_organisations",
            value=rows[pk].reference,
            name=str(rows[pk]),
            detail=vocabulary.economy_name(economy, language) if economy else "",
            **_explain(by[pk], language),
        )
        for pk in best
        for economy in [rows[pk].economy_id or ""]
    )


def _find_people(
    viewer: Viewer,
    near: Sequence[Record],
    keys: Mapping[str, float],
    answered: Mapping[int, list[Answer]],
    language: str,
    on: date,
) -> tuple[Knower, ...]:
    """People who brought what lies nearest, or who answered earlier inquiries about it."""
    by: Nearest = defaultdict(list)
    for row in near:
        weight = keys[row.reference]
        if row.kind != "inquiry" and row.owner_person_id is not None:
            by[row.owner_person_id].append((weight, row, False))
        for answer in answered[row.pk]:
            if answer.post.author_id is not None:
                by[answer.post.author_id].append((weight, row, True))
    by.pop(viewer.person_id or 0, None)
    cards = _read_cards(viewer, by, on)
    by = {pk: _keep_shown(those, cards[pk]) for pk, those in by.items() if pk in cards}
    best = _take_best({pk: those for pk, those in by.items() if those})
    return tuple(
        Knower(
            field="to_people",
            value=cards[pk].reference,
            name=cards[pk].name,
            detail=_describe(cards[pk], language),
            **_explain(by[pk], language),
        )
        for pk in best
    )


def _read_cards(viewer: Viewer, people: Collection[int], on: date) -> dict[int, Card]:
    """People as they show themselves to whoever asks."""
    person = Person.objects.filter(pk=viewer.person_id or 0).first()
    return get_cards(person, people, on=on) if person and people else {}


def _keep_shown(those: list[Weighed], card: Card) -> list[Weighed]:
    """What somebody brought counts if they show that they work where it belongs."""
    places = {place.organisation_id for place in card.places}
    return [item for item in those if item[2] or item[1].owner_organisation_id in places]


def _describe(card: Card, language: str) -> str:
    if card.places:
        organisation = card.places[0].organisation
        return organisation.acronym or organisation.name
    return get_vocabulary().economy_name(card.economies[0], language) if card.economies else ""


def _take_best(by: Nearest) -> list[int]:
    scores = {
        pk: sum(sorted((weight for weight, _row, _answered in those), reverse=True)[:WEIGHED])
        for pk, those in by.items()
    }
    return sorted(scores, key=lambda pk: (-scores[pk], pk))[:NAMED]


def _explain(those: Sequence[Weighed], language: str) -> dict:
    """The two nearest records, and how many there are beside them."""
    distinct = {row.pk: (row, answered) for _weight, row, answered in reversed(those)}
    nearest = list(reversed(distinct.values()))
    shown = show([row for row, _answered in nearest[:2]], language)
    return {
        "reasons": tuple(
            Because(item.title, item.url, item.language, answered)
            for item, (_row, answered) in zip(shown, nearest, strict=False)
        ),
        "further": max(0, len(nearest) - 2),
    }


def _read_organisations(ids: Collection[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for record_id, organisation_id in Record.organisations.through.objects.filter(
        record_id__in=ids
    ).values_list("record_id", "organisation_id"):
        found[record_id].append(organisation_id)
    return found


def _list_numbers(answers: Sequence[Answer], kind: str) -> set[int]:
    return {
        int(token.partition(":")[2])
        for answer in answers
        for token in answer.speaks_for
        if token.startswith(f"{kind}:")
    }


def _list_own(viewer: Viewer, kind: str) -> set[int]:
    return {int(token.partition(":")[2]) for token in viewer.tokens if token.startswith(f"{kind}:")}
