"""From an outbox entry to an answer, with everything that can go wrong between."""

import sqlite3

import pytest
from django.db import transaction
from django.utils import timezone

from focal.outbox.models import Entry
from focal.outbox.services import deliver, deliver_all, emit, get_revoked_keys
from focal.search.documents import Page
from focal.search.meaning import consumer, index
from focal.search.meaning.embedder import EmbeddingError, set_embedder
from focal.search.meaning.finding import find
from focal.search.meaning.index import get_index
from tests.search.meaning.helpers import CountingEmbedder

pytestmark = pytest.mark.django_db

PUBLIC = frozenset({"public"})
MEMBER = frozenset({"public", "community"})


def tell(*keys: str, revokes: bool = False) -> None:
    with transaction.atomic():
        emit(topic="record", keys=keys, at=timezone.now(), revokes=revokes)


def settle() -> None:
    deliver_all("meaning", "embeddings")


def find_keys(text: str, tokens: frozenset[str] = PUBLIC) -> list[str]:
    return [match.key for match in find(text, tokens, limit=10) or []]


def test_record_is_found_by_its_meaning_after_the_outbox_was_emptied(library):
    library.put("a", "schools and pupils", pages=(Page("att", 4, "mk", "mentors for parents"),))
    library.put("b", "prisons")
    tell("a", "b")
    settle()

    (best, *_rest) = find("mentors for parents", PUBLIC, limit=5)

    assert (best.key, best.language, best.attachment, best.page) == ("a", "mk", "att", 4)
    assert consumer.status() == {"done": 2, "units": 3, "model": "counting", "problem": ""}


def test_nothing_is_embedded_twice(library, embedder):
    library.put("a", "the same words")
    library.put("b", "the same  words")
    tell("a", "b")
    settle()
    assert embedder.embedded == ["the same words"]

    tell("a")
    settle()
    consumer.rebuild()
    get_index().compact()

    assert embedder.embedded == ["the same words"]


def test_only_what_changed_is_embedded(library, embedder):
    pages = tuple(Page("att", n, "en", f"page {n}") for n in range(1, 4))
    library.put("a", "report", pages=pages)
    tell("a")
    settle()
    embedder.embedded.clear()

    library.put("a", "report", pages=(*pages[:2], Page("att", 3, "en", "another page")))
    tell("a")
    settle()

    assert embedder.embedded == ["another page"]
    assert consumer.status()["units"] == 4


@pytest.mark.parametrize("text", ["", " \n ", "\x00\x00", "... — ☂", "\u200b"])
def test_empty_text_is_not_embedded(library, embedder, text):
    library.put("a", text)
    tell("a")
    settle()

    assert embedder.embedded == []
    assert consumer.status()["done"] == 1
    assert find(text, PUBLIC, limit=5) == []


def test_dirty_text_reaches_the_model_clean_and_short(library, embedder):
    library.put("a", "before\x00after \ud800 end", pages=(Page("p", 1, "en", "x" * 50_000),))
    tell("a")
    settle()

    assert embedder.embedded[-1] == "before after ? end"
    assert max(map(len, embedder.embedded)) <= 1_000


def test_deleted_record_is_gone_before_anything_is_embedded(library, embedder):
    library.put("a", "schools")
    tell("a")
    settle()
    del library.documents["a"]
    library.put("b", "a long report")
    tell("b")
    tell("a", revokes=True)

    deliver("meaning", at=timezone.now())

    assert find_keys("schools") == []
    assert get_revoked_keys("meaning") == []
    assert embedder.embedded == ["schools"]


def test_narrowed_record_is_hidden_before_anything_is_embedded(library, embedder):
    library.put("a", "schools")
    tell("a")
    settle()
    library.put("a", "schools, with a changed title", audience="community")
    tell("a", revokes=True)

    deliver("meaning", at=timezone.now())

    assert find_keys("schools") == []
    assert find_keys("schools", MEMBER) == ["a"]
    assert embedder.embedded == ["schools"]


