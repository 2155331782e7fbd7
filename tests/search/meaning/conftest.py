import pytest

from focal.search import registry
from focal.search.meaning import consumer
from focal.search.meaning.embedder import set_embedder
from tests.search.meaning.helpers import CountingEmbedder, Library


@pytest.fixture
def embedder():
    fake = CountingEmbedder()
    set_embedder(fake)
    return fake


@pytest.fixture
def library(monkeypatch, settings, tmp_path, embedder):
    settings.INDEX_FOLDER = tmp_path / "index"
    library = Library()
    monkeypatch.setattr(registry, "_sources", {})
    registry.register_source(topic="record", load=library.load, all_keys=library.all_keys)
    consumer.register_consumers()
    return library
