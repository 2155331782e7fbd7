"""The word index: three Tantivy indexes beside one another, one writer, many readers.

- `open`: records whose audience is everybody. Ranked by BM25, whose statistics therefore come
  from CLEAR records alone. An anonymous visitor's question never touches the others.
- `restricted`: all other records. Scored by which words stand where, weighted by how rare a word
  is in `open`; so nothing about one restricted record depends on another.
- `pages`: the pages of documents, asked only for records already found.

A generation is one folder with the three; CURRENT names the one that is read. A rebuild
writes a new generation while the old one is read, then switches the name.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tantivy import Document, Index, Schema, SchemaBuilder, Searcher

from focal.kernel.ids import new_reference
from focal.search.documents import Page, SearchDocument, Text
from focal.search.folding import as_written, clean, fold_words, stem_words
from focal.search.meaning.files import locked
from focal.search.queries import FACETS

logger = logging.getLogger(__name__)

PUBLIC = "public"
OPEN, RESTRICTED, PAGES = "open", "restricted", "pages"
TITLE_PARTS = ("title_1", "title_2", "title_3", "title_4")  # ten letters each
HEAP = 30_000_000  # bytes of each writer; Tantivy asks for at least 15 MB
FORMAT = "2"  # raise it when the schema or folding changes: an older generation is then rebuilt


def build_record_schema() -> Schema:
    """One document a record: what it is filtered by, the words of its texts and pages."""
    builder = SchemaBuilder()
    builder.add_text_field(
        "key", stored=True, fast=True, tokenizer_name="raw", index_option="basic"
    )
    builder.add_text_field("audience", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("day", "tie", "age", *TITLE_PARTS):
        builder.add_unsigned_field(name, fast=True, indexed=True)
    for name in ("title", "text", "pages"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("stems", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("exact", tokenizer_name="whitespace", index_option="basic")
    builder.add_bytes_field("texts", stored=True)
    return builder.build()


def build_page_schema() -> Schema:
    """One document a page."""
    builder = SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("audience", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("attachment", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("language", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("number", "ordinal"):
        builder.add_unsigned_field(name, stored=True, fast=True)
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("stems", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("exact", tokenizer_name="whitespace", index_option="basic")
    builder.add_bytes_field("original", stored=True)
    return builder.build()


RECORD_SCHEMA, PAGE_SCHEMA = build_record_schema(), build_page_schema()
SCHEMAS = {OPEN: RECORD_SCHEMA, RESTRICTED: RECORD_SCHEMA, PAGES: PAGE_SCHEMA}


def make_tie(key: str) -> int:
    """A steady number that stands for a record: it orders what is otherwise equal."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1


def make_age(day: int, tie: int) -> int:
    """A day and the tie in one number, so that an order by date has no two equal places."""
    return day << 40 | tie >> 23


LETTERS_OF_TITLES = " 0123456789abcdefghijklmnopqrstuvwxyzαβγδεζηθικλμνξοπρστυφχψω"
PLACES = {letter: number for number, letter in enumerate(LETTERS_OF_TITLES, start=1)}


def make_title_order(title: str) -> tuple[int, ...]:
    """The first forty letters of a folded title as numbers that sort like them."""
    folded = " ".join(fold_words(title))
    places = [PLACES.get(letter, 63) for letter in folded[:40]]
    places += [0] * (40 - len(places))
    return tuple(_pack(places[start : start + 10]) for start in range(0, 40, 10))


def _pack(places: Sequence[int]) -> int:
    number = 0
    for place in places:
        number = number << 6 | place
    return number


def build_record_document(document: SearchDocument) -> Document:
    """The Tantivy document of a record."""
    built = Document()
    built.add_text("key", document.key)
    built.add_text("kind", document.kind)
    for token in sorted(document.audience):
        built.add_text("audience", token)
    for name in FACETS:
        for value in document.facets.get(name, ()) if name != "kind" else ():
            built.add_text(name, value)
    day, tie = document.date.toordinal() if document.date else 0, make_tie(document.key)
    numbers = {"day": day, "tie": tie, "age": make_age(day, tie)}
    numbers |= zip(TITLE_PARTS, make_title_order(document.texts[0].title), strict=True)
    for name, number in numbers.items():
        built.add_unsigned(name, number)
    kept = []
    for text in document.texts:
        title, summary, body = clean(text.title), clean(text.summary), clean(text.body)
        kept.append([text.language, title, summary, body[:20_000]])
        built.add_text("title", " ".join(fold_words(title)))
        built.add_text("text", " ".join(fold_words(f"{summary}\n{body}")))
        _add_forms(built, f"{title}\n{summary}\n{body}", text.language)
    for page in document.pages:
        text_of_page = clean(page.text)
        built.add_text("pages", " ".join(fold_words(text_of_page)))
        _add_forms(built, text_of_page, page.language)
    built.add_bytes("texts", json.dumps(kept, ensure_ascii=False).encode())
    return built


