"""Templates and scripts keep to the content security policy, and ask nobody else for anything."""

import re
from pathlib import Path

import pytest

CODE = Path(__file__).parents[2] / "focal"
TEMPLATES = sorted(
    path for path in CODE.rglob("templates/**/*") if path.suffix in {".html", ".txt", ".xml"}
)
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
SCRIPTS = sorted(path for path in CODE.rglob("static/**/*.js") if "vendor" not in path.parts)
STYLES = sorted(path for path in CODE.rglob("static/**/*.css") if "vendor" not in path.parts)

FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]+\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "an address that runs": re.compile(r"javascript:", re.IGNORECASE),
    "something from elsewhere": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']https?://", re.IGNORECASE
    ),
    "hx-on": re.compile(r"\bhx-on\b"),
}
MAKES_CODE_OR_MARKUP = re.compile(
    r"\beval\(|new Function|(?:inner|outer)HTML\s*\+?=(?!=)|insertAdjacentHTML|document\.write"
)
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(CODE))


@pytest.mark.parametrize("path", PAGES, ids=name)
@pytest.mark.parametrize("fault", FORBIDDEN)
def test_template_holds_no(path, fault):
    assert FORBIDDEN[fault].findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_template_holds_no_inline_script(path):
    assert INLINE_SCRIPT.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_script_makes_no_code_or_markup_from_text(path):
    text = path.read_text(encoding="utf-8")

    assert MAKES_CODE_OR_MARKUP.findall(text) == []


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_style_asks_no_other_server(path):
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"url\([\"']?(?:https?:)?//", text) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_template_says_economy_and_not_the_other_word(path):
    shown = re.sub(r"\{[%#].*?[%#]\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"))

    assert re.findall(r"\bcountr(?:y|ies)\b", shown, re.IGNORECASE) == []
