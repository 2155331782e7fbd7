"""Finding overlaps anew, and what people do about them: verdicts, introductions.

Pairs are derived: fed from the outbox, made again at will. Verdicts are what people know: they are
only ever added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.kernel.decision import YES, Decision, no
from focal.kernel.errors import BadInput
from focal.mapping.coverage.cube import Cube, Ints, get_cube
from focal.mapping.coverage.loading import take
from focal.mapping.models import Identifier, Initiative, OverlapPair, OverlapVerdict
from focal.mapping.overlaps import blind
from focal.mapping.overlaps.finding import (
    Found,
    Identifiers,
    Material,
    find_all,
    find_for,
    find_initiatives,
    find_neighbours,
    gather_tags,
)
from focal.outbox.registry import Consumer, register
from focal.records.content import clean_line
from focal.records.models import Record, RecordAudience
from focal.records.selectors import load_search_documents
from focal.records.services import TOPIC, require
from focal.search.meaning.consumer import get_store, make_entries
from focal.search.meaning.embedder import get_embedder
from focal.search.meaning.index import get_index
from focal.sharing.tokens import COMMUNITY, PUBLIC
from focal.sharing.viewer import Viewer
from focal.threads.models import Thread
from focal.threads.services import add_post, open_thread

CONSUMER = "overlaps"
REASON = "overlaps are found among all initiatives, and shown to those who see both"
BATCH = 2000
MOST_MISSING = 32  # neighbours embedded beside a changed record; the rest follows by itself


def register_consumer() -> None:
    """Called when Django starts. A thread of its own: it may have to embed a text."""
    register(Consumer(CONSUMER, frozenset({TOPIC}), check, batch=8, thread="overlaps"))


# Finding


def check(references: Sequence[str]) -> None:
    """Look again for what comes close to these records. What is no initiative costs nothing."""
    ids = dict(
        Initiative.objects.for_system(REASON)
        .filter(reference__in=list(references))
        .values_list("reference", "pk")
    )
    if not ids:
        return
    take(list(ids))  # the facts of these records as they are now, whoever is told first
    cube, _hidden = get_cube()
    places = cube.get_places()
    for reference, pk in ids.items():
        place = places.get(reference)
        found = [] if place is None else _find_pairs(cube, place)
        with transaction.atomic():
            OverlapPair.objects.filter(Q(first_id=pk) | Q(second_id=pk)).delete()
            _save(found)
            blind.put_questions(pk, at=timezone.now())


def _find_pairs(cube: Cube, place: int) -> list[Found]:
    pk = int(cube.columns["ids"][place])
    title = Initiative.objects.for_system(REASON).values_list("title", flat=True).get(pk=pk)
    named = list(
        Initiative.objects.for_system(REASON).filter(title=title).values_list("pk", flat=True)[:200]
    )
    mine = list(Identifier.objects.filter(record_id=pk).values_list("scheme", "value"))
    for scheme, value in mine:
        named += Identifier.objects.filter(scheme=scheme, value=value).values_list(
            "record_id", flat=True
        )
    material = gather_material(cube, find_neighbours(cube, place, named=named))
    return find_for(_with_fresh_vectors(material, place), place)


def _with_fresh_vectors(material: Material, place: int) -> Material:
    """The material with the vector of this record's text as it is now, and those still missing.

    The index of meaning may not have heard yet; vectors are kept by their text, so that nothing
    is embedded twice.
    """
    missing = material.places[~material.has_vector & (material.places != place)][:MOST_MISSING]
    wanted = material.cube.columns["reference"][[place, *missing.tolist()]].tolist()
    documents = [replace(row, pages=()) for row in load_search_documents(wanted)]
    entries = make_entries(documents, get_embedder(), get_store())
    fresh = {entry.key: entry.vectors[0] for entry in entries if len(entry.vectors)}
    if not fresh:
        return material
    vectors, has_vector = material.vectors, material.has_vector.copy()
    width = len(next(iter(fresh.values())))
    if vectors.shape[1] != width:  # nothing is in the index of meaning yet
        vectors, has_vector = np.zeros((len(vectors), width), np.float32), has_vector & False
    places = material.cube.get_places()
    for reference, vector in fresh.items():
        at = int(np.searchsorted(material.places, places[reference]))
        vectors[at], has_vector[at] = vector, True
    return replace(material, vectors=vectors, has_vector=has_vector)


def gather_material(cube: Cube, places: Ints) -> Material:
    """What comparing these initiatives needs: vectors from the index of meaning, titles, names."""
    ids = cube.columns["ids"][places].tolist()
    has_vector, vectors = get_index().read_heads(cube.columns["reference"][places].tolist())
    titles: dict[int, str] = {}
    identifiers: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for first in range(0, len(ids), BATCH):
        some = ids[first : first + BATCH]
        rows = Initiative.objects.for_system(REASON).filter(pk__in=some)
        titles.update(rows.values_list("pk", "title"))
        for pk, scheme, value in Identifier.objects.filter(record_id__in=some).values_list(
            "record_id", "scheme", "value"
        ):
            identifiers[pk].add((scheme, value))
    return Material(
        cube=cube,
        places=places,
        vectors=vectors,
        has_vector=has_vector,
        titles=titles,
        identifiers={pk: Identifiers(names) for pk, names in identifiers.items()},
        tags=gather_tags(cube, places),
    )


def rebuild(progress: Callable[[int, int], None] = lambda *_: None) -> int:
    """Find all pairs anew; says how many there are. Texts without a vector wait for theirs."""
    cube, _hidden = get_cube()
    found = find_all(gather_material(cube, find_initiatives(cube)), progress)
    with transaction.atomic():
        OverlapPair.objects.all().delete()
        _save(found)
    return len(found)


def _save(found: Sequence[Found]) -> None:
    OverlapPair.objects.bulk_create(
        (
            OverlapPair(
                first_id=pair.first,
                second_id=pair.second,
                kind=pair.nearness.kind,
                score=pair.nearness.score,
                reasons=pair.nearness.reasons,
            )
            for pair in found
        ),
        batch_size=500,
        ignore_conflicts=True,
    )


# What people say


def may_judge(viewer: Viewer, pair: OverlapPair) -> Decision:
    """Who writes for one of the owners, the focal points of a shared economy, the secretariat."""
    if viewer.is_anonymous:
        return no(_("Sign in to say what this is."))
    owners = {pair.first.owner_organisation_id, pair.second.owner_organisation_id}
    shared = {f"economy:{code}" for code in pair.reasons.get("economies", ())}
    if owners & viewer.writes_for or viewer.is_secretariat or shared & viewer.tokens:
        return YES
    return no(
        _("The owners, the focal points of the economy and the secretariat can say what this is.")
    )


@transaction.atomic
def give_verdict(
    *, pair: OverlapPair, verdict: str, reason: str, by: Viewer, at: datetime
) -> OverlapVerdict:
    """Put into the ledger what somebody knows of a pair, and why. It stays there."""
    require(may_judge(by, pair))
    reason = clean_line(reason)[:500]
    if verdict not in OverlapVerdict.Verdict.values:
        raise BadInput(_("Say which of the four it is."))
    if not reason:
        raise BadInput(_("Say in a few words why: the next reader will ask."))
    first, second = sorted((pair.first.reference, pair.second.reference))
    given = OverlapVerdict.objects.create(
        first_reference=first,
        second_reference=second,
        verdict=verdict,
        reason=reason,
        suggested=pair.kind,
        score=pair.score,
        by_id=by.person_id,
        at=at,
    )
    write_entry(
        action="overlap.judged",
        target_kind="record",
        target_key=first,
        actor_key=by.actor_key,
        at=at,
        detail={"with": second, "verdict": verdict},
    )
    return given


# Introducing


def may_introduce(viewer: Viewer, pair: OverlapPair) -> Decision:
    """Whoever sees both may bring the owners together, where each owner may see the other's."""
    if viewer.person_id is None:
        return no(_("Sign in to introduce them."))
    if pair.first.owner_organisation_id == pair.second.owner_organisation_id:
        return no(_("Both belong to the same organisation."))
    for record, other in ((pair.first, pair.second), (pair.second, pair.first)):
        if not is_seen_by_owner(record, of=other):
            return no(
                _(
                    "One of the owners may not see the other's initiative, so it cannot be named"
                    " to them. They can ask to be told blindly."
                )
            )
    return YES


