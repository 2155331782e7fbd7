"""The index of meaning: every visible passage compared with the question, none left out.

Approximate indexes lose their answers behind a filter on what the viewer may see, so vectors
are scanned in 8 bits, all of those the viewer may see and no others, and the best are
compared again by their originals. What a viewer finds, and in which order, is made from rows
visible to that viewer alone: no count, average, scale or cut is shared with hidden rows.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from focal.search.meaning import files
from focal.search.meaning.embedder import Vector, normalise
from focal.search.meaning.files import DamagedIndexError, Manifest, Rows

try:
    import numkong
except ImportError:  # a machine without its wheel: slower, same answers
    numkong = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

Bools = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Scores = NDArray[Any]

DIGITS = 5  # of a similarity: originals have 16 bits, further digits mean nothing
MARGIN = 0.004  # more than 8-bit codes ever misjudge a similarity (measured: 0.0025)
MOST_RESCORED = 1_000  # documents whose originals are looked at
GATHER_BELOW = 0.2  # share of visible rows below which they are gathered before the scan
BLOCK = 8_192  # rows NumPy takes at once where NumKong is missing
WRITE = 8_192  # rows written at once when a generation is copied
COMPACT_FROM = 2_000  # dead rows that are worth a new generation, if they are a third of all


@dataclass(frozen=True, slots=True)
class Match:
    """A document and its passage that is nearest to the question."""

    key: str
    similarity: float
    language: str
    attachment: str | None
    page: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its document a passage stands."""

    language: str
    attachment: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A document to write: who may find it, and its passages with their vectors."""

    key: str
    audience: frozenset[str]
    places: Sequence[Place]
    vectors: Vector


class Segments:
    """The documents of a generation, in the order of their rows. Arrays grow by doubling.

    Removals and changes of audience are made in place: a search that is under way sees them.
    """

    def __init__(self) -> None:
        self.count = 0
        self.keys: list[str] = []
        self.names: list[tuple[tuple[str, ...], tuple[str, ...]]] = []  # languages, attachments
        self.starts: Numbers = np.zeros(64, np.int64)
        self.lengths: Numbers = np.zeros(64, np.int64)
        self.checksums: Numbers = np.zeros(64, np.int64)
        self.audience: Numbers = np.zeros(64, np.int64)
        self.alive: Bools = np.zeros(64, np.bool_)
        self.by_key: dict[str, int] = {}
        self.audiences: list[frozenset[str]] = []
        self.audience_numbers: dict[frozenset[str], int] = {}
        self.empty: dict[str, frozenset[str]] = {}  # documents without any passage
        self.rows = 0
        self.dead_rows = 0
        self._names: dict[Any, Any] = {}

    def apply(self, entry: Mapping[str, Any]) -> None:
        """Take in a line of the log."""
        do, key = entry["do"], entry["key"]
        if do == "audience":
            self._set_audience(key, frozenset(entry["audience"]))
        elif do in {"add", "remove"}:
            self._drop(key)
        if do == "add":
            self._add(key, entry)

    def _set_audience(self, key: str, audience: frozenset[str]) -> None:
        if key in self.empty:
            self.empty[key] = audience
        elif (number := self.by_key.get(key)) is not None:
            self.audience[number] = self._get_audience_number(audience)

    def _drop(self, key: str) -> None:
        self.empty.pop(key, None)
        number = self.by_key.pop(key, None)
        if number is not None:
            self.alive[number] = False
            self.dead_rows += int(self.lengths[number])

    def _add(self, key: str, entry: Mapping[str, Any]) -> None:
        audience = frozenset(entry["audience"])
        if not entry["rows"]:
            self.empty[key] = audience
            return
        if entry["start"] != self.rows:
            raise DamagedIndexError(f"Rows of {key} start at {entry['start']}, not at {self.rows}")
        number = self.count
        self._make_room()
        self.keys.append(key)
        names = (tuple(entry["languages"]), tuple(entry["attachments"]))
        self.names.append(self._names.setdefault(names, names))
        self.starts[number] = entry["start"]
        self.lengths[number] = entry["rows"]
        self.checksums[number] = entry["checksum"]
        self.audience[number] = self._get_audience_number(audience)
        self.alive[number] = True
        self.by_key[key] = number
        self.rows += entry["rows"]
        self.count += 1

    def _get_audience_number(self, audience: frozenset[str]) -> int:
        number = self.audience_numbers.setdefault(audience, len(self.audiences))
        if number == len(self.audiences):
            self.audiences.append(audience)
        return number

    def is_same(self, key: str, rows: int, checksum: int, names: Any) -> bool:
        """Whether these very rows are here already."""
        number = self.by_key.get(key)
        return (
            number is not None
            and self.lengths[number] == rows
            and self.checksums[number] == checksum
            and self.names[number] == names
        )

    def _make_room(self) -> None:
        if self.count < len(self.starts):
            return
        for name in ("starts", "lengths", "checksums", "audience", "alive"):
            old = getattr(self, name)
            new = np.zeros(2 * len(old), old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def get_audience(self, key: str) -> frozenset[str] | None:
        """Who may find a document; None when it is not here."""
        if key in self.empty:
            return self.empty[key]
        number = self.by_key.get(key)
        return None if number is None else self.audiences[self.audience[number]]

    def get_visible(
        self,
        tokens: frozenset[str],
        exclude: Collection[str],
        allowed: Collection[str] | None,
    ) -> Bools:
        """Which documents a holder of these tokens may find."""
        met = np.array([not audience.isdisjoint(tokens) for audience in self.audiences], np.bool_)
        count = self.count
        if not count or not len(met):
            return np.zeros(count, np.bool_)
        visible = met[self.audience[:count]] & self.alive[:count]
        if allowed is not None:
            passes = np.zeros(count, np.bool_)
            passes[self._get_numbers(allowed)] = True
            visible &= passes
        visible[self._get_numbers(exclude)] = False
        return visible

    def _get_numbers(self, keys: Collection[str]) -> list[int]:
        get = self.by_key.get
        return [n for n in map(get, keys) if n is not None and n < self.count]


class Generation:
    """One generation as one process sees it: what its log says, and its mapped rows."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.files = files.RowFiles(folder / manifest.generation, manifest.dimensions)
        self.log = files.Log(folder / manifest.generation)
        self.segments = Segments()
        self.offset = 0
        self.rows = self.files.map(0)
        self.follow()

    def follow(self) -> None:
        """Take in what the log tells since the last time."""
        if self.log.get_size() == self.offset:
            return
        entries, offset = self.log.read(self.offset)
        for entry in entries:
            self.segments.apply(entry)
        if self.segments.rows > len(self.rows):
            self.rows = self.files.map(self.segments.rows)
        self.offset = offset

    def write(self, entries: Sequence[Entry]) -> None:
        """Put documents in the place of what was here under their keys."""
        lines, written = [], []
        start = self.segments.rows
        for entry in entries:
            rows, languages, attachments = _make_rows(entry, self.manifest.dimensions)
            names = (tuple(languages), tuple(attachments))
            checksum = rows.get_checksum()
            if self.segments.is_same(entry.key, len(rows), checksum, names):
                lines.append(make_audience_line(entry.key, entry.audience))
                continue
            lines.append(
                {
                    "do": "add",
                    "key": entry.key,
                    "audience": sorted(entry.audience),
                    "start": start,
                    "rows": len(rows),
                    "languages": languages,
                    "attachments": attachments,
                    "checksum": checksum,
                }
            )
            written.append(rows)
            start += len(rows)
        if start > self.segments.rows:
            self.files.write(self.segments.rows, files.join(written))
        self.tell(lines)

    def tell(self, lines: Sequence[dict[str, Any]]) -> None:
        """Append to the log, and take it in."""
        if lines:
            self.log.append(lines, self.offset)
            self.follow()

    def get_view(
        self,
        tokens: frozenset[str],
        exclude: Collection[str],
        allowed: Collection[str] | None,
    ) -> View:
        """What one search looks at; the index may grow meanwhile."""
        segments, count = self.segments, self.segments.count
        visible = segments.get_visible(tokens, exclude, allowed)
        return View(
            self,
            self.rows,
            segments.starts[:count],
            segments.lengths[:count],
            segments.rows,
            np.flatnonzero(visible),
        )

    def catch_up(self, old: Generation, since: int) -> None:
        """Have of every key that the old log tells of after `since` what the old one has.

        What the old one lacks is removed: it is gone, or its change still waits to be told.
        """
        lines, _offset = old.log.read(since)
        keys = dict.fromkeys(line["key"] for line in lines)
        entries = [entry for key in keys if (entry := old.read_entry(key))]
        self.write(entries)
        have = {entry.key for entry in entries}
        self.tell([make_line("remove", key) for key in keys if key not in have])

    def read_entry(self, key: str) -> Entry | None:
        """A document as it was written; None when it is not here."""
        audience = self.segments.get_audience(key)
        if audience is None:
            return None
        number = self.segments.by_key.get(key)
        if number is None:
            return Entry(key, audience, (), np.empty((0, self.manifest.dimensions), np.float32))
        rows = self.read_rows(number)
        places = [self.read_place(number, place) for place in rows.places]
        return Entry(key, audience, places, rows.originals.astype(np.float32))

    def read_entries(self) -> Iterator[Entry]:
        """Every document here."""
        for key in (*self.segments.empty, *self.segments.by_key):
            if entry := self.read_entry(key):
                yield entry

    def read_rows(self, number: int) -> Rows:
        """The rows of one document."""
        start = int(self.segments.starts[number])
        end = start + int(self.segments.lengths[number])
        rows = self.rows
        return Rows(
            rows.codes[start:end],
            rows.scales[start:end],
            rows.originals[start:end],
            rows.places[start:end],
        )

    def read_place(self, number: int, place: Any) -> Place:
        """Where a row's passage stands."""
        language, attachment, page = place.item()
        languages, attachments = self.segments.names[number]
        return Place(
            languages[language], attachments[attachment - 1] if attachment else None, page or None
        )

    def check(self) -> None:
        """DamagedIndexError unless all living rows are what was written."""
        for number in np.flatnonzero(self.segments.alive[: self.segments.count]):
            if self.read_rows(int(number)).get_checksum() != self.segments.checksums[number]:
                raise DamagedIndexError(
                    f"Rows of {self.segments.keys[number]} are not what was written"
                )


