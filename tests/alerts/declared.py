"""What the doors and boundaries must know of `alerts`."""

OWN = {"alerts.Item"}
