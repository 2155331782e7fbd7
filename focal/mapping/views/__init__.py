"""Pages of the mapping. They translate, and nothing more."""
