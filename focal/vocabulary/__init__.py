"""The words everybody shares: economies, languages, topics and the other lists.

Nothing here knows a record, an organisation or a person. Pages read one frozen snapshot
(`selectors.get_vocabulary()`); files and SKOS go in and out through `services` and `skos`.
"""
