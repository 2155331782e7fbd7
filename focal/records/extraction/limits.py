"""How much of one document is read. Beyond these it is cut with a note, or refused."""

MAX_PAGES = 2_000  # of a PDF; the rest stays in the file, which is kept whole
MAX_PAGE_CHARACTERS = 100_000
MAX_CHARACTERS = 20_000_000  # of a whole document
PART_CHARACTERS = 3_000  # a long text without pages is read in parts of about this length
WHOLE_CHARACTERS = 4_500  # a text up to this length is one part

MAX_UNPACKED_BYTES = 200 * 1024 * 1024  # what a DOCX or ODT may hold when unpacked
MAX_TEXT_PART_BYTES = 64 * 1024 * 1024  # one XML part of it
MAX_RATIO = 200  # unpacked to packed, for parts above a megabyte
MAX_MEMBERS = 10_000
MAX_DEPTH = 200  # elements inside one another

SECONDS = 120  # for one document
MEMORY_BYTES = 2 * 1024**3
