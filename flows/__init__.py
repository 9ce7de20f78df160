"""Flows: graphs that carry contacts."""
