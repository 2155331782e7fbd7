"""Shapes for maps (`region-shapes.json`, made from Natural Earth, public domain).

Shapes carry codes and no names: what a place is called comes from whoever draws the map.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "region-shapes.json"


@lru_cache(maxsize=1)
def load_shapes() -> tuple[dict[str, Any], ...]:
    """A GeoJSON feature for each place (its code in `id`), and for the land around them,
    which has no `id`."""
    content = json.loads(FILE.read_text())
    return (
        *(_make_feature(row["polygons"], id=row["code"]) for row in content["economies"]),
        _make_feature(content["around"]),
    )


def _make_feature(polygons: list[Any], **more: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
        **more,
    }
