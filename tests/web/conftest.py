"""What pages of the roof stand on: the shared lists, written once for each module of tests."""

import sys

import pytest
from django.db import transaction

from focal.vocabulary import snapshot
from focal.vocabulary.services import load_vocabulary
from focal.vocabulary.snapshot import Vocabulary, get_vocabulary
from tests.factories import NOON


@pytest.fixture(scope="module")
def _rows(django_db_setup, django_db_blocker):
    """Rows in an outer transaction; each test has its own inside, and leaves them as they are."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_vocabulary(NOON)
        known = get_vocabulary()
        snapshot.reset()
        with django_db_blocker.block():
            yield known
        transaction.set_rollback(True)


@pytest.fixture
def loaded(_rows, db, monkeypatch) -> Vocabulary:
    """Economies, topics and languages, as every installation has them."""
    monkeypatch.setattr(snapshot, "_held", _rows)
    monkeypatch.setattr(snapshot, "_looked_at", sys.float_info.max)
    return _rows
