"""The log of deeds: append-only, each entry chained to the one before by its hash.

It stores references and codes as text and holds no foreign keys, no titles and no texts:
who may read the log may not therefore read the records.
"""
