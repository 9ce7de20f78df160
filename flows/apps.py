"""The room `flows` as Django knows it."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """The room `flows`."""

    name = "flows"
    label = "flows"
    default_auto_field = "django.db.models.BigAutoField"
