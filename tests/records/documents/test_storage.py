"""Files by content: whole, never changed, gone when nobody uses them."""

import os

import pytest

from focal.records import storage
from focal.records.attachments import clean_storage


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


def keep(path, content):
    path.write_bytes(content)
    with storage.stage(path) as staged:
        staged.keep()
    return staged


def stored_files():
    return sorted(path.name for path in storage.get_folder().rglob("*") if path.is_file())


def test_file_is_kept_under_its_content(tmp_path):
    staged = keep(tmp_path / "a.txt", b"quiet heron")

    assert storage.get_path(staged.digest).read_bytes() == b"quiet heron"
    assert staged.digest == storage.compute_digest(tmp_path / "a.txt")
    assert stored_files() == [staged.digest]


def test_same_content_is_kept_once(tmp_path):
    first, second = keep(tmp_path / "a", b"same"), keep(tmp_path / "b", b"same")

    assert first.digest == second.digest
    assert stored_files() == [first.digest]


def test_what_is_not_kept_leaves_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"half")

    with pytest.raises(RuntimeError), storage.stage(tmp_path / "a"):
        raise RuntimeError

    assert stored_files() == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "a/" * 32])
def test_only_a_digest_names_a_file(digest):
    with pytest.raises(ValueError, match="not a digest"):
        storage.get_path(digest)


@pytest.mark.django_db
def test_clean_storage_removes_old_files_that_nobody_uses(tmp_path):
    old, young = keep(tmp_path / "a", b"old"), keep(tmp_path / "b", b"young")
    os.utime(storage.get_path(old.digest), (0, 0))

    assert clean_storage() == 1
    assert stored_files() == [young.digest]
