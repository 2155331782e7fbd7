"""The region's shapes (Natural Earth, public domain; see `tools/make_region_shapes.py`).

Shapes carry codes and no names: what an economy is called comes from the vocabulary alone.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "region.json"
Polygons = list[list[list[list[float]]]]


@lru_cache(maxsize=1)
def load_shapes() -> tuple[dict[str, Polygons], Polygons]:
    """The polygons of each economy by its code, and of the land around them."""
    content = json.loads(FILE.read_text())
    return (
        {row["code"]: row["polygons"] for row in content["economies"]},
        content["around"],
    )


def make_feature(polygons: Polygons, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature; its properties are what a chart shows."""
    return {
        "type": "Feature",
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
        **properties,
    }


def find_middle(polygons: Polygons) -> tuple[float, float]:
    """A point in the middle of the largest part of a shape, where its name can stand."""
    ring = max((polygon[0] for polygon in polygons), key=lambda ring: abs(_area(ring)))
    area = _area(ring) or 1.0
    x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        part = x1 * y2 - x2 * y1
        x, y = x + (x1 + x2) * part, y + (y1 + y2) * part
    return round(x / (6 * area), 2), round(y / (6 * area), 2)


def _area(ring: list[list[float]]) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2
