"""The index as files: revocation, several processes, accidents, rebuilding."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from focal.search import registry, services, words
from focal.search.documents import Page
from focal.search.words import WordIndex, make_title_order
from tests.search.library import PUBLIC, ask, find, make_document

ROOT = Path(__file__).parent.parent.parent
COMMUNITY = frozenset({"public", "community"})
ORG = frozenset({"public", "org:1"})


# Revocation


def test_deleted_record_is_gone_from_every_answer(library):
    page = Page("doc", 1, "en", "The quiet heron.")
    library.add(make_document("gone", "Heron", pages=[page]), make_document("stays", "River"))

    library.remove("gone")

    assert find("heron") == []
    assert find() == ["stays"]
    assert services.suggest("hero", PUBLIC) == []
    snapshot = services.get_index().snapshot()
    assert (snapshot.open.num_docs, snapshot.pages.num_docs) == (1, 0)


@pytest.mark.parametrize("tokens", [PUBLIC, COMMUNITY, ORG])
def test_narrowed_and_widened_record_is_found_by_its_viewers_alone(library, tokens):
    page = Page("doc", 1, "en", "A wader.")
    record = make_document("one", "Heron", pages=[page])
    for audience in ({"public"}, {"community"}, {"org:1"}, {"org:1", "community"}, {"public"}):
        library.add(replace(record, audience=frozenset(audience)))

        assert find("heron", tokens) == (["one"] if audience & tokens else [])
        assert find("wader", tokens) == (["one"] if audience & tokens else [])
        assert ask("heron", tokens).total == len(find("heron", tokens))
        assert bool(services.suggest("heron", tokens)) is bool(audience & tokens)


def test_remove_keys_takes_out_at_once(library):
    library.add(make_document("one", "Heron"), make_document("two", "Heron"))

    services.remove_keys(["one"])

    assert find("heron") == ["two"]


def test_revoked_key_is_left_out_before_the_index_has_heard(library, revoked):
    library.add(
        make_document("one", "Heron", kind="news"), make_document("two", "Heron", kind="practice")
    )

    revoked.append("one")
    answer = ask("heron")

    assert [hit.key for hit in answer.hits] == ["two"]
    assert answer.total == 1
    assert answer.facets["kind"] == (("practice", 1),)
    assert [s.key for s in services.suggest("heron", PUBLIC)] == ["two"]


@pytest.mark.parametrize("question", [ask, services.suggest])
def test_revocation_settled_while_a_question_is_asked_is_not_missed(library, monkeypatch, question):
    """The worker writes the index and forgets the entry between two steps of a search."""
    library.add(make_document("one", "Heron"))
    waiting = ["one"]
    look = WordIndex.snapshot

    def look_and_settle(index):
        snapshot = look(index)
        waiting.clear()
        return snapshot

    monkeypatch.setattr(services, "get_revoked_keys", lambda *consumers: list(waiting))
    monkeypatch.setattr(WordIndex, "snapshot", look_and_settle)

    answer = question("heron", PUBLIC)

    assert (answer == []) if isinstance(answer, list) else (answer.hits == ())


# Processes

PRELUDE = """
import os, sys, django
django.setup()
from django.conf import settings
from pathlib import Path
settings.INDEX_FOLDER = Path({folder!r})
from focal.search import registry, services
from focal.search.words import WordIndex
from tests.search.library import *
registry._thesaurus[:] = []
services.get_revoked_keys = lambda *consumers: []
services.get_lapsed_keys = frozenset
"""


def start(folder, code):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "focal.config.settings",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE.format(folder=str(folder)) + code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def test_two_other_processes_see_a_commit_and_a_revocation(library, index_folder):
    library.add(make_document("one", "Heron"))
    answer = "for line in sys.stdin: print(*sorted(find('heron')), '.', flush=True)"
    readers = [start(index_folder, answer) for _ in range(2)]

    def see():
        for reader in readers:
            reader.stdin.write("\n")
            reader.stdin.flush()
        return [reader.stdout.readline() for reader in readers]

    try:
        before = see()
        library.add(make_document("two", "Heron"))
        added = see()
        library.remove("one")
        removed = see()
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()

    assert (before, added, removed) == (["one .\n"] * 2, ["one two .\n"] * 2, ["two .\n"] * 2)


def test_killed_writer_loses_nothing_and_blocks_nobody(library, index_folder):
    library.add(make_document("before", "Heron"))
    services.release()
    writer = start(
        index_folder,
        """
index = services.get_index()
index.write([make_document("committed", "Heron")])
print("committed", flush=True)
writers = index._open_writers()
from focal.search.words import build_record_document
while True:
    writers.by_name["open"].add_document(build_record_document(make_document("lost", "Heron")))
    writers.by_name["restricted"].add_document(
        build_record_document(make_document("lost", "Heron", audience={"org:1"}))
    )
