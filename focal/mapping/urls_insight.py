"""Addresses of what the mapping tells: coverage and overlaps."""

from django.urls import path, re_path

from focal.mapping.views import coverage, overlaps, profiles

PAIR = r"^overlaps/(?P<first>[0-9a-z]{14})/(?P<second>[0-9a-z]{14})/"

insight_patterns = [
    path("cycles/", profiles.cycle, name="cycle"),
    re_path(r"^cycles/report\.(?P<form>pdf|xlsx)$", profiles.cycle_file, name="cycle_file"),
    path("donors/", profiles.donors, name="donors"),
    re_path(
        r"^organisations/of/(?P<reference>[0-9a-z]{14})/$",
        profiles.organisation,
        name="organisation",
    ),
    re_path(r"^economies/(?P<code>[A-Z]{2})/$", profiles.economy, name="economy"),
    path("overlaps/", overlaps.list_all, name="overlaps"),
    path("overlaps/ledger/", overlaps.ledger, name="overlaps_ledger"),
    path("overlaps/blind/", overlaps.blind_list, name="overlaps_blind"),
    re_path(
        r"^overlaps/blind/(?P<reference>[0-9a-z]{14})/$",
        overlaps.blind_side,
        name="overlaps_blind_side",
    ),
    re_path(r"^overlaps/of/(?P<reference>[0-9a-z]{14})/$", overlaps.of_record, name="overlaps_of"),
    re_path(
        r"^overlaps/of/(?P<reference>[0-9a-z]{14})/wish/$", overlaps.wish, name="overlaps_wish"
    ),
    re_path(PAIR + "$", overlaps.pair, name="overlap"),
    re_path(PAIR + "verdict/$", overlaps.judge, name="overlap_judge"),
    re_path(PAIR + "introduce/$", overlaps.introduce, name="overlap_introduce"),
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
