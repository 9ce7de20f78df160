"""The wiring as Django knows it: it brings commands and the page, and no tables."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Brings `serve`, `worker` and the health page."""

    name = "config"
    label = "config"