def make_line(do: str, key: str) -> dict[str, Any]:
    """A line about a key: `remove` it, or `touch` (something about it has changed)."""
    return {"do": do, "key": key}


def make_audience_line(key: str, audience: frozenset[str]) -> dict[str, Any]:
    """The line that shows a document to others than before."""
    return {"do": "audience", "key": key, "audience": sorted(audience)}


def _make_rows(entry: Entry, dimensions: int) -> tuple[Rows, list[str], list[str]]:
    languages = list(dict.fromkeys(place.language for place in entry.places))
    attachments = list(dict.fromkeys(p.attachment for p in entry.places if p.attachment))
    places = np.zeros(len(entry.places), files.PLACE)
    for row, place in enumerate(entry.places):
        places[row] = (
            languages.index(place.language),
            attachments.index(place.attachment) + 1 if place.attachment else 0,
            place.page or 0,
        )
    originals = np.asarray(entry.vectors).reshape(len(places), dimensions).astype("<f2")
    codes, scales = files.encode(originals.astype(np.float32))
    return Rows(codes, scales, originals, places), languages, attachments


class MeaningIndex:
    """The index of meaning in the index folder. Many may search it; writers take turns."""

    def __init__(self, index_folder: Path) -> None:
        self.folder = index_folder / "meaning"
        self.problem = ""
        self._generation: Generation | None = None
        self._lock = threading.RLock()

    # What readers use

    def search(
        self,
        vector: Vector,
        tokens: frozenset[str],
        *,
        limit: int,
        exclude: Collection[str] = (),
        allowed: Collection[str] | None = None,
    ) -> list[Match]:
        """The documents nearest to a vector that a holder of `tokens` may find, nearest first.

        Exact: every passage of every visible document is compared. `exclude` are keys to leave
        out, `allowed` the keys that other filters let pass. An index that is missing, damaged
        or of another model has no answers; `problem` tells why.
        """
        with self._lock:
            generation = self._refresh()
            if generation is None or len(vector) != generation.manifest.dimensions or limit < 1:
                return []
            view = generation.get_view(tokens, exclude, allowed)
        return view.search(np.asarray(vector, np.float32), limit)

    def similar(
        self, key: str, tokens: frozenset[str], limit: int, exclude: Collection[str] = ()
    ) -> list[Match]:
        """Documents nearest to one that is here; none when `tokens` may not find it."""
        generation = self._refresh()
        if generation is None:
            return []
        number = generation.segments.by_key.get(key)
        if number is None or tokens.isdisjoint(generation.segments.get_audience(key) or ()):
            return []
        rows = generation.read_rows(number)
        own_texts = rows.places["attachment"] == 0
        originals = rows.originals[own_texts] if own_texts.any() else rows.originals
        middle = originals.astype(np.float32).mean(axis=0)
        return self.search(normalise(middle), tokens, limit=limit, exclude={key, *exclude})

    def read_heads(self, keys: Sequence[str]) -> tuple[Bools, Vector]:
        """Which of these documents are here, and the vectors of their first passages.

        A document's first passage is its title and summary. For derived data that is told apart by
        audience later: this asks for no tokens, so nothing of it may be shown as it is.
        """
        generation = self._refresh()
        if generation is None:
            return np.zeros(len(keys), bool), np.zeros((len(keys), 1), np.float32)
        get = generation.segments.by_key.get
        numbers = np.array([get(key, -1) for key in keys], np.int64)
        found = (numbers >= 0) & (numbers < generation.segments.count)
        vectors = np.zeros((len(keys), generation.manifest.dimensions), np.float32)
        rows = generation.segments.starts[numbers[found]]
        vectors[found] = generation.rows.originals[rows].astype(np.float32)
        return found, vectors

    def has(self, key: str) -> bool:
        """Whether a document is here, with passages or without."""
        return self.get_audience(key) is not None

    def get_audience(self, key: str) -> frozenset[str] | None:
        """Who may find a document; None when it is not here."""
        generation = self._refresh()
        return generation.segments.get_audience(key) if generation else None

    def get_keys(self) -> set[str]:
        """Every document here."""
        generation = self._refresh()
        return {*generation.segments.by_key, *generation.segments.empty} if generation else set()

    def count_records(self) -> int:
        """How many documents are here."""
        generation = self._refresh()
        if generation is None:
            return 0
        return len(generation.segments.by_key) + len(generation.segments.empty)

    def count_units(self) -> int:
        """How many passages can be found."""
        generation = self._refresh()
        if generation is None:
            return 0
        return generation.segments.rows - generation.segments.dead_rows

    def get_manifest(self) -> Manifest | None:
        """The manifest in force; None when there is none that can be used."""
        generation = self._refresh()
        return generation.manifest if generation else None

    def find_damage(self) -> str:
        """Compare every row with its checksum; says what is wrong, empty when nothing is."""
        generation = self._refresh()
        if generation is None:
            return self.problem
        try:
            generation.check()
        except DamagedIndexError as error:
            return str(error)
        return ""

    def _refresh(self) -> Generation | None:
        """The generation in force with all that its log tells; None if there is none."""
        with self._lock:
            for _attempt in range(3):  # a generation may go between two looks
                try:
                    return self._follow()
                except FileNotFoundError:
                    self._generation = None
                    self.problem = "Files of the index are missing"
                except (
                    DamagedIndexError,
                    OSError,
                    ValueError,
                    KeyError,
                    IndexError,
                    TypeError,
                ) as error:
                    self._generation = None
                    self._tell_problem(f"The index cannot be read: {error}")
                    return None
        return None

    def _tell_problem(self, problem: str) -> None:
        if problem != self.problem:
            logger.error("%s (%s)", problem, self.folder)
        self.problem = problem

    def _follow(self) -> Generation | None:
        manifest = files.read_manifest(self.folder)
        if manifest is None:
            self._generation = None
            self.problem = "There is no index yet"
            return None
        if self._generation is None or self._generation.manifest != manifest:
            self._generation = Generation(self.folder, manifest)
        else:
            self._generation.follow()
        self.problem = ""
        return self._generation

    # What the writer uses

    @contextmanager
    def writing(self) -> Iterator[Generation | None]:
        """Hold the writer's lock; yields the generation in force as it is now."""
        with files.locked(self.folder / "writer.lock"), self._lock:
            yield self._refresh()

    def create(self, embedder: str, dimensions: int) -> None:
        """Start an empty index where there is none."""
        with self.writing() as generation:
            if generation is None:
                self.put_in_force(self.begin(embedder, dimensions))

    def replace(self, entries: Sequence[Entry]) -> None:
        """Put documents with their vectors in the place of what was here under their keys."""
        with self.writing() as generation:
            if generation is None:
                raise DamagedIndexError(self.problem)
            generation.write(entries)
        self.compact_if_worthwhile()

    def remove(self, keys: Collection[str]) -> None:
        """Take documents away: gone from every answer when this returns."""
        with self.writing() as generation:
            if generation is not None:
                generation.tell([make_line("remove", key) for key in keys])

    def set_audience(self, audiences: Mapping[str, frozenset[str]]) -> None:
        """Show documents to others than before: in force when this returns."""
        with self.writing() as generation:
            if generation is not None:
                generation.tell([make_audience_line(k, a) for k, a in audiences.items()])

    # Generations

    def begin(self, embedder: str, dimensions: int) -> Generation:
        """An empty generation beside the one in force; nobody sees it yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = [int(p.name[1:]) for p in self.folder.glob("g*") if p.name[1:].isdigit()]
        manifest = Manifest(f"g{max(taken, default=0) + 1:06d}", embedder, dimensions)
        files.RowFiles(self.folder / manifest.generation, dimensions).create()
        return Generation(self.folder, manifest)

    def put_in_force(self, generation: Generation) -> None:
        """Make readers use this generation from now on. The writer's lock must be held."""
        files.write_manifest(self.folder, generation.manifest)
        self._refresh()

    def remove_leftovers(self) -> None:
        """Delete generations that are not in force; nobody may be building one."""
        with self.writing() as generation:
            if generation is not None:
                files.remove_other_generations(self.folder, generation.manifest.generation)

    def compact_if_worthwhile(self) -> None:
        """Make a new generation when a third of the rows is dead."""
        generation = self._refresh()
        if generation is None:
            return
        dead, rows = generation.segments.dead_rows, generation.segments.rows
        if dead < COMPACT_FROM or dead * 3 < rows:
            return
        # A rebuild under way follows the log of the generation it began beside: do not switch.
        with files.locked(self.folder / "rebuild.lock", wait=False) as had:
            if had:
                self.compact()

    def compact(self) -> None:
        """Copy what lives into a new generation and put that in force."""
        with self.writing() as old:
            if old is None:
                return
            new = self.begin(old.manifest.embedder, old.manifest.dimensions)
            for entries in _in_batches(old.read_entries()):
                new.write(entries)
            self.put_in_force(new)
            files.remove_other_generations(self.folder, new.manifest.generation)