""",
    )
    assert writer.stdout.readline() == "committed\n"

    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()
    library.add(make_document("after", "Heron"))

    assert sorted(find("heron", ORG)) == ["after", "before", "committed"]


def test_writer_that_failed_is_made_anew(library, monkeypatch):
    library.add(make_document("one", "Heron"))
    build = words.build_record_document

    def fail_at_three(document):
        if document.key == "three":
            raise MemoryError
        return build(document)

    monkeypatch.setattr(words, "build_record_document", fail_at_three)
    with pytest.raises(MemoryError):
        library.add(make_document("two", "Heron"), make_document("three", "Heron"))
    assert find("heron") == ["one"]
    monkeypatch.setattr(words, "build_record_document", build)
    library.add(make_document("four", "Heron"))

    assert sorted(find("heron")) == ["four", "one"]


# Rebuilding


def test_rebuild_goes_on_while_others_search_and_write(library, monkeypatch):
    """What is written to the old index during a rebuild is in the new one as well."""
    library.add(*(make_document(f"r{n}", "Heron") for n in range(5)))
    seen = []
    load = library.load

    def load_while_the_world_goes_on(keys):
        if len(keys) == 5 and not seen:
            seen.append(len(find("heron")))
            library.documents["new"] = make_document("new", "Heron")
            library.documents.pop("r0")
            library.documents["r1"] = make_document("r1", "Heron", audience={"org:1"})
            stale = load(["r2", "r3", "r4"])
            other = threading.Thread(target=services.index_keys, args=(["new", "r0", "r1"],))
            other.start()
            other.join()
            seen.append(len(find("heron")))
            return [make_document("r0", "Heron"), make_document("r1", "Heron"), *stale]
        return load(keys)

    monkeypatch.setattr(registry, "_sources", {})
    registry.register_source(
        topic="record", load=load_while_the_world_goes_on, all_keys=library.all_keys
    )
    services.rebuild_words()

    assert seen == [5, 4]
    assert sorted(find("heron")) == ["new", "r2", "r3", "r4"]
    assert sorted(find("heron", ORG)) == ["new", "r1", "r2", "r3", "r4"]


def test_rebuild_leaves_out_what_is_gone_and_keeps_one_old_generation(library, index_folder):
    library.add(make_document("one", "Heron"), make_document("two", "Heron"))
    del library.documents["one"]

    for _ in range(3):
        services.rebuild_words()

    assert find("heron") == ["two"]
    assert len([p for p in (index_folder / "words").iterdir() if p.is_dir()]) == 2


def test_rebuild_that_fails_leaves_the_old_index_in_force(library, monkeypatch):
    library.add(make_document("one", "Heron"))

    def fail(keys):
        raise MemoryError

    monkeypatch.setattr(registry, "_sources", {})
    registry.register_source(topic="record", load=fail, all_keys=library.all_keys)
    with pytest.raises(MemoryError):
        services.rebuild_words()

    assert find("heron") == ["one"]


def test_rebuild_tells_how_far_it_is(library):
    library.add(*(make_document(f"r{n}", "Heron") for n in range(3)))
    told = []

    services.rebuild_words(lambda done, total: told.append((done, total)))

    assert told == [(3, 3)]


# Accidents


def lose_everything(folder):
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def lose_the_name(folder):
    (folder / "CURRENT").unlink()


def garble_the_name(folder):
    (folder / "CURRENT").write_bytes(b"\xff\x00../..")


def garble_the_table_of_contents(folder):
    for path in folder.rglob("open/meta.json"):
        path.write_text("{")


def lose_a_tier(folder):
    for path in folder.rglob("restricted/*"):
        path.unlink()


def lose_segments(folder):
    for path in folder.rglob("open/*.*"):
        if path.suffix not in {".json", ".lock"}:
            path.unlink()


ACCIDENTS = (
    lose_everything,
    lose_the_name,
    garble_the_name,
    garble_the_table_of_contents,
    lose_a_tier,
    lose_segments,
)


@pytest.mark.parametrize("accident", ACCIDENTS, ids=lambda accident: accident.__name__)
def test_broken_index_says_so_and_heals(library, index_folder, accident):
    library.add(make_document("one", "Heron"), make_document("two", "Heron", audience={"org:1"}))
    services.release()
    services._index_in.cache_clear()  # as another process would find it

    accident(index_folder / "words")
    broken, suggested = ask("heron", ORG), services.suggest("heron", ORG)
    library.add(make_document("three", "Heron"))

    assert (broken.index_ready, broken.hits, suggested) == (False, (), [])
    assert sorted(find("heron", ORG)) == ["one", "three", "two"]


def test_index_of_another_format_is_not_read_and_is_built_anew(library, monkeypatch):
    library.add(make_document("one", "Heron"))

    monkeypatch.setattr(words, "FORMAT", "next")
    before = ask("heron")
    healed = services.heal()

    assert (before.index_ready, healed) == (False, True)
    assert find("heron") == ["one"]
    assert not services.heal()


def test_removing_from_a_missing_index_builds_it_from_all_records(library):
    library.documents["one"] = make_document("one", "Heron")

    services.remove_keys(["two"])

    assert find("heron") == ["one"]


def test_missing_index_answers_without_being_ready(library):
    answer = ask("heron")

    assert (answer.index_ready, answer.hits, answer.total) == (False, (), 0)
    assert services.suggest("heron", PUBLIC) == []


# Small things


def test_titles_sort_like_their_folded_letters():
    titles = ["", "2 mosta", "A", "Ćuprija", "cvet", "Đak", "Nacionalna strategija A", "Ωδή"]
    titles.insert(7, "Nacionalna strategija B")

    assert sorted([*titles[4:], *titles[:4]], key=make_title_order) == titles


def test_writing_one_tier_leaves_the_others_alone(library):
    library.add(make_document("one", "Heron"), make_document("two", "Heron", audience={"org:1"}))
    snapshot = services.get_index().snapshot()

    library.add(*(make_document(f"q{n}", "Heron", audience={"org:1"}) for n in range(3)))
    after = services.get_index().snapshot()

    assert after.open.num_segments == snapshot.open.num_segments
    assert after.restricted.num_docs == 4