def _add_forms(built: Document, text: str, language: str) -> None:
    if stems := stem_words(text, language):
        built.add_text("stems", " ".join(stems))
    built.add_text("exact", " ".join(sorted(set(as_written(text)))))


def build_page_documents(document: SearchDocument) -> Iterator[Document]:
    """The Tantivy documents of a record's pages."""
    for ordinal, page in enumerate(document.pages):
        text = clean(page.text)
        built = Document()
        built.add_text("key", document.key)
        for token in sorted(document.audience):
            built.add_text("audience", token)
        built.add_text("attachment", page.attachment)
        built.add_text("language", page.language)
        built.add_unsigned("number", page.number)
        built.add_unsigned("ordinal", ordinal)
        built.add_text("text", " ".join(fold_words(text)))
        _add_forms(built, text, page.language)
        built.add_bytes("original", text.encode())
        yield built


def read_texts(document: Document) -> tuple[Text, ...]:
    """The texts that were kept with a record's document."""
    kept = json.loads(bytes(_first(document, "texts")))
    return tuple(Text(*parts) for parts in kept)


def read_page(document: Document) -> Page:
    """The page that was kept with a page's document."""
    return Page(
        _first(document, "attachment"),
        _first(document, "number"),
        _first(document, "language"),
        bytes(_first(document, "original")).decode(),
    )


def _first(document: Document, name: str) -> Any:
    return document.get_first(name)


class Generation:
    """One folder with the three indexes."""

    def __init__(self, folder: Path, *, is_new: bool = False) -> None:
        self.folder = folder
        self.indexes: dict[str, Index] = {}
        for name, schema in SCHEMAS.items():
            path = folder / name
            if is_new:
                path.mkdir(parents=True)
            elif not (path / "meta.json").is_file():
                raise FileNotFoundError(path / "meta.json")
            index = Index(schema, str(path), reuse=True)
            index.config_reader("manual", 0)
            self.indexes[name] = index
        self._seen: dict[str, tuple[int, int]] = {}

    def refresh(self) -> None:
        """Take in what the writer has committed since; costs three looks at the file system."""
        for name, index in self.indexes.items():
            status = (self.folder / name / "meta.json").stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if self._seen.get(name) != seen:
                index.reload()
                self._seen[name] = seen


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The three indexes as they were at one moment."""

    open: Searcher
    restricted: Searcher
    pages: Searcher

    def rarity(self, field: str, token: str) -> float:
        """BM25's inverse document frequency of a token, in `open` alone (Robertson 1994)."""
        total, having = self.open.num_docs, self.open.doc_freq(field, token)
        return math.log(1 + (max(total - having, 0) + 0.5) / (having + 0.5))


