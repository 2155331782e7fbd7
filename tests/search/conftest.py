"""An index of the test's own, filled from a library in memory, without a database."""

import pytest

from focal.search import registry, services
from tests.search.library import Library

TERMS = (
    ("rehabilitation", "en", "rehabilitation", True),
    ("rehabilitation", "sq", "rehabilitim", True),
    ("rehabilitation", "mk", "рехабилитација", True),
    ("prison", "en", "prison", True),
    ("prison", "en", "correctional facility", False),
    ("prison", "sq", "burg", True),
    ("prison", "bs", "zatvor", True),
)


@pytest.fixture
def revoked(monkeypatch):
    """Keys that something was taken away from and that the index has not heard of."""
    keys: list[str] = []
    monkeypatch.setattr(services, "get_revoked_keys", lambda consumer: list(keys))
    return keys


@pytest.fixture
def library(monkeypatch, settings, tmp_path, revoked):
    settings.INDEX_FOLDER = tmp_path / "index"
    library = Library()
    monkeypatch.setattr(registry, "_sources", {})
    monkeypatch.setattr(registry, "_thesaurus", [])
    registry.register_source(topic="record", load=library.load, all_keys=library.all_keys)
    yield library
    services.release()


@pytest.fixture
def thesaurus(library):
    """A thesaurus of two concepts in four languages."""
    registry.register_thesaurus(
        load_terms=lambda: [registry.ThesaurusTerm(*term) for term in TERMS],
        version=lambda: "of the tests",
    )
