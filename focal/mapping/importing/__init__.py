"""Needs, responses and initiatives from files: IATI, 3W tables, any table, our own template.

A reader turns a file into `Incoming` entries, one at a time. `comparing` says of each what it
would do here: new, changed, unchanged, conflicting or refused, each with row, column and reason.
`jobs` keeps that as a preview, applies it, and takes the whole of it back. A file is never held
whole: 10,000 rows need no more memory than 100.
"""
