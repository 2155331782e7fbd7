"""The vocabulary, loaded."""

import pytest

from focal.vocabulary import services
from focal.vocabulary.selectors import get_vocabulary
from focal.vocabulary.snapshot import Vocabulary
from tests.factories import NOON


@pytest.fixture
def vocabulary(db) -> Vocabulary:
    """The snapshot of the vocabulary as the data files have it."""
    services.load_vocabulary(NOON)
    return get_vocabulary()
