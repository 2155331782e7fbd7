"""What pages of the roof stand on: the shared lists, and a few things made through services."""

import pytest
from django.core.cache import cache

from focal.vocabulary import selectors as vocabulary
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON


@pytest.fixture
def loaded(db):
    """Economies, topics and languages, as every installation has them."""
    cache.clear()
    load_vocabulary(NOON)
    vocabulary.reset()
