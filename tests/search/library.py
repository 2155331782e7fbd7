"""A library in memory: what is in it can be found as soon as the index has been told."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from focal.search import services
from focal.search.answers import Answer
from focal.search.documents import Page, SearchDocument, Text
from focal.search.queries import Query

PUBLIC = frozenset({"public"})
MARCH = datetime.date(2024, 3, 1)


def make_document(
    key: str,
    title: str,
    *,
    body: str = "",
    summary: str = "",
    language: str = "en",
    audience: Iterable[str] = PUBLIC,
    kind: str = "publication",
    pages: Sequence[Page] = (),
    date: datetime.date | None = MARCH,
    others: Sequence[Text] = (),
    **facets: tuple[str, ...],
) -> SearchDocument:
    return SearchDocument(
        key=key,
        kind=kind,
        audience=frozenset(audience),
        texts=(Text(language, title, summary, body), *others),
        pages=tuple(pages),
        facets=facets,
        date=date,
    )


class Library:
    """Documents by their keys, as an app above search would hand them over."""

    def __init__(self) -> None:
        self.documents: dict[str, SearchDocument] = {}

    def load(self, keys: Sequence[str]) -> list[SearchDocument]:
        return [self.documents[key] for key in keys if key in self.documents]

    def all_keys(self) -> list[str]:
        return list(self.documents)

    def add(self, *documents: SearchDocument) -> None:
        """Put documents in and tell the index, in one commit."""
        self.documents |= {document.key: document for document in documents}
        services.index_keys([document.key for document in documents])

    def remove(self, *keys: str) -> None:
        for key in keys:
            self.documents.pop(key, None)
        services.index_keys(keys)


def ask(text: str = "", tokens: Iterable[str] = PUBLIC, **asked: object) -> Answer:
    """An answer by words (and by meaning where the test has a model)."""
    asked.setdefault("meaning", False)
    return services.search(Query(text=text, **asked), frozenset(tokens))


def find(text: str = "", tokens: Iterable[str] = PUBLIC, **asked: object) -> list[str]:
    """The keys found, in their order."""
    return [hit.key for hit in ask(text, tokens, **asked).hits]
