"""Large numbers are set in groups of three, which Django does not do in this language."""

NUMBER_GROUPING = 3
