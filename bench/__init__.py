"""What is promised in figures, measured: `python -m bench` calls `run()` of the modules here."""
