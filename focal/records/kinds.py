"""The kinds of records, and which fields each adds. Apps above register theirs here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from focal.records.models import News, Practice, Publication, Record, Toolkit
from focal.search.documents import Page
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    `fields` are its own plain model fields, `concept_fields` its many-to-many fields to
    concepts with the scheme each draws from. `has_items` is true for ordered collections.
    `details` names what else hangs on the record as plain values: `read_details` gives them,
    `write_details` puts those it is given in place of those that stand (BadInput), and
    `say_details` says the values of one in a language. `read_pages` gives what else search
    reads, page by page, for the keys of rows; everybody who sees the record may read it.
    `list_forcing` says in sentences what in a record asks for a narrower marking than it has:
    such a record does not go out, and nothing of the kind comes to one that is out.
    `new_page` names the page where a new one is written, where that is not the form of records.
    `is_fixed` is true where what it says and the documents it came with never change once it is
    kept. `is_published_by_writers` is true where writing and publishing are one deed: a question.
    """

    key: str
    model: type[Record]
    label: str | Promise
    plural: str | Promise
    fields: tuple[str, ...] = ()
    concept_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    has_items: bool = False
    is_written_here: bool = True
    details: Mapping[str, str | Promise] = field(default_factory=lambda: MappingProxyType({}))
    read_details: Callable[[Any], dict[str, Any]] | None = None
    write_details: Callable[[Any, Mapping[str, Any]], None] | None = None
    say_details: Callable[[str, Any, str], list[str]] | None = None
    read_pages: Callable[[Sequence[int]], Mapping[int, Sequence[Page]]] | None = None
    list_forcing: Callable[[Any, Viewer], list[str]] | None = None
    is_fixed: bool = False
    is_published_by_writers: bool = False
    new_page: str = ""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; the same key again replaces it."""
    _kinds[kind.key] = kind


def get_kinds() -> tuple[Kind, ...]:
    """All kinds, in the order they were registered."""
    return tuple(_kinds.values())


def get_kind(key: str) -> Kind:
    """One kind; KeyError when there is none of that key."""
    return _kinds[key]


register(
    Kind(
        key="publication",
        model=Publication,
        label=_("Publication"),
        plural=_("Publications"),
        fields=("authors", "publisher", "publication_type", "identifier"),
    )
)
register(
    Kind(
        key="practice",
        model=Practice,
        label=_("Practice"),
        plural=_("Practices"),
        fields=(
            "start_date",
            "end_date",
            "geographical_scope",
            "deliverables",
            "evidence_grade",
            "evidence",
            "evidence_date",
            "sustainability",
            "transferability",
            "presented_at",
            "linked_initiatives",
            "contact_point",
        ),
        concept_fields=MappingProxyType(
            {"prevention_levels": "prevention-levels", "extremism_kinds": "extremism-kinds"}
        ),
    )
)
register(
    Kind(
        key="news",
        model=News,
        label=_("News"),
        plural=_("News"),
        fields=("place", "credit"),
    )
)
register(
    Kind(
        key="toolkit",
        model=Toolkit,
        label=_("Toolkit"),
        plural=_("Toolkits"),
        fields=("audience_note",),
        has_items=True,
    )
)
