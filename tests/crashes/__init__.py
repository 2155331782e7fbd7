"""Everything may die at any moment: what was promised holds all the same."""