def _in_batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    rows = 0
    for entry in entries:
        batch.append(entry)
        rows += len(entry.places) + 1
        if rows >= WRITE:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


# The scan


@dataclass(frozen=True, slots=True)
class View:
    """The rows at one moment, and the documents `numbers` that a search may find."""

    generation: Generation
    rows: Rows
    starts: Numbers
    lengths: Numbers
    total: int
    numbers: Numbers

    def search(self, vector: Vector, limit: int) -> list[Match]:
        """The nearest documents; hidden ones take no part in any choice."""
        if not len(self.numbers):
            return []
        codes, scales = files.encode(vector[None])
        lengths = self.lengths[self.numbers]
        if lengths.sum() < GATHER_BELOW * self.total:
            offsets = np.cumsum(lengths) - lengths
            scores = self._score(codes, _spread(self.starts[self.numbers], lengths))
            best = np.maximum.reduceat(scores, offsets)
        else:
            offsets = self.starts[self.numbers]
            scores = self._score(codes, slice(0, self.total))
            best = np.maximum.reduceat(scores, self.starts)[self.numbers]
        margin = 2 * MARGIN / float(scales[0])
        chosen = _choose(best, limit, margin)
        floors = best[chosen] - margin
        where = _spread(offsets[chosen], lengths[chosen])
        owner = np.repeat(np.arange(len(chosen)), lengths[chosen])
        near = scores[where] >= floors[owner]
        places = _spread(self.starts[self.numbers[chosen]], lengths[chosen])[near]
        return self._rescore(vector, self.numbers[chosen][owner[near]], places, limit)

    def _score(self, code: NDArray[np.int8], which: Any) -> Scores:
        return _dot(code, self.rows.codes[which]) * self.rows.scales[which]

    def _rescore(self, vector: Vector, owners: Numbers, places: Numbers, limit: int) -> list[Match]:
        """Compare the originals of these rows, and put their documents in order."""
        # Summed row by row in float64: a library's matrix product may round by how rows lie.
        products = self.rows.originals[places].astype(np.float64) * vector.astype(np.float64)
        similarity = np.round(products.sum(axis=1), DIGITS)
        found = _keep_nearest(owners, places, similarity)
        keys = self.generation.segments.keys
        order = sorted(found.items(), key=lambda item: (-item[1][0], keys[item[0]]))
        return [self._make_match(number, *nearest) for number, nearest in order[:limit]]

    def _make_match(self, number: int, similarity: float, row: int) -> Match:
        place = self.generation.read_place(number, self.rows.places[row])
        key = self.generation.segments.keys[number]
        return Match(key, similarity, place.language, place.attachment, place.page)