def test_record_narrowed_while_it_was_embedded_is_written_for_its_new_audience(library):
    class Slow(CountingEmbedder):
        def embed_passages(self, texts):
            library.put("a", "schools", audience="community")
            consumer.take_away(["a"])
            return super().embed_passages(texts)

    set_embedder(Slow())
    library.put("a", "schools")
    tell("a")
    deliver("embeddings", at=timezone.now())

    assert find_keys("schools") == []
    assert find_keys("schools", MEMBER) == ["a"]


def test_record_deleted_while_it_was_embedded_is_not_written(library):
    class Slow(CountingEmbedder):
        def embed_passages(self, texts):
            library.documents.pop("a", None)
            return super().embed_passages(texts)

    set_embedder(Slow())
    library.put("a", "schools")
    tell("a")
    settle()

    assert find_keys("schools", MEMBER) == []
    assert consumer.status()["done"] == 0


def test_failure_half_way_keeps_what_was_embedded(library, embedder, monkeypatch):
    monkeypatch.setattr(consumer, "TOGETHER", 2)
    library.put("a", "report", pages=tuple(Page("p", n, "en", f"page {n}") for n in range(1, 8)))
    whole = CountingEmbedder.embed_passages

    def break_down(self, texts):
        if len(self.embedded) >= 4:
            raise EmbeddingError("no answer")
        return whole(self, texts)

    monkeypatch.setattr(CountingEmbedder, "embed_passages", break_down)
    with pytest.raises(EmbeddingError):
        consumer.embed(["a"])
    monkeypatch.setattr(CountingEmbedder, "embed_passages", whole)
    consumer.embed(["a"])

    assert len(embedder.embedded) == 8
    assert len(set(embedder.embedded)) == 8
    assert find_keys("page 7") == ["a"]


def test_model_that_does_not_answer_leaves_the_entry_waiting(library, monkeypatch, caplog):
    def refuse(self, texts):
        raise EmbeddingError("the embeddings server does not answer")

    monkeypatch.setattr(CountingEmbedder, "embed_passages", refuse)
    consumer.heal(at=timezone.now())
    library.put("a", "schools")
    tell("a")

    assert deliver("embeddings", at=timezone.now()) == 0

    entry = Entry.objects.get(consumer="embeddings")
    assert entry.error == "EmbeddingError: the embeddings server does not answer"


def test_record_that_was_just_written_is_not_taken_away_as_unknown(library):
    """Both consumers hear of a new record, in any order and at the same time."""
    library.put("a", "schools")
    consumer.heal(at=timezone.now())
    consumer.take_away(["a"])
    consumer.embed(["a"])
    consumer.take_away(["a"])

    assert find_keys("schools") == ["a"]


def test_new_record_that_is_still_waiting_when_a_rebuild_ends_comes_by_the_outbox(library):
    library.put("a", "schools")
    tell("a")
    settle()

    def add(done, total):
        library.put("b", "schools too")
        tell("b")
        deliver("meaning", at=timezone.now())

    consumer.rebuild(add)
    assert find_keys("schools") == ["a"]
    settle()

    assert sorted(find_keys("schools")) == ["a", "b"]


# Losing the index


def lose_everything(folder):
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def damage_log(folder):
    log = next(folder.glob("g*/log"))
    log.write_bytes(log.read_bytes().replace(b'"a"', b'"z"'))


def damage_manifest(folder):
    (folder / "manifest.json").write_text("{")


@pytest.mark.parametrize("damage", [lose_everything, damage_log, damage_manifest])
def test_index_that_is_lost_or_damaged_heals_without_embedding(library, embedder, damage, caplog):
    for key in "abc":
        library.put(key, f"schools {key}")
    tell(*"abc")
    settle()
    embedder.embedded.clear()
    damage(get_index().folder)
    index._indexes.clear()  # as a process that has just started

    assert find("schools", PUBLIC, limit=5) is None
    tell("a")
    settle()

    assert sorted(find_keys("schools")) == ["a", "b", "c"]
    assert embedder.embedded == []


