"""Taking in many documents at once: a folder, or what somebody dropped on the page.

Files that are one document in several languages become one record. Each record is one
transaction, so an import that is killed has taken in whole records or nothing of them, and
the next run goes on where it ended: what is there already is known by its content.
Known to whom? Only records that the importing viewer may see count; that a record hidden
from them holds the same file is not told.
"""

from focal.records.importing.report import Arrived, ImportReport, Progress, Refusal
from focal.records.importing.services import import_documents
from focal.records.importing.sheet import Sheet, read_sheet
from focal.records.importing.sources import Source, collect

__all__ = [
    "Arrived",
    "ImportReport",
    "Progress",
    "Refusal",
    "Sheet",
    "Source",
    "collect",
    "import_documents",
    "read_sheet",
]
