"""Overlaps as a viewer is shown them: only pairs of which they see both, ranked, with reasons.

What people have said of pairs that the viewer sees makes the rest surer or less sure; verdicts on
pairs that they do not see change nothing for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.directory.models import Organisation
from focal.kernel.decision import Decision
from focal.mapping.models import (
    FrameNode,
    Initiative,
    OverlapPair,
    OverlapVerdict,
    PairKind,
)
from focal.mapping.overlaps import services
from focal.mapping.overlaps.near import SAME_TITLE
from focal.records.finding.shown import ShownRecord, show
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

MOST = 300  # the strongest pairs; what is weaker waits until these are settled
DAYS_OF_A_MONTH = 30.4
# What a verdict says of the kind that was suggested.
AGREES = {
    PairKind.OVERLAP: OverlapVerdict.Verdict.REAL,
    PairKind.DUPLICATE: OverlapVerdict.Verdict.DUPLICATE,
    PairKind.PHASE: OverlapVerdict.Verdict.PHASE,
}
BECOMES = {verdict.value: kind.value for kind, verdict in AGREES.items()}
PRIOR, NEARBY = 4, 0.1  # how many verdicts weigh as much as the rules; how like a pair must be


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair with everything a page says of it."""

    pair: OverlapPair
    first: ShownRecord
    second: ShownRecord
    kind: str
    sure: float
    reasons: tuple[str, ...]
    verdict: OverlapVerdict | None
    introducible: Decision
    judgeable: Decision
    experience: str = ""

    @property
    def kind_label(self) -> str:
        """What they are to one another, in words."""
        return str(PairKind(self.kind).label)

    @property
    def percent(self) -> int:
        """How sure it is, of a hundred."""
        return round(self.sure * 100)

    @property
    def owners(self) -> tuple[str, str]:
        """Whose they are."""
        return (
            str(self.pair.first.owner_organisation),
            str(self.pair.second.owner_organisation),
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Pairs that hang together: two initiatives, or more that come close one to another."""

    pairs: tuple[ShownPair, ...]
    records: tuple[ShownRecord, ...]


@dataclass(slots=True)
class Wanted:
    """What narrows the list."""

    kind: str = ""
    economy: str = ""
    organisations: frozenset[int] = field(default_factory=frozenset)
    with_settled: bool = False


def get_pairs(viewer: Viewer) -> QuerySet[OverlapPair]:
    """All pairs of which the viewer sees both."""
    visible = Initiative.objects.visible_to(viewer).values("pk")
    return OverlapPair.objects.filter(first__in=visible, second__in=visible).select_related(
        "first__owner_organisation", "second__owner_organisation"
    )


def get_pair(viewer: Viewer, first: str, second: str) -> OverlapPair | None:
    """The pair of these two references, or None where the viewer does not see both."""
    one, other = sorted((first, second))
    return (
        get_pairs(viewer)
        .filter(
            Q(first__reference=one, second__reference=other)
            | Q(first__reference=other, second__reference=one)
        )
        .first()
    )


def list_pairs(viewer: Viewer, wanted: Wanted, language: str) -> list[ShownPair]:
    """The strongest pairs, the surest first; those that were settled as nothing left out."""
    rows = get_pairs(viewer)
    if wanted.organisations:
        rows = rows.filter(
            Q(first__owner_organisation__in=wanted.organisations)
            | Q(second__owner_organisation__in=wanted.organisations)
        )
    if wanted.economy:
        rows = rows.filter(first__economies=wanted.economy, second__economies=wanted.economy)
    return show_pairs(viewer, rows.order_by("-score", "pk")[:MOST], language, wanted)


def list_of(viewer: Viewer, record: Record, language: str) -> list[ShownPair]:
    """The pairs of one initiative."""
    rows = get_pairs(viewer).filter(Q(first_id=record.pk) | Q(second_id=record.pk))
    return show_pairs(viewer, rows.order_by("-score", "pk")[:20], language, Wanted())


def show_pairs(
    viewer: Viewer, rows: Iterable[OverlapPair], language: str, wanted: Wanted
) -> list[ShownPair]:
    """Pairs in words, with what is known of them. A handful of queries for any number."""
    pairs = list(rows)
    records = {pair.first_id: pair.first for pair in pairs}
    records |= {pair.second_id: pair.second for pair in pairs}
    shown = dict(zip(records, show(records.values(), language), strict=True))
    ledger = read_ledger(viewer)
    names = _Names(pairs, language)
    made = [_show(viewer, pair, shown, ledger, names) for pair in pairs]
    kept = [
        one
        for one in made
        if (not wanted.kind or one.kind == wanted.kind)
        and (wanted.with_settled or one.verdict is None or one.verdict.verdict != "not")
    ]
    return sorted(kept, key=lambda one: (-one.sure, one.pair.pk))


def _show(
    viewer: Viewer,
    pair: OverlapPair,
    shown: Mapping[int, ShownRecord],
    ledger: Sequence[OverlapVerdict],
    names: _Names,
) -> ShownPair:
    key = tuple(sorted((pair.first.reference, pair.second.reference)))
    verdict = next(
        (row for row in ledger if (row.first_reference, row.second_reference) == key), None
    )
    kind = BECOMES.get(verdict.verdict, pair.kind) if verdict else pair.kind
    sure, experience = weigh(pair, ledger)
    if verdict is not None:
        sure, experience = (1.0 if verdict.verdict != "not" else 0.0), ""
    return ShownPair(
        pair=pair,
        first=shown[pair.first_id],
        second=shown[pair.second_id],
        kind=kind,
        sure=sure,
        reasons=tuple(names.say_reasons(pair, shown)),
        verdict=verdict,
        introducible=services.may_introduce(viewer, pair),
        judgeable=services.may_judge(viewer, pair),
        experience=experience,
    )


def weigh(pair: OverlapPair, ledger: Sequence[OverlapVerdict]) -> tuple[float, str]:
    """How sure a pair is: by the rules, and by what people said of pairs that looked like it."""
    like = [
        row
        for row in ledger
        if row.suggested == pair.kind and abs(row.score - pair.score) <= NEARBY
    ]
    agreeing = sum(row.verdict == AGREES[PairKind(pair.kind)] for row in like)
    sure = (PRIOR * pair.score + agreeing) / (PRIOR + len(like))
    if not like:
        return sure, ""
    return sure, ngettext(
        "Of %(n)d pair that looked like this, people confirmed %(agreeing)d.",
        "Of %(n)d pairs that looked like this, people confirmed %(agreeing)d.",
        len(like),
    ) % {"n": len(like), "agreeing": agreeing}


def read_ledger(viewer: Viewer) -> list[OverlapVerdict]:
    """What people have said of the pairs that the viewer sees, the newest first."""
    rows = list(OverlapVerdict.objects.select_related("by").order_by("-pk"))
    named = {row.first_reference for row in rows} | {row.second_reference for row in rows}
    visible = set(
        Initiative.objects.visible_to(viewer)
        .filter(reference__in=named)
        .values_list("reference", flat=True)
    )
    return [
        row for row in rows if row.first_reference in visible and row.second_reference in visible
    ]


def cluster(pairs: Sequence[ShownPair]) -> list[Cluster]:
    """Pairs by what hangs together, in the order of the surest of each."""
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one in pairs:
        parent[find(one.first.reference)] = find(one.second.reference)
    groups: dict[str, list[ShownPair]] = defaultdict(list)
    for one in pairs:
        groups[find(one.first.reference)].append(one)
    return [
        Cluster(
            tuple(group),
            tuple({r.reference: r for one in group for r in (one.first, one.second)}.values()),
        )
        for group in groups.values()
    ]


class _Names:
    """Words for what the reasons of many pairs name, read once."""

    def __init__(self, pairs: Sequence[OverlapPair], language: str) -> None:
        self.language, self.vocabulary = language, get_vocabulary()
        nodes = {
            key for pair in pairs for kind, key in pair.reasons.get("nodes", ()) if kind == "m"
        }
        self.nodes = {
            node.pk: f"{node.code} {node.get_title(language)}"
            for node in FrameNode.objects.filter(pk__in=nodes)
        }
        funders = {key for pair in pairs for key in pair.reasons.get("funders", ())}
        self.organisations = {
            row.pk: str(row) for row in Organisation.objects.filter(pk__in=funders)
        }

    def say_reasons(self, pair: OverlapPair, shown: Mapping[int, ShownRecord]) -> list[str]:
        """Why a pair stands here, in sentences, the strongest first."""
        told = pair.reasons
        said = []
        if told.get("identifier"):
            said.append(_("Both carry the same identifier."))
        if told.get("numbered"):
            said.append(_("Their titles differ in a number alone."))
        if told.get("follows"):
            said.append(_("One follows the other."))
        meaning = round(100 * told.get("meaning", 0))
        if meaning:
            said.append(self._say_meaning(pair, shown, meaning))
        if told.get("title", 0) >= SAME_TITLE:
            said.append(_("Their titles are nearly the same."))
        said += self._say_shared(told)
        if told.get("same_time"):
            said.append(_("They begin and end at the same time."))
        elif days := told.get("days"):
            months = max(1, round(days / DAYS_OF_A_MONTH))
            said.append(
                ngettext(
                    "They run together for %(n)d month.",
                    "They run together for %(n)d months.",
                    months,
                )
                % {"n": months}
                if months < 600
                else _("They run at the same time, with no end stated.")
            )
        if told.get("money"):
            said.append(_("They state the same amount of money."))
        return said

    def _say_meaning(
        self, pair: OverlapPair, shown: Mapping[int, ShownRecord], meaning: int
    ) -> str:
        if pair.first.language != pair.second.language:
            return _("They say much the same (%(n)d of 100), in two languages.") % {"n": meaning}
        return _("They say much the same (%(n)d of 100).") % {"n": meaning}

    def _say_shared(self, told: Mapping[str, list]) -> list[str]:
        label, language = self.vocabulary.label, self.language
        lists = (
            (
                _("Economies: %s."),
                [self.vocabulary.economy_name(c, language) for c in told.get("economies", ())],
            ),
            (_("Target groups: %s."), [
                label("target-groups", key, language) for key in told.get("groups", ())
            ]),
            (_("Measures and topics: %s."), [
                self.nodes.get(key, "") if kind == "m" else label("topics", key, language)
                for kind, key in told.get("nodes", ())
            ]),
            (_("Paid for by: %s."), [
                self.organisations.get(key, "") for key in told.get("funders", ())
            ]),
        )  # fmt: skip
        said = [
            sentence % ", ".join(name for name in names if name)
            for sentence, names in lists
            if any(names)
        ]
        if told.get("lead"):
            said.append(_("The same organisation leads both."))
        return said
