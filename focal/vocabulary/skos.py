"""The lists as SKOS, out and in.

Out: everything, labels of all languages and those that still need a native reader among it,
so that what went out comes back the same. In: a file is read into plain rows, or refused with
a sentence that says where it is broken; nothing is written here (`services.import_concepts`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _
from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from focal.kernel.errors import BadInput
from focal.vocabulary.files import CHECK_NOTE, ConceptRow, LabelRow
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.snapshot import ConceptEntry, get_vocabulary

CONCEPTS = Namespace("urn:focal:concept:")
SCHEMES = Namespace("urn:focal:vocabulary:")
OURS = Namespace("urn:focal:terms:")

FORMATS = {"turtle": "turtle", "xml": "pretty-xml", "json-ld": "json-ld"}
ENDINGS = {
    ".ttl": "turtle",
    ".nt": "nt",
    ".rdf": "xml",
    ".xml": "xml",
    ".jsonld": "json-ld",
    ".json": "json-ld",
}
LARGEST_FILE = 20 * 1024 * 1024
LONGEST_LABEL = 200
LONGEST_CODE = 12
_PROPERTIES = {
    "preferred": SKOS.prefLabel,
    "alternative": SKOS.altLabel,
    "hidden": SKOS.hiddenLabel,
}


def export_skos(scheme: str) -> Graph:
    """One list as a graph; retired concepts are in it, marked as deprecated."""
    graph = Graph()
    for prefix, namespace in (("skos", SKOS), ("dct", DCTERMS), ("owl", OWL), ("focal", OURS)):
        graph.bind(prefix, namespace)
    home = SCHEMES[scheme]
    graph.add((home, RDF.type, SKOS.ConceptScheme))
    graph.add((home, DCTERMS.identifier, Literal(scheme)))
    known = get_vocabulary()
    for place, entry in enumerate(known.get_concepts(scheme)):
        _add_concept(graph, home, entry, place)
    return graph


def _add_concept(graph: Graph, home: URIRef, entry: ConceptEntry, place: int) -> None:
    concept = CONCEPTS[entry.key]
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.inScheme, home))
    graph.add((concept, SKOS.notation, Literal(entry.key)))
    graph.add((concept, OURS.position, Literal(place)))
    if broader := _get_live_broader(entry):
        graph.add((concept, SKOS.broader, CONCEPTS[broader]))
        graph.add((CONCEPTS[broader], SKOS.narrower, concept))
    else:
        graph.add((concept, SKOS.topConceptOf, home))
        graph.add((home, SKOS.hasTopConcept, concept))
    if entry.is_retired:
        graph.add((concept, OWL.deprecated, Literal(True)))
    if entry.note:
        graph.add((concept, SKOS.editorialNote, Literal(entry.note, lang="en")))
    for label in entry.labels:
        word = Literal(label.label, lang=label.language)
        graph.add((concept, _PROPERTIES[label.kind], word))
        if label.needs_check:
            graph.add((concept, OURS.needsCheck, word))


def _get_live_broader(entry: ConceptEntry) -> str | None:
    """The nearest concept above that is still in use."""
    known = get_vocabulary()
    path = known.get_path(entry.key)
    return next((key for key in reversed(path) if not known.concepts[key].is_retired), None)


def serialise(graph: Graph, form: str = "turtle") -> str:
    """The graph as text: 'turtle', 'xml' or 'json-ld'."""
    return graph.serialize(format=FORMATS[form])


def read_skos(file: Path, scheme: str) -> list[ConceptRow]:
    """The concepts of a SKOS file, broader before narrower; BadInput when it cannot be used."""
    graph = _parse(file)
    concepts = sorted(
        (
            node
            for node in set(graph.subjects(RDF.type, SKOS.Concept))
            if (node, OWL.deprecated, Literal(True)) not in graph
        ),
        key=str,
    )
    if not concepts:
        raise BadInput(_("There is no concept in this file (nothing of type skos:Concept)."))
    keys = _name_all(graph, concepts, scheme)
    broader = {concept: _get_broader(graph, concept, keys) for concept in concepts}
    _refuse_cycles(broader, keys)
    rows = {
        concept: ConceptRow(
            key=keys[concept],
            broader=keys[above] if (above := broader[concept]) else "",
            labels=_get_labels(graph, concept, keys[concept]),
            note=_get_note(graph, concept),
        )
        for concept in concepts
    }
    return [rows[concept] for concept in _in_tree_order(graph, concepts, broader, rows)]


def _parse(file: Path) -> Graph:
    form = ENDINGS.get(file.suffix.lower())
    if form is None:
        raise BadInput(
            _("SKOS files end in .ttl, .nt, .rdf, .xml, .jsonld or .json; this one is '%s'.")
            % file.name
        )
    if file.stat().st_size > LARGEST_FILE:
        raise BadInput(_("The file is larger than 20 MB; that is no list for this place."))
    try:
        text = file.read_text(encoding="utf-8-sig")
        if form == "json-ld":
            _refuse_distant_contexts(json.loads(text))
        return Graph().parse(data=text, format=form)
    except BadInput:
        raise
    except Exception as error:  # each of rdflib's parsers has errors of its own
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise BadInput(_("The file cannot be read as SKOS: %s") % first) from error


def _refuse_distant_contexts(data: Any) -> None:
    """A JSON-LD context by address would make this server fetch that address."""
    waiting = [data]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            contexts = part.get("@context", [])
            contexts = contexts if isinstance(contexts, list) else [contexts]
            if "@import" in part or any(isinstance(context, str) for context in contexts):
                raise BadInput(
                    _("The file points to a JSON-LD context elsewhere; write the context into it.")
                )
            waiting.extend(part.values())


def _name_all(graph: Graph, concepts: Iterable[Node], scheme: str) -> dict[Node, str]:
    keys: dict[Node, str] = {}
    taken: dict[str, Node] = {}
    known = get_vocabulary().concepts
    for concept in concepts:
        key = _get_key(graph, concept)
        if key in taken:
            raise BadInput(
                _("Two concepts have the same key '%(key)s': %(one)s and %(other)s.")
                % {"key": key, "one": taken[key], "other": concept}
            )
        if key in known and known[key].scheme != scheme:
            raise BadInput(
                _("'%(key)s' already stands in another list (%(scheme)s).")
                % {"key": key, "scheme": known[key].scheme}
            )
        taken[key] = concept
        keys[concept] = key
    return keys


def _get_key(graph: Graph, concept: Node) -> str:
    """The notation when it is fit for addresses, otherwise the end of the concept's address."""
    notations = sorted(str(value) for value in graph.objects(concept, SKOS.notation))
    for text in (*notations, unquote(re.split(r"[/#:]", str(concept).rstrip("/#"))[-1])):
        key = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:80]
        if key:
            return key
    raise BadInput(_("No key can be made from the address '%s'.") % concept)


