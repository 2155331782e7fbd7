"""What every floor of the house may stand on: no models, no domain words."""
