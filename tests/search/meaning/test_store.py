import sqlite3

import numpy as np
import pytest

from focal.search.meaning.store import VectorStore, get_hash


@pytest.fixture
def store(tmp_path):
    store = VectorStore(tmp_path / "vectors.sqlite3")
    yield store
    store.close()


def vector(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_vector_is_found_by_its_hash_alone(store):
    store.put({b"a": vector(0.5, 1), b"b": vector(0, 0.25)})

    found = store.get([b"b", b"c"])

    assert list(found) == [b"b"]
    assert found[b"b"].tolist() == [0, 0.25]


def test_first_vector_of_a_hash_stays(store):
    store.put({b"a": vector(1, 0)})
    store.put({b"a": vector(0, 1)})

    assert store.get([b"a"])[b"a"].tolist() == [1, 0]


def test_many_hashes_are_asked_for_in_pieces(store):
    store.put({str(n).encode(): vector(n) for n in range(1_700)})

    found = store.get([str(n).encode() for n in range(1_700)])

    assert len(found) == 1_700
    assert found[b"1699"].tolist() == [1699]


def test_store_is_there_for_the_next_process(store):
    store.put({b"a": vector(1, 0)})
    store.close()

    assert VectorStore(store.path).get([b"a"])[b"a"].tolist() == [1, 0]


def test_damaged_file_is_put_aside_and_filled_again(store, caplog):
    store.path.write_bytes(b"this is no database " * 500)

    assert store.get([b"a"]) == {}
    store.put({b"a": vector(1, 0)})

    assert store.get([b"a"])[b"a"].tolist() == [1, 0]
    assert [path.name for path in store.path.parent.glob("*.damaged-*")] != []
    assert "is damaged" in caplog.text


def test_damage_found_while_reading_is_healed_for_the_next_question(store, caplog):
    store.put({str(n).encode(): vector(*range(300)) for n in range(500)})
    with sqlite3.connect(store.path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    store.close()
    content = bytearray(store.path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    store.path.write_bytes(content)

    with pytest.raises(sqlite3.DatabaseError):
        store.get([b"1"])

    assert store.get([b"1"]) == {}
    assert "is damaged" in caplog.text


def test_vectors_that_nobody_uses_are_forgotten_unless_they_are_newer(store):
    store.put({b"used": vector(1), b"unused": vector(2)})
    last = store.get_last()
    store.put({b"new": vector(3)})

    assert store.forget_others({b"used"}, up_to=last) == 1

    assert sorted(store.get([b"used", b"unused", b"new"])) == [b"new", b"used"]
    assert store.count() == 2


def test_hash_tells_models_and_texts_apart():
    hashes = {get_hash("one", "text"), get_hash("two", "text"), get_hash("one", "texts")}

    assert len(hashes) == 3
    assert get_hash("one", "text") == get_hash("one", "text")
    assert get_hash("one", "lone \ud800") != get_hash("one", "lone")
