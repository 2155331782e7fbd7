"""Text out of documents: PDF, DOCX, ODT, HTML, XML and plain text, page by page.

A document is somebody else's file and may be broken, hostile or huge. So it is read in a
process of its own (`child`) that has limits on time, memory and output, and that holds
neither settings nor the database. The platform asks it through `reader`; what cannot be
read comes back as `Unreadable` with a sentence for whoever brought it.
"""

from focal.records.extraction.outcome import Extracted
from focal.records.extraction.reader import Reader, Unreadable, extract

__all__ = ["Extracted", "Reader", "Unreadable", "extract"]
