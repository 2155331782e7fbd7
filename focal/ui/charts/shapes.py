"""Shapes for maps (`region-shapes.json`, made from Natural Earth, public domain).

Shapes carry codes and no names: what a place is called comes from whoever draws the map.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "region-shapes.json"


Polygons = list[list[list[list[float]]]]


@lru_cache(maxsize=1)
def load_polygons() -> tuple[dict[str, Polygons], Polygons]:
    """The polygons of each place by its code, and of the land around them."""
    content = json.loads(FILE.read_text())
    return {row["code"]: row["polygons"] for row in content["economies"]}, content["around"]


@lru_cache(maxsize=1)
def load_shapes() -> tuple[dict[str, Any], ...]:
    """A GeoJSON feature for each place (its code in `id`), and for the land around them,
    which has no `id`."""
    places, around = load_polygons()
    return (
        *(make_feature(polygons, properties={}, id=code) for code, polygons in places.items()),
        make_feature(around, properties={}),
    )


def make_feature(polygons: Polygons, **more: Any) -> dict[str, Any]:
    """A GeoJSON feature; what else it carries is what a chart shows."""
    return {
        "type": "Feature",
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
        **more,
    }