class WordIndex:
    """The word index in a folder. Readers never wait for a writer; writers take turns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "words"
        self._reading = threading.Lock()
        self._generation: Generation | None = None
        self._name = ""
        self._writing = threading.RLock()
        self._writers: Writers | None = None

    # Reading

    def snapshot(self) -> Snapshot | None:
        """What is searched; None while there is no index that can be read."""
        with self._reading:
            for _attempt in range(3):  # a generation may go between two looks
                try:
                    return self._look()
                except FileNotFoundError:
                    self._generation = None
                except (ValueError, OSError):
                    self._generation = None
                    logger.exception("The word index in %s cannot be read: rebuild it", self.folder)
                    return None
        return None

    def _look(self) -> Snapshot | None:
        name = self._read_current()
        if not _is_of_present_format(name) or not (self.folder / name).is_dir():
            self._generation = None
            return None
        if name != self._name or self._generation is None:
            self._generation, self._name = Generation(self.folder / name), name
        self._generation.refresh()
        return Snapshot(**{n: index.searcher() for n, index in self._generation.indexes.items()})

    def _read_current(self) -> str:
        with suppress(OSError, ValueError):
            return (self.folder / "CURRENT").read_text().strip()
        return ""

    def is_usable(self) -> bool:
        """Whether there is an index of the present format."""
        return self.snapshot() is not None

    # Writing: one process at a time (the worker, or whoever holds the worker's lock)

    def write(self, documents: Iterable[SearchDocument], removed: Iterable[str] = ()) -> None:
        """Put documents in place of what stands under their keys; take `removed` out.

        A record that left `open` is gone from it before it appears in `restricted`.
        """
        documents, removed = list(documents), list(removed)
        with self._writing, locked(self.folder / "write.lock"):
            if not self.is_usable():
                self._switch(self._create())
            self._write_or_let_go(documents, removed)
            with locked(self.folder / "rebuild.lock", wait=False) as is_still:
                if not is_still:
                    self._note_for_rebuild([*removed, *(d.key for d in documents)])

    def _write_or_let_go(self, documents: list[SearchDocument], removed: list[str]) -> None:
        try:
            self._open_writers().write(documents, removed)
        except BaseException:
            # A writer that failed forgets what was not committed, and is made anew next time.
            self._writers = None
            raise

    def _note_for_rebuild(self, keys: Iterable[str]) -> None:
        with (self.folder / "TOUCHED").open("a") as file:
            file.writelines(f"{json.dumps(key)}\n" for key in keys)

    def _open_writers(self) -> Writers:
        folder = self.folder / self._read_current()
        if self._writers is None or self._writers.generation.folder != folder:
            self.release()
            self._writers = Writers(Generation(folder))
        return self._writers

    def release(self) -> None:
        """Let another process write."""
        with self._writing:
            if self._writers is not None:
                self._writers.close()
            self._writers = None

    def rebuild(
        self,
        batches: Iterable[Sequence[SearchDocument]],
        load: Callable[[Sequence[str]], Sequence[SearchDocument]] = lambda _keys: (),
    ) -> None:
        """Write a new generation from all documents, then read that one.

        Readers use the old one until the name is switched. What others write to the old one
        meanwhile is noted, and written to the new one as `load` gives it.
        """
        with locked(self.folder / "rebuild.lock"):
            with locked(self.folder / "write.lock"):
                (self.folder / "TOUCHED").write_text("")
            name = self._create()
            writers = Writers(Generation(self.folder / name))
            for documents in batches:
                writers.write(documents)
            with locked(self.folder / "write.lock"):
                if keys := self._read_touched():
                    documents = load(keys)
                    gone = set(keys) - {document.key for document in documents}
                    writers.write(documents, gone)
                writers.close()
                self._switch(name)

    def _read_touched(self) -> list[str]:
        lines = (self.folder / "TOUCHED").read_text().splitlines()
        return list(dict.fromkeys(json.loads(line) for line in lines))

    def _create(self) -> str:
        name = f"{FORMAT}-{new_reference()}"
        Generation(self.folder / name, is_new=True)
        return name

    def _switch(self, name: str) -> None:
        old = self._read_current()
        pointer = self.folder / f"CURRENT.{name}"
        pointer.write_text(name)
        pointer.replace(self.folder / "CURRENT")
        for folder in self.folder.iterdir():
            # The generation before stays: a reader may be in the middle of it.
            if folder.is_dir() and folder.name not in {name, old}:
                shutil.rmtree(folder, ignore_errors=True)

    def count(self) -> int:
        """How many records are in it."""
        snapshot = self.snapshot()
        return snapshot.open.num_docs + snapshot.restricted.num_docs if snapshot else 0


def _is_of_present_format(name: str) -> bool:
    return name.startswith(f"{FORMAT}-")


class Writers:
    """The three writers of a generation. Only what a change concerns is written.

    So `open` lies on disk as changes of open records alone have left it.
    """

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.by_name = {name: index.writer(HEAP, 1) for name, index in generation.indexes.items()}

    def write(self, documents: Iterable[SearchDocument], removed: Iterable[str] = ()) -> None:
        """Put documents in, take `removed` out, and commit."""
        self.generation.refresh()
        standing = {name: i.searcher() for name, i in self.generation.indexes.items()}
        last = {document.key: document for document in documents}
        touched: set[str] = set()
        for key in {*last, *removed}:
            for name, searcher in standing.items():
                if searcher.doc_freq("key", key):
                    # By a raw text field: deleting by a number silently deletes nothing.
                    self.by_name[name].delete_documents_by_term("key", key)
                    touched.add(name)
        for document in last.values():
            tier = OPEN if PUBLIC in document.audience else RESTRICTED
            self.by_name[tier].add_document(build_record_document(document))
            touched.add(tier)
            for page in build_page_documents(document):
                self.by_name[PAGES].add_document(page)
                touched.add(PAGES)
        for name in (OPEN, RESTRICTED, PAGES):
            if name in touched:
                self.by_name[name].commit()

    def close(self) -> None:
        """Wait for merges, and let others write."""
        for writer in self.by_name.values():
            writer.wait_merging_threads()
