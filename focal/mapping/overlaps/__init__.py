"""Overlaps: initiatives that come close, why, how sure that is, and what people said about it."""
