"""A map: shapes filled by their values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.ui.charts import theme
from focal.ui.charts.data import ChartData, Point
from focal.ui.charts.forms.shared import (
    Spec,
    as_row,
    is_wide,
    make_tooltip,
)


def build_map(data: ChartData, width: int) -> Spec:
    """Places filled by five tones of one colour; those without a figure are empty, and say so."""
    places = [shape for shape in data.shapes if "id" in shape]
    if not places:
        raise BadInput(_("There is no map of these places."))
    by_code = {point.code: point for point in data.points if point.code}
    features = [_fill_shape(shape, by_code.get(str(shape["id"]))) for shape in places]
    numbers = [f["value"] for f in (g["properties"] for g in features) if f["value"] is not None]
    if not numbers:
        raise BadInput(_("None of these places is on the map."))
    height = int(width * (0.6 if is_wide(width) else 0.75))
    named = [f for f in features if f["properties"]["category"]] or features
    frame: Spec = {"projection": _fit([f["geometry"] for f in named], width - 12, height - 60)}
    tooltip = make_tooltip(data, several=False, inside="properties.")
    outline = {"type": "geoshape", "stroke": theme.PAPER, "strokeWidth": 1}
    around = [shape for shape in data.shapes if "id" not in shape]
    layers: list[Spec] = [
        {"data": _pack(around), "mark": {**outline, "fill": theme.EMPTY}},
        {
            "data": _pack([f for f in features if f["properties"]["value"] is None]),
            "mark": {**outline, "fill": theme.LINE},
            "encoding": {"tooltip": tooltip},
        },
        {
            "data": _pack([f for f in features if f["properties"]["value"] is not None]),
            "mark": outline,
            "encoding": {
                "color": {
                    "field": "properties.value",
                    "type": "quantitative",
                    "legend": {"title": data.unit or None, "orient": "top", "gradientLength": 220},
                    "scale": {
                        "type": "quantize",
                        "range": list(theme.SEQUENCE),
                        "domain": [min(numbers), max(numbers)],
                        "nice": True,
                    },
                },
                "tooltip": tooltip,
            },
        },
    ]
    spots = [
        {"lon": spot[0], "lat": spot[1], "label": shape["properties"]["text"]}
        for shape in named
        if (spot := _find_spot(shape["geometry"])) is not None
    ]
    words: Spec = {
        "data": {"values": spots},
        "encoding": {
            "longitude": {"field": "lon", "type": "quantitative"},
            "latitude": {"field": "lat", "type": "quantitative"},
            "text": {"field": "label"},
        },
    }
    size = 13 if is_wide(width) else 11
    text: Spec = {"type": "text", "fontWeight": 600, "fontSize": size, "fill": theme.INK}
    halo = {"stroke": theme.PAPER, "strokeWidth": 3.5, "strokeJoin": "round", "strokeOpacity": 0.9}
    layers += [{**words, "mark": {**text, **halo}}, {**words, "mark": text}]
    return {
        "width": width - 12,
        "height": height - 60,
        "autosize": {"type": "pad"},
        "view": {"fill": theme.PAPER},
        "layer": [{**frame, **layer} for layer in layers],
    }


def _fill_shape(shape: Any, point: Point | None) -> dict[str, Any]:
    if point is None:
        row = {"value": None, "text": _("no figure"), "category": ""}
    else:
        row = as_row(point, point.category)
    return {**shape, "properties": row}


def _pack(features: Sequence[Any]) -> Spec:
    return {
        "values": {"type": "FeatureCollection", "features": list(features)},
        "format": {"property": "features"},
    }


def _fit(geometries: Sequence[Any], width: int, height: int) -> Spec:
    """A Mercator projection that shows these shapes as large as they fit."""
    spots = [
        (math.radians(lon), math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)))
        for geometry in geometries
        for polygon in geometry["coordinates"]
        for lon, lat, *_rest in polygon[0]
    ]
    xs, ys = [x for x, _y in spots], [y for _x, y in spots]
    scale = 0.94 * min(width / (max(xs) - min(xs)), height / (max(ys) - min(ys)))
    return {
        "type": "mercator",
        "scale": scale,
        "translate": [
            width / 2 - scale * (max(xs) + min(xs)) / 2,
            height / 2 + scale * (max(ys) + min(ys)) / 2,
        ],
        "clipExtent": [[0, 0], [width, height]],
    }


def _find_spot(geometry: Any) -> tuple[float, float] | None:
    """Where a shape's words stand: the middle of its largest ring."""
    best, spot = 0.0, None
    for polygon in geometry["coordinates"]:
        area = x = y = 0.0
        for (x0, y0, *_a), (x1, y1, *_b) in itertools.pairwise(polygon[0]):
            cross = x0 * y1 - x1 * y0
            area += cross
            x += (x0 + x1) * cross
            y += (y0 + y1) * cross
        if abs(area) > best:
            best, spot = abs(area), (x / (3 * area), y / (3 * area))
    return spot
