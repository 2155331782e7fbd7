"""What the directory declares about its rows, beside those in `tests/test_boundaries.py`."""

OPEN = {"directory.Attempt", "directory.OrganisationMerge", "directory.OrganisationVerdict"}
