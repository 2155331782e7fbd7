"""Questions among members, and the answers that come back to exactly the right people."""
