"""The room `demo` as Django knows it."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The room `demo`."""

    name = "demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"
