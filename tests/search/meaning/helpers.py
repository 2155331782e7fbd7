"""Documents in memory and a model that remembers, for tests of the meaning side."""

from dataclasses import dataclass, field

from focal.search.documents import SearchDocument, Text
from tests.fakes import FakeEmbedder


@dataclass
class Library:
    """Documents in memory, in the place of records."""

    documents: dict[str, SearchDocument] = field(default_factory=dict)

    def put(self, key: str, title: str, audience: str = "public", **more) -> None:
        texts = (Text(more.pop("language", "en"), title, more.pop("summary", ""), ""),)
        self.documents[key] = SearchDocument(
            key, "news", frozenset(audience.split()), texts, **more
        )

    def load(self, keys) -> list[SearchDocument]:
        return [self.documents[key] for key in keys if key in self.documents]

    def all_keys(self) -> list[str]:
        return sorted(self.documents)


class CountingEmbedder(FakeEmbedder):
    """Remembers what it was asked to embed."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.embedded: list[str] = []

    def embed_passages(self, texts):
        self.embedded += texts
        return super().embed_passages(texts)
