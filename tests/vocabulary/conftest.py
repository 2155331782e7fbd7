"""The vocabulary as the data files have it: as a snapshot alone, or with its rows."""

import sys

import pytest
from django.db import transaction

from focal.vocabulary import services, snapshot
from focal.vocabulary.snapshot import Vocabulary, get_vocabulary
from tests.factories import NOON


@pytest.fixture(scope="session")
def _loaded(django_db_setup, django_db_blocker) -> Vocabulary:
    with django_db_blocker.unblock(), transaction.atomic():
        services.load_vocabulary(NOON)
        known = get_vocabulary()
        transaction.set_rollback(True)
    return known


@pytest.fixture
def vocabulary(db, _loaded, monkeypatch) -> Vocabulary:
    """The snapshot that everybody reads; there are no rows behind it, and none is asked for."""
    monkeypatch.setattr(snapshot, "_held", _loaded)
    monkeypatch.setattr(snapshot, "_looked_at", sys.float_info.max)
    return _loaded


@pytest.fixture
def stored(db) -> Vocabulary:
    """The snapshot of rows that a test may change."""
    services.load_vocabulary(NOON)
    return get_vocabulary()
