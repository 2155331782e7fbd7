"""Finding by meaning: texts as vectors, scanned exactly among the rows a viewer may see."""
