"""Specifications become pictures: SVG and PNG, drawn in this process, never from outside.

The drawing engine is V8 in a thread of its own (vl-convert). One drawing at a time: it is
made for one caller, takes 20-60 ms, and a picture drawn once is kept in `CHART_FOLDER` under the
hash of everything that went into it. The folder can be emptied at any time.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from focal.kernel.errors import BadInput
from focal.ui.charts import theme
from focal.ui.charts.locales import get_number_locale, get_time_locale

GRAMMAR = "6.4"  # Vega-Lite as the browser's copy in static/ui/vendor has it
FONTS = Path(__file__).parents[1] / "static" / "ui" / "vendor" / "source-sans-3-files"
LARGEST = 4_000_000  # characters of a specification
KEPT_IN_A_SHELF = 32  # pictures in one of 256 folders; the oldest give way
OUTSIDE = frozenset({"url", "href", "src"})

_engine = threading.Lock()
_is_ready = False

Spec = Mapping[str, Any]


def draw_svg(spec: Spec, *, locale: str, title: str = "", description: str = "") -> str:
    """The chart as an SVG document that stands alone: light, on white paper, with title and
    description (default: those of the specification).

    `locale` is a language code; it decides how numbers and months are written. BadInput when the
    specification asks for something from outside or cannot be drawn.
    """
    whole = _complete(spec)
    words = (title or _read_title(spec), description or str(spec.get("description", "")))
    material = _pack(["svg", whole, locale, words])

    def make() -> bytes:
        return _describe(_run(whole, locale), *words).encode()

    return _keep(material, "svg", make).decode()


def draw_png(spec: Spec, *, locale: str, scale: float = 2) -> bytes:
    """The chart as a PNG on white paper; `scale` 2 gives two pixels for one of the SVG."""
    return make_png(draw_svg(spec, locale=locale), scale=scale)


def make_png(svg: str, *, scale: float = 2) -> bytes:
    """The same of a chart that is drawn already."""

    def make() -> bytes:
        import vl_convert  # noqa: PLC0415 -- slow import

        with _engine:
            _make_ready()
            return bytes(vl_convert.svg_to_png(svg, scale=scale))

    return _keep(_pack(["png", svg, scale]), "png", make)


def fit_to_page(svg: str) -> SafeString:
    """The drawing as part of a page: as wide as its place allows, colours by name.

    Colours become the style sheet's, so that it follows light, dark and print; the paper
    under it is the page's own.
    """
    svg = re.sub(r'<rect class="paper"[^>]*/>', "", svg, count=1)
    svg = re.sub(
        r'(fill|stroke)="(#[0-9a-fA-F]{6})"',
        lambda found: f'{found[1]}="{_name_colour(found[2])}"',
        svg,
    )
    svg = svg.replace(f'font-family="{theme.FONT}"', 'font-family="inherit"')
    return mark_safe(svg)  # noqa: S308 -- drawn here, texts escaped by the engine and _describe


def _name_colour(value: str) -> str:
    name = theme.NAMES.get(value.lower())
    return f"var(--{name}, {value})" if name else value


def _complete(spec: Spec) -> dict[str, Any]:
    """The specification with the theme under it; BadInput when it reaches outside."""
    if asked := next(_find_outside(spec), None):
        raise BadInput(f"A chart holds its data itself; '{asked}' cannot be asked for.")
    config = {**theme.get_config(), **spec.get("config", {})}
    return {**spec, "config": config}


def _find_outside(value: Any) -> Iterator[str]:
    """What a specification would load, except the rows and shapes it carries itself."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in OUTSIDE and isinstance(part, str | Mapping):
                yield f"{key}: {part}"
            elif key not in ("values", "datasets"):
                yield from _find_outside(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _find_outside(part)


def _run(spec: dict[str, Any], locale: str) -> str:
    import vl_convert  # noqa: PLC0415 -- slow import

    text = json.dumps(spec, ensure_ascii=False, allow_nan=False)
    if len(text) > LARGEST:
        raise BadInput("This chart has too much in it to be drawn.")
    with _engine:
        _make_ready()
        try:
            return str(
                vl_convert.vegalite_to_svg(
                    text,
                    vl_version=GRAMMAR,
                    allowed_base_urls=[],
                    format_locale=get_number_locale(locale),
                    time_format_locale=get_time_locale(locale),
                )
            )
        except ValueError as error:
            reason = str(error).strip().splitlines()[0][:200]
            raise BadInput(f"This chart cannot be drawn: {reason}") from None


def _make_ready() -> None:
    global _is_ready  # noqa: PLW0603 -- fonts are registered once a process
    if not _is_ready:
        import vl_convert  # noqa: PLC0415 -- slow import

        vl_convert.register_font_directory(str(FONTS))
        _is_ready = True


def _describe(svg: str, title: str, description: str) -> str:
    """Title and description for those who cannot see it, and paper under it. It is one picture:
    the engine's roles of its parts go."""
    svg = re.sub(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")', "", svg)
    size = re.search(r'width="([0-9.]+)" height="([0-9.]+)"', svg)
    paper = (
        f'<rect class="paper" width="{size[1]}" height="{size[2]}" fill="{theme.PAPER}"/>'
        if size
        else ""
    )
    name = f' role="img" aria-label={quoteattr(title)}' if title else ' aria-hidden="true"'
    words = f"<title>{escape(title)}</title>" if title else ""
    words += f"<desc>{escape(description)}</desc>" if description else ""
    return re.sub(
        r"<svg([^>]*)>", lambda found: f"<svg{found[1]}{name}>{words}{paper}", svg, count=1
    )


def _read_title(spec: Spec) -> str:
    title = spec.get("title", "")
    text = title.get("text", "") if isinstance(title, Mapping) else title
    return " ".join(text) if isinstance(text, list) else str(text)


def _pack(parts: list[Any]) -> bytes:
    return json.dumps([GRAMMAR, *parts], sort_keys=True, default=str).encode()


def _keep(material: bytes, suffix: str, make: Callable[[], bytes]) -> bytes:
    """What was drawn from this before, else drawn now and put on its shelf."""
    name = hashlib.sha256(material).hexdigest()
    shelf = Path(settings.CHART_FOLDER) / name[:2]
    place = shelf / f"{name[2:]}.{suffix}"
    try:
        return place.read_bytes()
    except OSError:  # not there yet, or not to be read
        drawn = make()
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{threading.get_ident()}")
        fresh.write_bytes(drawn)
        fresh.replace(place)
        _make_room(shelf)
    except OSError:  # a full or read-only disk is no reason to show no chart
        pass
    return drawn


def _make_room(shelf: Path) -> None:
    kept = sorted(shelf.iterdir(), key=lambda file: file.stat().st_mtime)
    for file in kept[: max(0, len(kept) - KEPT_IN_A_SHELF)]:
        file.unlink(missing_ok=True)
