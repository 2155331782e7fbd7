"""Pages of documents. Each finds its rows through a record that the viewer may see."""

from focal.records.views.documents.bringing import bring, show_job, undo_job
from focal.records.views.documents.managing import manage
from focal.records.views.documents.reading import (
    download,
    show_document,
    show_page,
    show_picture,
)

__all__ = [
    "bring",
    "download",
    "manage",
    "show_document",
    "show_job",
    "show_page",
    "show_picture",
    "undo_job",
]
