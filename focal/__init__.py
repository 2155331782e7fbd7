"""Focal: the regional platform of the people who prevent and counter violent extremism."""
