"""The room `segments` as Django knows it."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """The room `segments`."""

    name = "segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"