def _get_broader(graph: Graph, concept: Node, keys: dict[Node, str]) -> Node | None:
    above = {
        *graph.objects(concept, SKOS.broader),
        *graph.subjects(SKOS.narrower, concept),
    }
    unknown = sorted(str(node) for node in above if node not in keys)
    if unknown:
        raise BadInput(
            _("'%(key)s' stands below '%(broader)s', which is not in the file.")
            % {"key": keys[concept], "broader": unknown[0]}
        )
    if len(above) > 1:
        raise BadInput(
            _("'%(key)s' stands below several concepts (%(broader)s); here it can have one place.")
            % {"key": keys[concept], "broader": ", ".join(sorted(keys[node] for node in above))}
        )
    return next(iter(above), None)


def _refuse_cycles(broader: dict[Node, Node | None], keys: dict[Node, str]) -> None:
    sound: set[Node] = set()
    for start in broader:
        path: list[Node] = []
        node: Node | None = start
        while node is not None and node not in sound:
            if node in path:
                circle = [keys[step] for step in [*path[path.index(node) :], node]]
                raise BadInput(
                    _("These concepts stand in a circle: %s.") % " > ".join(reversed(circle))
                )
            path.append(node)
            node = broader[node]
        sound.update(path)


def _get_labels(graph: Graph, concept: Node, key: str) -> tuple[LabelRow, ...]:
    unsure = set(graph.objects(concept, OURS.needsCheck))
    labels: dict[tuple[str, str], LabelRow] = {}
    shown: set[str] = set()
    tags: set[str] = set()
    for kind, property_ in _PROPERTIES.items():
        for word in sorted(graph.objects(concept, property_), key=_get_label_order):
            language, text = _read_word(word, key)
            role = kind
            if kind == "preferred":
                tag = str(getattr(word, "language", None) or "").lower()
                if tag in tags:
                    raise BadInput(
                        _("'%(key)s' has two preferred labels in the language '%(language)s'.")
                        % {"key": key, "language": tag or language}
                    )
                tags.add(tag)
                role = "alternative" if language in shown else kind  # en-GB beside en-US
                shown.add(language)
            check = word in unsure
            row = LabelRow(language, text, role, check, CHECK_NOTE if check else "")
            labels.setdefault((language, text), row)
    if not shown:
        raise BadInput(_("'%s' has no preferred label.") % key)
    return tuple(labels.values())


def _get_label_order(word: Node) -> tuple[str, str]:
    return (str(getattr(word, "language", None) or ""), str(word))


def _read_word(word: Node, key: str) -> tuple[str, str]:
    text = " ".join(str(word).replace("\x00", "").split())
    if not text or len(text) > LONGEST_LABEL:
        raise BadInput(
            _("A label of '%(key)s' is empty or longer than %(limit)s characters.")
            % {"key": key, "limit": LONGEST_LABEL}
        )
    language = canonical_language(getattr(word, "language", None) or "en")
    if len(language) > LONGEST_CODE:
        raise BadInput(_("'%s' is not the code of a language.") % language)
    return language, text


def _get_note(graph: Graph, concept: Node) -> str:
    notes = sorted(str(note) for note in graph.objects(concept, SKOS.editorialNote))
    return " ".join(notes)[:500]


def _in_tree_order(
    graph: Graph,
    concepts: list[Node],
    broader: dict[Node, Node | None],
    rows: dict[Node, ConceptRow],
) -> list[Node]:
    """Broader before narrower; beside one another by given position, else by their keys."""

    def get_place(concept: Node) -> tuple[int, str]:
        given = graph.value(concept, OURS.position)
        value = given.toPython() if isinstance(given, Literal) else None
        return (value if isinstance(value, int) else 1_000_000, rows[concept].key)

    children: dict[Node | None, list[Node]] = {}
    for concept in sorted(concepts, key=get_place, reverse=True):
        children.setdefault(broader[concept], []).append(concept)
    ordered: list[Node] = []
    waiting = list(children.get(None, []))
    while waiting:
        concept = waiting.pop()
        ordered.append(concept)
        waiting.extend(children.get(concept, []))
    return ordered
