"""What others made stays what it was, and is named with its licence."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "focal" / "ui" / "static" / "ui" / "vendor"
STATED = dict(
    re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (VENDOR / "VENDOR.md").read_text())
)
FILES = {
    str(path.relative_to(VENDOR))
    for path in VENDOR.rglob("*")
    if path.is_file() and path.name != "VENDOR.md"
}


def test_every_vendored_file_is_stated():
    assert set(STATED) == FILES


@pytest.mark.parametrize("name", sorted(STATED))
def test_vendored_file_is_what_is_stated(name):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == STATED[name]


def test_every_vendored_folder_has_its_licence():
    folders = {name.split("/")[0] for name in FILES}

    assert {f"{folder}/LICENSE" for folder in folders} <= FILES
