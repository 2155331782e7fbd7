"""Finding and reading records: from a viewer and a wish to an answer that was checked.

The index proposes, the database decides: every row that is shown came through
`Record.objects.visible_to(viewer)` in the same request. Nothing here knows of HTTP.
"""
