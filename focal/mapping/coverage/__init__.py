"""Coverage: needs set against what is done about them, economy by measure or topic."""
