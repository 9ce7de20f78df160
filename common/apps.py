"""The room `common` as Django knows it."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """What every room stands on."""

    name = "common"
    label = "common"
    verbose_name = "Common"
    default_auto_field = "django.db.models.BigAutoField"
