"""Tells search where records and the thesaurus come from, and the worker what to do and when."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from focal.directory import holdings, slots
from focal.directory.merging import register_listener
from focal.outbox.registry import Consumer, Periodic, register, register_periodic
from focal.records import leaving, selectors, services
from focal.records.finding import places
from focal.records.importing import jobs
from focal.search.registry import (
    ThesaurusTerm,
    register_source,
    register_thesaurus,
)
from focal.vocabulary import selectors as vocabulary


def wire() -> None:
    """Register records as a source of search, the vocabulary as its thesaurus, and imports."""
    register_source(
        topic="record",
        load=selectors.load_search_documents,
        all_keys=selectors.iterate_search_keys,
        lapsed_keys=selectors.list_lapsed_keys,
    )
    register_thesaurus(load_terms=_load_terms, version=vocabulary.get_version)
    register_listener(services.tell_of_organisation)
    holdings.register(
        holdings.Holding(
            "records",
            _("Records"),
            count=leaving.count,
            hand_over=leaving.hand_over,
            export=leaving.export,
            forget=leaving.forget,
        )
    )
    slots.register(slots.Slot(slots.FORMAT, "documents", _("Documents"), places.show_documents_of))
    slots.register(
        slots.Slot(
            slots.ORGANISATION, "records", _("From this organisation"), places.show_records_of
        )
    )
    register_periodic(Periodic("records.lapsed", timedelta(minutes=1), _end_lapsed))
    register(Consumer("imports", frozenset({jobs.TOPIC}), jobs.handle, batch=1, thread="imports"))


def _load_terms() -> Iterator[ThesaurusTerm]:
    for concept, language, label, preferred in vocabulary.load_terms():
        yield ThesaurusTerm(concept, language, label, preferred)


def _end_lapsed(at: datetime) -> None:
    services.end_lapsed(at)
