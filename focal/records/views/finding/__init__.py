"""Pages for finding and reading records. They translate, and nothing more."""

from focal.records.views.finding.export import export
from focal.records.views.finding.feed import feed
from focal.records.views.finding.library import library
from focal.records.views.finding.record import record, similar
from focal.records.views.finding.search import search, suggest

__all__ = ["export", "feed", "library", "record", "search", "similar", "suggest"]
