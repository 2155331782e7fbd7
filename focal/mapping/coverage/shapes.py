"""Where on a shape of the region a name can stand. The shapes themselves are the charts' own."""

from __future__ import annotations

from focal.ui.charts.shapes import Polygons


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
