"""Makes `focal/ui/charts/region-shapes.json` from Natural Earth.

Natural Earth (naturalearthdata.com, scale 1:50 million) is in the public domain; it is read here as
the TopoJSON of the package `world-atlas` 2.0.2 (ISC licence): `npm pack world-atlas`, unpack, then
`python tools/make_region_shapes.py package/countries-50m.json`. The file's own names are left out:
what an economy is called comes from the vocabulary alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

WEST, SOUTH, EAST, NORTH = 12.2, 34.4, 45.2, 48.9
TARGET = Path(__file__).parent.parent / "focal" / "ui" / "charts" / "region-shapes.json"
# The file's numeric codes (ISO 3166-1), and Kosovo by the only thing the file calls it.
CODES = {
    "008": "AL", "070": "BA", "100": "BG", "191": "HR", "300": "GR", "498": "MD", "499": "ME",
    "807": "MK", "642": "RO", "688": "RS", "705": "SI", "792": "TR",
}  # fmt: skip
KOSOVO = ("Kosovo", "XK")


def main(source: str) -> None:
    topology = json.loads(Path(source).read_text())
    arcs = [unpack(arc, topology["transform"]) for arc in topology["arcs"]]
    features, around = [], []
    for country in topology["objects"]["countries"]["geometries"]:
        code = CODES.get(str(country.get("id", "")))
        if country["properties"]["name"] == KOSOVO[0]:
            code = KOSOVO[1]
        polygons = [
            rings
            for polygon in get_polygons(country)
            if (rings := [ring for ring in (clip(join(ring, arcs)) for ring in polygon) if ring])
        ]
        if code:
            features.append({"code": code, "polygons": polygons})
        else:
            around += polygons
    features.sort(key=lambda feature: feature["code"])
    text = json.dumps({"economies": features, "around": around}, separators=(",", ":"))
    TARGET.write_text(text + "\n")
    print(len(text), "bytes,", [feature["code"] for feature in features])


def unpack(arc, transform):
    (scale_x, scale_y), (left, bottom) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * scale_x + left, y * scale_y + bottom))
    return points


def get_polygons(geometry):
    kind = geometry["type"]
    return [geometry["arcs"]] if kind == "Polygon" else geometry.get("arcs", [])


def join(ring, arcs):
    points = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def clip(ring):
    """A ring inside the frame (Sutherland and Hodgman), to two decimals; empty when outside."""
    for axis, limit, sign in ((0, WEST, 1), (0, EAST, -1), (1, SOUTH, 1), (1, NORTH, -1)):
        if not ring:
            return []
        kept, before = [], ring[-1]
        for point in ring:
            is_in, was_in = sign * (point[axis] - limit) >= 0, sign * (before[axis] - limit) >= 0
            if is_in != was_in:
                part = (limit - before[axis]) / (point[axis] - before[axis])
                kept.append(tuple(b + part * (p - b) for b, p in zip(before, point, strict=True)))
            if is_in:
                kept.append(point)
            before = point
        ring = kept
    points = []
    for x, y in smooth(ring):
        point = [round(x, 2), round(y, 2)]
        if not points or points[-1] != point:
            points.append(point)
    if len(points) > 1 and points[0] != points[-1]:
        points.append(points[0])
    return points if len(points) > 3 else []


def smooth(ring):
    """Points at every degree along the frame: between two points a map draws great circles."""
    before = ring[-1] if ring else None
    for point in ring:
        if point[1] == before[1] and point[1] in (SOUTH, NORTH):
            steps = max(1, round(abs(point[0] - before[0])))
            for step in range(1, steps):
                yield before[0] + (point[0] - before[0]) * step / steps, point[1]
        yield point
        before = point


if __name__ == "__main__":
    main(sys.argv[1])
