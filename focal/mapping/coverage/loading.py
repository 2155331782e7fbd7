"""From records to facts, and their table: fed from the outbox, made again at will."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F

from focal.mapping.coverage import facts as f
from focal.mapping.coverage.cube import CONSUMER
from focal.mapping.coverage.facts import Fact, share_out, to_ordinal
from focal.mapping.coverage.money import to_euro
from focal.mapping.models import (
    CoverageFact,
    CoverageState,
    Initiative,
    InitiativeFunding,
    InitiativePartner,
    InitiativeSplit,
    MappedRecord,
    Need,
    Response,
)
from focal.outbox.registry import Consumer, register
from focal.records.models import OUT, RecordAudience
from focal.records.services import TOPIC

REASON = "coverage counts every record and answers by tokens"
MODELS: dict[str, type[MappedRecord]] = {
    f.NEED: Need,
    f.RESPONSE: Response,
    f.INITIATIVE: Initiative,
}
NO_LONGER: dict[str, set[Any]] = {
    f.NEED: {Need.Status.MET, Need.Status.DROPPED},
    f.RESPONSE: {Response.Status.PLANNED},
    f.INITIATIVE: {Initiative.Status.SUSPENDED},
}
# Stages are the same money at different times: the first of these that an initiative states counts.
STAGES = (
    InitiativeFunding.Stage.COMMITTED,
    InitiativeFunding.Stage.BUDGET,
    InitiativeFunding.Stage.SPENT,
)
BATCH = 500


def register_consumer() -> None:
    """Called when Django starts."""
    register(Consumer(CONSUMER, frozenset({TOPIC}), take, batch=200, thread="coverage"))


@transaction.atomic
def take(references: Sequence[str]) -> None:
    """Keep the facts of these records as they are now; what is gone is kept as gone."""
    found = load_facts(references)
    kept = {
        row.reference: row for row in CoverageFact.objects.filter(reference__in=list(references))
    }
    gone = set(kept) - {fact.reference for fact in found}
    if not found and not gone:
        return
    sequence = _take_numbers(len(found) + len(gone))
    rows = [
        CoverageFact(
            record_id=fact.record_id,
            reference=fact.reference,
            sequence=sequence + place,
            payload=fact.to_payload(),
        )
        for place, fact in enumerate(found)
    ]
    rows += [
        CoverageFact(
            record_id=kept[reference].record_id,
            reference=reference,
            sequence=sequence + len(found) + place,
            payload={},
        )
        for place, reference in enumerate(sorted(gone))
    ]
    CoverageFact.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["record_id"],
        update_fields=["reference", "sequence", "payload"],
        batch_size=BATCH,
    )


def _take_numbers(count: int) -> int:
    """The first of so many new numbers. The row stays locked until the transaction ends."""
    if not CoverageState.objects.update(sequence=F("sequence") + count):
        CoverageState.objects.create(pk=1, sequence=count)
    return CoverageState.objects.values_list("sequence", flat=True).get() - count + 1


def rebuild(progress: Callable[[int, int], None] = lambda *_: None) -> int:
    """Make all facts again; readers see the old one of each until its new one is there."""
    references = [
        reference
        for model in MODELS.values()
        for reference in model.objects.for_system(REASON)
        .order_by("pk")
        .values_list("reference", flat=True)
    ]
    there = set(references)
    references += [
        reference
        for reference in CoverageFact.objects.order_by("pk").values_list("reference", flat=True)
        if reference not in there
    ]
    done = 0
    for some in _batched(references, BATCH):
        take(some)
        done += len(some)
        progress(done, len(references))
    return done


def _batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


# From records to facts


def load_facts(references: Sequence[str]) -> list[Fact]:
    """Facts of those among these records that are out (published or archived)."""
    found: list[Fact] = []
    for kind, model in MODELS.items():
        names = ["economies", "topics", "target_groups", "measures"]
        names += ["prevention_levels"] if kind == f.INITIATIVE else []
        records = list(
            model.objects.for_system(REASON)
            .filter(reference__in=list(references), state__in=OUT)
            .order_by("pk")
            .prefetch_related(*names)
        )
        if not records:
            continue
        ids = [record.pk for record in records]
        # What is shared until a moment is left out: a picture kept here does not see it pass.
        lasting = RecordAudience.objects.filter(record_id__in=ids, until__isnull=True)
        audience = _group(lasting.order_by("token"), "record_id")
        further = _load_further(ids) if kind == f.INITIATIVE else {}
        found += [
            _make_fact(kind, record, audience[record.pk], further.get(record.pk))
            for record in records
        ]
    return found


def _group(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, name)].append(row)
    return grouped


Further = tuple[list[InitiativeSplit], list[InitiativeFunding], list[InitiativePartner]]


def _load_further(ids: Sequence[int]) -> dict[int, Further]:
    splits = _group(
        InitiativeSplit.objects.filter(initiative_id__in=ids)
        .select_related("topic")
        .order_by("pk"),
        "initiative_id",
    )
    fundings = _group(
        InitiativeFunding.objects.filter(initiative_id__in=ids).order_by("position"),
        "initiative_id",
    )
    partners = _group(
        InitiativePartner.objects.filter(initiative_id__in=ids).order_by("pk"), "initiative_id"
    )
    return {pk: (splits[pk], fundings[pk], partners[pk]) for pk in ids}


def _make_fact(
    kind: str, record: MappedRecord, audience: list[RecordAudience], further: Further | None
) -> Fact:
    splits, fundings, partners = further or ([], [], [])
    by_economy = {s.economy_id: float(s.percent) for s in splits if s.economy_id}
    by_topic = {s.topic.key: float(s.percent) for s in splits if s.topic is not None}
    own: dict[str, Any] = {}
    if isinstance(record, Initiative):
        own = _describe_initiative(record, fundings, partners)
    return Fact(
        record_id=record.pk,
        reference=record.reference,
        kind=kind,
        audience=tuple(row.token for row in audience),
        counts=_does_count(kind, record),
        start=to_ordinal(record.start_date),
        end=_find_end(record),
        due=to_ordinal(record.review_due_date),
        view=record.view if isinstance(record, Need) else "",
        economies=share_out(
            sorted({economy.pk for economy in record.economies.all()} | set(by_economy)), by_economy
        ),
        measures=tuple(sorted(node.pk for node in record.measures.all())),
        topics=share_out(
            sorted({topic.key for topic in record.topics.all()} | set(by_topic)), by_topic
        ),
        groups=tuple(sorted(group.key for group in record.target_groups.all())),
        owner=record.owner_organisation_id,
        **own,
    )


def _does_count(kind: str, record: Any) -> bool:
    if record.status in NO_LONGER[kind]:
        return False
    # Something planned for no known day does not run in any period.
    return not (record.status == "planned" and record.start_date is None)


def _find_end(record: Any) -> int | None:
    """Its last day; what has ended on no known day, ended when somebody last said so."""
    if record.end_date is None and record.status == "ended":
        return to_ordinal(record.last_confirmed_date or record.start_date)
    return to_ordinal(record.end_date)


def _describe_initiative(
    record: Initiative, fundings: list[InitiativeFunding], partners: list[InitiativePartner]
) -> dict[str, Any]:
    donors = {p.organisation_id for p in partners if p.role == InitiativePartner.Role.DONOR}
    donors |= {row.donor_id for row in fundings if row.donor_id}
    leads = {p.organisation_id for p in partners if p.role == InitiativePartner.Role.LEAD}
    return {
        "levels": tuple(sorted(level.key for level in record.prevention_levels.all())),
        "funders": tuple(sorted(donors or leads or {record.owner_organisation_id})),
        "lead": next(
            (p.organisation_id for p in partners if p.role == InitiativePartner.Role.LEAD),
            record.owner_organisation_id,
        ),
        "parent": record.parent_id,
        **describe_money(record, fundings),
    }


def describe_money(record: Initiative, fundings: Sequence[InitiativeFunding]) -> dict[str, Any]:
    """Its money in euro, and over which days it is spread."""
    stated = [row for row in fundings if row.amount is not None]
    stage = next((stage for stage in STAGES if any(row.stage == stage for row in stated)), None)
    if stage is None:
        return {}
    euro, unconverted, years = 0.0, False, []
    for row in stated:
        if row.stage == stage:
            day = row.value_date or record.start_date or record.created_at.date()
            amount = to_euro(row.amount or 0, row.currency, day.year)
            unconverted = unconverted or amount is None
            euro += amount or 0.0
            years.append(day.year)
    start, end = to_ordinal(record.start_date), to_ordinal(record.end_date)
    if start is None or end is None:
        start, end = _year(min(years))
    return {
        "euro": euro,
        "money_start": start,
        "money_end": end,
        "has_money": True,
        "unconverted": unconverted,
    }


def _year(year: int) -> tuple[int, int]:
    return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
