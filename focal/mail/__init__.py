"""Letters: each is sent once, and says no more than its marking lets mail carry."""