def _spread(starts: Numbers, lengths: Numbers) -> Numbers:
    """The row numbers of ranges, one after the other."""
    offsets = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - offsets, lengths)


def _dot(code: NDArray[np.int8], codes: NDArray[np.int8]) -> Scores:
    """Exact products of whole numbers."""
    # float32 counts exactly up to 2**24.
    kind: Any = np.float32 if 127 * 127 * code.shape[1] < 2**24 else np.float64
    out = np.empty((1, len(codes)), kind)
    if numkong is not None:
        numkong.cdist(code, codes, "dot", out=out)
        return out[0]
    single = code[0].astype(kind)
    for start in range(0, len(codes), BLOCK):
        out[0, start : start + BLOCK] = codes[start : start + BLOCK].astype(kind) @ single
    return out[0]


def _choose(best: Scores, limit: int, margin: float) -> Numbers:
    """Documents that may be among the nearest `limit`, whatever 8 bits misjudge.

    Chosen by value: documents of the same value come together or not at all.
    """
    if len(best) <= limit:
        return np.arange(len(best))
    threshold = np.partition(best, len(best) - limit)[len(best) - limit] - margin
    most = max(MOST_RESCORED, 2 * limit)
    if len(best) > most:
        threshold = max(threshold, np.partition(best, len(best) - most)[len(best) - most])
    return np.flatnonzero(best >= threshold)


def _keep_nearest(
    owner: Numbers, places: Numbers, similarity: NDArray[np.float64]
) -> dict[int, tuple[float, int]]:
    """For each document the similarity and row of its nearest passage, the first of equals."""
    found: dict[int, tuple[float, int]] = {}
    for which, row, value in zip(owner.tolist(), places.tolist(), similarity.tolist(), strict=True):
        if which not in found or value > found[which][0]:
            found[which] = (value, row)
    return found


_indexes: OrderedDict[Path, MeaningIndex] = OrderedDict()
_opening = threading.Lock()


def get_index() -> MeaningIndex:
    """This process's view of the index that settings name."""
    folder = Path(settings.INDEX_FOLDER)
    with _opening:
        if folder not in _indexes:
            _indexes[folder] = MeaningIndex(folder)
            while len(_indexes) > 4:  # tests change folders
                _indexes.popitem(last=False)
        return _indexes[folder]
