"""The thesaurus as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from focal.sharing.viewer import Viewer
from focal.ui.components import Link, Teaser
from focal.vocabulary.selectors import get_vocabulary
from focal.web.selectors.language import get_interface_language, make_search_address
from focal.web.selectors.records import about_topic, get_latest_records

TOPICS = "topics"


@dataclass(frozen=True, slots=True)
class TopicNode:
    """A topic with those below it."""

    label: str
    url: str
    children: list[TopicNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A topic's words in one language."""

    language: str
    code: str
    preferred: str
    others: Sequence[str]
    needs_check: bool


@dataclass(frozen=True, slots=True)
class TopicPage:
    """What a topic's page shows."""

    key: str
    label: str
    path: Sequence[Link]
    narrower: Sequence[Link]
    labels: Sequence[LabelRow]
    note: str
    records: Sequence[Teaser]
    search_url: str

    @property
    def has_others(self) -> bool:
        """Whether any language has more than one word for it."""
        return any(row.others for row in self.labels)


def get_topic_tree() -> list[TopicNode]:
    """All topics as a tree. Asks no query."""
    language, vocabulary = get_interface_language(), get_vocabulary()
    roots: list[TopicNode] = []
    above: list[TopicNode] = []
    for key, depth in vocabulary.get_tree(TOPICS):
        node = TopicNode(vocabulary.label(TOPICS, key, language), reverse("web:topic", args=[key]))
        del above[depth:]
        (above[-1].children if above else roots).append(node)
        above.append(node)
    return roots


def get_topic_page(viewer: Viewer, key: str) -> TopicPage | None:
    """One topic; None when the list has no such."""
    vocabulary, language = get_vocabulary(), get_interface_language()
    entry = vocabulary.concepts.get(key)
    if entry is None or entry.scheme != TOPICS:
        return None
    return TopicPage(
        key=key,
        label=entry.get_label(language),
        path=[_link_topic(above, language) for above in vocabulary.get_path(key)],
        narrower=[
            _link_topic(below, language)
            for below in sorted(
                vocabulary.narrower(key), key=lambda item: vocabulary.concepts[item].position
            )
            if vocabulary.concepts[below].broader == key
        ],
        labels=_list_labels(key, language),
        note=entry.note,
        records=get_latest_records(viewer, about=about_topic(key), limit=12),
        search_url=make_search_address(topic=key),
    )


def _link_topic(key: str, language: str) -> Link:
    return Link(get_vocabulary().label(TOPICS, key, language), reverse("web:topic", args=[key]))


def _list_labels(key: str, language: str) -> list[LabelRow]:
    vocabulary = get_vocabulary()
    rows: dict[str, tuple[list[str], list[str], list[bool]]] = {}
    for label in vocabulary.concepts[key].labels:
        preferred, others, checks = rows.setdefault(label.language, ([], [], []))
        if label.kind == "preferred":
            preferred.append(label.label)
        elif label.kind == "alternative":
            others.append(label.label)
        checks.append(label.needs_check)
    return [
        LabelRow(
            vocabulary.language_name(code, language),
            code,
            ", ".join(preferred),
            others,
            any(checks),
        )
        for code, (preferred, others, checks) in rows.items()
        if preferred
    ]
