"""Reads for the pages of the roof."""

from focal.web.selectors.addresses import list_public_addresses
from focal.web.selectors.economies import get_economy_page, list_economies
from focal.web.selectors.figures import get_headline_figures
from focal.web.selectors.formats import get_format_page, get_leading_formats, list_formats
from focal.web.selectors.records import get_latest_records
from focal.web.selectors.topics import get_topic_page, get_topic_tree

__all__ = [
    "get_economy_page",
    "get_format_page",
    "get_headline_figures",
    "get_latest_records",
    "get_leading_formats",
    "get_topic_page",
    "get_topic_tree",
    "list_economies",
    "list_formats",
    "list_public_addresses",
]
