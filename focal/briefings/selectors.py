"""Briefings and editions as pages and programs read them: always for a viewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from focal.briefings.models import Binding, Briefing, Edition
from focal.briefings.rendering import Part, iterate_texts
from focal.indicators import selectors as indicators
from focal.records.finding.shown import ShownRecord, show
from focal.sharing.viewer import Viewer
from focal.ui.components import DiffPart, compare_texts


@dataclass(frozen=True, slots=True)
class ListedBriefing:
    """A briefing in the list of all, with its newest edition that the viewer may read."""

    briefing: Briefing
    shown: ShownRecord
    edition: Edition | None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one figure or chart: the words before and now. `url` may be empty."""

    title: str
    before: str
    now: str
    url: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two issues."""

    figures: tuple[Change, ...]
    texts: tuple[list[DiffPart], ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.figures or self.texts or self.added or self.removed)


def list_briefings(viewer: Viewer, language: str) -> list[ListedBriefing]:
    """All briefings the viewer may see, the newest first."""
    rows = list(
        Briefing.objects.visible_to(viewer).defer("body", "blocks").order_by("-updated_at", "-pk")
    )
    shown = {item.reference: item for item in show(rows, language)}
    newest: dict[int, Edition] = {}
    for edition in (
        Edition.objects.visible_to(viewer)
        .filter(of_briefing_id__in=[row.pk for row in rows])
        .defer("frozen", "body")
        .order_by("frozen_at", "pk")
    ):
        newest[edition.of_briefing_id] = edition
    return [ListedBriefing(row, shown[row.reference], newest.get(row.pk)) for row in rows]


def get_briefing(viewer: Viewer, reference: str) -> Briefing | None:
    """A briefing, or None when the viewer cannot see it."""
    return (
        Briefing.objects.visible_to(viewer)
        .select_related("owner_organisation")
        .filter(reference=reference)
        .first()
    )


def get_edition(viewer: Viewer, reference: str) -> Edition | None:
    """An edition, or None when the viewer cannot see it."""
    return (
        Edition.objects.visible_to(viewer)
        .select_related("owner_organisation", "approved_by")
        .filter(reference=reference)
        .first()
    )


def get_living(viewer: Viewer, edition: Edition) -> Briefing | None:
    """The briefing that an edition was made from, if the viewer may see it."""
    return Briefing.objects.visible_to(viewer).filter(pk=edition.of_briefing_id).first()


def list_editions(viewer: Viewer, briefing_pk: int | None) -> list[Edition]:
    """The editions of a briefing that the viewer may see, newest first."""
    return list(
        Edition.objects.visible_to(viewer)
        .filter(of_briefing_id=briefing_pk)
        .select_related("approved_by")
        .defer("frozen", "body")
        .order_by("-frozen_at", "-pk")
    )


def get_before(viewer: Viewer, edition: Edition) -> Edition | None:
    """The edition for the same readers before this one, if the viewer may see it."""
    return (
        Edition.objects.visible_to(viewer)
        .filter(
            of_briefing_id=edition.of_briefing_id,
            number__lt=edition.number,
            issued_for=edition.issued_for,
        )
        .order_by("-number")
        .first()
    )


def get_newest(viewer: Viewer, edition: Edition) -> Edition | None:
    """The newest edition for the same readers, if it is newer than this one."""
    return (
        Edition.objects.visible_to(viewer)
        .filter(
            of_briefing_id=edition.of_briefing_id,
            number__gt=edition.number,
            issued_for=edition.issued_for,
        )
        .defer("frozen", "body")
        .order_by("-number")
        .first()
    )


def read_parts(edition: Edition, language: str) -> tuple[list[Part], str]:
    """What an edition holds in a language, else in its own; and which language that is."""
    chosen = language if language in edition.frozen else edition.language
    return [Part(**part) for part in edition.frozen.get(chosen, ())], chosen


def compare(before: Sequence[Part], now: Sequence[Part]) -> Difference:
    """What changed from one issue to the next, both in one language: figures and texts by their
    block, the latter word by word; what was moved is no change."""
    earlier = _by_place(before)
    figures = [
        Change(figure["title"], earlier[place]["whole"], figure["whole"], figure["url"])
        for place, figure in _by_place(now).items()
        if place in earlier and earlier[place]["whole"] != figure["whole"]
    ]
    figures += _compare_charts(before, now)
    said, says = dict(iterate_texts(before)), dict(iterate_texts(now))
    both = [place for place in says if place in said]
    texts = [compare_texts(said[one], says[one]) for one in both if said[one] != says[one]]
    gone = Counter(text for place, text in said.items() if place not in says)
    new = Counter(text for place, text in says.items() if place not in said)
    return Difference(tuple(figures), tuple(texts), tuple(new - gone), tuple(gone - new))


def compare_editions(before: Edition, now: Edition, language: str) -> Difference:
    """The same of two editions, in a language that both have, else in their own."""
    is_shared = language in before.frozen and language in now.frozen
    shared = language if is_shared else now.language
    return compare(read_parts(before, shared)[0], read_parts(now, shared)[0])


def _compare_charts(before: Sequence[Part], now: Sequence[Part]) -> list[Change]:
    """Charts that show other figures than before: what they say, before and now."""
    earlier = {part.id: part.values for part in before}
    changed = (
        (earlier[part.id], part.values)
        for part in now
        if part.kind == "chart" and part.id in earlier
        and earlier[part.id].get("rows") != part.values["rows"]
    )  # fmt: skip
    return [
        Change(values["title"], old.get("summary", ""), values["summary"], "")
        for old, values in changed
    ]


def _by_place(parts: Sequence[Part]) -> dict[tuple[str, int], Mapping[str, Any]]:
    return {
        (part.id, number): figure for part in parts for number, figure in enumerate(part.figures)
    }


def list_superseded(viewer: Viewer, briefing: Briefing) -> list[tuple[str, str, str]]:
    """Figures that a briefing quotes and that stand no more: block, the old one, the new one."""
    found = []
    rows = list(Binding.objects.filter(briefing_id=briefing.pk).order_by("pk"))
    quoted = indicators.get_observations(viewer, {row.observation for row in rows})
    for row in rows:
        observation = quoted.get(row.observation)
        if observation is not None and not observation.is_standing:
            latest = indicators.get_latest(observation)
            found.append(
                (row.block, row.observation, latest.reference if latest.is_standing else "")
            )
    return found


def describe_figures(
    viewer: Viewer, references: Sequence[str], language: str
) -> list[indicators.DescribedFigure]:
    """These figures in words, in this order, in the active language."""
    rows = indicators.get_observations(viewer, references)
    described = indicators.describe_all(rows.values(), language)
    return [described[name] for name in references if name in described]
