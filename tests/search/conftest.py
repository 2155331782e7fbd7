"""An index of the test's own, filled from a library in memory, without a database."""

import os
import tempfile
from pathlib import Path

import pytest

from focal.search import registry, services
from tests.search.library import Library

MEMORY = "/dev/shm"
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
    monkeypatch.setattr(services, "get_revoked_keys", lambda *consumers: list(keys))
    return keys


@pytest.fixture
def index_folder(tmp_path):
    """A folder in memory where there is one: a commit waits for the disk otherwise."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path / "index"
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="focal-tests-") as folder:
        yield Path(folder) / "index"


@pytest.fixture
def library(monkeypatch, settings, index_folder, revoked):
    settings.INDEX_FOLDER = index_folder
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
