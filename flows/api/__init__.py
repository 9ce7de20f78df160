"""Flows over HTTP."""
