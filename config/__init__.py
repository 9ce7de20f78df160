"""Wiring: settings, urls, asgi, the embedded database. No domain words."""
