"""Static files as they are served: every name that a template or style uses is there."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage

from focal.ui.templatetags.ui import SPRITE

CODE = Path(__file__).parents[2] / "focal"
PAGES = sorted(CODE.rglob("templates/**/*.html"))
STATIC = re.compile(r"""\{% static ["']([^"']+)["']""")
ICON = re.compile(r"""\{% icon ["']([a-z0-9-]+)["']""")
USED = sorted({name for path in PAGES for name in STATIC.findall(path.read_text("utf-8"))})
ICONS = sorted({name for path in PAGES for name in ICON.findall(path.read_text("utf-8"))})


@pytest.mark.parametrize("name", USED)
def test_static_file_that_a_template_names_is_there(name):
    assert finders.find(name) is not None


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = Path(finders.find(SPRITE)).read_text(encoding="utf-8")

    assert [name for name in ICONS if f'id="{name}"' not in sprite] == []


def test_our_files_can_be_named_by_their_content(tmp_path):
    """What `collectstatic` does at every start: a reference to a missing file would stop it."""
    source = FileSystemStorage(location=CODE / "ui" / "static")
    names = [
        str(path.relative_to(source.location))
        for path in Path(source.location).rglob("*")
        if path.is_file()
    ]
    storage = ManifestStaticFilesStorage(location=tmp_path)
    for name in names:
        with source.open(name) as file:
            storage.save(name, file)

    done = list(storage.post_process({name: (storage, name) for name in names}))

    assert [name for name, _, processed in done if isinstance(processed, Exception)] == []
    assert "ui/css/focal.css" in storage.hashed_files
