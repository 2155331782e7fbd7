"""Is it here already? Records that a title being typed may stand for, in any language.

Two signs count: the words of a title, folded, so that script and accents are no matter; and its
meaning, by the vectors of the search index. Only what the viewer may see is ever proposed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rapidfuzz import fuzz

from focal.mapping.selectors import MODELS
from focal.outbox.services import get_revoked_keys
from focal.records.finding.shown import ShownRecord, show
from focal.records.models import State, Translation
from focal.search import nearness
from focal.search.folding import fold_words
from focal.sharing.viewer import Viewer

FEWEST_WORDS = 2
NEAREST = 40
SHOWN = 5
ALIKE = 0.5  # from here on a pair is shown


@dataclass(frozen=True, slots=True)
class Likely:
    """A record that may be the same, how sure (0 to 1), and by what."""

    shown: ShownRecord
    score: float
    by_words: bool


def find_likely(
    viewer: Viewer,
    *,
    kind: str,
    title: str,
    economies: Collection[str] = (),
    leave_out: str = "",
    language: str = "en",
) -> list[Likely]:
    """The likeliest doubles among what the viewer sees, from the second word of a title on."""
    if len(fold_words(title)) < FEWEST_WORDS or kind not in MODELS:
        return []
    near = _find_near(viewer, title)
    model = MODELS[kind]
    visible = model.objects.visible_to(viewer).exclude(state=State.WITHDRAWN)
    visible = visible.exclude(reference=leave_out)
    by_meaning = visible.filter(reference__in=near)
    words = [word for word in fold_words(title) if len(word) > 3][:6]
    recent = visible.order_by("-updated_at", "-pk")
    rows = {row.pk: row for row in by_meaning.defer("body")}
    if words:  # without an index, or for what it has not heard of yet
        rows |= {row.pk: row for row in recent.defer("body")[:NEAREST]}
    titles = _read_titles(rows)
    places = _read_economies(model, rows)
    found = []
    for pk, row in rows.items():
        alike = max(compare_words(title, other) for other in (row.title, *titles.get(pk, ())))
        shares = not economies or not places.get(pk) or bool(set(economies) & places[pk])
        score = judge(similarity=near.get(row.reference, 0.0), words=alike, shares_economy=shares)
        if score >= ALIKE:
            found.append((score, alike >= WORDS_TELL, row))
    found.sort(key=lambda item: (-item[0], item[2].pk))
    shown = show([row for _score, _by_words, row in found[:SHOWN]], language)
    return [
        Likely(item, score, by_words)
        for item, (score, by_words, _row) in zip(shown, found, strict=False)
    ]


def _find_near(viewer: Viewer, title: str) -> dict[str, float]:
    vector = nearness.embed_question(title)
    if vector is None:
        return {}
    left_out = set(get_revoked_keys("meaning"))
    matches = nearness.get_index().search(vector, viewer.tokens, limit=NEAREST, exclude=left_out)
    return {match.key: match.similarity for match in matches}


def _read_titles(rows: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for pk, title in Translation.objects.filter(record_id__in=rows).values_list(
        "record_id", "title"
    ):
        found.setdefault(pk, []).append(title)
    return found


def _read_economies(model: type, rows: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    through = model.economies.through  # type: ignore[attr-defined]
    for pk, code in through.objects.filter(record_id__in=rows).values_list(
        "record_id", "economy_id"
    ):
        found.setdefault(pk, set()).add(code)
    return found


WORDS_TELL = 0.8
# Where e5 puts titles: below the first nothing is meant alike, from the second on it is.
UNLIKE, SAME = 0.84, 0.92


def compare_words(one: str, other: str) -> float:
    """How alike two titles are by their folded words, 0 to 1, in whatever order."""
    left, right = " ".join(fold_words(one)), " ".join(fold_words(other))
    return fuzz.token_sort_ratio(left, right) / 100


def judge(*, similarity: float, words: float, shares_economy: bool) -> float:
    """How sure it is that two titles stand for the same, 0 to 1.

    Words tell for themselves when nearly all agree; meaning tells the rest. In another economy
    the same words are usually another initiative.
    """
    by_words = max(0.0, (words - 0.6) / 0.4)
    by_meaning = min(1.0, max(0.0, (similarity - UNLIKE) / (SAME - UNLIKE)))
    score = max(by_words, by_meaning * 0.9)
    return score if shares_economy else score * 0.45
