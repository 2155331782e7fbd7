"""Records: what the platform keeps and shares, and what every kind of record has in common."""
