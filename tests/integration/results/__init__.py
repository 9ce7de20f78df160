"""What came of flows: figures over time, results, one visit's way, the home page."""
