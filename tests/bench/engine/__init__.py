"""How fast flows carry contacts. Each program prints its figures and never fails by time."""