def test_another_model_starts_a_new_index(library, embedder, caplog):
    library.put("a", "schools")
    tell("a")
    settle()
    other = CountingEmbedder("another model")
    set_embedder(other)

    assert find("schools", PUBLIC, limit=5) is None
    assert consumer.heal(at=timezone.now())
    settle()

    assert find_keys("schools") == ["a"]
    assert other.embedded == ["schools"]
    assert not consumer.heal(at=timezone.now())


def test_damaged_store_costs_time_and_nothing_else(library, embedder, caplog):
    library.put("a", "schools")
    tell("a")
    settle()
    store = consumer.get_store()
    store.close()
    for path in store.path.parent.glob("vectors.sqlite3*"):
        path.unlink()
    store.path.write_bytes(b"no database " * 1_000)

    consumer.rebuild()

    assert find_keys("schools") == ["a"]
    assert embedder.embedded == ["schools", "schools"]


def test_full_disk_is_told_and_heals(library, embedder, monkeypatch):
    library.put("a", "schools")

    def refuse(self, vectors):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(consumer.VectorStore, "put", refuse)
        with pytest.raises(sqlite3.OperationalError):
            consumer.embed(["a"])
    consumer.embed(["a"])

    assert find_keys("schools") == ["a"]


# Rebuilding


def test_search_goes_on_with_the_old_index_while_it_is_rebuilt(library):
    for n in range(5):
        library.put(f"k{n}", f"schools {n}")
    tell(*library.documents)
    settle()
    seen: list[tuple[int, int, list[str]]] = []

    consumer.rebuild(lambda done, total: seen.append((done, total, find_keys("schools"))))

    assert [(done, total) for done, total, _keys in seen] == [(5, 5)]
    assert all(len(keys) == 5 for *_rest, keys in seen)
    assert len(find_keys("schools")) == 5
    assert len(list(get_index().folder.glob("g*"))) == 1


def test_changes_during_a_rebuild_are_in_the_new_index(library, monkeypatch):
    monkeypatch.setattr(consumer, "REBUILD_BATCH", 2)
    for n in range(6):
        library.put(f"k{n}", f"schools {n}")
    tell(*library.documents)
    settle()

    def change(done, total):
        if done == 4:
            del library.documents["k0"]
            library.put("k1", "schools 1", audience="community")
            library.put("k2", "prisons")
            library.put("new", "schools too")
            tell("k0", "k1", "k2", "new", revokes=True)
            settle()

    consumer.rebuild(change)

    assert find_keys("schools 1")[:1] != ["k1"]
    assert set(find_keys("schools")) == {"k2", "k3", "k4", "k5", "new"}
    assert find_keys("prisons")[0] == "k2"
    assert "k1" in find_keys("schools", MEMBER)


def test_record_deleted_during_the_first_rebuild_does_not_come_back(library, monkeypatch):
    monkeypatch.setattr(consumer, "REBUILD_BATCH", 1)
    library.put("a", "schools")
    library.put("b", "schools")

    def delete(done, total):
        if done == 1:
            del library.documents["a"]
            tell("a", revokes=True)
            deliver("meaning", at=timezone.now())

    consumer.rebuild(delete)

    assert find_keys("schools") == ["b"]


def test_rebuild_that_broke_off_leaves_the_old_index_and_no_litter(library, monkeypatch):
    library.put("a", "schools")
    tell("a")
    settle()

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consumer.rebuild(stop)
    assert find_keys("schools") == ["a"]
    consumer.rebuild()

    assert find_keys("schools") == ["a"]
    assert len(list(get_index().folder.glob("g*"))) == 1


def test_rebuild_forgets_vectors_of_texts_that_are_gone(library):
    library.put("a", "schools")
    library.put("b", "prisons")
    tell("a", "b")
    settle()
    assert consumer.get_store().count() == 2
    del library.documents["b"]

    consumer.rebuild()

    assert consumer.get_store().count() == 1