def is_seen_by_owner(record: Record, *, of: Record) -> bool:
    """Whether the organisation that owns `of` may see `record`, as an organisation."""
    return not get_tokens_of_owner(of).isdisjoint(get_audience(record.pk))


def get_tokens_of_owner(record: Record) -> frozenset[str]:
    """What everybody who writes for the owner holds; of a RED record, what its person holds."""
    owner = record.owner_organisation_id
    person = {f"person:{record.owner_person_id}"} if record.owner_person_id else set()
    return frozenset({PUBLIC, COMMUNITY, f"org:{owner}", f"desk:{owner}"} | person)


def get_audience(pk: int) -> Collection[str]:
    """The tokens that a record is visible to."""
    return set(RecordAudience.objects.filter(record_id=pk).values_list("token", flat=True))


@transaction.atomic
def introduce(*, pair: OverlapPair, by: Viewer, at: datetime) -> Thread:
    """One conversation with both owners, that says what comes close and why."""
    require(may_introduce(by, pair))
    owners = sorted({pair.first.owner_organisation_id, pair.second.owner_organisation_id})
    thread = open_thread(
        title=_("Working on the same? %(first)s / %(second)s")
        % {"first": pair.first.title[:150], "second": pair.second.title[:150]},
        by=by,
        at=at,
        audience={f"desk:{owner}" for owner in owners},
    )
    add_post(
        thread=thread,
        text=_(
            "These two initiatives seem to do the same for the same people at the same time. You"
            " may wish to talk: share what works, divide places, or join."
        )
        + f" /records/{pair.first.reference}/ /records/{pair.second.reference}/",
        by=by,
        at=at,
        quotes=[pair.first.reference, pair.second.reference],
    )
    write_entry(
        action="overlap.introduced",
        target_kind="record",
        target_key=pair.first.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"with": pair.second.reference, "thread": thread.reference},
    )
    return thread
