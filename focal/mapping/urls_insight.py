"""Addresses of what the mapping tells: coverage and overlaps."""

from django.urls import path, re_path

from focal.mapping.views import coverage

insight_patterns = [
    path("coverage/", coverage.matrix, name="coverage"),
    path("coverage/picture/", coverage.picture, name="coverage_picture"),
    path("coverage/map/", coverage.region_map, name="coverage_map"),
    path("coverage/timeline/", coverage.timeline, name="coverage_timeline"),
    path("coverage/cell/", coverage.cell, name="coverage_cell"),
    re_path(
        r"^coverage/files/(?P<what>matrix|map|timeline)\.(?P<form>csv|xlsx|svg|png)$",
        coverage.file,
        name="coverage_file",
    ),
]
